"""Steps about what the inventory holds and AWS does not show any more."""

from collections.abc import Iterable

from controller.core.phase import Action
from controller.core.ref import Ref
from controller.engine.observed import Vanished, World
from controller.engine.plan import Step, Why
from controller.inventory.model import Entry, Inventory

OUTSIDE = "it was deleted outside of sagectl"
_ONCE = "it was not found; it counts as deleted outside of sagectl when the next pass does not find it either"
_BEGUN = "its creation was begun and nothing shows what it made; the next pass looks once more"


def lost(held: Inventory, world: World, refs: Iterable[Ref], *, requested: bool) -> list[Step]:
    """A step for each resource of these documents that is gone, or that may be.

    Args:
        held: what we remember to own.
        world: what was seen.
        refs: whose resources.
        requested: whether a deletion was asked for, which must then not pass for done.

    """
    return [
        step
        for ref in sorted(refs)
        for each in world.vanished.get(ref, ())
        if (step := _lost(ref, each, held.of(ref), requested=requested)) is not None
    ]


def _lost(ref: Ref, each: Vanished, entry: Entry, *, requested: bool) -> Step | None:
    ident = str(ref) if each.name in ("", entry.name) else f"{ref}@{each.name}"
    if each.agreed:
        outside = Step(ident, ref, Action.FORGET, Why.VANISHED, each.name, each.arn, OUTSIDE)
        return None if is_quiet(each, entry) else outside
    if not each.doubt:
        message = _ONCE if each.name else _BEGUN
        return Step(ident, ref, Action.WAIT, Why.UNFOUND, each.name, each.arn, message)
    action = Action.BLOCKED if requested else Action.NOOP
    why = Why.UNREADABLE if each.name else Why.UNFINISHED
    return Step(ident, ref, action, why, each.name, each.arn, f"it stays in the inventory: {each.doubt}")


def is_quiet(each: Vanished, entry: Entry) -> bool:
    """Whether nobody needs to hear that it is gone: we deleted it, or it never came to be."""
    made = entry.was_made if each.name == entry.name else any(old.name == each.name for old in entry.old)
    return each.name in entry.leaving or not made
