"""Rate limits: a token bucket for each operation, shared by all workers that call an account and region.

Where AWS's quota is known, calls stay just below it. Where it is not, they are unlimited until AWS throttles one. A
throttled call shows that AWS's own bucket is empty at that moment; the number of calls that AWS accepts between two
such moments, divided by the time between them, is its refill rate. Until the second one the rate starts at half of what
was accepted, and doubles every second.

A caller either waits for a token, or is refused and retries later, which holds no thread meanwhile. Each refused caller
gets a time of its own, one after the other, so that a throttled operation is tried by one caller at a time, however
many wait.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from controller.aws.rate_quotas import DOCUMENTED, UNLISTED
from controller.core.cloud import Identity

UNLIMITED = float("inf")
_BELOW = 0.98  # of a known quota: clocks and latencies differ between two calls
_LEARNED = 0.95  # of the rate that was measured
# Calls per second: the lowest rate, and the rate above which a bucket no longer limits.
_FIRST, _SLOWEST, _FASTEST = 4.0, 0.1, 1000.0
_PROBE = 1.03  # growth per second of a rate that was measured
_STEADY = 10.0  # seconds without throttling after which a measured rate grows like any other
_WINDOW = 10.0  # seconds over which calls are counted before the first throttle
_CHECK = 0.25  # seconds after which a waiting thread checks again: the rate may have risen
_LATEST = 300.0  # seconds after which a refused caller retries at the latest
_LOST = 60.0  # seconds after which a caller that did not retry at its time is forgotten


@dataclass
class _Bucket:
    """The token bucket of one operation.

    Attributes:
        quota: calls per second that AWS publishes, or a person set; None where unknown.
        rate: calls per second that are permitted now.
        tokens: calls that may be made at once, as of ``filled``.
        filled: the time of the last refill, in seconds of ``now``.
        since: when AWS last throttled a call; before that, since when calls are counted.
        passed: calls that AWS accepted since then.
        raised: when the rate was raised last.
        throttled: whether AWS throttled a call; ``measured`` is whether a rate was computed from two of them.
        waiting: the refused callers with the times at which they may retry, in the order of refusal.

    """

    quota: float | None
    rate: float
    tokens: float
    filled: float
    since: float
    passed: int = 0
    raised: float = 0.0
    throttled: bool = False
    measured: bool = False
    waiting: dict[str, float] = field(default_factory=dict)

    @property
    def ceiling(self) -> float:
        """The highest rate: just below the quota."""
        return UNLIMITED if self.quota is None else self.quota * _BELOW

    @property
    def capacity(self) -> float:
        """The most tokens: those of a second where the quota is known and holds, else of half a second."""
        return max(1.0, self.rate if self.quota is not None and not self.throttled else self.rate / 2)

    def fill(self, now: float) -> None:
        """Add the tokens for the elapsed time."""
        if self.rate != UNLIMITED:
            self.tokens = min(self.tokens + (now - self.filled) * self.rate, self.capacity)
        self.filled = now

    def lower_rate(self, now: float) -> None:
        """Lower the rate after a throttled call to what AWS has accepted since the previous one."""
        seconds = now - self.since
        if not self.throttled:
            before = self.rate if self.quota is not None else self.passed / max(seconds, 1.0)
            self.rate = max(before / 2, _FIRST) if self.quota is None else max(before / 2, _SLOWEST)
        elif self.passed and seconds > 0:
            measured = max((self.passed + 0.5) / seconds * _LEARNED, self.rate / 2)
            self.rate, self.measured = max(min(measured, self.rate * _LEARNED), _SLOWEST), True
        else:
            self.rate = max(self.rate / 2, _SLOWEST)
        self.throttled, self.since, self.raised, self.passed = True, now, now, 0

    def raise_rate(self, now: float) -> None:
        """Raise the rate after AWS accepted a call."""
        steady = now - self.since > _STEADY
        factor = _PROBE if self.measured and not steady else 2.0
        seconds = min(now - self.raised, max(1.0, 1 / self.rate))
        self.rate, self.raised = min(self.rate * factor**seconds, self.ceiling), now
        if self.rate > _FASTEST and self.quota is None:
            self.rate, self.throttled, self.measured = UNLIMITED, False, False
            self.since, self.passed = now, 0

    def forget_lost(self, now: float) -> None:
        """Remove the callers that did not retry; the oldest are first."""
        lost = [caller for caller, at in self.waiting.items() if at + _LOST < now]
        for caller in lost:
            del self.waiting[caller]


class RateLimiter:
    """Token buckets by operation, for one account and region. Thread-safe.

    Args:
        quotas: calls per second by ``service:operation``, where they are known.
        chosen: rates from the configuration, which no other source replaces.
        wait: sleeps for a number of seconds.
        now: a monotonic clock, in seconds.

    """

    def __init__(
        self,
        quotas: Mapping[str, float] = DOCUMENTED,
        chosen: Mapping[str, float] | None = None,
        *,
        wait: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chosen = dict(chosen or {})
        self._quotas = {**quotas, **self._chosen}
        self._wait, self.now = wait, now
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._buckets: dict[str, _Bucket] = {}
        self._quotas_read = False

    def enter(self, operation: str) -> None:
        """Wait for a token of this operation."""
        with self._lock:
            caller = f"thread {next(self._numbers)}"
        try:
            while (after := self.take(operation, caller)) > 0:
                self._wait(min(after, _CHECK))
        finally:
            with self._lock:
                self._bucket(operation).waiting.pop(caller, None)

    def take(self, operation: str, caller: str) -> float:
        """Take a token and return 0, or return the seconds after which the caller may retry."""
        with self._lock:
            bucket, now = self._bucket(operation), self.now()
            bucket.fill(now)
            if bucket.rate != UNLIMITED and bucket.tokens < 1 - 1e-9:
                return self._refuse(bucket, caller, now)
            bucket.tokens -= 1
            bucket.waiting.pop(caller, None)
            return 0.0

    def on_throttled(self, operation: str, caller: str = "", sent: float | None = None) -> float:
        """Lower the rate after AWS throttled a call.

        Args:
            operation: the operation.
            caller: who retries later, if the call has a caller.
            sent: when the call was sent. Of calls that were in flight together only the first counts.

        Returns:
            The seconds after which the caller may retry.

        """
        with self._lock:
            bucket, now = self._bucket(operation), self.now()
            bucket.fill(now)
            if not bucket.throttled or sent is None or sent > bucket.since:
                bucket.lower_rate(now)
                # AWS's bucket is empty; the jitter spreads the retries of several processes
                bucket.tokens = -0.2 * random.random()  # noqa: S311 - not a secret
            return self._refuse(bucket, caller, now) if caller else 0.0

    def on_accepted(self, operation: str) -> None:
        """Count a call that AWS accepted."""
        with self._lock:
            bucket, now = self._bucket(operation), self.now()
            bucket.fill(now)
            if not bucket.throttled and now - bucket.since > _WINDOW:
                bucket.since, bucket.passed = now, 0
            bucket.passed += 1
            if bucket.throttled:
                bucket.raise_rate(now)

    def begin_quota_read(self) -> bool:
        """Whether the quotas are to be read now: True once, after the first throttled call."""
        with self._lock:
            begun, self._quotas_read = self._quotas_read, True
            return not begun

    def set_quotas(self, quotas: Mapping[str, float]) -> None:
        """Set the quotas of the account, which take precedence over the documented ones."""
        with self._lock:
            self._quotas.update({name: rate for name, rate in quotas.items() if name not in self._chosen})
            for name in quotas.keys() & self._buckets.keys():
                bucket = self._buckets[name]
                bucket.quota = self._quotas[name]
                bucket.rate = min(bucket.rate, bucket.ceiling)
                if bucket.throttled and not bucket.measured:
                    bucket.rate = bucket.ceiling

    def _bucket(self, operation: str) -> _Bucket:
        found = self._buckets.get(operation)
        if found is None:
            quota, now = self._quotas.get(operation), self.now()
            found = _Bucket(quota, UNLIMITED, 0.0, now, now)
            if quota is not None:
                found.rate = found.ceiling
                found.tokens = found.capacity
            self._buckets[operation] = found
        return found

    @staticmethod
    def _refuse(bucket: _Bucket, caller: str, now: float) -> float:
        """Give a caller its time, after those that were refused before it."""
        bucket.forget_lost(now)
        bucket.waiting.setdefault(caller, now)
        ahead = next(position for position, each in enumerate(bucket.waiting) if each == caller)
        after = max((1 - bucket.tokens + ahead) / bucket.rate, 1e-3)
        if after > _LATEST:
            after = _LATEST * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
        bucket.waiting[caller] = now + after
        return after


class RateLimiters:
    """The rate limiters of a process, one for each account and region. Thread-safe.

    Args:
        quotas: as of ``RateLimiter``.
        chosen: as of ``RateLimiter``.
        now: as of ``RateLimiter``.

    """

    def __init__(
        self,
        quotas: Mapping[str, float] = DOCUMENTED,
        chosen: Mapping[str, float] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quotas, self._chosen, self._now = quotas, chosen, now
        self._lock = threading.Lock()
        self._limiters: dict[tuple[str, str], RateLimiter] = {}

    def new_limiter(self) -> RateLimiter:
        """A limiter for calls of an identity that is not known yet."""
        return RateLimiter(self._quotas, self._chosen, now=self._now)

    def of(self, identity: Identity) -> RateLimiter:
        """The limiter of an account and region, which all roles share."""
        with self._lock:
            return self._limiters.setdefault((identity.account, identity.region), self.new_limiter())


def rate_limiters(endpoint_url: str | None, chosen: Mapping[str, float] | None = None) -> RateLimiters:
    """The rate limiters of a process.

    Args:
        endpoint_url: where the calls go, None for AWS; the documented rates apply to AWS only.
        chosen: calls per second by operation of SageMaker, from the configuration.

    """
    named = {f"sagemaker:{operation}": rate for operation, rate in (chosen or {}).items()}
    return RateLimiters(UNLISTED if endpoint_url else DOCUMENTED, named)
