"""Steps that stand on a blocked one: they would not be started, so the plan does not count them as done."""

from dataclasses import replace

from controller.core.phase import Action
from controller.engine.plan import Step, Why


def without_footing(steps: list[Step]) -> list[Step]:
    """The steps in their order, those that can't begin before a person has helped told as blocked, too."""
    blocked: dict[str, Step] = {}
    found = []
    for step in steps:
        bad = sorted(need for need in step.needs if need in blocked)
        if bad and step.acts:
            detail = f"it would not be started, because of {', '.join(bad)}"
            step = replace(step, action=Action.BLOCKED, why=Why.NEED_BLOCKED, detail=detail, calls=())  # noqa: PLW2901 - the step as it really is
        if step.action is Action.BLOCKED:
            blocked[step.id] = step
        found.append(step)
    return found
