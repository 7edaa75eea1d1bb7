"""Clocks: time and chance, which tests set, and a clock for leases that counts suspended time."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from controller.runtime.backoff import CHANCE, Backoff, Chance, jitter


@dataclass(frozen=True)
class Clock:
    """Time and chance.

    Attributes:
        now: seconds that never go back (``time.monotonic``'s scale).
        wall: seconds since 1970.
        chance: a random number from 0 to 1, for jitter.

    """

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    chance: Chance = CHANCE

    def jitter(self, interval: float) -> float:
        """An interval, plus or minus up to a tenth."""
        return jitter(interval, chance=self.chance)

    def first_interval(self, interval: float) -> float:
        """A first interval of random length, so that tasks that started together are spread."""
        return interval * self.chance()

    def delay(self, attempt: int, longest: float | None = None) -> float:
        """The backoff after a number of failures in a row, at most ``longest`` seconds."""
        found = Backoff().delay(attempt, self.chance)
        return found if longest is None else min(found, longest)


_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # on Linux the latter stops during suspend


def suspend_aware_time() -> float:
    """Seconds of any origin, including time during which the machine was suspended."""
    return time.clock_gettime(_CLOCK)
