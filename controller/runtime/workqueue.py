"""The work queue: keyed, coalescing, delayed with backoff, one worker per key at a time, and fair between flows.

A key that is added while it is delayed is due at once, so that a corrected spec does not wait for a backoff. A key that
is added while it is processed is processed once more, however often it was added.

Keys belong to flows, which are served round-robin: a thousand keys of one flow delay another's by one pass. No flow has
more than its share of workers, so that long passes leave some for others.
"""

import heapq
import math
import threading
from collections import Counter, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from controller.runtime.backoff import Backoff
from controller.runtime.clock import Clock

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class ReconcileRequest(Generic[K]):
    """A key to reconcile, the time when it became due (the clock's ``now``), and the id of its first cause."""

    key: K
    since: float
    cause: str = ""


@dataclass(order=True)
class _DelayedKey(Generic[K]):
    at: float
    number: int
    key: K = field(compare=False)


class Queue(Generic[K]):
    """A queue of keys. Thread-safe.

    Args:
        clock: the time, and random numbers for the jitter of backoffs.
        flow: the flow of a key; without it there is one flow.
        share: how many keys of one flow are processed concurrently.

    """

    def __init__(
        self,
        clock: Clock | None = None,
        flow: Callable[[K], Hashable] = lambda _: None,
        share: float = math.inf,
    ) -> None:
        clock = clock or Clock()
        self._now, self._chance = clock.now, clock.chance
        self._flow, self._share = flow, share
        self._changed = threading.Condition()
        self._ready: dict[Hashable, deque[K]] = {}  # by flow; the next flow comes first
        self._busy: Counter[Hashable] = Counter()  # the number of keys in process by flow
        self._due: dict[K, ReconcileRequest[K]] = {}  # ready keys, and those added while they are processed
        self._later: dict[K, _DelayedKey[K]] = {}
        self._heap: list[_DelayedKey[K]] = []
        self._working: set[K] = set()
        self._retries: dict[K, tuple[Backoff, int]] = {}  # the backoff, and the number of retries in a row
        self._number = 0
        self._closed = False

    def add(self, key: K, cause: str = "") -> None:
        """Add a key that is due now; a delay of the key ends."""
        with self._changed:
            self._later.pop(key, None)
            self._make_due(key, cause)

    def add_after(self, key: K, seconds: float) -> None:
        """Add a key that is due after some seconds, or earlier if it is due earlier already."""
        with self._changed:
            at = self._now() + seconds
            waiting = self._later.get(key)
            if key in self._due or (waiting is not None and waiting.at <= at):
                return
            self._number += 1
            later = _DelayedKey(at, self._number, key)
            self._later[key] = later
            heapq.heappush(self._heap, later)
            self._changed.notify()

    def add_backoff(self, key: K, backoff: Backoff) -> None:
        """Add a key after a delay that grows with every call for it; another backoff starts again."""
        with self._changed:
            before, attempts = self._retries.get(key, (backoff, 0))
            attempts = attempts + 1 if before == backoff else 1
            self._retries[key] = backoff, attempts
        self.add_after(key, backoff.delay(attempts, self._chance))

    def reset_backoff(self, key: K) -> None:
        """Reset the delays of a key."""
        with self._changed:
            self._retries.pop(key, None)

    def get(self, timeout: float | None = None) -> ReconcileRequest[K] | None:
        """The next key, which no other caller gets until ``done``; None after the time-out, or if closed."""
        end = None if timeout is None else self._now() + timeout
        with self._changed:
            while not self._closed:
                self._promote_due()
                due = self._next_request()
                if due is not None:
                    return due
                pause = self._pause(end)
                if pause is not None and pause <= 0:
                    return None
                self._changed.wait(pause)
        return None

    def done(self, key: K) -> None:
        """Finish a key; if it was added meanwhile it is due."""
        with self._changed:
            if key in self._working:
                self._working.discard(key)
                self._busy[self._flow(key)] -= 1
            if key in self._due:
                self._wait(key)
            self._changed.notify()

    def forget(self, key: K) -> None:
        """Drop a key."""
        with self._changed:
            self._later.pop(key, None)
            self._retries.pop(key, None)

    def close(self) -> None:
        """Close the queue: ``get`` returns None."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def is_worked_on(self, key: K) -> bool:
        """Whether a key is being processed."""
        with self._changed:
            return key in self._working

    def depth(self) -> int:
        """The number of due keys."""
        with self._changed:
            self._promote_due()
            return len(self._due)

    @property
    def idle(self) -> bool:
        """Whether no key is due and none is being processed."""
        with self._changed:
            self._promote_due()
            return not self._due and not self._working

    def oldest_age(self) -> float:
        """The seconds for which the oldest waiting key has been due."""
        with self._changed:
            since = [due.since for key, due in self._due.items() if key not in self._working]
            return self._now() - min(since) if since else 0.0

    def _next_request(self) -> ReconcileRequest[K] | None:
        """A key of the first flow that has one and is below its share; that flow becomes the last."""
        free = [each for each in self._ready if self._busy[each] < self._share]
        if not free:
            return None
        flow = free[0]
        keys = self._ready.pop(flow)
        key = keys.popleft()
        if keys:
            self._ready[flow] = keys
        self._working.add(key)
        self._busy[flow] += 1
        return self._due.pop(key)

    def _wait(self, key: K) -> None:
        self._ready.setdefault(self._flow(key), deque()).append(key)

    def _make_due(self, key: K, cause: str = "") -> None:
        if key not in self._due:
            self._due[key] = ReconcileRequest(key, self._now(), cause)
            if key not in self._working:
                self._wait(key)
                self._changed.notify()

    def _promote_due(self) -> None:
        while self._heap and self._heap[0].at <= self._now():
            later = heapq.heappop(self._heap)
            if self._later.get(later.key) is later:
                del self._later[later.key]
                self._make_due(later.key)

    def _pause(self, end: float | None) -> float | None:
        ends = [*([self._heap[0].at] if self._heap else []), *([end] if end is not None else [])]
        return min(ends) - self._now() if ends else None
