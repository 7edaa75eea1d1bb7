"""What is still to be told: tried again later and later, and never waited for."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from controller.notify.delivery import DeliveryResult, Fate, pause

_MOST_ATTEMPTS = 8
_GIVEN_UP = "given up after {} attempts: {}"

Attempt = Callable[[], DeliveryResult]


@dataclass(frozen=True)
class _Item:
    attempt: Attempt
    due: float
    tried: int = 0


class Outbox:
    """Attempts by key; a newer one takes the place of an older, and keeps the time that the other side asked for.

    The front that owns it calls ``run`` in a thread of its own, so that a slow forge holds up nothing; ``put``
    may be called from any other meanwhile.

    Args:
        most: how many keys may wait; the oldest makes room.
        chance: between 0 and 1, for the jitter.

    """

    def __init__(self, *, most: int = 1000, chance: Callable[[], float] = random.random) -> None:
        self._most, self._chance = most, chance
        self._items: dict[str, _Item] = {}
        self._lock = threading.Lock()

    def put(self, key: str, attempt: Attempt, now: float) -> None:
        """Have something told; what was to be told under this key no longer is."""
        with self._lock:
            before = self._items.pop(key, None)
            while len(self._items) >= self._most:
                del self._items[next(iter(self._items))]
            self._items[key] = _Item(attempt, max(before.due, now) if before else now)

    def run(self, now: float) -> dict[str, DeliveryResult]:
        """Try what is due, once each; gives how each ended. What may go better later stays."""
        with self._lock:
            due = {key: item for key, item in self._items.items() if item.due <= now}
        return {key: self._tried(key, item, now) for key, item in due.items()}

    def _tried(self, key: str, item: _Item, now: float) -> DeliveryResult:
        result, tried = item.attempt(), item.tried + 1
        if result.fate is Fate.LATER and tried >= _MOST_ATTEMPTS:
            result = DeliveryResult(Fate.LOST, _GIVEN_UP.format(tried, result.detail))
        with self._lock:
            newest = self._items.get(key)
            if newest is None:
                return result
            if result.fate is Fate.LATER:
                due = now + pause(tried, result, self._chance)
                self._items[key] = replace(newest, due=due, tried=tried if newest is item else 0)
            elif newest is item:
                del self._items[key]
        return result
