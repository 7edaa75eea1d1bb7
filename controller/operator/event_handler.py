"""Handles watch events: puts objects into the cache, and the keys that they affect into the queue."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.core.ref import Ref
from controller.operator.cached_object import Item
from controller.operator.isolation import map_isolated
from controller.operator.object_cache import ObjectCache
from controller.runtime.workqueue import Queue


class ObjectEventHandler:
    """Handles each object that a watch or an answer to our own request shows: cache it, enqueue keys. Thread-safe.

    ``serves`` selects the objects that this operator reconciles; all are cached, because those may depend on them.
    ``gap`` is called when a watch was restarted.
    """

    def __init__(
        self, store: ObjectCache, queue: Queue[Ref], serves: Callable[[Item], bool] = lambda _: True
    ) -> None:
        self.store, self.queue = store, queue
        self.serves = serves
        self.gap: Callable[[], None] = lambda: None

    def on_listed(self, ref: Ref, value: Mapping[str, Any], cause: str = "") -> None:
        """Cache an object of a list; a known one shows a gap in the watch, in which objects may have been deleted."""
        if self.store.get(ref) is not None:
            self.gap()
        self.on_object(ref, value, cause)

    def on_object(
        self, ref: Ref, value: Mapping[str, Any], cause: str = "", *, is_requested: bool = True
    ) -> Item:
        """Cache an object, and enqueue the affected ones; itself only with ``is_requested``, as its pass runs."""
        before, now = self.store.put(ref, value)
        if before is now:
            return now
        if is_requested:
            self._request(before, now, cause)
        if before is not None and before.parsed.shared != now.parsed.shared:
            for same_resource_object in self.store.same_resource(before):
                self._add(same_resource_object, cause)
        if now.status.get("memory") and not (before and before.status.get("memory")):
            for same_resource_object in self.store.same_resource(now):
                self._add(same_resource_object, cause)  # it may show which of them created the resource
        if before is None or before.dependable_state != now.dependable_state or before.uid != now.uid:
            self._enqueue_affected(before, now, cause)
        return now

    def on_deleted(self, ref: Ref, uid: str = "", cause: str = "") -> None:
        """Remove an object, and enqueue its dependents and those that waited for its deletion."""
        before = self.store.remove(ref, uid)
        if before is None:
            return
        self.queue.forget(ref)
        for need in self.store.dependencies_of(before):
            if need.is_deleting or need.old_generations:
                self._add(need, cause)
        for other in (*self.store.users(before), *self.store.same_resource(before)):
            self._add(other, cause)

    def on_version(self, ref: Ref, version: str) -> bool:
        """Record that the server showed a version of an object; returns whether it is cached already."""
        return self.store.confirm_version(ref, version)

    def enqueue_item(self, item: Item, cause: str) -> None:
        """Request a pass of an object, because of an observation of its resource in another object's pass."""
        self._add(item, cause)

    def enqueue_all(self, cause: str) -> None:
        """Enqueue all objects that are not settled; the periodic resync checks the rest."""
        for _ in map_isolated(
            self.store.all(), lambda each: self._request(None, each, cause), cause, lambda one: one.ref
        ):
            pass

    def _request(self, before: Item | None, now: Item, cause: str) -> None:
        in_order = (
            before is None and now.is_settled and not now.old_generations and not self._has_new_request(now)
        )
        if not in_order and (before is None or _needs_reconcile(before, now)):
            self._add(now, cause)

    def _has_new_request(self, now: Item) -> bool:
        return (
            bool(now.annotation_requests[0])
            and now.status.get("lastHandledReconcileAt") != now.annotation_requests[0]
        )

    def _enqueue_affected(self, before: Item | None, now: Item, cause: str) -> None:
        for user in self.store.users(now):
            if before is not None or not (user.is_settled and now.is_settled):
                self._add(user, cause)
        if before is not None:
            for need in self.store.dependencies_of(now):
                if need.old_generations:
                    self._add(need, cause)

    def _add(self, item: Item, cause: str) -> None:
        if self.serves(item):
            self.queue.add(item.ref, cause)


def _needs_reconcile(before: Item, now: Item) -> bool:
    """Whether a change of the object requests a pass; our own writes do not.

    An emptied status, a status that is no longer Ready, and a removed finalizer are writes of others, which are
    corrected. No other change of the status of a Ready object requests a pass.
    """
    emptied = (bool(before.status) and not now.status) or (before.is_settled and not now.is_settled)
    freed = before.has_finalizer and not now.has_finalizer and not now.is_deleting
    return (
        emptied
        or freed
        or before.uid != now.uid
        or before.generation != now.generation
        or before.is_deleting != now.is_deleting
        or before.annotation_requests != now.annotation_requests
        or before.labels != now.labels
    )
