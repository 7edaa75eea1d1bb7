"""The clock of the sandbox: one that tests advance, or the machine's."""

import threading
import time
from typing import Protocol

START = 1767225600.0  # 2026-01-01T00:00:00Z


class SandboxClock(Protocol):
    """The interface of the sandbox's clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def advance(self, seconds: float) -> None:
        """Advance the time, if this clock can be advanced."""
        ...


class ManualClock:
    """A clock that stands still until a test advances it."""

    def __init__(self, start: float = START) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since 1970."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Advance the time by `seconds`."""
        if seconds < 0:
            msg = f"time does not run backwards: {seconds}"
            raise ValueError(msg)
        with self._lock:
            self._now += seconds

    def catch_up(self, instant: float) -> None:
        """Advance the time to `instant` unless it is later; a reopened state must not be in the future."""
        with self._lock:
            self._now = max(self._now, instant)


class WallClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def advance(self, seconds: float) -> None:
        """Refuse: the machine's clock can't be advanced."""
        msg = f"the wall clock cannot be advanced by {seconds} s; start the sandbox with a ManualClock"
        raise ValueError(msg)
