"""The long form of a property: what ``make soak`` runs and ``make test`` leaves out."""

from typing import Any

import pytest


def soak(*values: Any, names: int = 1) -> list[Any]:
    """Parameters of a test that only ``make soak`` takes, beside the shorter ones that ``make test`` takes.

    Args:
        values: one for each run of the test; a tuple where the parameters have several names.
        names: how many names the parameters have.

    """
    return [pytest.param(*(value if names > 1 else (value,)), marks=pytest.mark.soak) for value in values]
