"""The law that a pass makes only planned changes, and none twice; journeys and histories assert it."""

from collections import Counter
from collections.abc import Collection, Iterable

from controller.core.cloud import Call
from controller.engine.plan import Plan, Step


def unplanned_calls(plan: Plan, accepted: Iterable[str], missing: Collection[str] = ()) -> Counter[str]:
    """How much more often than planned a pass changed AWS, by operation."""
    planned = Counter(
        call.operation for step in plan.acting for call in _calls_now(step, missing) if call.changes
    )
    return Counter(accepted) - planned


def _calls_now(step: Step, missing: Collection[str]) -> tuple[Call, ...]:
    """The calls that one pass makes of a step; a deletion that finds nothing is not waited for."""
    now = step.calls[: step.at_once]
    return step.calls if {call.operation for call in now} & {*missing} else now
