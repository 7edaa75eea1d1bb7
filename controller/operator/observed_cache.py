"""The last observations of objects' resources and tags, so that passes of dependents need not read them again."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.known_values import needs_only_names
from controller.engine.observed import Live, ObservedAccount, PriorReads
from controller.inventory.model import Entry
from controller.manifests.bundle import Bundle
from controller.manifests.resolve import Resolved
from controller.operator.cached_object import Item


@dataclass(frozen=True)
class _CachedObservation:
    uid: str
    generation: int
    live: Live
    resolved: Resolved


@dataclass(frozen=True)
class _AbsentResource:
    uid: str
    generation: int
    name: str
    at: float


@dataclass(frozen=True)
class _CreationTags:
    uid: str
    arn: str
    tags: Mapping[str, str]


class ObservedCache:
    """The last observations of passes, by object. Thread-safe.

    ``now`` is a monotonic clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._seen: dict[Ref, _CachedObservation] = {}
        self._made: dict[Ref, _CachedObservation] = {}
        self._free_names: dict[Ref, _AbsentResource] = {}
        self._given: dict[Ref, _CreationTags] = {}

    def record_pass(self, item: Item, observed: ObservedAccount) -> None:
        """Keep a pass's observation of a resource that it did not change."""
        live, resolved = observed.live.get(item.ref), observed.resolved.get(item.ref)
        if live is not None and resolved is not None:
            with self._lock:
                self._seen[item.ref] = _CachedObservation(item.uid, item.generation, live, resolved)

    def drop(self, ref: Ref, *, in_transition: bool = False) -> None:
        """Drop the observation of an object; the tags of its creation stay valid during the transition."""
        with self._lock:
            self._seen.pop(ref, None)
            self._made.pop(ref, None)
            self._free_names.pop(ref, None)
            if not in_transition:
                self._given.pop(ref, None)

    def make(self, item: Item, entry: Entry, resolved: Resolved) -> None:
        """Record a creation from the object's spec: name and ARN are known without a read."""
        live = Live(entry.name, entry.arn, Phase.READY, {}, tags={})
        with self._lock:
            self._made[item.ref] = _CachedObservation(item.uid, item.generation, live, resolved)

    def record_tags(self, item: Item, arn: str, tags: Mapping[str, str]) -> None:
        """Record the tags of a creation in progress."""
        with self._lock:
            self._given[item.ref] = _CreationTags(item.uid, arn, tags)

    def forget_name(self, item: Item, name: str) -> None:
        """Record that no resource has the object's ``name``, which is empty if it is not known yet."""
        with self._lock:
            self._free_names[item.ref] = _AbsentResource(item.uid, item.generation, name, self._now())

    def looked_for(self, item: Item) -> bool:
        """Whether the name of the object's current spec was looked up."""
        with self._lock:
            return _is_current(item, self._free_names.get(item.ref))

    def is_unread_creation(self, item: Item) -> bool:
        """Whether it was created from the object's current spec, and not read since."""
        with self._lock:
            return _is_current(item, self._made.get(item.ref))

    def live(self, ref: Ref) -> Live | None:
        """The observation of one object."""
        with self._lock:
            seen = self._seen.get(ref)
            return seen.live if seen else None

    def last_live(self, item: Item) -> Live | None:
        """The last observation of an object; for one that was created, and not read since, its name and ARN."""
        with self._lock:
            seen = self._seen.get(item.ref) or self._made.get(item.ref)
            return seen.live if seen and seen.uid == item.uid else None

    def of(self, items: Iterable[Item], bundle: Bundle) -> PriorReads:
        """The observations of the dependencies in a bundle that match their current specs and suffice for it."""
        with self._lock:
            found = {each.ref: self._observation_of(each, bundle) for each in items}
        seen = {ref: cached for ref, cached in found.items() if cached is not None}
        lives = {ref: cached.live for ref, cached in seen.items()}
        return PriorReads(lives, {ref: cached.resolved for ref, cached in seen.items()})

    def for_object(self, item: Item, within: float, known: PriorReads) -> PriorReads:
        """Those of dependencies, with an object's own free name (for some seconds) and its tags of a creation."""
        with self._lock:
            free, assigned = self._free_names.get(item.ref), self._given.get(item.ref)
        free_names = free is not None and _is_current(item, free) and self._now() - free.at <= within
        return replace(
            known,
            free_names={item.ref: free.name} if free and free_names else {},
            given={assigned.arn: assigned.tags} if assigned and assigned.uid == item.uid else {},
        )

    def _observation_of(self, item: Item, bundle: Bundle) -> _CachedObservation | None:
        seen, made = self._seen.get(item.ref), self._made.get(item.ref)
        if _is_current(item, seen):
            return seen
        return (
            made
            if _is_current(item, made)
            and made
            and needs_only_names(item.ref, bundle, with_arn=bool(made.live.arn))
            else None
        )


def _is_current(item: Item, seen: _CachedObservation | _AbsentResource | None) -> bool:
    return seen is not None and (seen.uid, seen.generation) == (item.uid, item.generation)
