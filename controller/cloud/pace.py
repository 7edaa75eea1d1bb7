"""One pacer per operation: calls are spaced only after AWS said that they came too fast."""

import random
import threading
import time
from collections.abc import Callable

_FIRST, _LONGEST, _GONE = 0.2, 10.0, 0.02  # seconds between calls


class Pace:
    """The gap kept between calls of one operation, doubled by a throttle and shrunk by each success.

    Thread-safe. ``wait`` and ``now`` are seconds, given by tests.
    """

    def __init__(
        self, wait: Callable[[float], None] = time.sleep, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._wait, self._now = wait, now
        self._lock = threading.Lock()
        self._gap: dict[str, float] = {}
        self._next: dict[str, float] = {}

    def enter(self, operation: str) -> None:
        """Wait for this operation's turn."""
        with self._lock:
            gap = self._gap.get(operation, 0.0)
            turn = max(self._now(), self._next.get(operation, 0.0))
            self._next[operation] = turn + gap
        ahead = turn - self._now()
        if ahead > 0:
            self._wait(ahead)

    def throttled(self, operation: str) -> None:
        """AWS refused a call for its rate: double the gap, with jitter so that threads come apart."""
        with self._lock:
            gap = min(max(self._gap.get(operation, 0.0) * 2, _FIRST), _LONGEST)
            self._gap[operation] = gap
            self._next[operation] = self._now() + gap * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret

    def passed(self, operation: str) -> None:
        """AWS took a call: shrink the gap."""
        with self._lock:
            gap = self._gap.get(operation, 0.0) * 0.9
            self._gap[operation] = gap if gap > _GONE else 0.0
