"""The readiness that the tests' wait for objects requires."""

from typing import Any

import pytest

from tests.kubernetes.operator_process import is_ready

READY = {"type": "Ready", "status": "True"}
OTHER = {"type": "Synced", "status": "True"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"conditions": [OTHER, READY]}, True),
        ({"conditions": [{**READY, "observedGeneration": 2}]}, True),
        ({"conditions": [{**READY, "observedGeneration": 1}]}, False),
        ({"conditions": [{**READY, "observedGeneration": 2}], "observedGeneration": 1}, True),
        ({"conditions": [READY], "observedGeneration": 1}, False),
        ({"conditions": [READY], "observedGeneration": 2}, True),
        ({"conditions": [{**READY, "status": "False"}]}, False),
        ({"conditions": [{**READY, "status": "Unknown"}]}, False),
        ({"conditions": [OTHER]}, False),
        ({"observedGeneration": -1}, False),
        ({}, False),
    ],
)
def test_ready_is_what_kubectl_waits_for(status: dict[str, Any], expected: bool) -> None:
    """An object is Ready by its condition, in the generation that it has now."""
    assert is_ready({"metadata": {"generation": 2}, "status": status}) is expected


def test_what_is_not_there_is_not_ready() -> None:
    """An object that the server does not have is waited for."""
    assert not is_ready({})
