"""Thousands of objects in twenty namespaces and five accounts through one operator."""

import time
from collections.abc import Callable

import pytest

from tests.benchmarks.stacks import ten_kinds
from tests.load.fleet import Fleet
from tests.soak import soak

_SPACES, _ACCOUNTS = 20, 5
_KINDS = 10
_HOUR = 3600.0


def _create_fleet(objects: int, spaces: int) -> Fleet:
    """A fleet with a number of objects in a number of namespaces."""
    fleet = Fleet({f"team-{number}": number % _ACCOUNTS for number in range(spaces)})
    for name in fleet.namespaces:
        fleet.create(name, ten_kinds(objects // spaces, f"{name}-"))
    return fleet


@pytest.mark.parametrize(
    ("number", "spaces"), [(100, 10), *soak((2000, _SPACES), (10_000, _SPACES), names=2)]
)
def test_many_objects_become_ready_and_stay_quiet(
    number: int, spaces: int, record_property: Callable[[str, object], None]
) -> None:
    """Each is created once, in the account of its namespace; an hour later only pages of Lists are read."""
    fleet, began = _create_fleet(number, spaces), time.process_time()
    assert fleet.run(_HOUR, lambda: fleet.ready() == number), fleet.ready()
    made = [call for each in fleet.land.sandboxes for call in each.calls if call.mutating]
    assert [call.operation for call in made if call.error] == []
    assert len(made) == number
    for account, sandbox in enumerate(fleet.land.sandboxes):
        names = [name for name, at in fleet.namespaces.items() if at == account]
        assert len(sandbox.resources()) == fleet.ready(*names) == number // _ACCOUNTS
    calls, passes = fleet.land.calls(), fleet.replica.passes.total()
    milliseconds, writes = 1000 * (time.process_time() - began), fleet.cluster.writes
    of_each = {"calls": calls, "passes": passes, "writes": writes, "ms of processor time": milliseconds}
    figures = ", ".join(f"{value / number:.2f} {name}" for name, value in of_each.items())
    record_property("load", f"{number} objects: {figures} each")
    for _ in range(2):  # the first hour checks what no resync has observed
        fleet.forget()
        fleet.settle(_HOUR, _HOUR / 6)
    reads = fleet.land.calls()
    pages = _ACCOUNTS * (2 * _KINDS + 2 * (number // _ACCOUNTS) // 50 + 2)
    assert reads <= 2 * pages, f"{reads} calls of a quiet hour, of {pages}"
    assert fleet.ready() == number
    assert not any(call.mutating for each in fleet.land.sandboxes for call in each.calls)
