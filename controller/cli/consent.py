"""Who agrees to what: a person to the plan on the screen, ``--yes`` to all that is shown before it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.phase import Action
from controller.engine.converge import PlanMoved, PlanUnread, agreed
from controller.engine.plan import Plan, Why
from controller.output.plan_diff import Held, Move, held, moves

_DESTROYS = frozenset({Action.DELETE, Action.STOP, Action.REPLACE})


@dataclass
class Yes:
    """``--yes``: the first plan is shown and done.

    A later turn may do more, because a resource that AWS was busy with can be compared only afterwards.
    What is new is shown as well before it is done; what deletes is never new.
    """

    show: Callable[[Plan], None]
    shown: Callable[[Plan], bool] | None = None

    def __call__(self, plan: Plan) -> bool:
        """Agree, or raise ``PlanMoved``."""
        if self.shown is None:
            self.show(plan)
            _see_all_read(plan)
        else:
            try:
                return self.shown(plan)
            except PlanMoved as moved:
                if any(step.action in _DESTROYS for step in moved.steps):
                    raise
                self.show(plan)
        self.shown = agreed(plan)
        return True


def _see_all_read(plan: Plan) -> None:
    """See that nothing is destroyed while something else of the same run can't be read: it would end half done.

    Raises:
        PlanUnread: something can't be read.

    """
    going = tuple(step for step in plan.acting if step.why is Why.DESTROYED)
    unread = tuple(f"{step.id}: {step.detail}" for step in plan.steps if step.why is Why.UNREADABLE)
    if going and unread:
        raise PlanUnread(going, unread)


class PlanStale(Exception):  # noqa: N818 - not an error of ours: the world moved
    """A plan that was agreed to is not what would be planned now; ``moved`` says in what.

    ``held`` says how many of its changes are there already, where that is known.
    """

    def __init__(self, moved: tuple[Move, ...], held: Held | None = None) -> None:
        super().__init__("the plan that was agreed to is stale")
        self.moved, self.held = moved, held


@dataclass
class Approved:
    """Consent to a saved plan: to what it shows and what follows from that, while nothing has moved.

    ``approve`` gives a plan in the form in which the saved one was kept.
    """

    saved: Mapping[str, Any]
    approve: Callable[[Plan], Mapping[str, Any]]
    shown: Callable[[Plan], bool] | None = None

    def __call__(self, plan: Plan) -> bool:
        """Agree, or raise ``PlanStale`` at the first turn and ``PlanMoved`` at a later one."""
        if self.shown is not None:
            return self.shown(plan)
        now = self.approve(plan)
        if moved := moves(self.saved, now):
            raise PlanStale(moved, held(self.saved, now))
        self.shown = agreed(plan)
        return True


@dataclass
class Named:
    """Consent to the plan of one fingerprint and to what follows from it: an approval that somebody gave before."""

    fingerprint: str
    shown: Callable[[Plan], bool] | None = None

    def __call__(self, plan: Plan) -> bool:
        """Agree, or raise ``PlanStale`` at the first turn and ``PlanMoved`` at a later one."""
        if self.shown is not None:
            return self.shown(plan)
        if plan.fingerprint != self.fingerprint:
            raise PlanStale((Move("", "fingerprint", self.fingerprint, plan.fingerprint),))
        self.shown = agreed(plan)
        return True
