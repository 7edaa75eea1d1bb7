"""A bounded queue of repositories to poll, in which a thousand pushes are one poll."""

import threading
from dataclasses import dataclass, replace
from enum import Enum

_REQUESTS = "requests of "  # no key of a sync has a space


def requests_of(key: str) -> str:
    """The key under which somebody should plan a sync's pull requests."""
    return _REQUESTS + key


def whose_requests(key: str) -> str:
    """The sync whose pull requests a key means; empty where it means a sync itself."""
    return key.removeprefix(_REQUESTS) if key.startswith(_REQUESTS) else ""


class Enqueued(Enum):
    """What became of a request."""

    NEW = "a poll is queued"
    JOINED = "a poll is already queued"
    FULL = "too many are waiting"


@dataclass(frozen=True)
class PollRequest:
    """Somebody should look.

    ``since`` is the time of the first request, ``cause`` the id of the delivery that it came with (the forge shows
    the same id, which leads from its page of deliveries to our log), ``merged`` how many requests this one stands for.
    """

    key: str
    since: float
    cause: str = ""
    merged: int = 1


class TriggerQueue:
    """Requests to poll a repository, one per key. Thread-safe.

    A request after ``take`` is a new one: a poll that is running may have read before the push.
    Between two polls of one key lies a gap, so that a flood of valid hooks costs a poll per gap.

    Args:
        most: how many keys may wait.
        gap: seconds between polls of one key.

    """

    def __init__(self, *, most: int = 1000, gap: float = 10.0) -> None:
        self._most, self._gap = most, gap
        self._waiting: dict[str, PollRequest] = {}
        self._taken: dict[str, float] = {}
        self._changed = threading.Condition()

    def request(self, key: str, now: float, cause: str = "") -> Enqueued:
        """Request a poll; never waits for one."""
        with self._changed:
            before = self._waiting.get(key)
            if before:
                self._waiting[key] = replace(before, merged=before.merged + 1)
                return Enqueued.JOINED
            if len(self._waiting) >= self._most:
                return Enqueued.FULL
            self._waiting[key] = PollRequest(key, now, cause)
            self._changed.notify_all()
            return Enqueued.NEW

    def take(self, now: float) -> tuple[PollRequest, ...]:
        """The looks that are due, oldest first; they are the caller's now."""
        with self._changed:
            self._taken = {key: at for key, at in self._taken.items() if now - at < self._gap}
            due = tuple(request for key, request in self._waiting.items() if key not in self._taken)
            for poll_request in due:
                del self._waiting[poll_request.key]
                self._taken[poll_request.key] = now
            return due

    def next_due(self, now: float) -> float | None:
        """Seconds until ``take`` gives something; None if nothing waits."""
        with self._changed:
            return min((self._left(key, now) for key in self._waiting), default=None)

    def wait(self, seconds: float, now: float) -> None:
        """Wait until something is due, but no longer than so many seconds."""
        with self._changed:
            left = self.next_due(now)
            if left != 0:
                self._changed.wait(seconds if left is None else min(left, seconds))

    def depth(self) -> int:
        """How many keys wait."""
        with self._changed:
            return len(self._waiting)

    def oldest(self, now: float) -> float:
        """For how many seconds the oldest has waited."""
        with self._changed:
            return max((now - request.since for request in self._waiting.values()), default=0.0)

    def _left(self, key: str, now: float) -> float:
        return max(self._taken.get(key, float("-inf")) + self._gap - now, 0.0)
