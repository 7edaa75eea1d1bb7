"""The start and end times of an execution's steps, calculated when it starts."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from controller.sandbox.kinds.pipeline_definition import StepPlan
from controller.sandbox.rules import Json

Outcome = Callable[[StepPlan], str | None]  # the reason of a step's failure, if it fails


@dataclass(frozen=True)
class StepSchedule:
    """The steps that run, with their times, and the end of the execution."""

    steps: list[Json]
    end: float
    failed: bool


@dataclass
class _Run:
    """The simulated clock of one execution."""

    waiting: list[StepPlan]
    done: set[str]
    running: list[tuple[float, int, StepPlan, str | None]] = field(default_factory=list)
    steps: list[Json] = field(default_factory=list)
    failed: bool = False


def schedule_steps(
    plans: Sequence[StepPlan],
    *,
    start: float,
    seconds: Callable[[StepPlan], float],
    fails: Outcome,
    slots: int,
    done: frozenset[str] = frozenset(),
) -> StepSchedule:
    """Schedule the steps in the order of their dependencies, `slots` at a time.

    After a failure no further step starts, and running ones continue to their end. AWS documents for the Fail step only
    that the execution ends Failed.
    """
    run = _Run([plan for plan in plans if plan.name not in done], set(done))
    now = start
    _begin(run, now, seconds, fails, slots)
    while run.running:
        now, _, plan, reason = heapq.heappop(run.running)
        run.failed = run.failed or reason is not None
        run.done.add(plan.name)
        _begin(run, now, seconds, fails, slots)
    return StepSchedule(run.steps, now, run.failed)


def _begin(run: _Run, now: float, seconds: Callable[[StepPlan], float], fails: Outcome, slots: int) -> None:
    for plan in list(run.waiting):
        if run.failed or len(run.running) >= slots:
            return
        if plan.needs <= run.done:
            run.waiting.remove(plan)
            reason, until = fails(plan), now + seconds(plan)
            heapq.heappush(run.running, (until, len(run.steps), plan, reason))
            run.steps.append(
                {
                    "StepName": plan.name,
                    "type": plan.type,
                    "StepDisplayName": plan.spec.get("DisplayName"),
                    "StepDescription": plan.spec.get("Description"),
                    "StartTime": now,
                    "EndTime": until,
                    "FailureReason": reason,
                    "last": "Succeeded" if reason is None else "Failed",
                    "AttemptCount": 1,
                    "outcome": plan.outcome,
                }
            )


def stop_steps(steps: Sequence[Json], now: float, end: float) -> list[Json]:
    """Return the steps of a stopped execution: running ones end Stopped, later ones do not start."""
    begun = [step for step in steps if step["StartTime"] <= now]
    return [
        step
        if step["EndTime"] <= now
        else step | {"EndTime": end, "last": "Stopped", "stopping": now, "FailureReason": None}
        for step in begun
    ]


def visible_steps(steps: Sequence[Json], now: float, starting: float) -> list[Json]:
    """Return the steps as a read returns them now, in the order of their start."""
    return [_visible_step(step, now, starting) for step in steps if step["StartTime"] <= now]


def _visible_step(step: Json, now: float, starting: float) -> Json:
    if step["EndTime"] <= now:
        return step | {"StepStatus": step["last"]}
    status = "Starting" if now < step["StartTime"] + starting else "Executing"
    if "stopping" in step:
        status = "Stopping"
    hidden = ("EndTime", "FailureReason")
    return {key: value for key, value in step.items() if key not in hidden} | {"StepStatus": status}
