"""How many calls an account is asked at once."""

import threading
from types import TracebackType


class Slots:
    """A context manager that so many may be in; the others wait. Thread-safe."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._free = threading.BoundedSemaphore(number)
        self._lock = threading.Lock()
        self._taken = 0  # by those that wait too

    @property
    def spare(self) -> bool:
        """Whether more than half of them are free, so that what nobody waits for keeps nobody waiting."""
        with self._lock:
            return 2 * self._taken < self._number

    def __enter__(self) -> None:
        """Wait for a slot."""
        self._count(1)
        self._free.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one in."""
        self._free.release()
        self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self._taken += more
