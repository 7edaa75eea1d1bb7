"""Delays of retries: exponential backoff with jitter, and the jitter of intervals.

Every retry is delayed by ``Backoff``, except that the rate limiter of ``aws`` measures a rate instead, and that kopf
retries its own connections.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

FIRST, LONGEST = 1.0, 300.0  # seconds
_MOST_DOUBLINGS = 30  # keeps the power small; the longest delay is reached long before
Chance: TypeAlias = Callable[[], float]
CHANCE: Chance = random.random  # from 0 to 1


@dataclass(frozen=True)
class Backoff:
    """Delays that double from ``first`` to ``longest`` seconds.

    The jitter reduces a delay by up to half, so that clients that failed together do not retry together, and none
    retries at once ("equal jitter" in AWS's "Exponential Backoff And Jitter").
    """

    first: float = FIRST
    longest: float = LONGEST

    def delay(self, attempt: int, chance: Chance = CHANCE) -> float:
        """Seconds after a failed attempt, the first of which is 1.

        Args:
            attempt: the number of failed attempts in a row.
            chance: a random number from 0 to 1.

        """
        doublings = min(max(attempt - 1, 0), _MOST_DOUBLINGS)
        return min(self.first * 2.0**doublings, self.longest) * (1 + chance()) / 2


def jitter(interval: float, fraction: float = 0.1, chance: Chance = CHANCE) -> float:
    """An interval, longer or shorter by up to a fraction of it, so that periodic work does not coincide."""
    return interval * (1 + fraction * (2 * chance() - 1))
