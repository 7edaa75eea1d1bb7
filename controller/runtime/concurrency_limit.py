"""How many calls are made to an account at once."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from controller.core.cloud import Fault, UnsentCallError

SLOW = (
    2.0  # seconds after which a call holds no slot any more: it waits for AWS, and no other call waits for it
)


class Slots:
    """Slots for so many calls; the others wait. Thread-safe.

    A call that is not answered within ``SLOW`` seconds gives its slot to another. Of one operation no more than
    ``number`` calls may be so slow; further ones are refused at once, so that a silent operation takes no more threads.
    """

    def __init__(self, number: int, now: Callable[[], float] = time.monotonic) -> None:
        self._number, self._now = number, now
        self._changed = threading.Condition()
        self._held: dict[
            object, tuple[float, str]
        ] = {}  # since when, and for which operation; the oldest first
        self._waiting = 0

    @property
    def spare(self) -> bool:
        """Whether more than half of them are free, so that background work delays no pass."""
        with self._changed:
            return 2 * (len(self._prompt()) + self._waiting) < self._number

    @contextmanager
    def held(self, operation: str) -> Iterator[None]:
        """Hold a slot for a call of an operation.

        Raises:
            Unsent: too many calls of that operation are not answered.

        """
        mark = object()
        self._take(mark, operation)
        try:
            yield
        finally:
            with self._changed:
                del self._held[mark]
                self._changed.notify()

    def _take(self, mark: object, operation: str) -> None:
        with self._changed:
            self._waiting += 1
            try:
                while True:
                    self._refuse_silent(operation)
                    prompt = self._prompt()
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

    def _prompt(self) -> list[float]:
        """Since when those hold their slots that still count."""
        late = self._now() - SLOW
        return [since for since, _ in self._held.values() if since > late]
