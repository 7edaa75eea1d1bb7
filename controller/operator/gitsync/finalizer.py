"""The end of a GitSync: nothing in AWS is touched, unless its spec says that what it made goes with it."""

import logging

from controller.operator.cached_object import Item
from controller.operator.constants import RELEASE
from controller.operator.deletion_consent import Hold
from controller.operator.gitsync.context import Shared
from controller.operator.gitsync.namespace_syncs import Place
from controller.operator.object_patcher import Subject
from controller.operator.outcome import Verdict
from controller.operator.reasons import Reason

_log = logging.getLogger("sagectl.gitsync")
_DELETE = "Delete"


def end(item: Item, place: Place, shared: Shared, trouble: Verdict | None) -> None:
    """Do what can be done now for the end of an object.

    Raises:
        ApiError: the object moved meanwhile, or the API server refused.

    """
    if not item.held:
        place.part(item.ref.name)
    elif _stays(item):
        _let_go(item, place, shared)
    elif trouble is not None:
        place.part(item.ref.name)
        place.tell(item, trouble)
    elif (hold := _hold(item, place, shared)).retain:
        _let_go(item, place, shared)
    elif hold.why:
        place.bar(item.ref.name)  # others delete nothing that it may want
        place.tell(item, Verdict(Reason.HELD, hold.why))
    elif _left(item, place):
        _let_go(item, place, shared, done=True)


def _hold(item: Item, place: Place, shared: Shared) -> Hold:
    """Whether deleting what it made has to wait for a person; once begun it goes on."""
    follower = place.fleet.followers.get(item.ref.name)
    begun = follower is not None and follower.leaving
    return Hold() if begun else shared.desk.deletions.hold(item)


def _stays(item: Item) -> bool:
    """Whether what it made stays: by default, while it is suspended, or because a person says so."""
    spec = item.spec
    return RELEASE in item.annotations or bool(spec.get("suspend")) or spec.get("deletion") != _DELETE


def _left(item: Item, place: Place) -> bool:
    """Whether all that it made is gone; the loop sees to it."""
    follower = place.fleet.followers.get(item.ref.name)
    if follower is None:
        found = place.read(item)
        if found.sync is None:
            return place.memory(item).count() == 0
        follower = place.fleet.join(found.sync)
    if not follower.leaving:
        follower.leave()
    place.publish(follower)
    return follower.settled and place.memory(item).count() == 0


def _let_go(item: Item, place: Place, shared: Shared, *, done: bool = False) -> None:
    """Let the object go; ``done`` says that all that it made is gone."""
    memory = place.memory(item)
    known = item.status.get("resources")  # a namespace that ends takes what is remembered before the object
    left = memory.count() or (0 if done else known or 0)
    place.forget(item.ref.name)
    memory.forget()
    told = f"{left} resources stay in AWS" if left else "nothing of it is in AWS"
    shared.desk.teller.tell(item, "Released", told, shared.desk.now())
    Subject(item, shared.desk.api, lambda ref, value: shared.store.put(ref, value)[1]).let_go()
    _log.info("released", extra={"told": {"object": str(item.ref), "because": told}})
