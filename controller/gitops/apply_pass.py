"""One pass of a sync, and the run of passes that applies one revision."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.cloud import Cloud, Fault
from controller.core.digest import digest
from controller.core.path import pointer
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.converge import later_consent, made_progress, needs_another_pass
from controller.engine.in_flight import Waiter
from controller.engine.order import Order
from controller.engine.plan import Plan
from controller.engine.reconcile import reconcile
from controller.engine.report import Listener, Report, Result
from controller.gitops.account import Account
from controller.gitops.artifact import SourceArtifact, SourceCoverage, repository
from controller.gitops.ownership_transfer import OwnershipTransfer, Releasing, allow_adoption
from controller.gitops.status import SyncState, changes
from controller.gitops.sync import Sync, SyncContext, SyncMode
from controller.inventory.model import InventoryError, UnrecordedError
from controller.manifests.interpolation import open_variables

_DIGITS = 16
_MOST_SHOWN = 3
_MOST_DRIFTED, _WIDEST = 50, 300


@dataclass
class Consent:
    """Consent to the plan of a pass: always in mode Apply, in mode Plan for the fingerprint that a person approved.

    Deletions that need a confirmation need that approval in either mode. ``shown`` is set once a plan was approved:
    later passes of that run may make the changes that it showed and their consequences. ``leaving`` approves all
    deletions, because the sync itself was deleted.

    Raises (when called):
        PlanMoved: a later pass of an approved run would do more.

    """

    mode: SyncMode
    approved: str
    shown: Callable[[Plan], bool] | None = None
    confirmed: frozenset[str] = frozenset()
    leaving: bool = False

    def __call__(self, plan: Plan) -> bool:
        """Whether the plan may be executed; after a confirmation refuse once and keep the deletions that it permits."""
        whole = replace(plan, confirmations=())
        agreed_to = self.approved and plan.fingerprint == self.approved
        if self.shown is None and (agreed_to or (self.leaving and self.mode is SyncMode.APPLY)):
            self.shown = later_consent(whole)
        if self.shown is not None:
            self.shown(whole)
            self.confirmed |= {
                each for required in plan.possible_confirmations for each in required.deletions
            }
            return not plan.possible_confirmations
        return self.mode is SyncMode.APPLY or not (plan.acting or plan.possible_confirmations)


def run_pass(
    sync: Sync,
    tree: SourceArtifact,
    account: Account,
    consent: Consent,
    moves: OwnershipTransfer,
    *,
    listen: Listener,
    earlier: Report | None,
) -> Report:
    """Make one pass."""
    order = order_of(sync, tree, account, prune=sync.prune and not moves.holds_deletions)
    order = replace(order, transferred=moves.taken)
    desired = allow_adoption(tree.bundle, moves.taken)
    releasing = Releasing(account.store, moves.released)

    def once(order: Order) -> Report:
        try:
            return reconcile(
                desired, account.cloud, releasing, consent, order, listen=listen, earlier=earlier
            )
        except UnrecordedError as error:
            raise InventoryError(error.kept_by(account.store)) from error

    report = once(order)
    if not report.consented and consent.confirmed:
        report = once(replace(order, confirm_delete=consent.confirmed))
    return report


def order_of(sync: Sync, tree: SourceArtifact, account: Account, *, prune: bool) -> Order:
    """The engine's options for a sync."""
    bound = _approval_inputs(sync, tree, account.tool, prune=prune)
    return Order(
        set=sync.owner,
        prune=prune,
        bound=bound,
        secrets=account.secrets,
        now=account.now,
        restrictions=account.restrictions.with_tags(sync.default_tags, sync.ignored_tags),
        advice=sync.advice,
        concurrency=account.concurrency,
        at=account.now,
        reads=account.reads,
        coverage=SourceCoverage.from_source(sync.source, tree),
        preflight=account.preflight,
        observations=account.observations,
        observation_interval=sync.timing.observation,
    )


def _approval_inputs(sync: Sync, tree: SourceArtifact, tool: str, *, prune: bool) -> dict[str, Any]:
    """What an approval is bound to besides documents and account, with digests instead of variables' values."""
    return {
        "tool_version": tool,
        "set": sync.owner,
        "variables": {
            name: digest(value)[:_DIGITS] for name, value in sorted(open_variables(sync.variables).items())
        },
        "options": {"prune": prune},
        "source": {"repository": repository(sync.source), "path": sync.source.path, "key": tree.key},
    }


def state_after(report: Report, moves: OwnershipTransfer, *, delayed: bool) -> tuple[SyncState, str]:
    """The state of a sync after a pass that may be its last, and a text with the reason."""
    message = report_text(report, moves)
    if delayed and needs_another_pass(report):
        return SyncState.FAILED, f"not done in time: {message}"
    if not report.consented:
        return SyncState.PENDING, message
    return SyncState.FAILED if report.convergence is Convergence.STUCK else SyncState.APPLIED, message


def has_changed(report: Report) -> bool:
    """Whether calls were made that changed the account."""
    return any(outcome.calls for outcome in report.outcomes)


