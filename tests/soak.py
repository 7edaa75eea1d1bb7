"""The long form of a property: what ``make soak`` runs and ``make test`` leaves out."""

import os
from typing import Any

import pytest

# ``make soak`` sets the day, or SEED, so that each of its runs has histories that none had before; it prints them.
_RUN = int(os.environ.get("SOAK_SEED", "0"))
_SEEDS_OF_A_RUN = 100_000


def soak(*values: Any, names: int = 1) -> list[Any]:
    """Parameters of a test that only ``make soak`` takes, beside the shorter ones that ``make test`` takes.

    Args:
        values: one for each run of the test; a tuple where the parameters have several names.
        names: how many names the parameters have.

    """
    return [pytest.param(*(value if names > 1 else (value,)), marks=pytest.mark.soak) for value in values]


def new_seeds(number: int, chunk: int) -> list[range]:
    """Seeds of random histories that only this run of ``make soak`` has, in parts for the workers to share.

    Args:
        number: how many seeds.
        chunk: how many of them one test takes: some tens of seconds, or a worker ends alone with the last one.

    """
    first = _RUN * _SEEDS_OF_A_RUN
    return [range(start, min(start + chunk, first + number)) for start in range(first, first + number, chunk)]
