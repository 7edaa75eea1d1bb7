"""Run passes until all is settled; only this module waits, the engine never does."""

from collections.abc import Callable

from controller.core.cloud import Cloud
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.in_flight import Waiter
from controller.engine.plan import Plan, Step
from controller.engine.report import Report
from controller.runtime.tracing import WAIT, stage


class PlanMoved(Exception):  # noqa: N818 - not an error of ours: the account changed
    """A later pass would make changes that the approved plan did not show: ``steps``."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        super().__init__("the account changed since the plan was approved")
        self.steps = steps


class PlanUnread(PlanMoved):
    """What could not be read when the plan was approved can be read now, so its steps were not approved."""

    def __init__(self, steps: tuple[Step, ...], reasons: tuple[str, ...]) -> None:
        super().__init__(steps)
        self.reasons = reasons

    def __str__(self) -> str:
        """What was not done, and what could not be read."""
        names = ", ".join(sorted(step.id for step in self.steps))
        return f"no action on {names}, because of what could not be read: {'; '.join(self.reasons)}"


def run(
    reconcile_once: Callable[[Report | None], Report],
    cloud: Cloud,
    waiter: Waiter,
    *,
    wait: Callable[[float], None],
    timeout: float,
) -> Report:
    """Make passes until nothing waits any more, whether done or stuck, or the time is up.

    Args:
        reconcile_once: one pass, given the report of the one before.
        cloud: where to poll what AWS is changing.
        waiter: decides when to poll what AWS is changing, and when the next pass follows.
        wait: sleeps for a number of seconds.
        timeout: seconds after which waiting ends.

    Returns:
        The last report; its convergence is WAITING only if the time was up.

    """
    deadline = waiter.now() + timeout
    report = reconcile_once(None)
    while needs_another_pass(report) and waiter.now() < deadline:
        report = (
            waiter.with_polled_states(report)
            if made_progress(report)
            else _wait_for_change(report, cloud, waiter, wait, deadline)
        )
        report = reconcile_once(report)
    return report


@stage(WAIT)
def _wait_for_change(
    report: Report, cloud: Cloud, waiter: Waiter, wait: Callable[[float], None], deadline: float
) -> Report:
    """The report for the next pass, once something has ended, or time is up."""
    while waiter.now() < deadline:
        wait(min(waiter.pause(report), max(deadline - waiter.now(), 0)))
        looked = waiter.check(report, cloud)
        if looked is not None:
            return looked
    return waiter.with_polled_states(report)


def needs_another_pass(report: Report) -> bool:
    """Whether another pass could change anything: something waits, or was just started."""
    return report.consented and any(how is Convergence.WAITING for how in report.by_document().values())


def made_progress(report: Report) -> bool:
    """Whether steps were done in this pass, so that their dependents can continue at once."""
    waits_for_aws = any(o.step.gradual and o.calls for o in report.outcomes)
    return not waits_for_aws and any(outcome.calls for outcome in report.outcomes)


def later_consent(approved: Plan) -> Callable[[Plan], bool]:
    """Consent for later passes of an approved run: only what the approved plan showed, or what follows from it.

    Raises (from the consent):
        PlanMoved: a later plan would do more.

    """
    shown = {(step.id, step.action) for step in approved.steps if step.changes_account}
    follows = {
        step.ref for step in approved.steps if step.action in (Action.CREATE_BEFORE_DELETE, Action.REPLACE)
    }
    unread = _undecided_documents(approved)
    later = {
        (step.id, _operations(step)[number:])
        for step in approved.steps
        if step.changes_account and step.at_once is not None
        for number in range(step.at_once, len(step.calls))
    }
    waits = {(step.id, step.digest) for step in approved.steps if step.action is Action.WAIT}

    def consent(plan: Plan) -> bool:
        new = tuple(
            step
            for step in plan.acting
            if (step.id, step.digest) not in waits
            and (step.id, _operations(step)) not in later
            and not _was_shown(step, shown, follows)
        )
        if new and all(step.ref in unread for step in new):
            raise PlanUnread(new, tuple(dict.fromkeys(unread[step.ref] for step in new)))
        if new:
            raise PlanMoved(new)
        return True

    return consent


def _operations(step: Step) -> tuple[str, ...]:
    return tuple(call.operation for call in step.calls)


def _undecided_documents(plan: Plan) -> dict[Ref, str]:
    """The documents that a plan could not decide about, with the reason: unread ones and their dependents."""
    reasons = {step.id: f"{step.id}: {step.detail}" for step in plan.steps if step.why is Reason.UNREADABLE}
    found = {step.ref: reasons[step.id] for step in plan.steps if step.id in reasons}
    for step in plan.steps:
        needed = [reasons[need] for need in sorted(step.needs) if need in reasons]
        if needed and step.why is Reason.DEPENDENCY_BLOCKED:
            reasons[step.id] = found[step.ref] = needed[0]
    return found


def _was_shown(step: Step, shown: set[tuple[str, Action]], follows: set[Ref]) -> bool:
    if (step.id, step.action) in shown:
        return True
    if step.action is Action.DELETE and (step.id, Action.STOP) in shown:
        return True  # a run is stopped first, and its record deleted afterwards
    return step.ref in follows and (step.action is Action.CREATE or step.why is Reason.SUPERSEDED)
