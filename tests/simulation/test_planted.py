"""The simulation finds faults: those that are planted on purpose are found, each after a few histories."""

import pytest

from tests.simulation.planted import BY_WAY, found_after
from tests.soak import soak

EACH = [(way, name) for way, faults in BY_WAY.items() for name in faults]
SHORT = [next(each for each in EACH if each[0] == way) for way in BY_WAY]


@pytest.mark.parametrize("planted", [*SHORT, *soak(*(each for each in EACH if each not in SHORT))], ids=str)
def test_a_planted_fault_is_found(planted: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the fault a history violates an invariant, and without it the same history violates none."""
    way, name = planted
    after = found_after(BY_WAY[way][name], way=way)
    with capsys.disabled():
        print(f"\n{name}: {f'found after {after} histories' if after else 'not found'}")
    assert after


def test_each_planted_fault_changes_an_existing_function() -> None:
    """A fault in a renamed function would have no effect, and only ``make soak`` plants them all."""
    faults = {name: fault for faults in BY_WAY.values() for name, fault in faults.items()}
    assert [name for name, (where, attribute, _) in faults.items() if not hasattr(where, attribute)] == []
