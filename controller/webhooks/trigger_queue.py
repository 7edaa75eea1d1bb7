"""A bounded queue of syncs to poll, which coalesces requests."""

import threading
from dataclasses import dataclass, replace
from enum import Enum

_REQUESTS = "requests of "  # no key of a sync has a space


def requests_of(key: str) -> str:
    """The key of a request to plan a sync's pull requests."""
    return _REQUESTS + key


def whose_requests(key: str) -> str:
    """The sync of such a key; empty for other keys."""
    return key.removeprefix(_REQUESTS) if key.startswith(_REQUESTS) else ""


class Enqueued(Enum):
    """The result of a request."""

    NEW = "a poll is queued"
    JOINED = "a poll is already queued"
    FULL = "too many are waiting"


@dataclass(frozen=True)
class PollRequest:
    """A request to poll.

    ``since`` is the time of the first request, ``cause`` the id of its delivery (the Git provider shows the same id, so
    that deliveries can be found in our log), ``merged`` the number of coalesced requests.
    """

    key: str
    since: float
    cause: str = ""
    merged: int = 1


class TriggerQueue:
    """Requests to poll a repository, one per key. Thread-safe.

    A request after ``take`` is a new one: a running poll may have read before the push. There is a minimal interval
    between two polls of one key, which limits the cost of many webhooks.

    Args:
        most: the maximum number of waiting keys.
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

    def pop_due(self, now: float) -> tuple[PollRequest, ...]:
        """Remove and return the due requests, oldest first."""
        with self._changed:
            self._taken = {key: at for key, at in self._taken.items() if now - at < self._gap}
            due = tuple(request for key, request in self._waiting.items() if key not in self._taken)
            for poll_request in due:
                del self._waiting[poll_request.key]
                self._taken[poll_request.key] = now
            return due

    def next_due(self, now: float) -> float | None:
        """Seconds until a request is due; None if nothing waits."""
        with self._changed:
            return min((self._remaining_gap(key, now) for key in self._waiting), default=None)

    def wait(self, seconds: float, now: float) -> None:
        """Wait until a request is due, or for some seconds."""
        with self._changed:
            left = self.next_due(now)
            if left != 0:
                self._changed.wait(seconds if left is None else min(left, seconds))

    def depth(self) -> int:
        """The number of waiting keys."""
        with self._changed:
            return len(self._waiting)

    def oldest_age(self, now: float) -> float:
        """The seconds for which the oldest request has waited."""
        with self._changed:
            return max((now - request.since for request in self._waiting.values()), default=0.0)

    def _remaining_gap(self, key: str, now: float) -> float:
        return max(self._taken.get(key, float("-inf")) + self._gap - now, 0.0)
