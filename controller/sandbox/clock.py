"""Where the sandbox reads the time: a clock that tests move by hand, or the machine's own."""

import threading
import time
from typing import Protocol

START = 1767225600.0  # 2026-01-01T00:00:00Z


class SandboxClock(Protocol):
    """What the sandbox needs of a clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def advance(self, seconds: float) -> None:
        """Move time forward, if this clock can be moved."""
        ...


class ManualClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: float = START) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since 1970."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        if seconds < 0:
            msg = f"time does not run backwards: {seconds}"
            raise ValueError(msg)
        with self._lock:
            self._now += seconds

    def catch_up(self, instant: float) -> None:
        """Be no earlier than `instant`; a reopened state must not lie in the future."""
        with self._lock:
            self._now = max(self._now, instant)


class WallClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def advance(self, seconds: float) -> None:
        """Refuse: the machine's clock can't be moved."""
        msg = f"the wall clock cannot be advanced by {seconds} s; start the sandbox with a ManualClock"
        raise ValueError(msg)
