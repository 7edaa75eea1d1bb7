"""Guards against deletion: they and the limit over all runs apply to every plan, whatever requested it.

Several runs that each stay under the limit must not delete nearly all resources. The limit is a share of the size that
the set had before the first deletion in the window.

A read error is never an empty set, an empty tree is never a request to delete, and a document that was not read was not
removed. Many deletions need a confirmation; one that causes an outage or loses data is confirmed by name.
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
from controller.engine.scope import Coverage, outside_reason
from controller.inventory.model import Inventory, Pruned
from controller.manifests.bundle import Bundle
from controller.manifests.document import Deletion

WINDOW = 24 * 3600  # seconds
LIMIT = DeletionLimit(3, 0.2)


def recent_deletions(inventory: Inventory, at: float | None) -> tuple[Pruned, ...]:
    """The deletions that still count at a time; all of them if the time is unknown."""
    return tuple(each for each in inventory.pruned if at is None or at - WINDOW < each.at)


def with_pruned(inventory: Inventory, plan: Plan, at: float | None) -> Inventory:
    """The inventory with the deletions that a plan is about to make; a repeated attempt counts once."""
    before = recent_deletions(inventory, at)
    known = {each.step for each in before}
    when = int(at) if at is not None else max((each.at for each in before), default=0)
    more = (Pruned(when, len(inventory.entries), each) for each in sorted(plan.counted - known))
    return replace(inventory, pruned=(*before, *more))


def settled_pruned(inventory: Inventory, plan: Plan, done: Mapping[str, Done]) -> Inventory:
    """The inventory after a pass: deletions that were not begun no longer count, and completed ones always do."""
    there = {step.id for step in plan.steps}
    left = []
    for each in inventory.pruned:
        end = done.get(each.step)
        if each.step in plan.counted and end is not None and not end.outcome.calls:
            continue
        gone = each.step not in there or (end is not None and end.outcome.result is Result.DONE)
        left.append(replace(each, step="") if gone else each)
    return replace(inventory, pruned=tuple(left))


_PRUNES = frozenset({Reason.NO_DOCUMENT, Reason.RENAMED})
_ENDS = frozenset({Action.DELETE, Action.STOP})
_MOST = 20  # names in one message


def required_confirmations(
    steps: list[Step],
    bundle: Bundle,
    inventory: Inventory,
    observed: ObservedAccount,
    agreed: ConfirmedDeletions,
    *,
    coverage: Coverage | None = None,
    at: float | None = None,
) -> tuple[ConfirmationRequired, ...]:
    """The deletions that are held back and the reasons, as the confirmations that they need.

    Args:
        steps: the plan's steps.
        bundle: the desired state.
        inventory: what we remember to own.
        observed: what was seen.
        agreed: what a person confirmed.
        coverage: which sources were read; without it, a missing document counts as removed.
        at: the time of the run, in seconds since 1970.

    """
    going = [step for step in steps if _is_pruning(step)]
    before = recent_deletions(inventory, at)
    facts = DeletionFacts(
        _ids(going),
        agreed,
        unreadable=tuple(str(ref) for ref in sorted(observed.errors)),
        unproved=_unproved_removals(going, inventory, coverage),
        losses=_losses_by_step(going),
        nothing_left=not bundle.resources,
        earlier=tuple(each.step for each in before),
        size=before[0].size if before else len(inventory.entries),
        limit=LIMIT,
        confirm=_need_approval(going, inventory),
    )
    return _confirmations(facts, going)


def destroy_confirmations(
    steps: list[Step],
    inventory: Inventory,
    observed: ObservedAccount,
    agreed: ConfirmedDeletions,
    targets: Collection[Ref],
    *,
    part: bool,
) -> tuple[ConfirmationRequired, ...]:
    """The deletions that ``destroy`` holds back: those that cause an outage or lose data.

    Others need no confirmation: ``destroy`` of a whole set, or of targets, is explicit. A deletion that an earlier pass
    of the run made has no step any more.
    """
    ending = {step.ref for step in steps if step.why is not Reason.OUT_OF_SCOPE} | observed.missing.keys()
    if inventory.entries and not part and inventory.entries.keys() <= ending:
        return ()
    going = [
        step for step in steps if step.action in _ENDS and step.changes_account and step.ref not in targets
    ]
    return _confirmations(DeletionFacts(_ids(going), agreed, losses=_losses_by_step(going)), going)


def unconfirmed_deletions(
    steps: list[Step],
    unconfirmed: Iterable[ConfirmationRequired],
    inventory: Inventory,
    agreed: ConfirmedDeletions,
) -> frozenset[str]:
    """The deletions that are made without confirmation: they count towards the limit of later runs."""
    stopped = {each for required in unconfirmed for each in required.deletions}
    going = [step for step in steps if _is_pruning(step) and step.id not in stopped | agreed.names]
    requests = _need_approval(going, inventory)
    if agreed.covers(len(going)):
        return frozenset()
    return _ids(going) - requests


def _is_pruning(step: Step) -> bool:
    return step.changes_account and step.action in _ENDS and step.why in _PRUNES


def _ids(steps: Iterable[Step]) -> frozenset[str]:
    return frozenset(step.id for step in steps)


def _unproved_removals(going: list[Step], inventory: Inventory, coverage: Coverage | None) -> dict[str, str]:
    """Why this run can't determine that a document was removed, by the id of the step."""
    lost = [step for step in going if step.why is Reason.NO_DOCUMENT]
    return {step.id: outside_reason(inventory.of(step.ref), coverage) for step in lost}


