"""What one turn asks of the API server, and what it does where it has seen too little."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.core.cloud import Call, CloudError, Fault
from controller.core.ref import Ref
from controller.operator.constants import path_of
from controller.operator.context import Rules
from controller.operator.kube.api import ApiError
from controller.operator.observed_cache import Sights
from controller.operator.reasons import Reason
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
        if (
            call.operation == "CreateModel"
        ):  # whose guard still holds: it is lost before the status is written
            desk.desk.leads = lambda: False

    leads = desk.desk.leads
    desk.before_call = lose
    assert desk.turn(ref).reason is Reason.BUSY
    desk.desk.leads = leads
    assert desk.changes() == ["CreateModel"]
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
    """The tags of what is ours decide nothing before it is done, and then they are those that we gave it."""
    ref = _being_made(desk)
    assert desk.turn(ref).reason is Reason.IN_TRANSITION
    desk.clock.advance(600)
    assert desk.turn(ref).reason is Reason.READY
    assert _asked(desk) == ["DescribeEndpoint"] * 2
    desk.turn(ref)
    assert _asked(desk)[2:] == ["DescribeEndpoint", "ListTags"]


def test_who_did_not_make_it_asks_for_its_tags(desk: Turning) -> None:
    """After a restart nobody knows what was given."""
    ref = _being_made(desk)
    desk.desk = replace(desk.desk, sights=Sights())
    desk.clock.advance(600)
    assert desk.turn(ref).reason is Reason.READY
    assert {"ListTags", "GetResources"} & set(_asked(desk))


def _being_made(desk: Turning) -> Ref:
    """An endpoint that AWS is at work on, and no calls before that."""
    refs = [desk.show(each) for each in (model(), config(), endpoint())]
    for ref in refs[:2]:
        desk.settle(ref)
    assert desk.turn(refs[2]).reason is Reason.IN_TRANSITION
    desk.sandbox.clear_calls()
    return refs[2]


def test_of_a_new_object_nothing_is_said_while_what_it_needs_may_come(desk: Turning) -> None:
    """In whatever order files are applied: a look, but no write and no event for a wait that is over in a second."""
    on, under = desk.show(config()), desk.show(model())
    assert 0 < (desk.turn(on).pause or 0) <= 1.0
    desk.desk.store.remove(under)
    assert 0 < (desk.turn(on).pause or 0) <= 1.0
    assert (desk.asked, _asked(desk)) == ([], ["DescribeEndpointConfig"])
    desk.desk = replace(desk.desk, rules=Rules(patience=0.0))
    told = desk.turn(on)
    assert (told.reason, told.pause) == (Reason.DEPENDENCY_MISSING, None)
    assert desk.asked == ["PATCH status"]


def test_who_waits_knows_that_its_name_is_free(desk: Turning) -> None:
    """It is looked for once while it waits, by the name that it will have, and made at once when its need is there."""
    on = desk.show(config())
    desk.turn(on)
    assert _asked(desk) == []  # the model is not there, and what it is called is part of the name
    under = desk.show(model())
    desk.turn(on)
    desk.turn(on)
    assert _asked(desk) == ["DescribeEndpointConfig"]
    desk.settle(under)
    before = len(_asked(desk))
    assert desk.turn(on).reason is Reason.READY
    assert _asked(desk)[before:] == ["CreateEndpointConfig"]


def test_a_name_that_is_taken_meanwhile_is_seen_to_be(desk: Turning) -> None:
    """AWS refuses to make it, and the next turn looks whose it is."""
    last = desk.show(endpoint())
    desk.turn(last)
    assert _asked(desk) == ["DescribeEndpoint"]
    refs = [desk.show(each) for each in (model(), config())]
    for ref in refs:
        desk.settle(ref)
    between = desk.desk.store.get(refs[1])
    assert between is not None
    client_of(desk.sandbox).create_endpoint(
        EndpointName="fraud", EndpointConfigName=between.status["awsName"]
    )
    assert desk.turn(last).reason is Reason.RETRYING
    desk.clock.advance(600)
    assert desk.turn(last).reason is Reason.FOREIGN


def test_a_name_that_was_free_long_ago_is_looked_for_again(desk: Turning) -> None:
    """What a look showed is believed for a while."""
    desk.desk = replace(desk.desk, rules=Rules(trusted=0.0))
    last = desk.show(endpoint())
    desk.turn(last)
    for ref in [desk.show(each) for each in (model(), config())]:
        desk.settle(ref)
    assert desk.turn(last).reason is Reason.IN_TRANSITION
    assert _asked(desk)[-2:] == ["DescribeEndpoint", "CreateEndpoint"]


def test_a_look_ahead_takes_no_call_from_others(desk: Turning) -> None:
    """While half of the calls to the account are made, none is made for an object that waits."""
    busy = desk.desk.accounts.fenced("", "turn", lambda: True, lambda _call, _ended: None)
    assert busy is not None
    last = desk.show(endpoint())
    with busy.slots.held("ListModels"):
        desk.turn(last)
    assert _asked(desk) == []
    desk.turn(last)
    assert _asked(desk) == ["DescribeEndpoint"]


def test_a_look_that_is_refused_is_not_told(desk: Turning) -> None:
    """It waits for what it needs; what is refused then is told when it stands in the way."""

    def refuse(call: Call) -> None:
        raise CloudError(Fault.DENIED, "AccessDenied", "not allowed", call.operation)

    desk.before_call = refuse
    told = desk.turn(desk.show(endpoint()))
    assert (told.reason, desk.asked) == (Reason.DEPENDENCY_NOT_READY, [])


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


def _asked(desk: Turning) -> list[str]:
    """The operations that AWS was asked for, but for who we are."""
    return [each.operation for each in desk.sandbox.calls if each.operation != "GetCallerIdentity"]