def attempt_failed(report: Report) -> bool:
    """Whether a call was refused for a reason that may be transient; an invalid request is not."""
    return any(
        outcome.result is Result.FAILED
        and outcome.step.changes_account
        and outcome.fault not in (Fault.INVALID, Fault.UNSUPPORTED)
        for outcome in report.outcomes
    )


def open_drift(report: Report) -> tuple[str, ...]:
    """Drift that is not corrected: steps with their fields, as JSON pointers with AWS member names."""
    left = [
        outcome.step
        for outcome in report.outcomes
        if outcome.step.why in (Reason.LIVE_DIFFERS, Reason.DELETED_OUTSIDE)
        and outcome.step.action is not Action.FORGET  # its document was removed as well
        and not outcome.calls
    ]
    return tuple(
        f"{step.id}: {', '.join(pointer(change.path) for change in step.changes) or 'deleted'}"[:_WIDEST]
        for step in left[:_MOST_DRIFTED]
    )


def counts(plan: Plan) -> str:
    """The actions of a plan as text: ``create 2, delete 1``."""
    return ", ".join(f"{name} {number}" for name, number in sorted(changes(plan).items()))


def report_text(report: Report, moves: OwnershipTransfer) -> str:
    """The text about the end of a pass; empty if it succeeded."""
    plan = report.plan
    ends = (Result.FAILED, Result.SKIPPED, Result.WAITING) if report.consented else ()
    found = [f"{outcome.step.id}: {outcome.message}" for result in ends for outcome in report.of(result)]
    more = [f"and {len(found) - _MOST_SHOWN} more"] if len(found) > _MOST_SHOWN else []
    confirmations = [required.message.partition(";")[0] for required in plan.confirmations]
    if plan.possible_confirmations or not report.consented:
        confirmations.append(f"approve {plan.fingerprint} to continue ({counts(plan.after_approval)})")
    left = [
        f"{step.id} is {step.detail.partition(';')[0]}"
        for step in plan.steps
        if step.why is Reason.PREVIOUS_NAME
    ]
    more += left[:_MOST_SHOWN]
    contended_fields = [
        f"{step.id} is contended: {message}" for step in plan.steps for message in step.contended
    ]
    more += [*contended_fields[:_MOST_SHOWN], *confirmations, *moves.contested]
    return "; ".join([*found[:_MOST_SHOWN], *more, *filter(None, [moves.deletion_wait_reason()])])


def new_id() -> str:
    """A run's id, which is in all its log lines."""
    return secrets.token_hex(4)


@dataclass
class ApplyRun:
    """The passes that apply one revision, until nothing waits; ``acted`` is set once one changed or awaited something.

    ``waiter`` decides when the next pass follows, at the time ``list_due``.
    """

    id: str = field(default_factory=new_id)
    began: float | None = None
    earlier: Report | None = None
    consent: Consent | None = None
    waiter: Waiter | None = None
    list_due: float | None = None
    changes: dict[str, int] = field(default_factory=dict)
    acted: bool = False
    partial: bool = False  # the previous pass was throttled, so its plan was incomplete

    def has_timed_out(self, now: float, timeout: float) -> bool:
        """Whether this run has taken longer than the sync's timeout."""
        return self.began is not None and now - self.began >= timeout

    def next_due(self, report: Report, context: SyncContext, poll: float | None) -> float:
        """When the next pass is due: at once if the last one changed something, else after the next poll of Lists."""
        now = context.clock.now
        self.waiter = self.waiter or Waiter(now, poll, context.concurrency)
        self.earlier, self.acted = self.waiter.with_polled_states(report), True
        self.list_due = None if made_progress(report) else now() + self.waiter.pause(report)
        return now() if self.list_due is None else self.list_due

    def still_waits(self, cloud: Cloud, due: float) -> float | None:
        """When to poll again; None if a pass follows because a transition ended, or it is ``due`` otherwise."""
        if self.list_due is None or self.waiter is None or self.earlier is None:
            return None
        if due != self.list_due:
            self.earlier = replace(self.earlier, in_transition={})  # the reason may not be visible in a List
            return None
        looked = self.waiter.check(self.earlier, cloud)
        if looked is not None:
            self.earlier = looked
            return None
        self.list_due = self.waiter.now() + self.waiter.pause(self.earlier)
        return self.list_due

    def record_actions(self, report: Report) -> None:
        """Record the actions of a pass' plan, unless an earlier complete plan was recorded."""
        planned, self.acted = changes(report.plan), self.acted or has_changed(report)
        if self.partial:
            names = self.changes.keys() | planned.keys()
            self.changes = {name: max(self.changes.get(name, 0), planned.get(name, 0)) for name in names}
        self.changes, self.partial = self.changes or planned, False

    def updated_consent(self, mode: SyncMode, approved: str, *, leaving: bool) -> Consent:
        """The consent of this run, with the current approvals."""
        self.consent = self.consent or Consent(mode, approved)
        self.consent.approved, self.consent.leaving = approved, leaving
        return self.consent
