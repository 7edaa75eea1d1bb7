"""Events while a plan is applied, and the report after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from controller.core.cloud import Call, Fault
from controller.core.phase import Standing
from controller.core.ref import Ref
from controller.engine.observed import Live, ObservedAccount
from controller.engine.plan import Plan, Step


class Happening(Enum):
    """What happened to a step."""

    OBSERVING = "observing"
    STARTED = "started"
    CALLED = "called"
    ENDED = "ended"


@dataclass(frozen=True)
class Event:
    """One happening; ``message`` is already free of secrets."""

    happening: Happening
    step: Step | None = None
    call: Call | None = None
    message: str = ""


Listener: TypeAlias = Callable[[Event], None]


class Result(Enum):
    """How a step ended in this pass."""

    DONE = "done"
    STARTED = "started"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Outcome:
    """A step and how it ended.

    ``message`` says what it waits for, or why it failed, in AWS's words; ``fault`` classifies a refusal. ``used``
    says that something uses its resource, which is kept so long.
    """

    step: Step
    result: Result
    message: str = ""
    calls: int = 0
    fault: Fault | None = None
    used: bool = False


@dataclass(frozen=True)
class InFlight:
    """A resource that AWS is at work on after a pass.

    Fields:
        ref: its document.
        live: what was seen of it. What was begun in the pass has no status yet.
        left: whether it is an old generation, or one whose document was removed.
    """

    ref: Ref
    live: Live
    left: bool = False


@dataclass(frozen=True)
class Report:
    """A pass's end. ``standing`` is the worst of all documents: STUCK before WAITING before SETTLED.

    ``at_work`` is, by step, what AWS is still at work on, as a List has shown since: none of it is described.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    standing: Standing
    observed: ObservedAccount | None = None
    consented: bool = True
    at_work: Mapping[str, InFlight] = field(default_factory=dict)

    def stands(self) -> Mapping[Ref, Standing]:
        """How each document stands: the worst of its steps."""
        worst: dict[Ref, Standing] = {}
        for outcome in self.outcomes:
            here = standing_of(outcome)
            before = worst.get(outcome.step.ref, Standing.SETTLED)
            worst[outcome.step.ref] = max(before, here, key=_BADNESS.index)
        return worst

    def of(self, result: Result) -> tuple[Outcome, ...]:
        """The outcomes of one result."""
        return tuple(outcome for outcome in self.outcomes if outcome.result is result)


_BADNESS = [Standing.SETTLED, Standing.WAITING, Standing.STUCK]
_STANDS = {
    Result.DONE: Standing.SETTLED,
    Result.STARTED: Standing.WAITING,
    Result.UNCHANGED: Standing.SETTLED,
    Result.WAITING: Standing.WAITING,
    Result.FAILED: Standing.STUCK,
    Result.SKIPPED: Standing.STUCK,
}


def standing_of(outcome: Outcome) -> Standing:
    """What an outcome means for its document."""
    return _STANDS[outcome.result]


def report(
    plan: Plan, outcomes: tuple[Outcome, ...], observed: ObservedAccount, *, consented: bool
) -> Report:
    """Sum up a pass.

    A pass without a failure but with deletions over a limit has failed: a person must decide.
    """
    standings = [standing_of(outcome) for outcome in outcomes]
    if plan.brakes and consented:
        standings.append(Standing.STUCK)
    worst = max(standings, key=_BADNESS.index, default=Standing.SETTLED)
    return Report(plan, outcomes, worst, observed, consented)


def without_consent(plan: Plan, observed: ObservedAccount) -> Report:
    """The report of a pass whose plan was not agreed to."""
    unchanged = tuple(Outcome(step, Result.UNCHANGED) for step in plan.steps)
    return report(plan, unchanged, observed, consented=False)
