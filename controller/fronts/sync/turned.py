"""What a turn came to, in numbers: what whoever measures is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.engine.plan import Plan
from controller.engine.report import Report, Result
from controller.fronts.sync.record import State


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
    told: dict[str, int] = {}
    for step in plan.acting:
        told[step.action.name.lower()] = told.get(step.action.name.lower(), 0) + 1
    return told


def turned(sync: str, state: State, report: Report, seconds: float, *, applied: bool) -> Turned:
    """Sum up a turn; ``applied``: the revision had been applied before it."""
    whole = replace(report.plan, brakes=())
    return Turned(
        sync,
        state,
        seconds,
        changes(whole),
        drifted=len(whole.acting) if applied else 0,
        waiting=len(report.of(Result.WAITING)) + len(report.of(Result.STARTED)),
        blocked=len({each for brake in report.plan.brakes for each in brake.held}),
    )
