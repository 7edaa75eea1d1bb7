"""The events of a pass, and its report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from controller.core.cloud import Call, Fault
from controller.core.phase import Convergence
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
    """One event; ``message`` contains no secrets."""

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
    """A step and its result.

    ``message`` is what it waits for, or AWS's message of the failure; ``fault`` classifies the error. ``used`` is
    whether a dependent prevents the deletion of its resource.
    """

    step: Step
    result: Result
    message: str = ""
    calls: int = 0
    fault: Fault | None = None
    used: bool = False


@dataclass(frozen=True)
class InFlight:
    """A resource that AWS is changing after a pass.

    Fields:
        ref: its document.
        live: the observed resource; one that the pass created has no status yet.
        left: whether it is an old generation, or one whose document was removed.
    """

    ref: Ref
    live: Live
    left: bool = False


@dataclass(frozen=True)
class Report:
    """The result of a pass. ``convergence`` is the worst of all documents: STUCK before WAITING before SETTLED.

    ``in_transition`` are, by step, the resources that a List has since shown in transition: they need no Describe.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    convergence: Convergence
    observed: ObservedAccount | None = None
    consented: bool = True
    in_transition: Mapping[str, InFlight] = field(default_factory=dict)

    def by_document(self) -> Mapping[Ref, Convergence]:
        """The state of each document: the worst of its steps."""
        worst: dict[Ref, Convergence] = {}
        for outcome in self.outcomes:
            here = convergence_of(outcome)
            before = worst.get(outcome.step.ref, Convergence.SETTLED)
            worst[outcome.step.ref] = max(before, here, key=_SEVERITY.index)
        return worst

    def of(self, result: Result) -> tuple[Outcome, ...]:
        """The outcomes of one result."""
        return tuple(outcome for outcome in self.outcomes if outcome.result is result)


_SEVERITY = [Convergence.SETTLED, Convergence.WAITING, Convergence.STUCK]
_OUTCOMES = {
    Result.DONE: Convergence.SETTLED,
    Result.STARTED: Convergence.WAITING,
    Result.UNCHANGED: Convergence.SETTLED,
    Result.WAITING: Convergence.WAITING,
    Result.FAILED: Convergence.STUCK,
    Result.SKIPPED: Convergence.STUCK,
}


def convergence_of(outcome: Outcome) -> Convergence:
    """The convergence of an outcome's document."""
    return _OUTCOMES[outcome.result]


def report(
    plan: Plan, outcomes: tuple[Outcome, ...], observed: ObservedAccount, *, consented: bool
) -> Report:
    """The report of a pass.

    A pass with consent whose deletions need a confirmation is STUCK even without a failure.
    """
    all_convergence = [convergence_of(outcome) for outcome in outcomes]
    if plan.confirmations and consented:
        all_convergence.append(Convergence.STUCK)
    worst = max(all_convergence, key=_SEVERITY.index, default=Convergence.SETTLED)
    return Report(plan, outcomes, worst, observed, consented)


def without_consent(plan: Plan, observed: ObservedAccount) -> Report:
    """The report of a pass whose plan was not approved."""
    unchanged = tuple(Outcome(step, Result.UNCHANGED) for step in plan.steps)
    return report(plan, unchanged, observed, consented=False)
