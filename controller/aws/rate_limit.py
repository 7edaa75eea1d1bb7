"""Rate limits: a token bucket for each operation, shared by all workers that call an account and region.

Where AWS's quota is known, calls stay just below it. Where it is not, they are unlimited until AWS throttles one.
That says that AWS's own bucket is empty at that moment; the calls that it takes between two such moments, divided by
the time between them, are its refill rate. Until the second one the rate starts at half of what went through, and
doubles every second.

A caller either waits for its turn, or is refused and comes again by itself; the latter holds no thread meanwhile.
Those that were refused are each given a time of its own, one after the other, so that a throttled operation is tried
by one caller at a time, however many wait.
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
# Calls per second; a bucket beyond the last is no limit any more.
_FIRST, _SLOWEST, _FASTEST = 4.0, 0.1, 1000.0
_PROBE = 1.03  # growth per second of a rate that was measured
_STEADY = 10.0  # seconds without a throttle after which it grows as one that was not
_WINDOW = 10.0  # seconds over which calls are counted before the first throttle
_CHECK = 0.25  # seconds after which a waiting thread looks again: the rate may have raised
_LATEST = 300.0  # seconds after which a refused caller comes again at the latest
_LOST = 60.0  # seconds after its time at which a caller that did not come is forgotten


@dataclass
class _Bucket:
    """One operation.

    Attributes:
        quota: calls per second that AWS publishes, or a person set; None where unknown.
        rate: calls per second that are let go now.
        tokens: calls that may go at once, as of ``filled``.
        filled: seconds.
        since: when AWS last said that its bucket is empty, else since when calls are counted.
        passed: calls that AWS took since then.
        raised: when the rate grew last.
        throttled: whether AWS throttled a call; ``measured`` whether a rate was computed from two.
        waiting: who was refused, with the time of its return, in the order of refusal.

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
        """The most tokens: a second's worth of a known quota that holds, else half a second's."""
        return max(1.0, self.rate if self.quota is not None and not self.throttled else self.rate / 2)

    def fill(self, now: float) -> None:
        """Add the tokens of the time that passed."""
        if self.rate != UNLIMITED:
            self.tokens = min(self.tokens + (now - self.filled) * self.rate, self.capacity)
        self.filled = now

    def cut(self, now: float) -> None:
        """Lower the rate after a throttle, to what AWS has taken since the one before."""
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

    def grow(self, now: float) -> None:
        """Raise the rate, for AWS took a call."""
        steady = now - self.since > _STEADY
        factor = _PROBE if self.measured and not steady else 2.0
        seconds = min(now - self.raised, max(1.0, 1 / self.rate))
        self.rate, self.raised = min(self.rate * factor**seconds, self.ceiling), now
        if self.rate > _FASTEST and self.quota is None:
            self.rate, self.throttled, self.measured = UNLIMITED, False, False
            self.since, self.passed = now, 0

    def forget_lost(self, now: float) -> None:
        """Forget who did not come; the oldest are first."""
        lost = [caller for caller, at in self.waiting.items() if at + _LOST < now]
        for caller in lost:
            del self.waiting[caller]


class RateLimiter:
    """Token buckets by operation, for one account and region. Thread-safe.

    Args:
        quotas: calls per second by ``service:operation``, where they are known.
        chosen: those that a person set, which no other source replaces.
        wait: waits so many seconds.
        now: seconds that only grow.

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
        """Wait for this operation's turn."""
        with self._lock:
            caller = f"thread {next(self._numbers)}"
        try:
            while (after := self.take(operation, caller)) > 0:
                self._wait(min(after, _CHECK))
        finally:
            with self._lock:
                self._bucket(operation).waiting.pop(caller, None)

    def take(self, operation: str, caller: str) -> float:
        """Let a caller make a call now, which is 0, or give the seconds after which it may come again."""
        with self._lock:
            bucket, now = self._bucket(operation), self.now()
            bucket.fill(now)
            if bucket.rate != UNLIMITED and bucket.tokens < 1 - 1e-9:
                return self._refuse(bucket, caller, now)
            bucket.tokens -= 1
            bucket.waiting.pop(caller, None)
            return 0.0

    def throttled(self, operation: str, caller: str = "", sent: float | None = None) -> float:
        """AWS refused a call for its rate: lower that.

        Args:
            operation: the operation.
            caller: who comes again by itself.
            sent: when the call was sent. Of calls that were under way together the first counts.

        Returns:
            The seconds after which the caller may come again.

        """
        with self._lock:
            bucket, now = self._bucket(operation), self.now()
            bucket.fill(now)
            if not bucket.throttled or sent is None or sent > bucket.since:
                bucket.cut(now)
                # AWS's bucket is empty; the jitter keeps processes apart
                bucket.tokens = -0.2 * random.random()  # noqa: S311 - not a secret
            return self._refuse(bucket, caller, now) if caller else 0.0

    def passed(self, operation: str) -> None:
        """AWS took a call."""
        with self._lock:
            bucket, now = self._bucket(operation), self.now()
            bucket.fill(now)
            if not bucket.throttled and now - bucket.since > _WINDOW:
                bucket.since, bucket.passed = now, 0
            bucket.passed += 1
            if bucket.throttled:
                bucket.grow(now)

    def begin_quota_read(self) -> bool:
        """Whether the quotas are to be read now: True for the first throttled call, and never again."""
        with self._lock:
            begun, self._quotas_read = self._quotas_read, True
            return not begun

    def learn(self, quotas: Mapping[str, float]) -> None:
        """Take over the quotas of the account, which go before the documented ones."""
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
        """Give a caller its place behind those that were refused before it."""
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

    def new(self) -> RateLimiter:
        """One for calls of an identity that is not known yet."""
        return RateLimiter(self._quotas, self._chosen, now=self._now)

    def of(self, identity: Identity) -> RateLimiter:
        """The one of an account and region, whatever role calls it."""
        with self._lock:
            return self._limiters.setdefault((identity.account, identity.region), self.new())


def rate_limiters(endpoint_url: str | None, chosen: Mapping[str, float] | None = None) -> RateLimiters:
    """The rate limiters of a process.

    Args:
        endpoint_url: where the calls go, None for AWS; the documented rates are those of AWS.
        chosen: calls per second by operation of SageMaker, as a person set them.

    """
    named = {f"sagemaker:{operation}": rate for operation, rate in (chosen or {}).items()}
    return RateLimiters(UNLISTED if endpoint_url else DOCUMENTED, named)
