"""Guards of deletion: whatever requests it, a plan is held to them and to the limit over all runs.

Twenty resources must not go to one by six runs that each stay under the limit. The size that the limit is a
share of is that of the set before the first deletion in the window.

A read error is never an empty set, an empty tree is never a request to delete, and a document that was not read was
not removed. Many deletions need a confirmation; what causes an outage or loses data is confirmed by its name.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from controller.core.finding import Remedy
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.apply import Done
from controller.engine.deletion_consent import (
    Cause,
    ConfirmedDeletions,
    DeletionFacts,
    DeletionLimit,
    HeldDeletions,
    decide,
)
from controller.engine.observed import ObservedAccount
from controller.engine.plan import LOSSES, Confirmation, ConfirmationRequired, Plan, Step
from controller.engine.report import Result
from controller.engine.scope import Coverage, outside
from controller.inventory.model import Inventory, Pruned
from controller.manifests.bundle import Bundle
from controller.manifests.document import Deletion

WINDOW = 24 * 3600  # seconds
LIMIT = DeletionLimit(3, 0.2)


def within(held: Inventory, at: float | None) -> tuple[Pruned, ...]:
    """The deletions that still count at a time; all of them where the time is not known."""
    return tuple(each for each in held.pruned if at is None or at - WINDOW < each.at)


def noted(held: Inventory, plan: Plan, at: float | None) -> Inventory:
    """The inventory with the deletions that a plan is about to make; what was tried before counts once."""
    before = within(held, at)
    known = {each.step for each in before}
    when = int(at) if at is not None else max((each.at for each in before), default=0)
    more = (Pruned(when, len(held.entries), each) for each in sorted(plan.counted - known))
    return replace(held, pruned=(*before, *more))


def proved(held: Inventory, plan: Plan, done: Mapping[str, Done]) -> Inventory:
    """The inventory after a pass: what was not begun counts no more, and what is gone counts whatever comes next."""
    there = {step.id for step in plan.steps}
    left = []
    for each in held.pruned:
        end = done.get(each.step)
        if each.step in plan.counted and end is not None and not end.outcome.calls:
            continue
        gone = each.step not in there or (end is not None and end.outcome.result is Result.DONE)
        left.append(replace(each, step="") if gone else each)
    return replace(held, pruned=tuple(left))


_PRUNES = frozenset({Reason.NO_DOCUMENT, Reason.RENAMED})
_ENDS = frozenset({Action.DELETE, Action.STOP})
_MOST = 20  # names in one message


def brakes(
    steps: list[Step],
    bundle: Bundle,
    held: Inventory,
    observed: ObservedAccount,
    agreed: ConfirmedDeletions,
    *,
    coverage: Coverage | None = None,
    at: float | None = None,
) -> tuple[ConfirmationRequired, ...]:
    """Which deletions are held back, and why; each by one brake.

    Args:
        steps: the plan's steps.
        bundle: the desired state.
        held: what we remember to own.
        observed: what was seen.
        agreed: what a person agreed to.
        coverage: what was read; without one, a document that is not there was removed.
        at: the time of the run, in seconds since 1970.

    """
    going = [step for step in steps if _prunes(step)]
    before = within(held, at)
    facts = DeletionFacts(
        _ids(going),
        agreed,
        unreadable=tuple(str(ref) for ref in sorted(observed.errors)),
        unproved=_unproved(going, held, coverage),
        losses=_losses(going),
        nothing_left=not bundle.resources,
        earlier=tuple(each.step for each in before),
        size=before[0].size if before else len(held.entries),
        limit=LIMIT,
        confirm=_need_approval(going, held),
    )
    return _brakes(facts, going)


def destroying(
    steps: list[Step],
    held: Inventory,
    observed: ObservedAccount,
    agreed: ConfirmedDeletions,
    targets: Collection[Ref],
    *,
    part: bool,
) -> tuple[ConfirmationRequired, ...]:
    """Which deletions are held back where documents are destroyed: those that take an outage or data with them.

    Whoever destroys all that a set holds has said so, and so has whoever names it as a target. What an earlier pass
    of the run deleted has no step any more.
    """
    ending = {step.ref for step in steps if step.why is not Reason.OUT_OF_SCOPE} | observed.vanished.keys()
    if held.entries and not part and held.entries.keys() <= ending:
        return ()
    going = [step for step in steps if step.action in _ENDS and step.acts and step.ref not in targets]
    return _brakes(DeletionFacts(_ids(going), agreed, losses=_losses(going)), going)


def counted(
    steps: list[Step], stops: Iterable[ConfirmationRequired], held: Inventory, agreed: ConfirmedDeletions
) -> frozenset[str]:
    """The deletions that go though nobody agreed to them: they count towards the limit of later runs."""
    stopped = {each for brake in stops for each in brake.held}
    going = [step for step in steps if _prunes(step) and step.id not in stopped | agreed.names]
    requests = _need_approval(going, held)
    if agreed.covers(len(going)):
        return frozenset()
    return _ids(going) - requests


def _prunes(step: Step) -> bool:
    return step.acts and step.action in _ENDS and step.why in _PRUNES


def _ids(steps: Iterable[Step]) -> frozenset[str]:
    return frozenset(step.id for step in steps)


def _unproved(going: list[Step], held: Inventory, coverage: Coverage | None) -> dict[str, str]:
    """Why this run can't determine that a document was removed, by the id of the step."""
    lost = [step for step in going if step.why is Reason.NO_DOCUMENT]
    return {step.id: outside(held.of(step.ref), coverage) for step in lost}


