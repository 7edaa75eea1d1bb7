"""Why an object stands as it does: the closed set of reasons that its conditions give."""

from enum import Enum


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


class Course(Enum):
    """What happens next by itself, as kstatus reads it."""

    SETTLED = "settled"  # nothing, and nothing is needed
    MOVING = "moving"  # it goes on
    HELD = "held"  # nothing, until a person says so, as was asked for
    STUCK = "stuck"  # nothing good, until something outside is mended


_MOVING = {
    Reason.CHANGED, Reason.IN_TRANSITION, Reason.DEPENDENCY_NOT_READY, Reason.THROTTLED, Reason.BUSY,
    Reason.USED, Reason.RETRYING, Reason.LOOKING, Reason.UNREACHABLE,
}  # fmt: skip
_HELD = {Reason.PLANNED, Reason.OFF, Reason.SUSPENDED, Reason.HELD}

# What may be mended outside without an event in the cluster: it is tried again with growing pauses.
RETRIED = frozenset(
    {
        Reason.THROTTLED, Reason.BUSY, Reason.RETRYING, Reason.DENIED, Reason.LIMIT, Reason.UNREADABLE,
        Reason.SECRET_MISSING, Reason.DEPENDENCY_MISSING, Reason.FOREIGN, Reason.FORBIDDEN, Reason.REJECTED,
        Reason.PROTECTED, Reason.CONTENDED, Reason.NOT_ALLOWED, Reason.HELD,
    }
)  # fmt: skip


def course(reason: Reason) -> Course:
    """What happens next by itself, for a reason."""
    if reason is Reason.READY:
        return Course.SETTLED
    if reason in _HELD:
        return Course.HELD
    return Course.MOVING if reason in _MOVING else Course.STUCK
