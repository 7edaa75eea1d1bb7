"""What a turn came to, in numbers: what whoever measures is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.engine.plan import Plan, Why
from controller.engine.report import Report, Result
from controller.gitops.status import State

_OUTSIDE = frozenset({Why.DRIFTED, Why.GONE})


@dataclass(frozen=True)
class Turned:
    """A turn of a sync.

    ``drifted`` counts what was not as the applied revision has it when the turn began, ``waiting`` what AWS
    is at work on, ``blocked`` deletions that a brake holds; ``changes`` are the plan's actions.
    """

    sync: str
    state: State
    seconds: float
    changes: Mapping[str, int]
    drifted: int
    waiting: int
    blocked: int


def changes(plan: Plan) -> dict[str, int]:
    """How often a plan takes each action that changes something."""
    counts: dict[str, int] = {}
    for step in plan.acting:
        counts[step.action.name.lower()] = counts.get(step.action.name.lower(), 0) + 1
    return counts


def turned(sync: str, state: State, report: Report, seconds: float, *, applied: bool) -> Turned:
    """Sum up a turn; ``applied``: this process had applied the revision before it, so that all there is is drift.

    A new process knows the drift that the inventory tells from a change of ours.
    """
    whole = replace(report.plan, brakes=())
    return Turned(
        sync,
        state,
        seconds,
        changes(whole),
        drifted=sum(applied or step.why in _OUTSIDE for step in whole.acting),
        waiting=len(report.of(Result.WAITING)) + len(report.of(Result.STARTED)),
        blocked=len({each for brake in report.plan.brakes for each in brake.held}),
    )