def _losses(going: list[Step]) -> dict[str, str]:
    return {step.id: losing(step) for step in going}


def losing(step: Step) -> str:
    """What a deletion takes with it besides the resource: an outage, or data; an empty text where it is neither."""
    if step.action is not Action.DELETE:
        return ""
    return "; ".join(effect.message for effect in step.effects if effect.impact in LOSSES)


def _brakes(facts: DeletionFacts, going: list[Step]) -> tuple[ConfirmationRequired, ...]:
    """What is decided, with its message."""
    by_id = {step.id: step for step in going}
    return tuple(
        ConfirmationRequired(
            _message(held, [by_id[each] for each in held.ids]), frozenset(held.ids), held.confirmation
        )
        for held in decide(facts)
    )


def _message(held: HeldDeletions, going: list[Step]) -> str:
    """Why deletions are held back, and how they are let go."""
    number, ids = len(going), list(held.ids)
    if held.cause is Cause.UNREADABLE:
        return f"nothing is pruned while resources cannot be read: {held.detail}"
    if held.cause is Cause.UNPROVED:
        return (
            f"{_named(ids)}: {held.detail}; {Remedy.PATHS}, keep two trees in two sets ({Remedy.SET}), "
            f"or delete each permanently with {Remedy.CONFIRM.of('KIND/NAME')}"
        )
    if held.cause is Cause.LOSS:
        return f"{_named(ids)}: {held.detail}; {_by_name(ids)}"
    if held.cause is Cause.NOTHING_LEFT:
        what = f"{number} resource{'s' * (number > 1)}"
        return f"the tree is empty and {what} would be deleted; {_word(going)}"
    if held.cause is Cause.LIMIT:
        earlier = f", after {held.earlier} within {WINDOW // 3600} hours," if held.earlier else ""
        exceed = "exceeds" if number == 1 else "exceed"
        what = f"{number} deletion{'s' * (number > 1)}{earlier} {exceed} the limit of {held.most}"
        return f"{what}; {_word(going)}"
    return f"policy.deletion of {', '.join(ids)} is Confirm; {_word(going)}"


def _named(ids: list[str]) -> str:
    more = f" and {len(ids) - _MOST} more" if len(ids) > _MOST else ""
    return f"{', '.join(ids[:_MOST])}{more}"


def _by_name(ids: list[str]) -> str:
    options = Remedy.CONFIRM.of(*ids[:_MOST])
    more = " and so on" if len(ids) > _MOST else ""
    these = "it" if len(ids) == 1 else "them"
    return f"{options}{more} deletes {these} permanently; to keep one, restore its document"


def _need_approval(going: list[Step], held: Inventory) -> frozenset[str]:
    return frozenset(s.id for s in going if held.of(s.ref).deletion is Deletion.CONFIRM)


def _word(going: list[Step]) -> str:
    """How a person lets deletions go, with what that destroys, and how they are kept."""
    kinds = Counter(step.ref.kind for step in going)
    what = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    keeps = "to keep one, restore its document"
    return f"{Remedy.CONFIRM_NUMBER.of(len(going))} deletes them permanently in AWS ({what}); {keeps}"


def without_inventory(steps: list[Step], of: str, unheld: int | None) -> tuple[ConfirmationRequired, ...]:
    """Pruning is refused, and all else with it, while the inventory that says what lost its document is lost."""
    if not unheld:
        return ()
    message = (
        f"{Remedy.PRUNE} is refused: {_carrying(of, unheld)}, so removed documents cannot be determined; "
        f"{Remedy.REBUILD.of(of)} rebuilds the inventory, and without {Remedy.PRUNE} the other changes are applied"
    )
    return (
        ConfirmationRequired(message, frozenset(step.id for step in steps if step.acts), Confirmation.NONE),
    )


def unheld_notice(of: str, unheld: int | None) -> tuple[str, ...]:
    """What a plan says of an inventory that began empty; ``unheld`` is None where nobody could count."""
    if unheld == 0:
        return ()
    if unheld is None:
        message = f"there is no inventory of set {of} here yet, and tag:GetResources is refused or failed, so"
        return (f"{message} it is unknown whether resources already carry its ownership tag",)
    way = f"they are not changed until {Remedy.REBUILD.of(of)} reads them back; another location is {Remedy.INVENTORY}"
    return (f"{_carrying(of, unheld)}: {way}, another owner {Remedy.SET}",)


def _carrying(of: str, unheld: int) -> str:
    counted = "1 resource carries" if unheld == 1 else f"{unheld} resources carry"
    return f"{counted} the ownership tag of set {of} that this inventory does not hold"