def _losses_by_step(going: list[Step]) -> dict[str, str]:
    return {step.id: loss_of(step) for step in going}


def loss_of(step: Step) -> str:
    """What a deletion causes besides: an outage, or a loss of data; empty if neither."""
    if step.action is not Action.DELETE:
        return ""
    return "; ".join(effect.message for effect in step.effects if effect.impact in LOSSES)


def _confirmations(facts: DeletionFacts, going: list[Step]) -> tuple[ConfirmationRequired, ...]:
    """The decisions, each with its message."""
    by_id = {step.id: step for step in going}
    return tuple(
        ConfirmationRequired(
            _message(group, [by_id[each] for each in group.ids]), frozenset(group.ids), group.confirmation
        )
        for group in decide(facts)
    )


def _message(group: HeldDeletions, going: list[Step]) -> str:
    """Why deletions are held back, and how they are confirmed."""
    number, ids = len(going), list(group.ids)
    if group.cause is Cause.UNREADABLE:
        return f"nothing is pruned while resources cannot be read: {group.detail}"
    if group.cause is Cause.UNPROVED:
        return (
            f"{_first_names(ids)}: {group.detail}; {Remedy.PATHS}, keep two trees in two sets ({Remedy.SET}), "
            f"or delete each permanently with {Remedy.CONFIRM.of('KIND/NAME')}"
        )
    if group.cause is Cause.LOSS:
        return f"{_first_names(ids)}: {group.detail}; {_by_name(ids)}"
    if group.cause is Cause.NOTHING_LEFT:
        what = f"{number} resource{'s' * (number > 1)}"
        return f"the tree is empty and {what} would be deleted; {_how_to_confirm(going)}"
    if group.cause is Cause.LIMIT:
        earlier = f", after {group.earlier} within {WINDOW // 3600} hours," if group.earlier else ""
        exceed = "exceeds" if number == 1 else "exceed"
        what = f"{number} deletion{'s' * (number > 1)}{earlier} {exceed} the limit of {group.most}"
        return f"{what}; {_how_to_confirm(going)}"
    return f"policy.deletion of {', '.join(ids)} is Confirm; {_how_to_confirm(going)}"


def _first_names(ids: list[str]) -> str:
    more = f" and {len(ids) - _MOST} more" if len(ids) > _MOST else ""
    return f"{', '.join(ids[:_MOST])}{more}"


def _by_name(ids: list[str]) -> str:
    options = Remedy.CONFIRM.of(*ids[:_MOST])
    more = " and so on" if len(ids) > _MOST else ""
    these = "it" if len(ids) == 1 else "them"
    return f"{options}{more} deletes {these} permanently; to keep one, restore its document"


def _need_approval(going: list[Step], inventory: Inventory) -> frozenset[str]:
    return frozenset(s.id for s in going if inventory.of(s.ref).deletion is Deletion.CONFIRM)


def _how_to_confirm(going: list[Step]) -> str:
    """How to confirm deletions, with what that destroys, and how to keep the resources."""
    kinds = Counter(step.ref.kind for step in going)
    what = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    keeps = "to keep one, restore its document"
    return f"{Remedy.CONFIRM_NUMBER.of(len(going))} deletes them permanently in AWS ({what}); {keeps}"


def without_inventory(steps: list[Step], of: str, untracked: int | None) -> tuple[ConfirmationRequired, ...]:
    """The findings that refuse a run with pruning while the inventory is lost."""
    if not untracked:
        return ()
    message = (
        f"{Remedy.PRUNE} is refused: {_tagged_resources(of, untracked)}, so removed documents cannot be determined; "
        f"{Remedy.REBUILD.of(of)} rebuilds the inventory, and without {Remedy.PRUNE} the other changes are applied"
    )
    return (
        ConfirmationRequired(
            message, frozenset(step.id for step in steps if step.changes_account), Confirmation.NONE
        ),
    )


def inventory_notice(of: str, untracked: int | None) -> tuple[str, ...]:
    """The notice about an inventory that began empty; ``untracked`` is None where it could not be counted."""
    if untracked == 0:
        return ()
    if untracked is None:
        message = f"there is no inventory of set {of} here yet, and tag:GetResources is refused or failed, so"
        return (f"{message} it is unknown whether resources already carry its ownership tag",)
    way = f"they are not changed until {Remedy.REBUILD.of(of)} reads them back; another location is {Remedy.INVENTORY}"
    return (f"{_tagged_resources(of, untracked)}: {way}, another owner {Remedy.SET}",)


def _tagged_resources(of: str, untracked: int) -> str:
    counted = "1 resource carries" if untracked == 1 else f"{untracked} resources carry"
    return f"{counted} the ownership tag of set {of} that this inventory does not hold"
