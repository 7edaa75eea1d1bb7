"""Why an object stands as it does: the closed set of reasons that its conditions give, and what follows each."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Reason(Enum):
    """The value is the ``reason`` of the condition ``Ready``."""

    READY = "Ready"
    CHANGED = "Changed"
    IN_TRANSITION = "InTransition"
    DEPENDENCY_NOT_READY = "DependencyNotReady"
    THROTTLED = "Throttled"
    BUSY = "Busy"
    USED = "StillUsed"
    HELD = "DeletionHeld"
    PLANNED = "Planned"
    OFF = "Off"
    RETRYING = "Retrying"
    DEPENDENCY_MISSING = "DependencyMissing"
    INVALID = "InvalidSpec"
    REJECTED = "Rejected"
    DENIED = "Denied"
    LIMIT = "LimitExceeded"
    ROLLED_BACK = "RolledBack"
    FAILED = "Failed"
    FOREIGN = "ForeignOwner"
    UNREADABLE = "Unreadable"
    IMMUTABLE = "Immutable"
    PROTECTED = "Protected"
    SECRET_MISSING = "SecretMissing"  # noqa: S105 - a reason, not a secret
    FORBIDDEN = "NamespaceNotAllowed"
    NOT_ALLOWED = "NotAllowed"  # by the administrator's tenants file
    LOOKING = "Progressing"
    UNREACHABLE = "SourceUnreachable"
    REFUSED = "SourceRefused"
    BARRED = "SourceSettings"
    SUSPENDED = "Suspended"
    CONTENDED = "Contended"
    NOT_REMOVABLE = "NotRemovable"  # the document dropped a member that the service can't take away


class Course(Enum):
    """What happens next without a change of the object; conditions, kstatus and Argo CD's health follow from it."""

    SETTLED = "settled"  # nothing, and nothing is needed
    MOVING = "moving"  # the work goes on
    RETRIED = (
        "retried"  # it is tried again with growing pauses; something outside may have to be mended first
    )
    HELD = "held"  # a deletion waits for a confirmation; kstatus calls every object that is being deleted Terminating
    WAITING = "waiting"  # nothing, until a person approves the plan
    PAUSED = "paused"  # nothing, as the object itself says
    STUCK = "stuck"  # nothing, until the object, or the commit that it follows, is changed


COURSES: Mapping[Reason, Course] = MappingProxyType(
    {
        Reason.READY: Course.SETTLED,
        Reason.CHANGED: Course.MOVING,
        Reason.IN_TRANSITION: Course.MOVING,
        Reason.DEPENDENCY_NOT_READY: Course.MOVING,
        Reason.THROTTLED: Course.MOVING,
        Reason.BUSY: Course.MOVING,
        Reason.USED: Course.MOVING,
        Reason.HELD: Course.HELD,
        Reason.PLANNED: Course.WAITING,
        Reason.OFF: Course.PAUSED,
        Reason.RETRYING: Course.MOVING,
        Reason.DEPENDENCY_MISSING: Course.RETRIED,
        Reason.INVALID: Course.STUCK,
        Reason.REJECTED: Course.RETRIED,
        Reason.DENIED: Course.RETRIED,
        Reason.LIMIT: Course.RETRIED,
        Reason.ROLLED_BACK: Course.STUCK,
        Reason.FAILED: Course.STUCK,
        Reason.FOREIGN: Course.RETRIED,
        Reason.UNREADABLE: Course.RETRIED,
        Reason.IMMUTABLE: Course.STUCK,
        Reason.PROTECTED: Course.RETRIED,
        Reason.SECRET_MISSING: Course.RETRIED,
        Reason.FORBIDDEN: Course.RETRIED,
        Reason.NOT_ALLOWED: Course.RETRIED,
        Reason.LOOKING: Course.MOVING,
        Reason.UNREACHABLE: Course.MOVING,
        Reason.REFUSED: Course.STUCK,
        Reason.BARRED: Course.STUCK,
        Reason.SUSPENDED: Course.PAUSED,
        Reason.CONTENDED: Course.RETRIED,
        Reason.NOT_REMOVABLE: Course.STUCK,
    }
)

# What may be mended outside without an event in the cluster: it is tried again with growing pauses.
RETRIED = frozenset(
    {
        *(reason for reason, course in COURSES.items() if course is Course.RETRIED),
        Reason.THROTTLED, Reason.BUSY, Reason.RETRYING, Reason.HELD,
    }
)  # fmt: skip


def course(reason: Reason) -> Course:
    """What happens next without a change of the object, for a reason."""
    return COURSES[reason]


def troubled(reason: Reason) -> bool:
    """Whether a person should know: its Event is a warning."""
    return COURSES[reason] in (Course.STUCK, Course.RETRIED)
