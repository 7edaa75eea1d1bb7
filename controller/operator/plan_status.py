"""The plan of an object, as its status shows it."""

from dataclasses import replace

from controller.core.phase import Action
from controller.engine.plan import Plan
from controller.operator.outcome import Verdict
from controller.output.plan_text import plan_text
from controller.output.terminal import Style

_LABELS = {Action.SUCCEED: "succeed", Action.NOOP: "no-op"}


def planned(of: Verdict, plan: Plan) -> Verdict:
    """The verdict with the plan, which must have gone through ``Redactor.plan`` before."""
    text = plan_text(plan, Style())
    action = plan.acting[0].action if plan.acting else Action.NOOP
    fields = {
        "action": _LABELS.get(action, action.name.lower()),
        "summary": text.rstrip().rsplit("\n", 1)[-1],
        "text": text,
        "content": plan.content,
    }
    return replace(of, plan=fields, fingerprint=plan.fingerprint)
