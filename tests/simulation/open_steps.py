"""What may still be open at the end of a history, by what happened in it."""

from collections.abc import Collection, Mapping

from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.plan import Plan, Step

# Why a step may still be open at the end, by what must have happened.
_EXPLAINED: Mapping[Reason, frozenset[str]] = {
    Reason.IMMUTABLE: frozenset({"edited", "foreign update", "foreign owner"}),
    Reason.NOT_REMOVABLE: frozenset({"edited", "foreign update", "foreign owner"}),
    Reason.NOT_OWNED: frozenset({"foreign owner", "foreign delete", "lost"}),
    Reason.FOREIGN_OWNER: frozenset({"foreign owner", "lost", "removed", "wiped"}),
    Reason.NOT_IN_INVENTORY: frozenset({"foreign owner", "lost", "wiped"}),
    Reason.DEPENDENCY_NOT_READY: frozenset(
        {"edited", "removed", "foreign owner", "foreign delete", "wiped", "fail"}
    ),
    Reason.CLAIMED_BY_OTHER_DOCUMENT: frozenset({"foreign owner"}),
    Reason.FAILED: frozenset({"fail", "destroyed"}),  # a run that was stopped is not begun again
    Reason.ROLLED_BACK: frozenset({"fail", "rollback"}),
    Reason.UNREADABLE: frozenset({"removed"}),  # a link that names no document any more is no name to AWS
    Reason.STILL_USED: frozenset({"removed", "foreign owner", "edited"}),
    Reason.DEPENDENCY_MISSING: frozenset({"removed", "foreign delete", "foreign owner"}),
    Reason.DEPENDENCY_BLOCKED: frozenset(
        {"edited", "removed", "foreign owner", "foreign update", "lost", "fail"}
    ),
}


# What AWS refuses for good, in its words: a document asks for what the service does not do.
REFUSED_FOR_GOOD = (
    "AuthType cannot be changed from IDC to IAM",
    "Only one private workforce is allowed per account and region",
    "AppSecurityGroupManagement can only be set for Rstudio enabled domains",
)


def explained_by(reason: Reason, causes: set[str]) -> bool:
    """Whether something that happened is why a resource may still be open for a reason."""
    return bool(_EXPLAINED.get(reason, frozenset()) & causes)


def refused_for_good(message: str) -> bool:
    """Whether AWS refused what it will never do."""
    return any(text in message for text in REFUSED_FOR_GOOD)


def unsettled(
    plan: Plan, causes: set[str], ended: Mapping[str, str], released: Collection[tuple[str, Ref]]
) -> list[str]:
    """The steps that are still open and that nothing explains which happened.

    Args:
        plan: the last plan of a set.
        causes: what happened in the history.
        ended: the message of each step of the last run, by its id.
        released: documents whose resource an earlier plan said to leave in AWS, by set.

    """
    kept = {step for step, message in ended.items() if "kept: " in message}
    used = {step for step, message in ended.items() if "ResourceInUse" in message}
    refused = {step for step, message in ended.items() if refused_for_good(message)}

    def explained(step: Step) -> bool:
        if step.id in refused or (refused and step.action is Action.DELETE):
            return True  # nothing is pruned before all that was written down is there
        if step.id in used and causes & {"removed", "foreign owner"}:
            return True  # another set, or somebody else, has something in it
        if step.why is Reason.NOT_IN_INVENTORY and (plan.set, step.ref) in released:
            return True
        # A creation may need what was removed.
        if step.action is Action.CREATE or step.id in kept:
            return "removed" in causes
        return step.action is Action.BLOCKED and explained_by(step.why, causes)

    open_ = [step for step in plan.steps if step.action not in (Action.NOOP, Action.FORGET)]
    left = {step.id for step in open_ if not explained(step) and step.why is not Reason.DEPENDENCY_BLOCKED}
    held = {step.id for step in open_}
    left |= {
        step.id
        for step in open_
        if step.why is Reason.DEPENDENCY_BLOCKED
        and not explained(step)
        and (step.needs & left or not step.needs & held)
    }
    return [
        f"{step.id} is not settled at the end: {step.action.name} {step.why.value}: {step.detail}"
        for step in open_
        if step.id in left
    ]
