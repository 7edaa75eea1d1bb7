"""The simulation finds faults: those that are planted on purpose are found, each after a few histories."""

import pytest

from tests.simulation.planted import FAULTS, found_after
from tests.soak import soak

FIRST = next(iter(FAULTS))


@pytest.mark.parametrize("name", [FIRST, *soak(*(name for name in FAULTS if name != FIRST))])
def test_a_planted_fault_is_found(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the fault a history breaks an invariant, and without it the same history breaks none."""
    after = found_after(FAULTS[name])
    with capsys.disabled():
        print(f"\n{name}: {f'found after {after} histories' if after else 'not found'}")
    assert after
