"""The condition ``Drifted``: what was changed outside and is not brought back, counted and named."""

from typing import Any

from controller.gitops.status import Record
from controller.operator.cached_object import Item
from controller.operator.conditions import dated

Json = dict[str, Any]
_TYPE = "Drifted"
_LONGEST = 4096


def drift(item: Item, record: Record | None, now: str) -> list[Json]:
    """The condition; none where there was never any drift, or where nothing is known."""
    if record is None or not (record.drifted or item.condition(_TYPE)):
        return []
    count = len(record.drifted)
    message = (
        f"{count} not as applied: {'; '.join(record.drifted)}"
        if count
        else "AWS matches the applied revision"
    )
    condition = {
        "type": _TYPE,
        "status": "True" if count else "False",
        "reason": "ChangedOutside" if count else "AsApplied",
        "message": message[:_LONGEST],
        "observedGeneration": item.generation,
    }
    return [dated(condition, item, now)]
