"""What a document or a shape marks as sensitive is masked, whatever its type."""

from datetime import UTC, datetime
from typing import Any

import pytest

from controller.runtime.redaction import MASK
from controller.schema.contract import contract
from controller.schema.sensitive import masked


@pytest.mark.parametrize("value", ["text", 7, 0.5, datetime(2026, 11, 1, tzinfo=UTC), True], ids=str)
def test_a_marked_scalar_is_masked(value: Any) -> None:
    """Texts, numbers, booleans and timestamps alike, at the marked path and below it, and nothing beside it."""
    body = {"ModelName": value, "PrimaryContainer": {"Image": value}, "Containers": [{"Image": value}]}
    shown = masked(body, contract("Model").spec, patterns=("PrimaryContainer", "Containers[].Image"))
    assert shown == {"ModelName": value, "PrimaryContainer": {"Image": MASK}, "Containers": [{"Image": MASK}]}
