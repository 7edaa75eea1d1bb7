"""``sagectl plan``: the turn of ``apply`` with a consent that says no."""

import argparse

from controller.core.phase import Action
from controller.engine.plan import Plan, Why
from controller.engine.reconcile import reconcile
from controller.fronts.cli.compiled import compiled
from controller.fronts.cli.exits import CHANGES, FAILED, OK
from controller.fronts.cli.opened import opened
from controller.fronts.cli.options import options
from controller.fronts.cli.output import Output, version


def plan(args: argparse.Namespace, out: Output) -> int:
    """Print what would be done; 0 nothing, 2 something, 1 if some of the account can't be read."""
    asked = options(args)
    tree = compiled(asked, out)
    with opened(asked, out) as run:
        report = reconcile(tree, run.cloud, run.memory, lambda _: False, run.order)
    show(report.plan, out)
    return _code(report.plan)


def show(plan: Plan, out: Output) -> None:
    """Print a plan in the form that was asked for."""
    shown = out.redactor.plan(plan)
    if out.json:
        from controller.fronts.render.as_json import plan_json

        out.result(plan_json(shown, version()))
    else:
        from controller.fronts.render.text import plan_text

        out.say(plan_text(shown, out.look))


def _code(plan: Plan) -> int:
    if any(step.why is Why.UNREADABLE for step in plan.steps):
        return FAILED
    still = (Action.NOOP, Action.FORGET)
    return OK if all(step.action in still for step in plan.steps) else CHANGES
