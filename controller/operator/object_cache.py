"""The cache of all watched objects, with an index of their possible dependencies."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from controller.core.ref import Ref
from controller.manifests.mentioned_names import ANY, MentionedName
from controller.operator.cached_object import Item, item

T = TypeVar("T")
_LATE_ANSWERS = 60.0  # seconds; by then a write has been answered, or has timed out


class ObjectCache:
    """The newest object of each ref, with an index of names and of mentions. Thread-safe.

    ``now`` is a monotonic clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._at: dict[Ref, float] = {}  # when the server last showed the cached version
        self._since: dict[Ref, float] = {}  # when an object was first cached
        self._lock = threading.RLock()
        self._items: dict[Ref, Item] = {}
        self._named: dict[MentionedName, set[Ref]] = {}  # the objects with a name
        self._users: dict[MentionedName, set[Ref]] = {}  # the objects that mention it
        self._shared: dict[
            tuple[str, str], set[Ref]
        ] = {}  # the objects with a value that is unique in an account, by kind
        self._emptied: dict[
            Ref, tuple[str, Any]
        ] = {}  # the memories of statuses that somebody emptied, by UID
        self._removed: dict[Ref, tuple[str, float]] = {}  # uid and time of removed objects, the oldest first

    def put(self, ref: Ref, value: Mapping[str, Any]) -> tuple[Item | None, Item]:
        """Cache an object, unless a newer version is cached; returns the previous and the cached one.

        The response to a write may come after the watch event of the deletion: a deleted object is not added again, and
        is returned as both.
        """
        with self._lock:
            before = self._items.get(ref)
            now = item(ref, value, before)
            late = now.is_gone or self._was_removed(now)
            if late and (before is None or before.uid != now.uid):
                return before or now, before or now
            if before is not None and before.uid == now.uid and _is_older(now, before):
                return before, before
            self._remove_indexed(before)
            self._note_emptied(before, now)
            self._items[ref] = now
            self._at[ref] = self._now()
            if before is None or before.uid != now.uid:
                self._since[ref] = self._at[ref]
            _enter(self._named, now.parsed.answers | {MentionedName(ref.kind, ref.namespace, ANY)}, ref)
            _enter(self._users, now.parsed.mentions, ref)
            _enter(self._shared, _shared_resource(now), ref)
            return before, now

    def remove(self, ref: Ref, uid: str = "") -> Item | None:
        """Remove an object with that UID."""
        with self._lock:
            before = self._items.get(ref)
            if before is None or (uid and before.uid != uid):
                return None
            self._remove_indexed(before)
            del self._items[ref]
            self._at.pop(ref, None)
            self._since.pop(ref, None)
            self._emptied.pop(ref, None)
            self._note_removed(before)
            return before

    def _note_removed(self, of: Item) -> None:
        """Record a removal, and drop the records that are too old for a late answer."""
        self._removed.pop(of.ref, None)
        self._removed[of.ref] = of.uid, self._now()
        while self._now() - next(iter(self._removed.values()))[1] > _LATE_ANSWERS:
            del self._removed[next(iter(self._removed))]

    def _was_removed(self, of: Item) -> bool:
        """Whether this object was removed so recently that the response to a write may still contain it."""
        uid, at = self._removed.get(of.ref, ("", 0.0))
        return uid == of.uid and self._now() - at <= _LATE_ANSWERS

    def memory_before(self, of: Item) -> Any:
        """The memory of an object's status before somebody emptied it; None if nobody did."""
        with self._lock:
            uid, memory = self._emptied.get(of.ref, ("", None))
            return memory if uid == of.uid and not of.status else None

    def _note_emptied(self, before: Item | None, now: Item) -> None:
        """Keep the memory of a status that is empty now: no operator writes an empty one."""
        if before is not None and before.uid == now.uid and not now.status:
            memory = before.status.get("memory")
            if memory:
                self._emptied[now.ref] = now.uid, memory
        else:
            self._emptied.pop(now.ref, None)

    def get(self, ref: Ref) -> Item | None:
        """The object of a ref."""
        with self._lock:
            return self._items.get(ref)

    def read_within(self, ref: Ref, within: float) -> Item | None:
        """The object of a ref, if the server showed this version within some seconds and nobody doubted it since.

        A watch with a gap misses deletions, so an older version may be outdated.
        """
        with self._lock:
            at = self._at.get(ref)
            return None if at is None or self._now() - at > within else self._items[ref]

    def age(self, ref: Ref) -> float:
        """The seconds for which an object has been cached; 0 if it is not."""
        with self._lock:
            return self._now() - self._since[ref] if ref in self._since else 0.0

    def confirm_version(self, ref: Ref, version: str) -> bool:
        """Record that the server showed a version of an object; returns whether it is the cached one."""
        with self._lock:
            held = self._items.get(ref)
            if held is None or held.version != version:
                return False
            self._at[ref] = self._now()
            return True

    def mark_outdated(self, ref: Ref) -> None:
        """Mark a cached object as outdated, until an event or a response of the server shows it."""
        with self._lock:
            self._at.pop(ref, None)

    def all(self) -> tuple[Item, ...]:
        """Every object."""
        with self._lock:
            return tuple(self._items.values())

    def users(self, of: Item) -> tuple[Item, ...]:
        """The objects that may depend on one: the index has only names, so there may be too many, never too few."""
        with self._lock:
            mentions = of.parsed.answers | {MentionedName(of.ref.kind, of.ref.namespace, ANY)}
            refs = {ref for mention in mentions for ref in self._users.get(mention, ())}
            return tuple(self._items[ref] for ref in sorted(refs - {of.ref}))

    def dependencies_of(self, of: Item) -> tuple[Item, ...]:
        """The objects that one may depend on."""
        with self._lock:
            refs = {ref for mention in of.parsed.mentions for ref in self._named.get(mention, ())}
            return tuple(self._items[ref] for ref in sorted(refs - {of.ref}))

    def same_resource(self, of: Item) -> tuple[Item, ...]:
        """The objects of any namespace with the same unique value, of which an account can have only one."""
        with self._lock:
            refs = {ref for shared in _shared_resource(of) for ref in self._shared.get(shared, ())}
            return tuple(self._items[ref] for ref in sorted(refs - {of.ref}))

    def related_to(self, of: Item) -> tuple[Item, ...]:
        """An object with all its possible dependencies, direct or indirect, and those that claim the same name."""
        with self._lock:
            found = {of.ref: of}
            edge = [of]
            for each in edge:
                fresh = [need for need in self.dependencies_of(each) if need.ref not in found]
                found |= {need.ref: need for need in fresh}
                edge += fresh
            return (
                *found.values(),
                *(duplicate for duplicate in self._duplicates(of) if duplicate.ref not in found),
            )

    def _duplicates(self, of: Item) -> Iterable[Item]:
        if not of.parsed.fixed:
            return ()
        name = MentionedName(of.ref.kind, of.ref.namespace, of.parsed.fixed.casefold())
        return [self._items[ref] for ref in sorted(self._named.get(name, set()) - {of.ref})]

    def _remove_indexed(self, before: Item | None) -> None:
        if before is None:
            return
        ref = before.ref
        _leave_index(self._named, before.parsed.answers | {MentionedName(ref.kind, ref.namespace, ANY)}, ref)
        _leave_index(self._users, before.parsed.mentions, ref)
        _leave_index(self._shared, _shared_resource(before), ref)


def _is_older(one: Item, other: Item) -> bool:
    """Whether a version is older: versions of an object grow, which the API guarantees since Kubernetes 1.35."""
    return one.version.isdigit() and other.version.isdigit() and int(one.version) < int(other.version)


def _shared_resource(of: Item) -> tuple[tuple[str, str], ...]:
    return ((of.ref.kind, of.parsed.shared),) if of.parsed.shared else ()


def _enter(index: dict[T, set[Ref]], names: Iterable[T], ref: Ref) -> None:
    for name in names:
        index.setdefault(name, set()).add(ref)


def _leave_index(index: dict[T, set[Ref]], names: Iterable[T], ref: Ref) -> None:
    for name in names:
        left = index.get(name, set())
        left.discard(ref)
        if not left:
            index.pop(name, None)
