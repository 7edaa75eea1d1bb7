"""Objects that only wait for AWS: one List page shows all of a kind, without a pass and without a Describe."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.ref import Ref
from controller.engine.in_flight import IN_TRANSITION, has_listed_status, in_transition, interval, list_newest
from controller.engine.lookup import phase_of_status
from controller.engine.observed import Live
from controller.operator.cached_object import Item
from controller.schema.contract import contract

_FRESH = 0.5  # of the time until the next poll, for which another object's page is valid
_PASSES = frozenset({Fault.THROTTLED, Fault.BUSY, Fault.UNANSWERED})
_Page = Mapping[str, Mapping[str, Any]]
_Key = tuple[str, str, str]


@dataclass(frozen=True)
class _Wait:
    """One waiting object: its state when the transition was observed, the start, and the time of the next poll."""

    written: tuple[Any, ...]
    live: Live
    since: float
    due: float


class Waits:
    """Waits by object, and the pages that they share. Thread-safe.

    Args:
        longest: the most seconds between two polls; None to derive them from the elapsed time.
        now: a monotonic clock, in seconds.

    """

    def __init__(self, longest: float | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self._longest, self._now = longest, now
        self._lock = threading.Lock()
        self._waits: dict[Ref, _Wait] = {}
        self._pages: dict[_Key, tuple[float, _Page]] = {}

    def note(self, item: Item, live: Live | None) -> None:
        """Record a pass's observation of an object's resource: its wait begins, continues, or has ended."""
        of, now = contract(item.ref.kind), self._now()
        with self._lock:
            before = self._waits.pop(item.ref, None)
            if live is None or live.phase not in IN_TRANSITION or not has_listed_status(of):
                return
            if live.status and phase_of_status(of, live.status) is not live.phase:
                return  # the status does not show the transition
            same = before is not None and before.written == _watched_parts(item)
            since = before.since if before is not None and same else now
            self._waits[item.ref] = _Wait(
                _watched_parts(item), live, since, now + self._interval(now - since)
            )

    def pause(self, ref: Ref) -> float | None:
        """Seconds until an object is polled; None if it does not wait for AWS only."""
        with self._lock:
            wait = self._waits.get(ref)
        return None if wait is None else max(wait.due - self._now(), 0.0)

    def is_in_transition(self, item: Item, cloud: Cloud) -> bool:
        """Whether a List shows the resource still in transition, and nothing else requests a pass."""
        now = self._now()
        with self._lock:
            wait = self._waits.get(item.ref)
        if wait is None or wait.written != _watched_parts(item) or now < wait.due:
            return False  # a pass was requested for another reason
        pause = self._interval(now - wait.since)
        try:
            page = self._page(item.ref.kind, cloud, pause * _FRESH)
        except CloudError as error:
            still = error.fault in _PASSES
        else:
            still = in_transition(contract(item.ref.kind), wait.live, page) is not None
        if still:
            with self._lock:
                self._waits[item.ref] = _Wait(wait.written, wait.live, wait.since, now + pause)
        return still

    def _interval(self, elapsed: float) -> float:
        return interval(elapsed) if self._longest is None else min(interval(elapsed), self._longest)

    def _page(self, kind: str, cloud: Cloud, fresh: float) -> _Page:
        """The newest page of a kind, which another object may have read shortly before."""
        key, now = (cloud.identity.account, cloud.identity.region, kind), self._now()
        with self._lock:
            read, page = self._pages.get(key, (float("-inf"), {}))
        if now - read <= fresh:
            return page
        found = list_newest(cloud, contract(kind))
        with self._lock:
            self._pages[key] = now, found
        return found


def _watched_parts(item: Item) -> tuple[Any, ...]:
    """The parts of an object whose change requests a pass."""
    return item.uid, item.generation, item.is_deleting, item.annotation_requests, item.labels
