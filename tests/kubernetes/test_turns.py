"""What one turn asks of the API server, and what it does where it has seen too little."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.core.cloud import Call
from controller.operator.desk import Rules
from controller.operator.kube.api import ApiError
from controller.operator.reasons import Reason
from controller.operator.sights import Sights
from controller.operator.words import path_of
from tests.kubernetes.documents import config, document, endpoint, model, pipeline
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.turning import Turning, turning
from tests.sandbox.conftest import client_of

LARGEST = 1_048_576  # characters of a pipeline's definition that AWS takes


@pytest.fixture
def desk(kubectl: Kubectl) -> Iterator[Turning]:
    """Take turns by hand."""
    with turning(kubectl) as made:
        yield made


def test_a_creation_costs_three_writes_and_no_read(desk: Turning) -> None:
    """Finalizer and memory before AWS is called, the status after; a turn that finds all well asks nothing."""
    noted: list[list[str]] = []
    desk.before_call = lambda call: (
        noted.append(list(desk.asked)) if call.operation == "CreateModel" else None
    )
    ref = desk.show(model())
    assert desk.turn(ref).reason is Reason.READY
    assert noted == [["PATCH models", "PATCH status"]]
    assert desk.asked == ["PATCH models", "PATCH status", "PATCH status"]
    desk.turn(ref)  # the first look, which brings outputs
    desk.asked.clear()
    assert desk.turn(ref).reason is Reason.READY
    assert desk.asked == []


def test_a_neighbour_that_was_just_made_is_not_looked_at(desk: Turning) -> None:
    """What was made with a known name needs no Describe when another is built on it."""
    desk.turn(desk.show(model()))
    assert desk.turn(desk.show(config())).reason is Reason.READY
    asked = [each.operation for each in desk.sandbox.calls]
    assert asked[1:] == ["DescribeModel", "CreateModel", "DescribeEndpointConfig", "CreateEndpointConfig"]


def test_a_turn_on_an_old_sight_changes_nothing(desk: Turning) -> None:
    """Where the object has moved on, the write before the first change is refused, and AWS is left alone."""
    ref = desk.show(model())
    desk.kubectl.must("label", "model.sagemaker.gitops.dev", "fraud", "team=risk")
    with pytest.raises(ApiError) as refused:
        desk.turn(ref)
    assert refused.value.moved
    assert desk.changes() == []


def test_where_nothing_is_noted_the_object_is_read_before_a_change(desk: Turning) -> None:
    """An attempt that was cut off is repeated with nothing new to remember: no write would show an old sight."""
    ref = desk.show(model())

    def die(call: Call) -> None:
        if call.operation == "CreateModel":
            raise RuntimeError("killed")

    desk.before_call = die
    with pytest.raises(RuntimeError):
        desk.turn(ref)
    desk.before_call = lambda _call: None
    desk.kubectl.must("label", "model.sagemaker.gitops.dev", "fraud", "team=risk")
    desk.asked.clear()
    with pytest.raises(ApiError) as refused:
        desk.turn(ref)
    assert refused.value.moved
    assert (desk.asked, desk.changes()) == (["GET models"], [])
    assert desk.turn(ref).reason is Reason.READY
    assert desk.asked == ["GET models", "GET models", "PATCH status"]
    assert desk.changes() == ["CreateModel"]


def test_a_status_that_was_not_told_asks_for_another_turn(desk: Turning) -> None:
    """Who is not sure to lead writes no status, and does not take its word for told."""
    ref = desk.show(model())

    def lose(call: Call) -> None:
        desk.leads = call.operation != "CreateModel"

    desk.before_call = lose
    assert desk.turn(ref).reason is Reason.BUSY
    assert desk.changes() == ["CreateModel"]
    desk.leads = True
    assert desk.turn(ref).reason is Reason.READY
    assert desk.changes() == ["CreateModel"]


def test_an_object_that_ended_in_a_gap_of_the_watch_is_forgotten(desk: Turning) -> None:
    """A write on an object that is gone makes its sight doubtful, and the next turn reads."""
    ref = desk.show(model())
    desk.kubectl.must("delete", "model.sagemaker.gitops.dev", "fraud")
    with pytest.raises(ApiError) as refused:
        desk.turn(ref)
    desk.desk.store.doubt(ref)
    assert refused.value.missing or refused.value.moved
    assert desk.desk.subject(ref) is None
    assert desk.changes() == []


def test_while_aws_is_at_work_a_look_is_one_call(desk: Turning) -> None:
    """The tags of what is ours decide nothing before it is done, and are asked for once it is."""
    refs = [desk.show(each) for each in (model(), config(), endpoint())]
    for ref in refs[:2]:
        desk.settle(ref)
    assert desk.turn(refs[2]).reason is Reason.IN_TRANSITION
    before = len(desk.sandbox.calls)
    assert desk.turn(refs[2]).reason is Reason.IN_TRANSITION
    assert [each.operation for each in desk.sandbox.calls[before:]] == ["DescribeEndpoint"]
    before = len(desk.sandbox.calls)
    desk.settle(refs[2])
    assert "ListTags" in [each.operation for each in desk.sandbox.calls[before:]]


def test_of_a_new_object_nothing_is_said_while_what_it_needs_may_come(desk: Turning) -> None:
    """In whatever order files are applied: no call, no write and no event for a wait that is over in a second."""
    on, under = desk.show(config()), desk.show(model())
    assert 0 < (desk.turn(on).pause or 0) <= 1.0
    desk.desk.store.remove(under)
    assert 0 < (desk.turn(on).pause or 0) <= 1.0
    assert (desk.asked, desk.sandbox.calls) == ([], ())
    desk.desk = replace(desk.desk, rules=Rules(patience=0.0))
    told = desk.turn(on)
    assert (told.reason, told.pause) == (Reason.DEPENDENCY_MISSING, None)
    assert desk.asked == ["PATCH status"]


def test_an_unseen_object_is_not_taken_for_one_outside(desk: Turning) -> None:
    """An endpoint is not moved to what its configuration would be without a model that is only unseen."""
    refs = [desk.show(each) for each in (model(), config(), endpoint())]
    for ref in refs:
        desk.settle(ref)
    before = desk.changes()
    desk.desk.store.remove(refs[0])
    desk.desk = replace(desk.desk, sights=Sights())
    told = desk.turn(refs[2])
    assert (told.reason, desk.changes()) == (Reason.RETRYING, before)
    assert f"not in the account: {refs[1]}" in told.message


def test_whoever_needs_what_is_gone_has_it_looked_at(desk: Turning) -> None:
    """A configuration that somebody deleted gets a turn of its own as soon as its endpoint sees that."""
    refs = [desk.show(each) for each in (model(), config(), endpoint())]
    for ref in refs:
        desk.settle(ref)
    client = client_of(desk.sandbox)
    client.delete_endpoint_config(
        EndpointConfigName=client.list_endpoint_configs()["EndpointConfigs"][0]["EndpointConfigName"]
    )
    desk.desk = replace(desk.desk, sights=Sights())
    queue = desk.desk.intake.queue
    while due := queue.get(0):
        queue.done(due.key)
    assert desk.turn(refs[2]).reason is Reason.READY  # it serves on, and nothing is to be changed
    due = queue.get(0)
    assert due is not None
    assert due.key == refs[1]


@pytest.mark.parametrize("compressible", [True, False])
def test_the_largest_definition_fits_beside_its_memory(desk: Turning, *, compressible: bool) -> None:
    """A pipeline of the largest definition that AWS takes is created, remembered and left alone."""
    noise = random.Random(3).randbytes(LARGEST).hex()
    filling = "a step like others. " * LARGEST if compressible else noise
    frame = len(json.dumps({"Version": "2020-12-01", "Steps": [], "Metadata": ""}))
    text = json.dumps({"Version": "2020-12-01", "Steps": [], "Metadata": filling[: LARGEST - frame]})
    spec = {"roleArn": pipeline()["spec"]["roleArn"], "pipelineDefinition": text}
    ref = desk.show(document("Pipeline", "large", spec))
    for _ in range(3):
        desk.turn(ref)
    assert desk.turn(ref).reason is Reason.READY
    assert desk.changes() == ["CreatePipeline"]
    held = desk.desk.api.get(path_of(ref))
    assert len(json.dumps(held["status"])) < 150_000
