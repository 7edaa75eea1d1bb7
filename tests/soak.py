"""The long form of a property: what ``make soak`` runs and ``make test`` leaves out."""

from typing import Any

import pytest


def soak(*values: Any) -> list[Any]:
    """Parameters of a test that only ``make soak`` takes, beside the shorter ones that ``make test`` takes."""
    return [pytest.param(value, marks=pytest.mark.soak) for value in values]
