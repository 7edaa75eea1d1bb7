"""Clocks: time, backoff with jitter, and a clock for leases that counts suspended time."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

_FIRST, _LONGEST = 5.0, 180.0
_JITTER = 0.1


@dataclass(frozen=True)
class Clock:
    """``now`` counts seconds and never goes back (``time.monotonic``'s scale); ``wall`` is seconds since 1970."""

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random

    def spread(self, interval: float) -> float:
        """An interval, a tenth more or less."""
        return interval * (1 + _JITTER * (2 * self.chance() - 1))

    def first(self, interval: float) -> float:
        """A first interval, cut anywhere: what began together does not come back together."""
        return interval * self.chance()

    def pause(self, attempt: int, longest: float = _LONGEST) -> float:
        """Seconds before a retry: full jitter up to 5, 10, 20 ... 180 seconds."""
        return self.chance() * min(_FIRST * 2.0 ** min(attempt - 1, 10), _LONGEST, longest)


_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # Linux stops the latter while it is suspended


def awake() -> float:
    """Seconds of any origin, those included in which the machine was suspended."""
    return time.clock_gettime(_CLOCK)
