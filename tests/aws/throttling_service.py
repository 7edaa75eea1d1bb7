"""A service that throttles, as a simulation of discrete events."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from controller.aws.rate_limit import RateLimiter

SENT_AT_ONCE = 32


@dataclass
class ThrottlingService:
    """A simulated service with a token bucket, and workers that call it through one limiter.

    ``rate`` is in calls per second, ``latency`` in seconds. The bucket holds one second's worth.
    """

    rate: float
    latency: float = 0.05
    workers: int = SENT_AT_ONCE
    throttled: int = 0
    most_tries: int = 0
    now: float = 0.0
    tokens: float = 0.0
    filled: float = 0.0
    left: int = 0
    events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    numbers: Any = field(default_factory=count)

    def run(self, limiter: RateLimiter, calls: int) -> float:
        """Make a number of calls; returns the time over that of a client that sends each once there is a token."""
        self.tokens, self.left = self.rate, calls
        for worker in range(self.workers):
            self._begin(limiter, str(worker))
        while self.events:
            self.now, _, event = heapq.heappop(self.events)
            event()
        return self.now / ((calls - self.rate) / self.rate)

    def _at(self, seconds: float, event: Callable[[], None]) -> None:
        heapq.heappush(self.events, (self.now + seconds, next(self.numbers), event))

    def _begin(self, limiter: RateLimiter, worker: str) -> None:
        if self.left:
            self.left -= 1
            self._take(limiter, worker, 1)

    def _take(self, limiter: RateLimiter, worker: str, tries: int) -> None:
        after = limiter.take("a", worker)
        if after > 0:
            self._at(min(after, 0.25), lambda: self._take(limiter, worker, tries))
        else:
            sent = self.now
            self._at(self.latency / 2, lambda: self._arrive(limiter, worker, tries, sent))

    def _arrive(self, limiter: RateLimiter, worker: str, tries: int, sent: float) -> None:
        self.tokens = min(self.tokens + (self.now - self.filled) * self.rate, self.rate)
        self.filled, taken = self.now, self.tokens >= 1
        self.tokens -= taken
        self._at(self.latency / 2, lambda: self._answer(limiter, worker, tries, sent, taken=taken))

    def _answer(self, limiter: RateLimiter, worker: str, tries: int, sent: float, *, taken: bool) -> None:
        if taken:
            limiter.on_accepted("a")
            self._begin(limiter, worker)
        else:
            self.throttled += 1
            self.most_tries = max(self.most_tries, tries)
            limiter.on_throttled("a", sent=sent)
            self._take(limiter, worker, tries + 1)
