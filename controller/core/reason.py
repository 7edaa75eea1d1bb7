"""Every reason that a plan, a condition, an Event or a metric gives, and what follows each.

A value is written as Kubernetes writes reasons. A plan's ``action_reason`` is made of it and the action, the label
``result`` of the metrics is the reason of an object's conditions. docs/reasons.md lists them all.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Reason(Enum):
    """Why something is planned, or stands as it does."""

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


# Why a resource is taken for somebody else's.
NOT_OURS = frozenset({Reason.NOT_OWNED, Reason.FOREIGN_OWNER, Reason.NOT_IN_INVENTORY})


class Disposition(Enum):
    """What happens next without a change of the object; conditions, kstatus and Argo CD's health follow from it."""

    SETTLED = "settled"  # nothing, and nothing is needed
    MOVING = "moving"  # the work goes on
    RETRIED = "retried"  # it is tried again with growing pauses; something outside may have to change first
    HELD = "held"  # a deletion waits for a confirmation; kstatus calls every object that is being deleted Terminating
    WAITING = "waiting"  # nothing, until a person approves the plan
    PAUSED = "paused"  # nothing, as the object itself says
    STUCK = "stuck"  # nothing, until the object, or the commit that it follows, is changed


DISPOSITIONS: Mapping[Reason, Disposition] = MappingProxyType(
    {
        Reason.CONTENDED: Disposition.RETRIED,
        Reason.DEPENDENCY_MISSING: Disposition.RETRIED,
        Reason.DEPENDENCY_NOT_READY: Disposition.MOVING,
        Reason.FAILED: Disposition.STUCK,
        Reason.FOREIGN_OWNER: Disposition.RETRIED,
        Reason.IMMUTABLE: Disposition.STUCK,
        Reason.IN_TRANSITION: Disposition.MOVING,
        Reason.NOT_ALLOWED: Disposition.RETRIED,
        Reason.NOT_REMOVABLE: Disposition.STUCK,
        Reason.OFF: Disposition.PAUSED,
        Reason.PREFLIGHT_FAILED: Disposition.RETRIED,
        Reason.PROTECTED: Disposition.RETRIED,
        Reason.READY: Disposition.SETTLED,
        Reason.ROLLED_BACK: Disposition.STUCK,
        Reason.SECRET_MISSING: Disposition.RETRIED,
        Reason.STILL_USED: Disposition.MOVING,
        Reason.UNREADABLE: Disposition.RETRIED,
        Reason.BUSY: Disposition.MOVING,
        Reason.CHANGED: Disposition.MOVING,
        Reason.DELETION_HELD: Disposition.HELD,
        Reason.DENIED: Disposition.RETRIED,
        Reason.INVALID_SPEC: Disposition.STUCK,
        Reason.LIMIT_EXCEEDED: Disposition.RETRIED,
        Reason.NAMESPACE_NOT_ALLOWED: Disposition.RETRIED,
        Reason.PLANNED: Disposition.WAITING,
        Reason.PROGRESSING: Disposition.MOVING,
        Reason.REJECTED: Disposition.RETRIED,
        Reason.RETRYING: Disposition.MOVING,
        Reason.SOURCE_REFUSED: Disposition.STUCK,
        Reason.SOURCE_SETTINGS: Disposition.STUCK,
        Reason.SOURCE_UNREACHABLE: Disposition.MOVING,
        Reason.SUSPENDED: Disposition.PAUSED,
        Reason.THROTTLED: Disposition.MOVING,
    }
)

# What may be mended outside without an event in the cluster: it is tried again with growing pauses.
RETRIED = frozenset(
    {
        *(reason for reason, course in DISPOSITIONS.items() if course is Disposition.RETRIED),
        Reason.THROTTLED, Reason.BUSY, Reason.RETRYING, Reason.DELETION_HELD,
    }
)  # fmt: skip


def course(reason: Reason) -> Disposition:
    """What happens next without a change of the object, for a reason of conditions."""
    return DISPOSITIONS[reason]


def troubled(reason: Reason) -> bool:
    """Whether a person should know: its Event is a warning."""
    return DISPOSITIONS[reason] in (Disposition.STUCK, Disposition.RETRIED)
