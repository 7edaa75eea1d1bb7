"""What a status tells of single resources: those that are not as they should be, and no more than fits."""

from typing import Any

from controller.engine.plan import Plan
from controller.engine.report import Report, Result
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style

Json = dict[str, Any]
MOST = 50
_LONGEST = 300
_PLAN = 16_384
_WORST_FIRST = (Result.FAILED, Result.SKIPPED, Result.WAITING)


def problems(report: Report | None, redactor: Redactor) -> list[Json]:
    """The resources that a turn left otherwise than wanted, the worst first."""
    if report is None or not report.consented:
        return []
    ends = [outcome for result in _WORST_FIRST for outcome in report.of(result)][:MOST]
    return [
        {
            "resource": outcome.step.id,
            "result": outcome.result.value,
            "why": outcome.step.why.value,
            "message": redactor.outcome(outcome).message[:_LONGEST],
        }
        for outcome in ends
    ]


def waiting_plan(report: Report | None, redactor: Redactor) -> Json:
    """The plan that waits for an approval, for people to read; empty where none does."""
    if report is None or (report.consented and not report.plan.liftable):
        return {}
    shown: Plan = redactor.plan(report.plan.approvable)
    text = plan_text(shown, Style())
    summary = text.rstrip().rsplit("\n", 1)[-1]
    cut = text if len(text) <= _PLAN else f"{text[:_PLAN].rsplit(chr(10), 1)[0]}\n... and more\n"
    fields = {"summary": summary, "text": cut, "content": report.plan.content}
    return {"plan": fields, "fingerprint": report.plan.fingerprint}
