"""The questions of ``sagectl apply`` and ``sagectl destroy`` to a person at a terminal."""

import sys

from controller.cli.output import Output
from controller.engine.deletion_guards import losing
from controller.engine.plan import Confirmation, Plan
from controller.engine.reconcile import Order


def confirmed(plan: Plan, order: Order, out: Output) -> frozenset[str] | None:
    """The deletions that were agreed to by their names, after the plan itself was; None if the answer is no.

    Whoever destroys a whole set, and an outage or data with it, writes the name of the set.
    """
    if plan.acting and not _agreed(plan, order, out):
        return None
    held = sorted(
        each for brake in plan.brakes if brake.confirmation is Confirmation.NAME for each in brake.held
    )
    return frozenset(each for each in held if _named(each, plan, out))


def _agreed(plan: Plan, order: Order, out: Output) -> bool:
    where = f"in account {plan.identity.account} ({plan.identity.region})"
    unnamed = [step for step in plan.acting if step.ref not in order.choice.targets]
    lost = [step for step in unnamed if losing(step) and step.id not in order.confirm_delete]
    if order.destroy and lost:
        out.say(f"\nThis deletes every resource of set {plan.set} {where}:")
        for step in lost:
            out.say(f"\n  {step.id}: {losing(step)}")
        out.say(f"\nType the name of the set, {plan.set}, to confirm: ")
        return _answer() == plan.set
    what = "Delete these resources" if order.destroy else "Apply these changes"
    out.say(f"\n{what} {where}? ")
    out.say("Type 'yes' to confirm: ")
    return _answer() == "yes"


def _named(ident: str, plan: Plan, out: Output) -> bool:
    step = next(step for step in plan.steps if step.id == ident)
    why = losing(step) or "its document was not read"
    out.say(f"\n{ident} will be deleted: {why}.\nType {ident} to confirm; any other answer keeps it: ")
    return _answer() == ident


def _answer() -> str:
    return sys.stdin.readline().strip()
