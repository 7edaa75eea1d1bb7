"""Synchronization of the cache: waiting for the first sync, and a relist to find missed deletions.

With an incomplete cache, a pass would take a document's name for a resource outside of the cluster, and delete a
resource that an object missing from the cache needs.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from controller.core.ref import Ref
from controller.kinds import KINDS
from controller.operator.cached_object import Item
from controller.operator.constants import list_paths_of, plural_of
from controller.operator.isolation import map_isolated
from controller.operator.kube.api import Api, ApiError, uids
from controller.operator.object_cache import ObjectCache
from controller.runtime.backoff import Backoff
from controller.runtime.log import object_fields

_log = logging.getLogger("sagectl.cache_sync")
_RETRY = Backoff(0.05, 5.0)  # between two comparisons: most caches are complete at once
_SLOW = 8  # lists after which it is logged
_AT_ONCE = 12  # concurrent lists; they also open the connections of the first passes


@dataclass
class CacheSync:
    """One cache synchronization, in its own thread; ``complete`` is set when it is over.

    Attributes:
        api: whose lists are compared with the store.
        store: the cached objects.
        namespaces: the watched namespaces; all if empty.
        kinds: the watched kinds.
        pending: a text about what is missing; empty if the cache is complete.

    """

    api: Api
    store: ObjectCache
    namespaces: Sequence[str] = ()
    kinds: Iterable[str] = tuple(KINDS)
    pending: str = "it is starting"
    complete: threading.Event = field(default_factory=threading.Event)
    _left: dict[str, frozenset[str] | None] = field(init=False)
    _problems: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Set the initial state."""
        self._left = dict.fromkeys(sorted(self.kinds))

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, name="roll", daemon=True).start()

    def stop(self) -> None:
        """Stop."""
        self._stop.set()

    def call(self) -> bool:
        """Compare once; returns whether the cache is complete. Objects created after the first list are ignored."""
        self._problems = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = dict(zip(self._left, pool.map(self._objects_not_cached, self._left), strict=True))
        self._left = {kind: left for kind, left in found.items() if left != frozenset()}
        counts = {kind: len(left) for kind, left in self._left.items() if left is not None}
        lines = [f"{count} of {plural_of(kind)} not seen yet" for kind, count in counts.items()]
        self.pending = "; ".join([*lines, *self._problems])
        return not self._left

    def _run(self) -> None:
        attempt = 1
        while not self._try_first_list():
            if attempt >= _SLOW:
                _log.warning("waiting", extra={"fields": {"for": self.pending}})
            if self._stop.wait(_RETRY.delay(attempt)):
                return
            attempt += 1
        _log.info("complete")
        self.complete.set()

    def _try_first_list(self) -> bool:
        try:
            return self.call()
        except Exception:  # noqa: BLE001 - an operator that waits must say why, and go on once it can
            _log.exception("the initial list failed")
            return False

    def _objects_not_cached(self, kind: str) -> frozenset[str] | None:
        """The objects of the first list of a kind that still exist and are not cached; None if there is no list."""
        try:
            listed = {uid for path in list_paths_of(kind, self.namespaces) for uid in uids(self.api, path)}
        except ApiError as error:
            if error.is_not_found:  # without a definition there are no objects
                return frozenset()
            self._problems.append(f"{plural_of(kind)} can't be listed: {error}")
            return self._left[kind]
        first = self._left[kind]
        return frozenset(listed if first is None else listed & first) - {
            each.uid for each in self.store.all()
        }


_relist_log = logging.getLogger("sagectl.relist")


class KnownObjects(Protocol):
    """A cache of objects."""

    @property
    def store(self) -> ObjectCache:
        """The objects."""

    def on_deleted(self, ref: Ref, uid: str = "", cause: str = "") -> None:
        """Remove an object."""


@dataclass
class Relist:
    """Compares the cache with the API server's lists, by UID; ``namespaces`` are the watched ones."""

    api: Api
    intake: KnownObjects
    namespaces: tuple[str, ...] = ()

    def run_once(self) -> None:
        """Remove the objects that no list shows any more.

        The cache is read before the lists are requested, and lists are consistent reads: an object that is cached and
        in no list is deleted.
        """
        held: dict[str, list[Item]] = {}
        for each in self.intake.store.all():
            held.setdefault(each.ref.kind, []).append(each)
        for kind, items in sorted(held.items()):
            try:
                there = {uid for path in list_paths_of(kind, self.namespaces) for uid in uids(self.api, path)}
            except ApiError as error:  # without a complete list nothing is removed
                _relist_log.warning("relist failed", extra={"fields": {"kind": kind, "error": str(error)}})
                continue
            ended = [each for each in items if each.uid not in there]
            for each, _ in map_isolated(ended, self._remove_object, "relist", lambda one: one.ref):
                _relist_log.info("ended unseen", extra={"fields": {**object_fields(each.ref)}})

    def _remove_object(self, each: Item) -> None:
        self.intake.on_deleted(each.ref, each.uid, "relist")
