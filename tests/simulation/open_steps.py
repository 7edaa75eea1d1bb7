"""What may still be open at the end of a history, by what happened in it."""

from collections.abc import Mapping

from controller.core.cloud import Fault
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.plan import Plan, Step
from controller.engine.report import Outcome
from controller.schema.contract import contract
from tests.simulation.invariants import Invariants

# Why a resource may still be open at the end, by the events that explain it:
# - a document that an edit, or a foreign update, has changed may differ from the resource in what no update
#   accepts (IMMUTABLE) and no call removes (NOT_REMOVABLE); a foreign resource may differ in anything;
# - whether an owner explains it, the resource shows (``Invariants.owner_explains``); an object whose status a tenant
#   emptied or replaced (wiped) has lost its inventory as a set may, and a document that was
#   removed and restored under another name (removed) finds the tag of the former one;
# - what AWS failed to create stays failed, and a stopped run is not repeated (destroyed): both need a person;
# - an accepted update whose result differs was reverted by AWS or by another user: which of them
#   can't be known, so it needs a person (ROLLED_BACK); AWS may not change a foreign resource that we adopted
#   to its document's spec;
# - a link without a document is no name for AWS, so that its target can't be read (UNREADABLE);
# - what a creation without a response created, and neither tags nor members distinguish (executions of
#   pipelines), the same document finds again; without one each plan names it (CREATION_UNFINISHED);
# - a dependency of a removed document's resource, or of a foreign one, is not deleted or replaced (STILL_USED);
# - the rest follows from a dependency of which one of these is true.
_EXPLAINED: Mapping[Reason, frozenset[str]] = {
    Reason.IMMUTABLE: frozenset({"edited", "foreign update", "foreign owner"}),
    Reason.NOT_REMOVABLE: frozenset({"edited", "foreign update", "foreign owner"}),
    Reason.NOT_OWNED: frozenset({"foreign owner", "foreign delete", "lost", "removed", "destroyed"}),
    Reason.FOREIGN_OWNER: frozenset({"foreign owner", "lost", "removed", "wiped"}),
    Reason.NOT_IN_INVENTORY: frozenset({"foreign owner", "lost", "wiped"}),
    Reason.DEPENDENCY_NOT_READY: frozenset(
        {"edited", "removed", "foreign owner", "foreign delete", "wiped", "fail"}
    ),
    Reason.CLAIMED_BY_OTHER_DOCUMENT: frozenset({"foreign owner"}),
    Reason.FAILED: frozenset({"fail", "destroyed"}),
    Reason.ROLLED_BACK: frozenset({"fail", "rollback", "foreign update"}),
    Reason.UNREADABLE: frozenset({"removed"}),
    Reason.CREATION_UNFINISHED: frozenset({"removed"}),
    Reason.STILL_USED: frozenset({"removed", "foreign owner", "edited"}),
    Reason.DEPENDENCY_MISSING: frozenset({"removed", "foreign delete", "foreign owner"}),
    Reason.DEPENDENCY_BLOCKED: frozenset(
        {"edited", "removed", "foreign owner", "foreign update", "lost", "fail"}
    ),
}
_ENDING = frozenset({Action.DELETE, Action.REPLACE})
_OF_OWNERS = frozenset({Reason.NOT_OWNED, Reason.FOREIGN_OWNER, Reason.NOT_IN_INVENTORY})

_BY_OWNERS = _OF_OWNERS | {Reason.ROLLED_BACK}

# What AWS refuses permanently, by its messages: a document requests what the service can't do.
REFUSED_FOR_GOOD = (
    "AuthType cannot be changed from IDC to IAM",
    "Only one private workforce is allowed per account and region",
    "AppSecurityGroupManagement can only be set for Rstudio enabled domains",
    "SingleSignOnUserIdentifier cannot be specified for domains with AuthMode IAM",
    "SingleSignOnUserIdentifier and SingleSignOnUserValue are required for domains with AuthMode SSO",
    "KeepAlivePeriodInSeconds can only be updated when the warm pool of a training job that is over is",
    "UpdateMlflowApp: ConflictException: MLflow app with name",  # the new name is another app's
)


def is_explained_by(reason: Reason, causes: set[str]) -> bool:
    """Whether an event of the history explains that a resource is still open for a reason."""
    return bool(_EXPLAINED.get(reason, frozenset()) & causes)


def is_refused_for_good(message: str) -> bool:
    """Whether AWS refused what it can never do."""
    return any(text in message for text in REFUSED_FOR_GOOD)


def _lacks_name(kind: str) -> bool:
    """Whether only the client token finds a created resource whose response was lost."""
    found_by = contract(kind).kind.identity.found_by
    return found_by is not None and not (found_by.marker or found_by.matches)


def _ends_others(step: Step) -> bool:
    """Whether it is a deletion that is blocked because it would delete a foreign resource too."""
    return step.why is Reason.FOREIGN_OWNER and not step.digest


def _steps_by_end(ended: Mapping[str, Outcome]) -> tuple[set[str], set[str], set[str], set[str]]:
    """The steps that are in use, by our reads or by AWS; those that AWS refuses permanently; and their dependents."""
    kept = {step for step, each in ended.items() if each.used}
    used = {step for step, each in ended.items() if each.fault is Fault.BUSY and each.step.action in _ENDING}
    refused = {step for step, each in ended.items() if is_refused_for_good(each.message)}
    begins = ("not started because of ", "waits for ")
    return kept, used, refused, {step for step, each in ended.items() if each.message.startswith(begins)}


def unexplained_steps(
    plan: Plan, causes: set[str], ended: Mapping[str, Outcome], invariants: Invariants
) -> list[str]:
    """The steps that are still open and that nothing explains which happened.

    Args:
        plan: the last plan of a set.
        causes: what happened in the history.
        ended: how each step of the last run ended, by its id.
        invariants: what they know of whose each resource is.

    """
    kept, used, refused, behind = _steps_by_end(ended)

    def follows(step: Step) -> bool:
        return step.why is Reason.DEPENDENCY_BLOCKED or step.id in behind

    def explained(step: Step) -> bool:
        if step.id in refused or (refused and step.action is Action.DELETE):
            return True  # nothing is pruned before all documents are applied
        if step.id in used and causes & {"removed", "foreign owner"}:
            return True  # another set, or another user, has a resource in it
        if step.action is Action.CREATE:  # it was tried, and AWS refused it because of a removed resource
            return "removed" in causes and step.id in ended and bool(ended[step.id].message)
        # A resource that AWS would delete together with it may still have its document.
        if step.id in kept or _ends_others(step):
            return "removed" in causes
        theirs = step.why in _BY_OWNERS and invariants.owner_explains(step, plan.set)
        findable = step.why is Reason.CREATION_UNFINISHED and not _lacks_name(step.ref.kind)
        if findable or (step.why in _OF_OWNERS and not theirs):
            return False
        known = theirs and step.why is Reason.ROLLED_BACK
        known |= step.why in _OF_OWNERS and (plan.set, step.ref) in invariants.released
        return step.action is Action.BLOCKED and (known or is_explained_by(step.why, causes))

    open_ = [step for step in plan.steps if step.action not in (Action.NOOP, Action.FORGET)]
    left = {step.id for step in open_ if not explained(step) and not follows(step)}
    held = {step.id for step in open_}
    left |= {
        step.id
        for step in open_
        if follows(step) and not explained(step) and (step.needs & left or not step.needs & held)
    }
    return [
        f"{step.id} is not settled at the end: {step.action.name} {step.why.value}: {step.detail}"
        for step in open_
        if step.id in left
    ]
