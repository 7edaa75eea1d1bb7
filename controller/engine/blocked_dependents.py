"""Steps that stand on nothing: they would not be started, so the plan does not count them as done."""

from collections.abc import Iterable
from dataclasses import replace

from controller.core.phase import Action
from controller.engine.plan import Step, Why


def block_dependents(steps: list[Step]) -> list[Step]:
    """The steps in their order, with those that depend on a blocked one marked as blocked, too."""
    blocked: set[str] = set()
    found = []
    for step in steps:
        bad = sorted(step.needs & blocked)
        judged = _blocked(step, f"it would not be started because of {', '.join(bad)}") if bad else step
        if judged.action is Action.BLOCKED:
            blocked.add(judged.id)
        found.append(judged)
    return found


def on_what_is_there(steps: list[Step], there: Iterable[str]) -> list[Step]:
    """The steps of a run that makes nothing they need: those whose needs are not all in the account are blocked."""
    known = frozenset(there)
    lacking = [(step, sorted(step.needs - known)) for step in steps]
    return [
        _blocked(step, f"its dependencies are not in the account: {', '.join(bad)}") if bad else step
        for step, bad in lacking
    ]


def _blocked(step: Step, detail: str) -> Step:
    if not step.acts:
        return step
    return replace(step, action=Action.BLOCKED, why=Why.NEED_BLOCKED, detail=detail, calls=())
