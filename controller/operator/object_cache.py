"""All objects of the group that the cluster showed us, and who may need whom."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from controller.core.ref import Ref
from controller.manifests.mentioned_names import ANY, MentionedName
from controller.operator.cached_object import Item, item

T = TypeVar("T")
_LATE_ANSWERS = 60.0  # seconds; by then the answer to a write has come, or its request has timed out


class ObjectCache:
    """The newest object of each ref, with an index of names and of mentions. Thread-safe.

    ``now`` gives seconds, by tests.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._at: dict[Ref, float] = {}  # when the server last showed what is held here
        self._since: dict[Ref, float] = {}  # when an object was first seen
        self._lock = threading.RLock()
        self._items: dict[Ref, Item] = {}
        self._named: dict[MentionedName, set[Ref]] = {}  # who answers to a name
        self._users: dict[MentionedName, set[Ref]] = {}  # who mentions it
        self._shared: dict[
            tuple[str, str], set[Ref]
        ] = {}  # who has a value that the account has once, by kind
        self._emptied: dict[
            Ref, tuple[str, Any]
        ] = {}  # what statuses remembered that somebody emptied, by uid
        self._removed: dict[Ref, tuple[str, float]] = {}  # uid and time of removed objects, the oldest first

    def put(self, ref: Ref, value: Mapping[str, Any]) -> tuple[Item | None, Item]:
        """Keep an object, unless a newer one is here already; gives the one before and the one kept.

        The answer to a write may come after the watch's event of the deletion: an object that is gone or was just
        removed is not added again, and is returned as both.
        """
        with self._lock:
            before = self._items.get(ref)
            now = item(ref, value, before)
            late = now.gone or self._was_removed(now)
            if late and (before is None or before.uid != now.uid):
                return before or now, before or now
            if before is not None and before.uid == now.uid and _older(now, before):
                return before, before
            self._drop(before)
            self._note_emptied(before, now)
            self._items[ref] = now
            self._at[ref] = self._now()
            if before is None or before.uid != now.uid:
                self._since[ref] = self._at[ref]
            _enter(self._named, now.parsed.answers | {MentionedName(ref.kind, ref.namespace, ANY)}, ref)
            _enter(self._users, now.parsed.mentions, ref)
            _enter(self._shared, _shared(now), ref)
            return before, now

    def remove(self, ref: Ref, uid: str = "") -> Item | None:
        """Forget an object, if it is the one meant."""
        with self._lock:
            before = self._items.get(ref)
            if before is None or (uid and before.uid != uid):
                return None
            self._drop(before)
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
        """Whether this very object was removed so lately that a write's answer may still bring it."""
        uid, at = self._removed.get(of.ref, ("", 0.0))
        return uid == of.uid and self._now() - at <= _LATE_ANSWERS

    def emptied(self, of: Item) -> Any:
        """What an object's status remembered before somebody emptied it; None where nobody did."""
        with self._lock:
            uid, memory = self._emptied.get(of.ref, ("", None))
            return memory if uid == of.uid and not of.status else None

    def _note_emptied(self, before: Item | None, now: Item) -> None:
        """Keep the memory of a status that is empty now: no operator writes such a one."""
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

    def recent(self, ref: Ref, within: float) -> Item | None:
        """The object of a ref, if the server showed it in the last so many seconds and nothing spoke against it since.

        A watch that has a gap shows no deletion in it, so that what is older is not to be taken for granted.
        """
        with self._lock:
            at = self._at.get(ref)
            return None if at is None or self._now() - at > within else self._items[ref]

    def age(self, ref: Ref) -> float:
        """For how many seconds an object has been known; 0 where it is not."""
        with self._lock:
            return self._now() - self._since[ref] if ref in self._since else 0.0

    def shown(self, ref: Ref, version: str) -> bool:
        """Note that the server shows a version of an object; gives whether that is the one that is held here."""
        with self._lock:
            held = self._items.get(ref)
            if held is None or held.version != version:
                return False
            self._at[ref] = self._now()
            return True

    def doubt(self, ref: Ref) -> None:
        """Mark a cached object as outdated, until an event or an answer of the server shows it."""
        with self._lock:
            self._at.pop(ref, None)

    def all(self) -> tuple[Item, ...]:
        """Every object."""
        with self._lock:
            return tuple(self._items.values())

    def users(self, of: Item) -> tuple[Item, ...]:
        """The objects that may need one: an index has names only, so there may be too many, never too few."""
        with self._lock:
            mentions = of.parsed.answers | {MentionedName(of.ref.kind, of.ref.namespace, ANY)}
            refs = {ref for mention in mentions for ref in self._users.get(mention, ())}
            return tuple(self._items[ref] for ref in sorted(refs - {of.ref}))

    def needs(self, of: Item) -> tuple[Item, ...]:
        """The objects that one may need."""
        with self._lock:
            refs = {ref for mention in of.parsed.mentions for ref in self._named.get(mention, ())}
            return tuple(self._items[ref] for ref in sorted(refs - {of.ref}))

    def same_resource(self, of: Item) -> tuple[Item, ...]:
        """The objects, of any namespace, beside which one account can't hold this one's resource."""
        with self._lock:
            refs = {ref for shared in _shared(of) for ref in self._shared.get(shared, ())}
            return tuple(self._items[ref] for ref in sorted(refs - {of.ref}))

    def around(self, of: Item) -> tuple[Item, ...]:
        """An object with all that it may need, directly or through others, and those that claim the same name."""
        with self._lock:
            found = {of.ref: of}
            edge = [of]
            for each in edge:
                fresh = [need for need in self.needs(each) if need.ref not in found]
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

    def _drop(self, before: Item | None) -> None:
        if before is None:
            return
        ref = before.ref
        _leave(self._named, before.parsed.answers | {MentionedName(ref.kind, ref.namespace, ANY)}, ref)
        _leave(self._users, before.parsed.mentions, ref)
        _leave(self._shared, _shared(before), ref)


def _older(one: Item, other: Item) -> bool:
    """Versions of one object grow in every API server there is; the API promises it since Kubernetes 1.35."""
    return one.version.isdigit() and other.version.isdigit() and int(one.version) < int(other.version)


def _shared(of: Item) -> tuple[tuple[str, str], ...]:
    return ((of.ref.kind, of.parsed.shared),) if of.parsed.shared else ()


def _enter(index: dict[T, set[Ref]], names: Iterable[T], ref: Ref) -> None:
    for name in names:
        index.setdefault(name, set()).add(ref)


def _leave(index: dict[T, set[Ref]], names: Iterable[T], ref: Ref) -> None:
    for name in names:
        left = index.get(name, set())
        left.discard(ref)
        if not left:
            index.pop(name, None)
