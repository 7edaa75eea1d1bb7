"""Objects that only wait for AWS: the cost of their polls, and the events that lead to a pass."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.phase import Phase
from controller.engine.lookup import describe
from controller.engine.observed import Live
from controller.operator.cached_object import Item, item
from controller.operator.waits import Waits
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.engine.test_in_flight import call_counts
from tests.engine.test_shared_reads import config, model
from tests.journeys.stage import Stage
from tests.operator.objects import item_of

SECONDS = 180.0  # the duration of an endpoint's creation in the sandbox


def begin_endpoints(stage: Stage, waits: Waits, count: int) -> list[Item]:
    """Objects whose endpoints were just begun, each after a pass that observed that."""
    stage.apply(model("m"), config("c", "m"))
    items = [item_of("Endpoint", f"e{number}", {"endpointConfigName": "c"}) for number in range(count)]
    for each in items:
        stage.client().create_endpoint(EndpointName=each.ref.name, EndpointConfigName="c")
        waits.note(each, describe_endpoint(stage, each))
    stage.forget_calls()
    return items


def describe_endpoint(stage: Stage, each: Item) -> Live | None:
    """What Describe returns for an object's endpoint."""
    return describe(stage.cloud(), contract("Endpoint"), each.ref.name)


@pytest.mark.parametrize("count", [1, 20])
def test_lists_alone_show_when_an_endpoint_has_ended(tmp_path: Path, count: int) -> None:
    """Objects share the pages, nothing is described, and each pass follows soon after the end."""
    stage = Stage(tmp_path)
    waits = Waits(now=lambda: stage.seconds)
    items, start = begin_endpoints(stage, waits, count), stage.seconds
    ended: dict[str, float] = {}
    while len(ended) < count:
        left = [each for each in items if each.ref.name not in ended]
        pauses = [waits.pause(each.ref) for each in left]
        stage.wait(max(min(pause for pause in pauses if pause is not None), 0.01))
        for each in left:
            if waits.pause(each.ref) == 0.0 and not waits.is_in_transition(each, stage.cloud()):
                ended[each.ref.name] = stage.seconds - start
                waits.note(each, describe_endpoint(stage, each))
                assert waits.pause(each.ref) is None
    assert all(SECONDS <= at <= SECONDS * 1.08 + 1 for at in ended.values())
    assert call_counts(stage)["DescribeEndpoint"] == count
    assert call_counts(stage)["ListEndpoints"] <= 120


def test_an_early_change_causes_a_pass(tmp_path: Path) -> None:
    """A change of the object or its dependencies, or an event of AWS: each requests a pass without a List."""
    stage = Stage(tmp_path)
    waits = Waits(now=lambda: stage.seconds)
    (each,) = begin_endpoints(stage, waits, 1)
    assert not waits.is_in_transition(each, stage.cloud())
    stage.wait(1)
    assert waits.is_in_transition(each, stage.cloud())
    stage.wait(1)
    metadata = {**each.metadata, "generation": 2}
    changed = item(each.ref, {**each.value, "metadata": metadata}, None)
    before = call_counts(stage)
    assert not waits.is_in_transition(changed, stage.cloud())
    waits.note(each, None)
    assert not waits.is_in_transition(each, stage.cloud())
    assert call_counts(stage) == before


@pytest.mark.parametrize(
    ("fault", "still"),
    [(InjectedFault.DENIED, False), (InjectedFault.THROTTLE, True), (InjectedFault.UNSUPPORTED, False)],
)
def test_a_refused_list_causes_a_pass_except_a_throttled_one(
    tmp_path: Path, fault: InjectedFault, *, still: bool
) -> None:
    """The pass describes the resource; a List that is throttled is read again after the next interval."""
    stage = Stage(tmp_path)
    waits = Waits(now=lambda: stage.seconds)
    (each,) = begin_endpoints(stage, waits, 1)
    stage.sandbox.inject(fault, operation="ListEndpoints", times=None)
    stage.wait(1)
    assert waits.is_in_transition(each, stage.cloud()) is still


def test_an_update_beside_the_status_is_described(tmp_path: Path) -> None:
    """If the status is Ready while AWS works, no List shows the end, so the resource is described."""
    stage = Stage(tmp_path)
    waits = Waits(now=lambda: stage.seconds)
    (each,) = begin_endpoints(stage, waits, 1)
    live = describe_endpoint(stage, each)
    assert live is not None
    waits.note(each, replace(live, status="InService"))
    assert waits.pause(each.ref) is None


def test_a_chosen_poll_is_the_longest_interval(tmp_path: Path) -> None:
    """Polls come sooner if AWS may be done sooner, and never later."""
    stage = Stage(tmp_path)
    waits = Waits(2.0, now=lambda: stage.seconds)
    (each,) = begin_endpoints(stage, waits, 1)
    stage.wait(100)
    assert waits.is_in_transition(each, stage.cloud())
    assert waits.pause(each.ref) == 2.0


def test_lists_alone_show_when_a_deletion_has_ended(tmp_path: Path) -> None:
    """Objects with an accepted deletion wait without a pass and without a Describe, and each is checked soon after."""
    stage = Stage(tmp_path)
    waits = Waits(now=lambda: stage.seconds)
    items = begin_endpoints(stage, waits, 5)
    stage.wait(2 * SECONDS)
    for each in items:
        stage.client().delete_endpoint(EndpointName=each.ref.name)
        waits.note(each, Live(each.ref.name, "", Phase.DELETING, {}))
    stage.forget_calls()
    left, looks = list(items), 0
    while left:
        stage.wait(max(min(waits.pause(each.ref) or 0.0 for each in left), 0.01))
        for each in [each for each in left if waits.pause(each.ref) == 0.0]:
            looks += 1
            if not waits.is_in_transition(each, stage.cloud()):
                left.remove(each)
    assert looks > len(items)
    assert call_counts(stage).keys() == {"ListEndpoints"}
    assert stage.client().list_endpoints()["Endpoints"] == []
