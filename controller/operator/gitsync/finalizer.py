"""The end of a GitSync: nothing in AWS is touched, unless its spec says that what it made goes with it."""

import logging

from controller.core.reason import Reason
from controller.operator.cached_object import Item
from controller.operator.constants import RELEASE
from controller.operator.gitsync.namespace_syncs import NamespaceSyncs, Shared
from controller.operator.object_deletions import DeletionHold
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.outcome import Verdict
from controller.runtime.log import about

_log = logging.getLogger("sagectl.gitsync")
_DELETE = "Delete"


def end(item: Item, syncs: NamespaceSyncs, shared: Shared, problem: Verdict | None) -> None:
    """Do what can be done now for the end of an object.

    Raises:
        ApiError: the object moved meanwhile, or the API server refused.

    """
    if not item.held:
        syncs.part(item.ref.name)
    elif _stays(item):
        _let_go(item, syncs, shared)
    elif problem is not None:
        syncs.part(item.ref.name)
        syncs.report(item, problem)
    elif (hold := _hold(item, syncs, shared)).retain:
        _let_go(item, syncs, shared)
    elif hold.why:
        syncs.block(item.ref.name)  # others delete nothing that it may declare
        syncs.report(item, Verdict(Reason.DELETION_HELD, hold.why))
    elif _left(item, syncs):
        _let_go(item, syncs, shared, done=True)


def _hold(item: Item, syncs: NamespaceSyncs, shared: Shared) -> DeletionHold:
    """Whether deleting what it made has to wait for a person; once begun it continues."""
    follower = syncs.fleet.followers.get(item.ref.name)
    begun = follower is not None and follower.leaving
    return DeletionHold() if begun else shared.context.deletions.hold(item)


def _stays(item: Item) -> bool:
    """Whether what it made stays: by default, while it is suspended, or because a person says so."""
    spec = item.spec
    return RELEASE in item.annotations or bool(spec.get("suspend")) or spec.get("deletion") != _DELETE


def _left(item: Item, syncs: NamespaceSyncs) -> bool:
    """Whether all that it made is gone; passes of its sync delete it."""
    follower = syncs.fleet.followers.get(item.ref.name)
    if follower is None:
        found = syncs.read(item)
        if found.sync is None:
            return syncs.inventory_store(item).count() == 0
        follower = syncs.fleet.join(found.sync)
    if not follower.leaving:
        follower.leave()
    syncs.publish(follower)
    return follower.settled and syncs.inventory_store(item).count() == 0


def _let_go(item: Item, syncs: NamespaceSyncs, shared: Shared, *, done: bool = False) -> None:
    """Remove the finalizer; ``done`` says that all that it made is deleted."""
    store = syncs.inventory_store(item)
    known = item.status.get("resources")  # a namespace that ends takes what is remembered before the object
    left = store.count() or (0 if done else known or 0)
    syncs.forget(item.ref.name)
    store.forget()
    message = f"{left} resources stay in AWS" if left else "nothing of it is in AWS"
    shared.context.recorder.record(item, Reason.RELEASED, message, shared.context.now())
    ObjectPatcher(item, shared.context.api, lambda ref, value: shared.store.put(ref, value)[1]).let_go()
    _log.info("released", extra={"fields": {**about(item.ref), "because": message}})
