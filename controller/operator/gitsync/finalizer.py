"""The finalizer of a GitSync: its resources stay in AWS, unless its spec requests their deletion."""

import logging

from controller.core.reason import Reason
from controller.engine.observed import RELEASE
from controller.operator.cached_object import Item
from controller.operator.gitsync.namespace_syncs import NamespaceSyncs, Shared
from controller.operator.object_deletions import DeletionHold
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.outcome import Verdict
from controller.runtime.log import object_fields

_log = logging.getLogger("sagectl.gitsync")
_DELETE = "Delete"


def finalize(item: Item, syncs: NamespaceSyncs, shared: Shared, problem: Verdict | None) -> None:
    """Do what can be done now to finalize an object.

    Raises:
        ApiError: the object changed meanwhile, or the API server refused.

    """
    if not item.has_finalizer:
        syncs.part(item.ref.name)
    elif _keeps_resources(item):
        _let_go(item, syncs, shared)
    elif problem is not None:
        syncs.part(item.ref.name)
        syncs.report(item, problem)
    elif (hold := _hold_of(item, syncs, shared)).retain:
        _let_go(item, syncs, shared)
    elif hold.why:
        syncs.block(item.ref.name)  # other syncs must not delete what it may declare
        syncs.report(item, Verdict(Reason.DELETION_HELD, hold.why))
    elif _is_empty(item, syncs):
        _let_go(item, syncs, shared, done=True)


def _hold_of(item: Item, syncs: NamespaceSyncs, shared: Shared) -> DeletionHold:
    """Whether the deletion of its resources must wait for a person, and why; once begun it continues."""
    follower = syncs.fleet.followers.get(item.ref.name)
    begun = follower is not None and follower.leaving
    return DeletionHold() if begun else shared.context.deletions.decide(item)


def _keeps_resources(item: Item) -> bool:
    """Whether its resources stay: by default, while it is suspended, or by an annotation."""
    spec = item.spec
    return RELEASE in item.annotations or bool(spec.get("suspend")) or spec.get("deletion") != _DELETE


def _is_empty(item: Item, syncs: NamespaceSyncs) -> bool:
    """Whether all its resources are deleted, which passes of its sync do."""
    follower = syncs.fleet.followers.get(item.ref.name)
    if follower is None:
        found = syncs.read(item)
        if found.sync is None:
            return syncs.inventory_store(item).count() == 0
        follower = syncs.fleet.add_sync(found.sync)
    if not follower.leaving:
        follower.stop_declaring()
    syncs.publish(follower)
    return follower.is_applied and syncs.inventory_store(item).count() == 0


def _let_go(item: Item, syncs: NamespaceSyncs, shared: Shared, *, done: bool = False) -> None:
    """Remove the finalizer; ``done`` is whether all its resources are deleted."""
    store = syncs.inventory_store(item)
    known = item.status.get("resources")  # deleting a namespace deletes the inventory before the object
    left = store.count() or (0 if done else known or 0)
    syncs.forget(item.ref.name)
    store.forget()
    message = f"{left} resources stay in AWS" if left else "nothing of it is in AWS"
    shared.context.recorder.record(item, Reason.RELEASED, message, shared.context.now())
    ObjectPatcher(item, shared.context.api, lambda ref, value: shared.store.put(ref, value)[1]).let_go()
    _log.info("released", extra={"fields": {**object_fields(item.ref), "because": message}})
