"""Who agrees to what: a person to the plan on the screen, ``--yes`` to all that is shown before it runs."""

from collections.abc import Callable
from dataclasses import dataclass

from controller.core.phase import Action
from controller.engine.plan import Plan
from controller.fronts.loop import PlanMoved, agreed

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
        else:
            try:
                return self.shown(plan)
            except PlanMoved as moved:
                if any(step.action in _DESTROYS for step in moved.steps):
                    raise
                self.show(plan)
        self.shown = agreed(plan)
        return True
