"""What is still to be told: tried again later and later, and never waited for."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from controller.fronts.forges.told import Fate, Told, pause

_MOST_ATTEMPTS = 8
_GIVEN_UP = "given up after {} attempts: {}"

Attempt = Callable[[], Told]


@dataclass(frozen=True)
class _Item:
    attempt: Attempt
    due: float
    tried: int = 0


class Outbox:
    """Attempts by key; a newer one takes the place of an older, and keeps the time that the other side asked for.

    The front that owns it calls ``run`` in a thread of its own, so that a slow forge holds up nothing.

    Args:
        most: how many keys may wait; the oldest makes room.
        chance: between 0 and 1, for the jitter.

    """

    def __init__(self, *, most: int = 1000, chance: Callable[[], float] = random.random) -> None:
        self._most, self._chance = most, chance
        self._items: dict[str, _Item] = {}

    def put(self, key: str, attempt: Attempt, now: float) -> None:
        """Have something told; what was to be told under this key no longer is."""
        before = self._items.pop(key, None)
        while len(self._items) >= self._most:
            del self._items[next(iter(self._items))]
        self._items[key] = _Item(attempt, max(before.due, now) if before else now)

    def run(self, now: float) -> dict[str, Told]:
        """Try what is due, once each; gives how each ended. What may go better later stays."""
        ends = {}
        for key in [key for key, item in self._items.items() if item.due <= now]:
            ends[key] = self._tried(key, self._items[key], now)
        return ends

    def next_due(self) -> float | None:
        """When ``run`` has something to do; None if there is nothing to tell."""
        return min((item.due for item in self._items.values()), default=None)

    def _tried(self, key: str, item: _Item, now: float) -> Told:
        told, tried = item.attempt(), item.tried + 1
        if told.fate is not Fate.LATER:
            del self._items[key]
            return told
        if tried >= _MOST_ATTEMPTS:
            del self._items[key]
            return Told(Fate.LOST, _GIVEN_UP.format(tried, told.detail))
        self._items[key] = replace(item, due=now + pause(tried, told, self._chance), tried=tried)
        return told
