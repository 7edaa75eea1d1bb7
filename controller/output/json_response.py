"""AWS's answers as JSON can hold them: times as ISO 8601 in UTC, hidden values as their stand-in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from controller.core.instant import iso
from controller.output.values import Masked


def plain(value: Any) -> Any:
    """The value in JSON's types, its members in AWS's words and order."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return iso(value)
    return str(value) if isinstance(value, Masked) else value
