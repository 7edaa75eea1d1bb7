"""What may still be open at the end of a history, by what happened in it."""

from collections.abc import Mapping

from controller.core.cloud import Fault
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.plan import Plan, Step
from controller.engine.report import Outcome
from controller.schema.contract import contract
from tests.simulation.invariants import Invariants

# Why a resource may still be open at the end, by what must have happened. Each is right because:
# - a document that an edit, or somebody's own update, has brought away from what lives may differ in what no update
#   takes (IMMUTABLE) and no call takes off (NOT_REMOVABLE); what somebody else made there differs in anything;
# - whether an owner explains it, what lives says (``Invariants.owner_explains``); an object whose status a tenant
#   emptied or put back (wiped) has lost its memory as a set does that lost its inventory, and a document that was
#   removed and came back under another name (removed) finds the tag of the former one;
# - what AWS failed to make stays failed, and a run that was stopped is not begun again (destroyed): both need a word;
# - an update that AWS took, and in whose stead something else is seen, was undone by AWS or by somebody: which of them
#   can't be known, so it is left to a person (ROLLED_BACK); what somebody else made and we adopted, AWS may not change
#   to what the document says;
# - a link that names no document any more is no name to AWS, so that what it leads to can't be read (UNREADABLE);
# - what a creation without an answer made, and neither tags nor members tell apart from others (executions of
#   pipelines), the same document brings back; without one each plan names it (CREATION_UNFINISHED);
# - what is used by what was removed from the tree, or by somebody else's, is not deleted or replaced (STILL_USED);
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

# What AWS refuses for good, in its words: a document asks for what the service does not do.
REFUSED_FOR_GOOD = (
    "AuthType cannot be changed from IDC to IAM",
    "Only one private workforce is allowed per account and region",
    "AppSecurityGroupManagement can only be set for Rstudio enabled domains",
    "SingleSignOnUserIdentifier cannot be specified for domains with AuthMode IAM",
    "SingleSignOnUserIdentifier and SingleSignOnUserValue are required for domains with AuthMode SSO",
    "KeepAlivePeriodInSeconds can only be updated when the warm pool of a training job that is over is",
)


def explained_by(reason: Reason, causes: set[str]) -> bool:
    """Whether something that happened is why a resource may still be open for a reason."""
    return bool(_EXPLAINED.get(reason, frozenset()) & causes)


def refused_for_good(message: str) -> bool:
    """Whether AWS refused what it will never do."""
    return any(text in message for text in REFUSED_FOR_GOOD)


def _lacks_name(kind: str) -> bool:
    """Whether only the client token finds one that was made and whose answer was lost."""
    found_by = contract(kind).kind.identity.found_by
    return found_by is not None and not (found_by.marker or found_by.matches)


def _ends_others(step: Step) -> bool:
    """Whether it is a deletion that is held because it would end what somebody else holds on the resource."""
    return step.why is Reason.FOREIGN_OWNER and not step.digest


def _by_ends(ended: Mapping[str, Outcome]) -> tuple[set[str], set[str], set[str], set[str]]:
    """The steps that something uses, as we found or AWS says; those that AWS refuses for good; those behind others."""
    kept = {step for step, each in ended.items() if each.used}
    used = {step for step, each in ended.items() if each.fault is Fault.BUSY and each.step.action in _ENDING}
    refused = {step for step, each in ended.items() if refused_for_good(each.message)}
    begins = ("not started because of ", "waits for ")
    return kept, used, refused, {step for step, each in ended.items() if each.message.startswith(begins)}


def unsettled(
    plan: Plan, causes: set[str], ended: Mapping[str, Outcome], invariants: Invariants
) -> list[str]:
    """The steps that are still open and that nothing explains which happened.

    Args:
        plan: the last plan of a set.
        causes: what happened in the history.
        ended: how each step of the last run ended, by its id.
        invariants: what they know of whose each resource is.

    """
    kept, used, refused, behind = _by_ends(ended)

    def follows(step: Step) -> bool:
        return step.why is Reason.DEPENDENCY_BLOCKED or step.id in behind

    def explained(step: Step) -> bool:
        if step.id in refused or (refused and step.action is Action.DELETE):
            return True  # nothing is pruned before all that was written down is there
        if step.id in used and causes & {"removed", "foreign owner"}:
            return True  # another set, or somebody else, has something in it
        if step.action is Action.CREATE:  # it was tried, and AWS refused it for the lack of what was removed
            return "removed" in causes and step.id in ended and bool(ended[step.id].message)
        # Of what AWS would delete along with it the document may still be there.
        if step.id in kept or _ends_others(step):
            return "removed" in causes
        theirs = step.why in _BY_OWNERS and invariants.owner_explains(step, plan.set)
        findable = step.why is Reason.CREATION_UNFINISHED and not _lacks_name(step.ref.kind)
        if findable or (step.why in _OF_OWNERS and not theirs):
            return False
        known = theirs and step.why is Reason.ROLLED_BACK
        known |= step.why in _OF_OWNERS and (plan.set, step.ref) in invariants.released
        return step.action is Action.BLOCKED and (known or explained_by(step.why, causes))

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
