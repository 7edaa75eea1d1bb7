"""The limit of deletions that nobody confirmed: counted over the runs of a set, within a window of time.

Twenty resources must not go to one by six runs that each stay under the limit. The size that the limit is a
share of is that of the set before the first deletion in the window.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from controller.engine.apply import Done
from controller.engine.plan import Plan
from controller.engine.report import Result
from controller.inventory.model import Inventory, Pruned

WINDOW = 24 * 3600  # seconds
FEW = 3
SHARE = 0.2


def within(held: Inventory, at: float | None) -> tuple[Pruned, ...]:
    """The deletions that still count at a time; all of them where the time is not known."""
    return tuple(each for each in held.pruned if at is None or at - WINDOW < each.at)


def allowed(held: Inventory, at: float | None) -> int:
    """How many deletions may go unconfirmed within the window."""
    before = within(held, at)
    return max(FEW, int(SHARE * (before[0].size if before else len(held.entries))))


def spent(held: Inventory, at: float | None, steps: Collection[str] = ()) -> int:
    """How many deletions count at a time besides those of ``steps``, which may have been tried before."""
    return sum(not each.step or each.step not in steps for each in within(held, at))


def noted(held: Inventory, plan: Plan, at: float | None) -> Inventory:
    """The inventory with the deletions that a plan is about to make; what was tried before counts once."""
    before = within(held, at)
    known = {each.step for each in before}
    when = int(at) if at is not None else max((each.at for each in before), default=0)
    more = (Pruned(when, len(held.entries), each) for each in sorted(plan.counted - known))
    return replace(held, pruned=(*before, *more))


def proved(held: Inventory, plan: Plan, done: Mapping[str, Done]) -> Inventory:
    """The inventory after a turn: what was not begun counts no more, and what is gone counts whatever comes next."""
    there = {step.id for step in plan.steps}
    left = []
    for each in held.pruned:
        end = done.get(each.step)
        if each.step in plan.counted and end is not None and not end.outcome.calls:
            continue
        gone = each.step not in there or (end is not None and end.outcome.result is Result.DONE)
        left.append(replace(each, step="") if gone else each)
    return replace(held, pruned=tuple(left))
