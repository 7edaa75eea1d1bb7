"""Deletions that AWS accepted and that failed: told with their reason, and not repeated at every look."""

from collections.abc import Iterable
from dataclasses import replace

from controller.core.phase import Action, Phase
from controller.engine.plan import Step, Why
from controller.inventory.model import DELETION, Attempt, Inventory
from controller.kinds.status_phases import UNDELETED

BACKOFF = 3600  # seconds until a run that comes again by itself tries a failed deletion once more


def is_ours(attempt: Attempt | None) -> bool:
    """Whether an attempt is one to bring a spec to AWS, and no deletion."""
    return attempt is not None and attempt.digest != DELETION


def held_after_failure(
    steps: Iterable[Step], held: Inventory, now: float | None, *, going_on: bool
) -> list[Step]:
    """The steps, of which a deletion that failed is blocked for a while.

    Args:
        steps: the plan's steps.
        held: what we remember to have tried.
        now: the time where the run comes again by itself. A person who asks has it tried once in a run.
        going_on: whether an earlier turn of this run has tried it.

    """
    return [_held(step, held, now, going_on=going_on) for step in steps]


def _held(step: Step, held: Inventory, now: float | None, *, going_on: bool) -> Step:
    entry = held.of(step.ref)
    tried = entry.attempt
    if step.action is not Action.DELETE or step.phase is not Phase.FAILED or entry.name != step.name:
        return step
    if tried is None or tried.digest != DELETION:
        return step
    failed = step.status in UNDELETED or (step.modified, step.reason) != (tried.modified, tried.reason)
    again = not going_on if now is None else now - tried.at >= BACKOFF
    if not failed or again:
        return step
    when = "the next run tries it again" if now is None else "it is tried again an hour after the last time"
    reason = step.reason or "SageMaker gave no reason"
    detail = f"its deletion failed ({step.status}): {reason}; mend the cause, and {when}"
    return replace(step, action=Action.BLOCKED, why=Why.FAILED, detail=detail, calls=())
