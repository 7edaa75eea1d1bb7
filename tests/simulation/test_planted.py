"""The simulation finds faults: those that are planted on purpose are found, each after a few histories."""

import pytest

from tests.simulation.planted import FAULTS, OF_OPERATOR, found_after
from tests.soak import soak

EACH = [(way, name) for way, faults in (("runs", FAULTS), ("operator", OF_OPERATOR)) for name in faults]
SHORT = [EACH[0], ("operator", next(iter(OF_OPERATOR)))]


@pytest.mark.parametrize("planted", [*SHORT, *soak(*(each for each in EACH if each not in SHORT))], ids=str)
def test_a_planted_fault_is_found(planted: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the fault a history breaks an invariant, and without it the same history breaks none."""
    way, name = planted
    after = found_after({**FAULTS, **OF_OPERATOR}[name], way=way)
    with capsys.disabled():
        print(f"\n{name}: {f'found after {after} histories' if after else 'not found'}")
    assert after
