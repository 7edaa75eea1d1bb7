"""One sync: polls where a poll is due, applies where that is due, and says when it is due again.

It never waits, and one thread at a time is in ``go``. What others read of it are values that are set whole.
"""

from dataclasses import replace
from functools import partial

from controller.core.cloud import CloudError
from controller.core.phase import Convergence
from controller.core.reason import Reason
from controller.engine.converge import PlanMoved, needs_another_pass
from controller.engine.plan import Step
from controller.engine.report import Report
from controller.gitops.account import Refusals, open_account
from controller.gitops.apply_pass import (
    ApplyRun,
    attempt_failed,
    counts,
    has_changed,
    new_id,
    open_drift,
    run_pass,
    state_after,
)
from controller.gitops.artifact import InvalidRevision, SourceArtifact
from controller.gitops.ownership_transfer import OtherSyncs, OwnershipTransfer
from controller.gitops.schedule import NEVER, Poll, Schedule, poll_source, reread_settings
from controller.gitops.status import SyncRecord, SyncState, result_of_pass
from controller.gitops.status_store import NO_SYNC_REQUEST, SyncRequest
from controller.gitops.status_writer import RecordWriter
from controller.gitops.sync import Sync, SyncContext
from controller.inventory.model import InventoryError
from controller.manifests.bundle import Bundle
from controller.runtime.atomic_file import StateError

_LEAVING = "leaving"
_FALLBACK = 30.0  # seconds between checks of a sync that waits for another, in case a notification was lost
_ENDS = frozenset({SyncState.APPLIED, SyncState.FAILED, SyncState.PENDING})
_TIMEOUT = 3  # passes after which a sync that waits for another's documents counts as settled


