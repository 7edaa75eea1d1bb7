"""What a run of several turns brought: one report out of many."""

from dataclasses import dataclass, field, replace

from controller.core.phase import Action, Standing
from controller.engine.plan import Plan
from controller.engine.report import Outcome, Report, Result


@dataclass
class Tally:
    """Adds up turns; a step that acted in an early turn keeps its name for what later turns say of it."""

    plan: Plan | None = None
    ends: dict[str, Outcome] = field(default_factory=dict)
    standing: Standing = Standing.SETTLED
    consented: bool = True

    def add(self, report: Report) -> None:
        """Take in a turn."""
        self.plan = self.plan or report.plan
        self.standing, self.consented = report.standing, report.consented
        there = {outcome.step.id for outcome in report.outcomes}
        for gone in set(self.ends) - there:
            if self.ends[gone].result in (Result.STARTED, Result.WAITING):
                self.ends[gone] = replace(self.ends[gone], result=Result.DONE, message="")
        for outcome in report.outcomes:
            self.ends[outcome.step.id] = _joined(self.ends.get(outcome.step.id), outcome)

    def report(self) -> Report | None:
        """The whole run as one report, without the world; None before the first turn."""
        if self.plan is None:
            return None
        return Report(self.plan, tuple(self.ends.values()), self.standing, None, self.consented)

    def counts(self) -> dict[Action, int]:
        """How many steps of each action came to their end."""
        counts: dict[Action, int] = {}
        for outcome in self.ends.values():
            if outcome.calls and outcome.result is Result.DONE:
                counts[outcome.step.action] = counts.get(outcome.step.action, 0) + 1
        return counts


def _joined(before: Outcome | None, now: Outcome) -> Outcome:
    if before is None or not before.calls:
        return now
    step = now.step if now.calls and not before.step.action.acts else before.step
    result = Result.DONE if now.result is Result.UNCHANGED else now.result
    return Outcome(step, result, now.message, before.calls + now.calls)
