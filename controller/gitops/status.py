"""The status of a sync between passes, and the summary of a pass."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from controller.core.reason import Reason
from controller.engine.plan import Plan
from controller.engine.report import Report, Result

_MOST_PAST = 10
_LONGEST = 500


class SyncState(Enum):
    """The state of a sync."""

    NEW = "new"
    SUSPENDED = "suspended"
    NEEDS = "waits for another sync"
    WAITING = "waits for AWS"
    PENDING = "waits for approval"
    APPLIED = "applied"
    FAILED = "failed"


ENDS = frozenset({SyncState.APPLIED, SyncState.FAILED, SyncState.PENDING})


@dataclass(frozen=True)
class PlannedRevision:
    """A revision, the fingerprint of its plan, and the time of that (ISO 8601)."""

    revision: str
    fingerprint: str
    at: str


@dataclass(frozen=True)
class RevisionResult:
    """The result of a revision, repeated ``times`` in a row; ``changes`` counts the actions of its plan."""

    revision: str
    fingerprint: str
    state: SyncState
    at: str
    message: str = ""
    times: int = 1
    changes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SyncRecord:
    """The state of a sync. ``refused`` is why the newest revision can't be applied; the applied one stays.

    ``attempted`` is set before a run and ``applied`` on full success only. ``head`` is the newest observed revision,
    ``released`` the token of the rollback that a newer commit ended, ``handled`` that of the last requested poll,
    ``run`` the id of the run with this result in log lines, calls and reports. ``drifted`` are the fields with
    uncorrected drift.
    """

    name: str
    state: SyncState = SyncState.NEW
    message: str = ""
    refused: str = ""
    head: str = ""
    attempted: PlannedRevision | None = None
    applied: PlannedRevision | None = None
    released: str = ""
    handled: str = ""
    run: str = ""
    history: tuple[RevisionResult, ...] = ()
    drifted: tuple[str, ...] = ()

    @property
    def is_applied(self) -> bool:
        """Whether the newest observed revision is applied."""
        return self.state is SyncState.APPLIED and not self.refused

    def after_run(
        self,
        state: SyncState,
        message: str,
        mark: PlannedRevision,
        changes: Mapping[str, int] = MappingProxyType({}),
    ) -> "SyncRecord":
        """The record after a run; the history is bounded, and a repeated result is counted."""
        message = message[:_LONGEST]
        now = RevisionResult(mark.revision, mark.fingerprint, state, mark.at, message, changes=dict(changes))
        past = self.history
        if past and (past[0].revision, past[0].state, past[0].message) == (now.revision, state, message):
            now, past = replace(now, times=past[0].times + 1), past[1:]
        applied = mark if state is SyncState.APPLIED else self.applied
        history = (now, *past)[:_MOST_PAST]
        return replace(self, state=state, message=message, attempted=mark, applied=applied, history=history)

    def after_poll(self, refused: str, head: str, released: str, handled: str) -> "SyncRecord":
        """The record after a poll."""
        return replace(self, refused=refused, head=head, released=released, handled=handled)

    def is_repetition(self, state: SyncState, message: str, mark: PlannedRevision) -> bool:
        """Whether a successful run ended with the same message and revision as the previous one."""
        known = self.attempted
        same = (state, message) == (self.state, self.message) and known and known.revision == mark.revision
        return bool(same) and state is SyncState.APPLIED

    def revision_before(self, revision: str) -> str:
        """The last revision that was applied and is not this one; empty if there is none."""
        lines = (past.revision for past in self.history if past.state is SyncState.APPLIED)
        return next((each for each in lines if each != revision), "")


_OUTSIDE = frozenset({Reason.LIVE_DIFFERS, Reason.DELETED_OUTSIDE})


@dataclass(frozen=True)
class SyncResult:
    """The result of a pass of a sync.

    ``drifted`` counts resources that differed from the applied revision when the pass began, ``waiting`` those in
    transition, ``blocked`` deletions that need a confirmation; ``changes`` are the plan's actions.
    """

    sync: str
    state: SyncState
    seconds: float
    changes: Mapping[str, int]
    drifted: int
    waiting: int
    blocked: int


def changes(plan: Plan) -> dict[str, int]:
    """The number of steps of a plan by each changing action."""
    counts: dict[str, int] = {}
    for step in plan.acting:
        counts[step.action.verb] = counts.get(step.action.verb, 0) + 1
    return counts


def result_of_pass(
    sync: str, state: SyncState, report: Report, seconds: float, *, applied: bool
) -> SyncResult:
    """The result of a pass; ``applied``: this process had applied the revision before, so that all changes are drift.

    A new process distinguishes drift from our own changes by the inventory.
    """
    whole = replace(report.plan, confirmations=())
    return SyncResult(
        sync,
        state,
        seconds,
        changes(whole),
        drifted=sum(applied or step.why in _OUTSIDE for step in whole.acting),
        waiting=len(report.of(Result.WAITING)) + len(report.of(Result.STARTED)),
        blocked=len({each for required in report.plan.confirmations for each in required.deletions}),
    )
