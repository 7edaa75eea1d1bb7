"""Laws of passes: only planned changes are made, none twice, and each call and each recorded spec has known values.

Journeys and histories assert them in each pass.
"""

from collections import Counter
from collections.abc import Collection, Iterable

from controller.core.cloud import Call
from controller.engine.plan import Plan, Step
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import Inventory
from controller.manifests.resolve import unknowns


def unplanned_calls(plan: Plan, accepted: Iterable[str], missing: Collection[str] = ()) -> Counter[str]:
    """How much more often than planned a pass changed AWS, by operation."""
    planned = Counter(
        call.operation for step in plan.acting for call in _calls_now(step, missing) if call.changes
    )
    return Counter(accepted) - planned


def calls_with_unknown_inputs(plan: Plan) -> list[str]:
    """The calls of a plan with an input that is not known yet: none, because its step waits without a call."""
    return [
        f"{step.id}: {call.operation}" for step in plan.steps for call in step.calls if unknowns(call.params)
    ]


def _calls_now(step: Step, missing: Collection[str]) -> tuple[Call, ...]:
    """The calls that one pass makes of a step; a deletion that finds nothing is not waited for."""
    now = step.calls[: step.at_once]
    return step.calls if {call.operation for call in now} & {*missing} else now


class CheckedInventoryStore(FileInventoryStore):
    """An inventory file that takes no value that is not known yet."""

    def save(self, inventory: Inventory) -> None:
        """Write it.

        Raises:
            AssertionError: a recorded spec has a value that is not known.

        """
        wrong = [str(ref) for ref, entry in inventory.entries.items() if unknowns(entry.applied)]
        assert not wrong, f"what was applied is not known of {wrong}"
        super().save(inventory)
