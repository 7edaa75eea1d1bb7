"""Consent to a plan: by a person at the terminal, by ``--yes``, or by a fingerprint."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.cli.output import Output
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.converge import PlanMoved, PlanUnread, later_consent
from controller.engine.deletion_guards import loss_of
from controller.engine.order import Order
from controller.engine.plan import Confirmation, Plan
from controller.output.plan_diff import AppliedChanges, PlanDifference, count_applied, differences

_DESTROYS = frozenset({Action.DELETE, Action.STOP, Action.REPLACE})


@dataclass
class AutoApprove:
    """``--yes``: the first plan is shown and executed.

    A later pass may make further changes, because a resource in transition can be compared only afterwards. They are
    shown before they are made; further deletions are refused.
    """

    show: Callable[[Plan], None]
    shown: Callable[[Plan], bool] | None = None

    def __call__(self, plan: Plan) -> bool:
        """Return True, or raise ``PlanMoved``."""
        if self.shown is None:
            self.show(plan)
            _see_all_read(plan)
        else:
            try:
                return self.shown(plan)
            except PlanMoved as moved:
                if any(step.action in _DESTROYS for step in moved.steps):
                    raise
                self.show(plan)
        self.shown = later_consent(plan)
        return True


def _see_all_read(plan: Plan) -> None:
    """Refuse a destruction while another resource of the run can't be read, because it would be incomplete.

    Raises:
        PlanUnread: a resource can't be read.

    """
    going = tuple(step for step in plan.acting if step.why is Reason.DESTROYED)
    unread = tuple(f"{step.id}: {step.detail}" for step in plan.steps if step.why is Reason.UNREADABLE)
    if going and unread:
        raise PlanUnread(going, unread)


class PlanStale(Exception):  # noqa: N818 - not an error of ours: the account changed
    """An approved plan differs from the current one; ``moved`` are the differences.

    ``held`` is how many of its changes are applied already, if known.
    """

    def __init__(self, moved: tuple[PlanDifference, ...], held: AppliedChanges | None = None) -> None:
        super().__init__("the plan that was agreed to is stale")
        self.moved, self.held = moved, held


@dataclass
class SavedPlanConsent:
    """Consent to a saved plan and its later passes, while its inputs are unchanged.

    ``approve`` converts a plan to the saved form.
    """

    saved: Mapping[str, Any]
    approve: Callable[[Plan], Mapping[str, Any]]
    shown: Callable[[Plan], bool] | None = None

    def __call__(self, plan: Plan) -> bool:
        """Agree, or raise ``PlanStale`` at the first pass and ``PlanMoved`` at a later one."""
        if self.shown is not None:
            return self.shown(plan)
        now = self.approve(plan)
        if moved := differences(self.saved, now):
            raise PlanStale(moved, count_applied(self.saved, now))
        self.shown = later_consent(plan)
        return True


@dataclass
class FingerprintConsent:
    """Consent to the plan with one fingerprint and to its later passes: an approval."""

    fingerprint: str
    shown: Callable[[Plan], bool] | None = None

    def __call__(self, plan: Plan) -> bool:
        """Agree, or raise ``PlanStale`` at the first pass and ``PlanMoved`` at a later one."""
        if self.shown is not None:
            return self.shown(plan)
        if plan.fingerprint != self.fingerprint:
            raise PlanStale((PlanDifference("", "fingerprint", self.fingerprint, plan.fingerprint),))
        self.shown = later_consent(plan)
        return True


def confirm_deletions(plan: Plan, order: Order, out: Output) -> frozenset[str] | None:
    """The deletions that were confirmed by name, after the plan itself was; None if refused.

    Destroying a whole set, with an outage or loss of data, requires the name of the set.
    """
    if plan.acting and not _confirm_plan(plan, order, out):
        return None
    held = sorted(
        each
        for required in plan.confirmations
        if required.confirmation is Confirmation.NAME
        for each in required.deletions
    )
    return frozenset(each for each in held if _confirm_by_name(each, plan, out))


def _confirm_plan(plan: Plan, order: Order, out: Output) -> bool:
    where = f"in account {plan.identity.account} ({plan.identity.region})"
    unnamed = [step for step in plan.acting if step.ref not in order.choice.targets]
    lost = [step for step in unnamed if loss_of(step) and step.id not in order.confirm_delete]
    if order.destroy and lost:
        out.write(f"\nThis deletes every resource of set {plan.set} {where}:")
        for step in lost:
            out.write(f"\n  {step.id}: {loss_of(step)}")
        out.write(f"\nType the name of the set, {plan.set}, to confirm: ")
        return _answer() == plan.set
    what = "Delete these resources" if order.destroy else "Apply these changes"
    out.write(f"\n{what} {where}? ")
    out.write("Type 'yes' to confirm: ")
    return _answer() == "yes"


def _confirm_by_name(ident: str, plan: Plan, out: Output) -> bool:
    step = next(step for step in plan.steps if step.id == ident)
    why = loss_of(step) or "its document was not read"
    out.write(f"\n{ident} will be deleted: {why}.\nType {ident} to confirm; any other answer keeps it: ")
    return _answer() == ident


def _answer() -> str:
    return sys.stdin.readline().strip()
