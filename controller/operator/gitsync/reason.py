"""How a GitSync stands: one reason, made of its record and of what its follower knows besides."""

from controller.gitops.reconciler import Follower
from controller.gitops.status import Record, State
from controller.operator.outcome import Verdict
from controller.operator.reasons import Reason
from controller.source.git.errors import Again

_LONGEST = 4096
_SHORT = 12
_STATES = {
    State.NEW: Reason.LOOKING,
    State.SUSPENDED: Reason.LOOKING,
    State.NEEDS: Reason.DEPENDENCY_NOT_READY,
    State.WAITING: Reason.IN_TRANSITION,
    State.PENDING: Reason.PLANNED,
    State.APPLIED: Reason.READY,
    State.FAILED: Reason.FAILED,
}
_REFUSED = {
    Again.SOON: Reason.UNREACHABLE,
    Again.COMMIT: Reason.REFUSED,
    Again.SETTINGS: Reason.BARRED,
}


def verdict(follower: Follower, record: Record) -> Verdict:
    """The verdict of a sync that is followed."""
    if follower.sync.suspend and not follower.leaving:
        return Verdict(Reason.SUSPENDED, "spec.suspend is true: nothing is changed")
    synced = record.applied is not None and record.applied.revision == record.head
    if record.refused:
        also = "" if record.state is State.APPLIED else record.message
        message = "; ".join(filter(None, [record.refused, also]))
        return Verdict(_REFUSED[follower.schedule.again or Again.COMMIT], message[:_LONGEST], synced=False)
    reason = _STATES[record.state]
    if reason is Reason.FAILED and follower.retries:
        reason = Reason.RETRYING
    return Verdict(reason, (record.message or _plainly(record))[:_LONGEST], synced=synced)


def _plainly(record: Record) -> str:
    if record.state is State.APPLIED and record.applied:
        return f"revision {record.applied.revision[:_SHORT]} is applied"
    return record.state.value
