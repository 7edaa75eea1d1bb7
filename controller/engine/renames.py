"""Changed names: resources left in AWS under a former name, and resources that another document declares.

A document whose name in AWS changes declares another resource. The old one is deleted like one without a document, or
shown. A resource that another document declares is never deleted, so that nothing is lost when a document is renamed or
moved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from controller.core.finding import Remedy
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.deletions import keep_step, removal
from controller.engine.observed import Live, ObservedAccount, Owner
from controller.engine.plan import Step
from controller.inventory.model import Inventory
from controller.manifests.bundle import Bundle
from controller.manifests.document import Deletion, Mode
from controller.manifests.resolve import Resolved

_ENDS = frozenset({Action.DELETE, Action.STOP})


def left_behind(
    bundle: Bundle, inventory: Inventory, observed: ObservedAccount, *, requested: bool
) -> list[Step]:
    """The steps of resources under a former AWS name of their document: deleted if requested, else shown."""
    steps: list[Step] = []
    for ref, live_resources in sorted(observed.old.items()):
        resource = bundle.resources[ref]
        entry = replace(inventory.of(ref), deletion=resource.policy.deletion)
        for live in live_resources:
            if is_generation(observed.resolved[ref], live):
                continue
            if not requested or resource.policy.mode is Mode.OFF or entry.deletion is Deletion.RETAIN:
                steps.append(_with_previous_name(ref, live, observed, keep_step(ref, live, entry)))
                continue
            step = removal(ref, live, entry, Owner(inventory.set, ref), Reason.RENAMED)
            withheld = "policy.mode is Plan" if resource.policy.mode is Mode.PLAN else ""
            steps.append(replace(step, withheld=withheld, detail=step.detail or _current_name(ref, observed)))
    return steps


def is_generation(resolved: Resolved, live: Live) -> bool:
    """Whether it is an old generation, version or job, to which rules of its row apply."""
    row = resolved.resource.contract.kind
    numbered = row.identity.found_by is not None and row.identity.found_by.when in live.body
    by_number = (
        row.identity.found_by.generations
        if row.identity.found_by and (resolved.has_assigned_identity or numbered)
        else None
    )
    return bool(row.lifecycle.generations or by_number)


def _with_previous_name(ref: Ref, live: Live, observed: ObservedAccount, step: Step) -> Step:
    step = replace(step, id=f"{ref}@{live.name}")
    if step.action is not Action.NOOP:
        return step
    detail = f"left behind: {_current_name(ref, observed)}; this one stays, and {Remedy.PRUNE} deletes it permanently"
    return replace(step, why=Reason.PREVIOUS_NAME, detail=detail)


def _current_name(ref: Ref, observed: ObservedAccount) -> str:
    return f"its document now means '{observed.resolved[ref].name}'"


def without_desired(steps: Iterable[Step], inventory: Inventory, observed: ObservedAccount) -> list[Step]:
    """The steps without deletions of resources that another document declares, adopted or not."""
    desired = _desired_names(observed)
    return [_not_deleted(step, desired.get(_key(step.ref, str(step.name))), inventory) for step in steps]


def _not_deleted(step: Step, by: Ref | None, inventory: Inventory) -> Step:
    # Its tag names the document that adopted it.
    blocked = step.action is Action.BLOCKED and step.why is Reason.NOT_OWNED
    if by is None or by == step.ref or not (blocked or step.action in _ENDS):
        return step
    entry = inventory.of(by)
    taken = entry.applied is not None and entry.name.casefold() == str(step.name).casefold()
    if blocked and not taken:
        return step
    action = Action.FORGET if taken else Action.NOOP
    detail = f"{by} has it now" if taken else f"{by} declares it, so it is not deleted"
    return replace(
        step, action=action, why=Reason.CLAIMED_BY_OTHER_DOCUMENT, calls=(), needs=frozenset(), detail=detail
    )


def _desired_names(observed: ObservedAccount) -> Mapping[tuple[str, str], Ref]:
    """Which document declares which resource, by kind and identifier; AWS compares names without case."""
    named = {ref: each.name for ref, each in observed.resolved.items() if isinstance(each.name, str)}
    names = {**named, **{ref: live.name for ref, live in observed.live.items()}}
    return {_key(ref, name): ref for ref, name in sorted(names.items())}


def _key(ref: Ref, name: str) -> tuple[str, str]:
    return ref.kind, name.casefold()
