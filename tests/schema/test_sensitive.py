"""Members that a document or a shape marks as sensitive are masked, whatever their type."""

from datetime import UTC, datetime
from typing import Any

import pytest

from controller.kinds import KINDS
from controller.runtime.redaction import MASK
from controller.schema.contract import contract
from controller.schema.sensitive import mask_sensitive
from controller.schema.shape import Shape, holds_sensitive, shape


@pytest.mark.parametrize("value", ["text", 7, 0.5, datetime(2026, 11, 1, tzinfo=UTC), True], ids=str)
def test_a_marked_scalar_is_masked(value: Any) -> None:
    """Strings, numbers, booleans and timestamps, at the marked path and below it, and no others."""
    body = {"ModelName": value, "PrimaryContainer": {"Image": value}, "Containers": [{"Image": value}]}
    shown = mask_sensitive(body, contract("Model").spec, patterns=("PrimaryContainer", "Containers[].Image"))
    assert shown == {"ModelName": value, "PrimaryContainer": {"Image": MASK}, "Containers": [{"Image": MASK}]}


def _finds_sensitive(of: Shape, above: frozenset[str] = frozenset()) -> bool:
    names = {*of.members.values(), of.element, of.key, of.value} - above - {""}
    return of.sensitive or any(_finds_sensitive(shape(name), above | {of.name}) for name in names)


def test_a_shape_holds_what_is_sensitive_at_any_depth() -> None:
    """Of every kind, spec and body: what ``masked`` copies without a look inside has no sensitive member below it."""
    shapes = [of for kind in KINDS for of in (contract(kind).spec, contract(kind).body)]
    held = {of.name for of in shapes if holds_sensitive(of)}
    assert held == {of.name for of in shapes if _finds_sensitive(of)}
    assert len(held) > 1
    assert held < {of.name for of in shapes}
