"""Every reason that a plan, a condition, an Event or a metric gives, and what happens after each.

A value is written as Kubernetes writes reasons. A plan's ``action_reason`` consists of it and the action; the label
``result`` of the metrics is the reason of an object's conditions. docs/reasons.md lists them all.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Reason(Enum):
    """Why a step is planned, or why an object is in its state."""

    # of steps of a plan only
    ABSENT = "Absent"
    ADOPTION_ALLOWED = "AdoptionAllowed"
    ALREADY_RAN = "AlreadyRan"
    CANNOT_UPDATE = "CannotUpdate"
    CLAIMED_BY_OTHER_DOCUMENT = "ClaimedByOtherDocument"
    CREATION_FAILED = "CreationFailed"
    CREATION_UNFINISHED = "CreationUnfinished"
    DELETED_OUTSIDE = "DeletedOutside"
    DEPENDENCY_BLOCKED = "DependencyBlocked"
    DESTROYED = "Destroyed"
    LIVE_DIFFERS = "LiveDiffers"
    NO_DOCUMENT = "NoDocument"
    NOT_FOUND_ONCE = "NotFoundOnce"
    NOT_IN_INVENTORY = "NotInInventory"
    NOT_OWNED = "NotOwned"
    NOT_STARTED = "NotStarted"
    OUT_OF_SCOPE = "OutOfScope"
    PREVIOUS_NAME = "PreviousName"
    PRUNE_OFF = "PruneOff"
    RECORD_STAYS = "RecordStays"
    RENAMED = "Renamed"
    RETAINED = "Retained"
    SPEC_CHANGED = "SpecChanged"
    SUPERSEDED = "Superseded"
    # of steps and conditions
    CONTENDED = "Contended"
    DEPENDENCY_MISSING = "DependencyMissing"
    DEPENDENCY_NOT_READY = "DependencyNotReady"
    FAILED = "Failed"
    FOREIGN_OWNER = "ForeignOwner"
    IMMUTABLE = "Immutable"
    IN_TRANSITION = "InTransition"
    NOT_ALLOWED = "NotAllowed"
    NOT_REMOVABLE = "NotRemovable"
    OFF = "Off"
    PREFLIGHT_FAILED = "PreflightFailed"
    PROTECTED = "Protected"
    READY = "Ready"
    ROLLED_BACK = "RolledBack"
    SECRET_MISSING = "SecretMissing"  # noqa: S105 - a reason, not a secret
    STILL_USED = "StillUsed"
    UNREADABLE = "Unreadable"
    # of conditions only
    BUSY = "Busy"
    CHANGED = "Changed"
    DELETION_HELD = "DeletionHeld"
    DENIED = "Denied"
    INVALID_SPEC = "InvalidSpec"
    LIMIT_EXCEEDED = "LimitExceeded"
    NAMESPACE_NOT_ALLOWED = "NamespaceNotAllowed"
    PLANNED = "Planned"
    PROGRESSING = "Progressing"
    REJECTED = "Rejected"
    RETRYING = "Retrying"
    SOURCE_REFUSED = "SourceRefused"
    SOURCE_SETTINGS = "SourceSettings"
    SOURCE_UNREACHABLE = "SourceUnreachable"
    SUSPENDED = "Suspended"
    THROTTLED = "Throttled"
    # of the condition Drifted, of Events and of metrics
    AS_APPLIED = "AsApplied"
    CHANGED_OUTSIDE = "ChangedOutside"
    GONE = "Gone"
    OTHER_OPERATOR = "OtherOperator"
    RELEASED = "Released"
    SPEC_WARNING = "SpecWarning"


# Reasons of a resource that is regarded as somebody else's.
NOT_OURS = frozenset({Reason.NOT_OWNED, Reason.FOREIGN_OWNER, Reason.NOT_IN_INVENTORY})


class ReconcileState(Enum):
    """What happens next without a change of the object; conditions, kstatus and Argo CD's health follow from it."""

    SETTLED = "settled"  # nothing, and nothing is needed
    MOVING = "moving"  # reconciliation continues
    RETRIED = "retried"  # retried with backoff; something outside may have to change first
    HELD = "held"  # a deletion waits for a confirmation; kstatus calls every object that is being deleted Terminating
    WAITING = "waiting"  # nothing, until a person approves the plan
    PAUSED = "paused"  # nothing is done, because of the object's own setting
    STUCK = "stuck"  # nothing, until the object, or the commit that it follows, is changed


RECONCILE_STATES: Mapping[Reason, ReconcileState] = MappingProxyType(
    {
        Reason.CONTENDED: ReconcileState.RETRIED,
        Reason.DEPENDENCY_MISSING: ReconcileState.RETRIED,
        Reason.DEPENDENCY_NOT_READY: ReconcileState.MOVING,
        Reason.FAILED: ReconcileState.STUCK,
        Reason.FOREIGN_OWNER: ReconcileState.RETRIED,
        Reason.IMMUTABLE: ReconcileState.STUCK,
        Reason.IN_TRANSITION: ReconcileState.MOVING,
        Reason.NOT_ALLOWED: ReconcileState.RETRIED,
        Reason.NOT_REMOVABLE: ReconcileState.STUCK,
        Reason.OFF: ReconcileState.PAUSED,
        Reason.PREFLIGHT_FAILED: ReconcileState.RETRIED,
        Reason.PROTECTED: ReconcileState.RETRIED,
        Reason.READY: ReconcileState.SETTLED,
        Reason.ROLLED_BACK: ReconcileState.STUCK,
        Reason.SECRET_MISSING: ReconcileState.RETRIED,
        Reason.STILL_USED: ReconcileState.MOVING,
        Reason.UNREADABLE: ReconcileState.RETRIED,
        Reason.BUSY: ReconcileState.MOVING,
        Reason.CHANGED: ReconcileState.MOVING,
        Reason.DELETION_HELD: ReconcileState.HELD,
        Reason.DENIED: ReconcileState.RETRIED,
        Reason.INVALID_SPEC: ReconcileState.STUCK,
        Reason.LIMIT_EXCEEDED: ReconcileState.RETRIED,
        Reason.NAMESPACE_NOT_ALLOWED: ReconcileState.RETRIED,
        Reason.PLANNED: ReconcileState.WAITING,
        Reason.PROGRESSING: ReconcileState.MOVING,
        Reason.REJECTED: ReconcileState.RETRIED,
        Reason.RETRYING: ReconcileState.MOVING,
        Reason.SOURCE_REFUSED: ReconcileState.STUCK,
        Reason.SOURCE_SETTINGS: ReconcileState.STUCK,
        Reason.SOURCE_UNREACHABLE: ReconcileState.MOVING,
        Reason.SUSPENDED: ReconcileState.PAUSED,
        Reason.THROTTLED: ReconcileState.MOVING,
    }
)

# Reasons whose cause may end outside the cluster without an event: these objects are retried with backoff.
RETRIED = frozenset(
    {
        *(reason for reason, state in RECONCILE_STATES.items() if state is ReconcileState.RETRIED),
        Reason.THROTTLED, Reason.BUSY, Reason.RETRYING, Reason.DELETION_HELD,
    }
)  # fmt: skip


def reconcile_state(reason: Reason) -> ReconcileState:
    """The state that follows from a condition's reason."""
    return RECONCILE_STATES[reason]


def is_warning(reason: Reason) -> bool:
    """Whether the Event with this reason is a warning."""
    return RECONCILE_STATES[reason] in (ReconcileState.STUCK, ReconcileState.RETRIED)
