"""The limit of concurrent calls to an account."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from controller.core.cloud import Fault, UnsentCallError

SLOW = 2.0  # seconds after which a slow call releases its slot, so that other calls need not wait for it


class Slots:
    """A number of slots for calls; further calls wait. Thread-safe.

    A call that is not answered within ``SLOW`` seconds releases its slot. At most ``number`` calls of one operation may
    be that slow; further ones are refused at once, so that an unresponsive operation blocks no more threads.
    """

    def __init__(self, number: int, now: Callable[[], float] = time.monotonic) -> None:
        self._number, self._now = number, now
        self._changed = threading.Condition()
        self._held: dict[object, tuple[float, str]] = {}  # start and operation of each call; the oldest first
        self._waiting = 0

    @property
    def has_spare(self) -> bool:
        """Whether more than half of the slots are free, so that background work does not delay a pass."""
        with self._changed:
            return 2 * (len(self._start_times()) + self._waiting) < self._number

    @contextmanager
    def hold_slot(self, operation: str) -> Iterator[None]:
        """Hold a slot for a call of an operation.

        Raises:
            UnsentCallError: too many calls of that operation are not answered.

        """
        mark = object()
        self._take_slot(mark, operation)
        try:
            yield
        finally:
            with self._changed:
                del self._held[mark]
                self._changed.notify()

    def _take_slot(self, mark: object, operation: str) -> None:
        with self._changed:
            self._waiting += 1
            try:
                while True:
                    self._refuse_silent(operation)
                    prompt = self._start_times()
                    if len(prompt) < self._number:
                        break
                    self._changed.wait(max(prompt[0] + SLOW - self._now(), 0.001))
            finally:
                self._waiting -= 1
            self._held[mark] = self._now(), operation

    def _refuse_silent(self, operation: str) -> None:
        late = self._now() - SLOW
        slow = Counter(of for since, of in self._held.values() if since <= late)
        if slow[operation] >= self._number:
            message = "AWS does not answer this operation; it is tried again after a pause"
            raise UnsentCallError(Fault.BUSY, "NotAnswered", message, operation)

    def _start_times(self) -> list[float]:
        """The start times of the calls that hold a slot."""
        late = self._now() - SLOW
        return [since for since, _ in self._held.values() if since > late]
