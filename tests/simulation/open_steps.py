"""What may still be open at the end of a history, by what happened in it."""

from collections.abc import Collection, Mapping

from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.plan import Plan

# Why a step may still be open at the end, by what must have happened.
_EXPLAINED: Mapping[Reason, frozenset[str]] = {
    Reason.IMMUTABLE: frozenset({"edited", "foreign update", "foreign owner"}),
    Reason.NOT_REMOVABLE: frozenset({"edited", "foreign update", "foreign owner"}),
    Reason.NOT_OWNED: frozenset({"foreign owner", "foreign delete", "lost"}),
    Reason.FOREIGN_OWNER: frozenset({"foreign owner", "lost", "removed"}),
    Reason.NOT_IN_INVENTORY: frozenset({"foreign owner", "lost"}),
    Reason.CLAIMED_BY_OTHER_DOCUMENT: frozenset({"foreign owner"}),
    Reason.FAILED: frozenset({"fail"}),
    Reason.ROLLED_BACK: frozenset({"fail", "rollback"}),
    Reason.UNREADABLE: frozenset({"removed"}),  # a link that names no document any more is no name to AWS
    Reason.STILL_USED: frozenset({"removed", "foreign owner", "edited"}),
    Reason.DEPENDENCY_MISSING: frozenset({"removed", "foreign delete", "foreign owner"}),
    Reason.DEPENDENCY_BLOCKED: frozenset(
        {"edited", "removed", "foreign owner", "foreign update", "lost", "fail"}
    ),
}


def unsettled(
    plan: Plan, causes: set[str], kept: frozenset[str], released: Collection[tuple[str, Ref]]
) -> list[str]:
    """The steps that are still open and that nothing explains which happened.

    Args:
        plan: the last plan of a set.
        causes: what happened in the history.
        kept: ids of the steps whose resources are still in use.
        released: documents whose resource an earlier plan said to leave in AWS, by set.

    """
    open_ = [step for step in plan.steps if step.action not in (Action.NOOP, Action.FORGET)]
    if "removed" in causes:  # a creation may need what was removed
        open_ = [step for step in open_ if step.action is not Action.CREATE and step.id not in kept]
    open_ = [
        step
        for step in open_
        if step.why is not Reason.NOT_IN_INVENTORY or (plan.set, step.ref) not in released
    ]
    return [
        f"{step.id} is not settled at the end: {step.action.name} {step.why.value}: {step.detail}"
        for step in open_
        if step.action is not Action.BLOCKED or not _EXPLAINED.get(step.why, frozenset()) & causes
    ]