class Follower:
    """The reconciliation of one sync.

    Raises:
        StateError: its record is damaged.

    """

    def __init__(self, sync: Sync, context: SyncContext, other_syncs: "OtherSyncs[Follower]") -> None:
        self.sync, self._context, self._other_syncs = sync, context, other_syncs
        self._ledger = RecordWriter(sync, context)
        self.requested: SyncRequest = NO_SYNC_REQUEST
        self.tree: SourceArtifact | None = None
        self.looked, self.reconcile_due = -NEVER, NEVER
        self.schedule = Schedule(NEVER if sync.suspend else context.clock.now())
        self.held_back = self.leaving = False
        self.report: Report | None = None
        self.foreign: tuple[Step, ...] = ()  # steps of the last pass that another set owns
        self.contested: tuple[str, ...] = ()
        self._newest: SourceArtifact | InvalidRevision | None = None
        self.changes_seen = self._attempts = self._held_passes = 0
        self._run, self._refusals = ApplyRun(), Refusals(context.clock)
        self._applied = self._coming = ""
        self._next_action: tuple[bool, OwnershipTransfer] | None = None  # as other syncs last saw it
        if sync.suspend:
            self._set_record(replace(self.record, state=SyncState.SUSPENDED, message=""))

    @property
    def record(self) -> SyncRecord:
        """The state of the sync."""
        return self._ledger.record

    @property
    def due(self) -> float:
        """When the next poll or pass is due."""
        return min(self.schedule.due, self.reconcile_due)

    @property
    def is_applied(self) -> bool:
        """Whether the newest revision is applied."""
        return self.tree is not None and self._applied == self.tree.key and self.record.is_applied

    @property
    def idle(self) -> bool:
        """Whether it ended in a state that only a push, a person or drift changes."""
        ended = self.record.state in _ENDS and self._run.began is None
        unread = self.tree is None and bool(self.record.refused)
        waits = 0 < self._held_passes < _TIMEOUT
        return self.sync.suspend or (self.schedule.looks > 0 and (unread or (ended and not waits)))

    @property
    def retries(self) -> bool:
        """Whether a failure is retried automatically."""
        return self._attempts > 0

    def stop_declaring(self) -> None:
        """Stop declaring resources: those of the inventory are deleted, except those that another sync declares."""
        self.sync, self.leaving = replace(self.sync, prune=True, needs=()), True
        self.tree, self.schedule.due = SourceArtifact("", _LEAVING, Bundle({}, ())), NEVER
        self.looked = self._context.clock.now()
        self._set_record(replace(self.record, refused=""))
        self._begin("")
        self._other_syncs.enqueue(self.sync.name)

    def observe(self) -> None:
        """Read the requests of people; a new one is acted on at once."""
        request, before = self._context.store.request(self.sync.name), self.requested
        if request == before:
            return
        if request.pin != before.pin or request.look != self.record.handled:
            self.request(self._context.clock.now())
        if self.tree is not None and (request.approved, request.rebuild) != (before.approved, before.rebuild):
            self.reconcile_due = self._context.clock.now()
        self.requested = request

    def request(self, since: float, cause: str = "") -> None:
        """Request a poll that includes everything pushed until now."""
        if self.leaving:
            return
        self.schedule.request(since)
        if cause:
            self._coming = self._coming or new_id()
            self._ledger.log("requested", reconcileID=self._coming, cause=cause)
        self._other_syncs.enqueue(self.sync.name)

    def request_pass(self, cause: str) -> None:
        """Request a pass without a poll, if the repository was read before."""
        if self.tree is not None and not self.sync.suspend:
            self.reconcile_due = min(self.reconcile_due, self._context.clock.now())
            self._ledger.log("requested", reconcileID=self._run.id, cause=cause)

    def reconcile_if_due(self) -> None:
        """Poll and apply if due. Exceptions are recorded, so that they do not affect other syncs."""
        try:
            if self._context.clock.now() >= self.schedule.due:
                self._poll_source()
            if self.tree and not self.sync.suspend and self._context.clock.now() >= self.reconcile_due:
                self._reconcile_tree(self.tree)
        except (CloudError, InventoryError, StateError) as error:
            after = error.retry_after if isinstance(error, CloudError) else None
            if after is None or self._is_delayed():
                self._set_failed(str(error))
            else:
                self._requeue_throttled(after, str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one sync must not stop the others
            self._context.host.panicked()
            self._set_failed(self._ledger.exception(self._run.id, error))

    def _poll_source(self) -> None:
        request, found = self.requested, self._reread()
        if found is None and self.schedule.is_blocked:
            self.schedule.due = self._context.clock.now() + self._context.clock.jitter(
                self.sync.timing.interval
            )
            return
        requested_at = self._context.mirrors.last_request_time(self.sync.source)
        since = self.schedule.oldest_usable_answer(requested_at, self._context.clock.now())
        known = self.tree if self._newest is None else self._newest
        found = found or poll_source(self.sync, self._context, self.record, request, known, since=since)
        self.schedule.after_poll(found, self.sync, self._context)
        coming, self._coming = self._coming, ""
        handled, refused = request.look or self.record.handled, self.record.refused
        if handled != self.record.handled and self._refusals.known:
            self._refusals.forget()
            self.reconcile_due = self._context.clock.now()
        self._set_record(self.record.after_poll(found.refused, found.head, found.released, handled))
        if found.refused != refused:
            self._ledger.findings(coming, found.head, found.findings)
        self._on_poll(found, since, coming)

    def _reread(self) -> Poll | None:
        """Read the current settings; if they can't be read, return a poll with the reason."""
        if isinstance(found := reread_settings(self.sync, self._context, self.record), Poll):
            return found
        if found != self.sync:
            self.sync, self.schedule.is_blocked = found, False
        return None

    def _on_poll(self, found: Poll, since: float, run: str) -> None:
        self._newest = found.tree
        if not isinstance(found.tree, SourceArtifact):
            return
        before, self.tree, self.looked = self.tree, found.tree, since
        self.changes_seen += 1
        if before is None or before.key != found.tree.key:
            self._begin(run)
            self._ledger.log("changed", reconcileID=self._run.id, revision=found.tree.revision)
        elif before.revision != found.tree.revision and self.record.applied and self.is_applied:
            applied = replace(self.record.applied, revision=found.tree.revision)
            self._set_record(replace(self.record, applied=applied, attempted=applied))

    def _begin(self, run: str) -> None:
        """Start the run of a new revision, which replaces a waiting or failed one."""
        self._run, self._attempts = ApplyRun(run or new_id()), 0
        self._refusals.forget()
        self.reconcile_due = self._context.clock.now()

    def _reconcile_tree(self, tree: SourceArtifact) -> None:
        run, now = self._run, self._context.clock.now()
        if run.began is None and (unmet := self._other_syncs.unmet_dependencies(self)):
            self._set_record(replace(self.record, state=SyncState.NEEDS, message="; ".join(unmet)))
            self.reconcile_due = now + _FALLBACK
            return
        run.began = now if run.began is None else run.began
        if self.record.attempted is None or self.record.attempted.revision != tree.revision:
            attempted = self._ledger.mark(tree, "")
            self._set_record(replace(self.record, state=SyncState.WAITING, attempted=attempted))
        agreed = run.updated_consent(self.sync.mode, self.requested.approved, leaving=self.leaving)
        store, listen = self._context.host.inventory(self.sync), partial(self._ledger.on_event, run.id)
        answered = partial(self._ledger.log_responses, run.id)
        account = open_account(self.sync, self._context, store, self._refusals, answered)
        account = account.rebuilding(tree.bundle) if self.requested.rebuild == self.sync.owner else account
        if not self._is_delayed() and (at := run.still_waits(account.cloud, self.reconcile_due)) is not None:
            self.reconcile_due = at
            return
        with store.lock():
            moves = self._other_syncs.transfers(self, account.load_inventory())
            try:
                report = run_pass(self.sync, tree, account, agreed, moves, listen=listen, earlier=run.earlier)
            except PlanMoved as moved:
                self._run, self.reconcile_due = ApplyRun(), now
                self._ledger.log("moved", message=str(moved))
                return
        applied, took = self._applied == tree.key and run.earlier is None, self._context.clock.now() - now
        self._on_pass(tree, report, moves, max(account.waits, default=None))
        result = result_of_pass(self.sync.name, self.record.state, report, took, applied=applied)
        self._context.host.reconciled(result)

    def _on_pass(
        self, tree: SourceArtifact, report: Report, moves: OwnershipTransfer, wait: float | None
    ) -> None:
        """Record the report of a pass and schedule the next; ``wait`` are the seconds for which calls are throttled."""
        run, now, timing = self._run, self._context.clock.now(), self.sync.timing
        self.report = replace(report, observed=None)
        self.foreign = tuple(step for step in report.plan.steps if step.why is Reason.FOREIGN_OWNER)
        run.record_actions(report)
        delayed = self._is_delayed()
        state, message = state_after(report, moves, delayed=delayed)
        self.held_back, self.contested = moves.needs_another_pass, moves.contested
        self._held_passes = self._held_passes + 1 if self.held_back else 0
        if wait is not None and not delayed:
            run.earlier, run.partial = report, True
            self._requeue_throttled(wait, message)
            return
        if needs_another_pass(report) and not delayed:
            self.reconcile_due = run.next_due(report, self._context, timing.poll)
            self._set_record(replace(self.record, state=SyncState.WAITING, message=message))
            return
        after = self._context.clock.jitter(timing.drift)
        if report.convergence is Convergence.STUCK and report.consented:
            after = self._retry(report, after)
        self._end_run(tree, report, state, message, moves)
        self.reconcile_due = now + (min(after, _FALLBACK) if self.held_back else after)

    def _is_delayed(self) -> bool:
        """Whether this run has taken longer than the sync's timeout."""
        return self._run.has_timed_out(self._context.clock.now(), self.sync.timing.timeout)

    def _requeue_throttled(self, seconds: float, message: str) -> None:
        """Continue this run after some seconds, without blocking other syncs; a settled sync stays settled."""
        self.reconcile_due = self._context.clock.now() + seconds
        if self._run.acted or not self.is_applied:
            self._set_record(replace(self.record, state=SyncState.WAITING, message=message))

    def _retry(self, report: Report, after: float) -> float:
        """Schedule a retry: early if a refused call may be transient, or if a plan with held deletions just changed."""
        if attempt_failed(report):
            self._attempts += 1
            return self._context.clock.delay(self._attempts, after)
        return self.sync.timing.repeat if has_changed(report) else min(after, self._refusals.pause)

    def _end_run(
        self, tree: SourceArtifact, report: Report, state: SyncState, message: str, moves: OwnershipTransfer
    ) -> None:
        run, self._run = self._run, ApplyRun()
        if state is SyncState.APPLIED:
            self._attempts, self._applied = 0, tree.key
        mark = self._ledger.mark(tree, report.plan.fingerprint)
        if run.acted or not self.record.is_repetition(state, message, mark):
            ended = self.record.after_run(state, message, mark, run.changes)
            self._set_record(replace(ended, drifted=open_drift(report)), run.id, plan=counts(report.plan))
        before, self._next_action = self._next_action, (self.is_applied, moves)
        self.changes_seen += run.acted or self._next_action != before  # else two loop

    def record_failure(self, message: str) -> None:
        """Record a failure whose cause is neither in the repository nor in the account."""
        self._set_record(replace(self.record, state=SyncState.FAILED, message=message))

    def _set_failed(self, message: str) -> None:
        self._run, self._attempts = ApplyRun(), self._attempts + 1
        pause = self._context.clock.delay(self._attempts)
        self.reconcile_due = self._context.clock.now() + pause if self.tree else NEVER
        self.schedule.due = max(self.schedule.due, self._context.clock.now() + pause)
        self._set_record(replace(self.record, state=SyncState.FAILED, message=message))

    def _set_record(self, record: SyncRecord, run: str = "", **fields: str) -> None:
        if self._ledger.set_record(record, reconcileID=run or self._run.id, **fields):
            self.changes_seen += 1
