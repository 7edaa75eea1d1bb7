"""A throttled account beside another one: the other one's objects get as many passes a minute as without it."""

from collections.abc import Callable

import pytest

from controller.sandbox import InjectedFault
from tests.benchmarks.stacks import ten_kinds
from tests.load.fleet import Fleet
from tests.soak import soak

_CAPACITY = 20  # passes of a tick
_OF_EACH = 10  # objects of each quiet namespace
_NEXT = 3  # passes that may fall into the minute after
_QUIET, _THROTTLED = ("quiet-0", "quiet-1"), ("busy-0", "busy-1")


def _create_fleet(busy: int) -> Fleet:
    """A fleet with so many objects in each namespace of an account that throttles each call from the first on."""
    fleet = Fleet({**dict.fromkeys(_THROTTLED, 0), **dict.fromkeys(_QUIET, 1)}, capacity=_CAPACITY)
    fleet.land.clouds[0].identity  # noqa: B018 - an account that refuses even this has no namespace
    fleet.land.sandboxes[0].inject(InjectedFault.THROTTLE, times=None)
    for name in _THROTTLED if busy else ():
        fleet.create(name, ten_kinds(busy, f"{name}-"))
    for name in _QUIET:
        fleet.create(name, ten_kinds(_OF_EACH, f"{name}-"))
    return fleet


def _ready_after(fleet: Fleet) -> tuple[float, list[int]]:
    """Seconds until all objects of the quiet account are Ready, and their passes in each minute until then."""
    number = _OF_EACH * len(_QUIET)
    assert fleet.run(1800, lambda: fleet.ready(*_QUIET) == number), fleet.ready(*_QUIET)
    return fleet.land.seconds, [sum(each[name] for name in _QUIET) for each in fleet.minutes]


@pytest.mark.parametrize("busy", [20, *soak(1000)])
def test_a_quiet_account_has_its_passes_beside_a_throttled_one(
    busy: int, record_property: Callable[[str, object], None]
) -> None:
    """The quiet account has as many passes in each minute, and is Ready as soon; throttled calls are few."""
    alone, alone_passes = _ready_after(_create_fleet(0))
    fleet = _create_fleet(busy)
    beside, passes = _ready_after(fleet)
    record_property("load", f"alone {alone:.0f} s {alone_passes}, beside {beside:.0f} s {passes}")
    assert beside <= alone * 1.05
    assert all(have + _NEXT >= 0.95 * had for have, had in zip(passes, alone_passes, strict=False))
    throttled = sum(call.error == "ThrottlingException" for call in fleet.land.sandboxes[0].calls)
    assert 0 < throttled <= 2 * fleet.land.seconds
    fleet.land.sandboxes[0].clear_faults()
    assert fleet.run(3600, lambda: fleet.ready() == fleet.ready(*_QUIET) + busy // 10 * 10 * len(_THROTTLED))
