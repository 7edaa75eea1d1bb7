"""Thousands of GitSyncs in twenty namespaces and five accounts through one operator."""

from collections.abc import Callable

import pytest

from controller.manifests.envelope import API_VERSION
from tests.load.fleet import Fleet, sync_object
from tests.soak import soak

_SPACES, _ACCOUNTS = 20, 5
_MINUTE = 60.0


def _group_text(path: str, about: str) -> tuple[str, ...]:
    head = f"apiVersion: {API_VERSION}\nkind: ModelPackageGroup\nmetadata: {{name: {path}}}\n"
    return (f"{head}spec: {{tags: {{of: {about}}}}}\n",)


@pytest.mark.parametrize("number", [20, *soak(500, 2000)])
def test_many_gitsyncs_follow_and_spread(number: int, record_property: Callable[[str, object], None]) -> None:
    """Each creates its one resource and is polled once an interval; a commit reaches all within two intervals."""
    fleet = Fleet({f"team-{each}": each % _ACCOUNTS for each in range(_SPACES)})
    about = "first"
    fleet.files = lambda path: _group_text(path, about)
    for each in range(number):
        space = f"team-{each % _SPACES}"
        fleet.create(space, [sync_object(f"s{each}", f"{space}-{each}")])
    assert fleet.run(10 * _MINUTE, lambda: fleet.ready() == number), fleet.ready()
    assert sum(len(each.resources()) for each in fleet.land.sandboxes) == number
    fleet.run(2 * _MINUTE)
    fleet.forget()
    fleet.run(3 * _MINUTE)
    quiet = fleet.land.calls()
    passes = [each.total() for each in fleet.minutes[-3:]]
    about = "second"
    assert fleet.run(2 * _MINUTE, lambda: _count_updated(fleet) == number), _count_updated(fleet)
    assert fleet.run(_MINUTE, lambda: fleet.ready() == number), fleet.ready()
    record_property("load", f"{number} GitSyncs: {passes} passes a minute, {quiet} calls of 3 quiet minutes")
    assert max(passes) <= 1.2 * number
    assert not [call for each in fleet.land.sandboxes for call in each.calls if call.error]


def _count_updated(fleet: Fleet) -> int:
    """The number of resources that the second commit has changed."""
    return sum(call.operation == "AddTags" for each in fleet.land.sandboxes for call in each.calls)
