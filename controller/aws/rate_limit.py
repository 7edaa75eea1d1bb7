"""Rate limits, one for each operation: calls are spaced only after AWS throttled them.

A caller either waits for its turn, or is refused and comes again by itself; the latter holds no thread meanwhile. Of
those that were refused each is given a time of its own, one gap after the other, so that a throttled operation is tried
by one caller at a time, however many want it.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_FIRST, _LONGEST, _GONE = 0.2, 10.0, 0.02  # seconds between calls
_SHRINK = 0.7  # of the gap, by a call that AWS took: from the longest gap to none in half a minute
_LATEST = 300.0  # seconds after which a refused caller comes again at the latest
_LOST = 60.0  # seconds after its time at which a caller that did not come is forgotten


@dataclass
class _Line:
    """One operation: the gap between calls, when the next may be, and who was refused, with the time of its return."""

    gap: float = 0.0
    next: float = 0.0
    waiting: dict[str, float] = field(default_factory=dict)

    def forget_lost(self, now: float) -> None:
        """Forget who did not come; the oldest are first."""
        lost = [caller for caller, at in self.waiting.items() if at + _LOST < now]
        for caller in lost:
            del self.waiting[caller]


class Pace:
    """The gap kept between calls of one operation, doubled by a throttle and shrunk by each success.

    Thread-safe. ``wait`` and ``now`` are seconds, given by tests.
    """

    def __init__(
        self, wait: Callable[[float], None] = time.sleep, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._wait, self._now = wait, now
        self._lock = threading.Lock()
        self._lines: dict[str, _Line] = {}

    def enter(self, operation: str) -> None:
        """Wait for this operation's turn."""
        with self._lock:
            line = self._line(operation)
            slot = max(self._now(), line.next)
            line.next = slot + line.gap
        ahead = slot - self._now()
        if ahead > 0:
            self._wait(ahead)

    def take(self, operation: str, caller: str) -> float:
        """Let a caller make a call now, which is 0, or give the seconds after which it may come again."""
        with self._lock:
            line, now = self._line(operation), self._now()
            if now >= line.next:
                line.next = now + line.gap
                line.waiting.pop(caller, None)
                return 0.0
            return self._refuse(line, caller)

    def throttled(self, operation: str, caller: str = "") -> float:
        """AWS refused a call for its rate: double the gap, with jitter so that threads come apart.

        Gives the seconds after which the caller may come again.
        """
        with self._lock:
            line = self._line(operation)
            line.gap = min(max(line.gap * 2, _FIRST), _LONGEST)
            line.next = self._now() + line.gap * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
            return self._refuse(line, caller) if caller else 0.0

    def passed(self, operation: str) -> None:
        """AWS took a call: shrink the gap."""
        with self._lock:
            line = self._line(operation)
            line.gap = line.gap * _SHRINK if line.gap * _SHRINK > _GONE else 0.0
            line.next = min(line.next, self._now() + line.gap)

    def _line(self, operation: str) -> _Line:
        return self._lines.setdefault(operation, _Line())

    def _refuse(self, line: _Line, caller: str) -> float:
        """Give a caller its place behind those that were refused before it."""
        now = self._now()
        line.forget_lost(now)
        line.waiting.setdefault(caller, now)
        ahead = next(position for position, each in enumerate(line.waiting) if each == caller)
        after = line.next - now + ahead * line.gap
        if after > _LATEST:
            after = _LATEST * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
        line.waiting[caller] = now + after
        return after
