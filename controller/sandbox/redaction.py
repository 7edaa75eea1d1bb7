"""Values of sensitive shapes never reach the record of calls."""

from collections.abc import Callable
from typing import Any

from controller.sandbox.rules import Json

HIDDEN = "***"


def masker(shapes: Json, name: str) -> Callable[[Any], Any] | None:
    """Return what hides the sensitive parts of a value of that shape; None where it can have none."""
    return _masker(shapes, name, frozenset())


def _masker(shapes: Json, name: str, above: frozenset[str]) -> Callable[[Any], Any] | None:
    shape = shapes[name]
    if shape.get("sensitive"):
        return lambda _: HIDDEN
    if name in above:
        return None
    inner = above | {name}
    if shape["type"] == "structure":
        return _of_members({m: _masker(shapes, t["shape"], inner) for m, t in shape["members"].items()})
    if shape["type"] == "list":
        return _of_items(_masker(shapes, shape["member"]["shape"], inner))
    if shape["type"] == "map":
        return _of_values(_masker(shapes, shape["value"]["shape"], inner))
    return None


def _of_members(by_member: dict[str, Callable[[Any], Any] | None]) -> Callable[[Any], Any] | None:
    hides = {member: hide for member, hide in by_member.items() if hide}
    if not hides:
        return None
    return lambda value: (
        {m: hides[m](v) if m in hides else v for m, v in value.items()} if isinstance(value, dict) else value
    )


def _of_items(hide: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    if hide is None:
        return None
    return lambda value: [hide(item) for item in value] if isinstance(value, list) else value


def _of_values(hide: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    if hide is None:
        return None
    return lambda value: {k: hide(v) for k, v in value.items()} if isinstance(value, dict) else value
