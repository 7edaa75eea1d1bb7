"""The requests of one pass to the API server, and its result with an incomplete cache."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.aws_events.message import resource_event
from controller.core.cloud import Call, CloudError, Fault
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.operator.aws_events import object_enqueuer
from controller.operator.constants import path_of
from controller.operator.context import OperatorSettings
from controller.operator.kube.api import ApiError
from controller.operator.observed_cache import ObservedCache
from tests.aws_events.events import api_call
from tests.kubernetes.documents import config, document, endpoint, model, pipeline
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.single_passes import OperatorPasses, operator_passes
from tests.sandbox.conftest import client_of

LARGEST = 1_048_576  # characters of a pipeline's definition that AWS accepts


@pytest.fixture
def operator(kubectl: Kubectl) -> Iterator[OperatorPasses]:
    """The operator's passes, run by the test."""
    with operator_passes(kubectl) as made:
        yield made


def test_a_creation_costs_three_writes_and_no_read(operator: OperatorPasses) -> None:
    """Finalizer and inventory before the call, the status after; a pass without changes makes no request."""
    noted: list[list[str]] = []
    operator.before_call = lambda call: (
        noted.append(list(operator.calls)) if call.operation == "CreateModel" else None
    )
    ref = operator.show(model())
    assert operator.reconcile(ref).reason is Reason.READY
    assert noted == [["PATCH models", "PATCH status"]]
    assert operator.calls == ["PATCH models", "PATCH status", "PATCH status"]
    operator.reconcile(ref)  # the first read, which returns outputs
    operator.calls.clear()
    assert operator.reconcile(ref).reason is Reason.READY
    assert operator.calls == []


def test_a_dependency_that_was_just_created_is_not_described(operator: OperatorPasses) -> None:
    """A dependency that was created with a known name needs no Describe for its dependents."""
    operator.reconcile(operator.show(model()))
    assert operator.reconcile(operator.show(config())).reason is Reason.READY
    requested = [each.operation for each in operator.sandbox.calls]
    assert requested[1:] == ["DescribeModel", "CreateModel", "DescribeEndpointConfig", "CreateEndpointConfig"]


def test_a_pass_over_an_outdated_object_changes_nothing(operator: OperatorPasses) -> None:
    """If the object has changed, the write before the first change is refused, and AWS is not called."""
    ref = operator.show(model())
    operator.kubectl.must("label", "model.sagemaker.gitops.dev", "fraud", "team=risk")
    with pytest.raises(ApiError) as refused:
        operator.reconcile(ref)
    assert refused.value.is_conflict
    assert operator.changes() == []


def test_without_an_inventory_write_the_object_is_read_before_a_change(operator: OperatorPasses) -> None:
    """A repeated attempt writes no inventory before its call, so that no write would show an outdated cache."""
    ref = operator.show(model())

    def die(call: Call) -> None:
        if call.operation == "CreateModel":
            raise RuntimeError("killed")

    operator.before_call = die
    with pytest.raises(RuntimeError):
        operator.reconcile(ref)
    operator.before_call = lambda _call: None
    operator.kubectl.must("label", "model.sagemaker.gitops.dev", "fraud", "team=risk")
    operator.calls.clear()
    with pytest.raises(ApiError) as refused:
        operator.reconcile(ref)
    assert refused.value.is_conflict
    assert (operator.calls, operator.changes()) == (["GET models"], [])
    assert operator.reconcile(ref).reason is Reason.READY
    assert operator.calls == ["GET models", "GET models", "PATCH status"]
    assert operator.changes() == ["CreateModel"]


def test_an_unwritten_status_causes_another_pass(operator: OperatorPasses) -> None:
    """A process that may have lost leadership writes no status, and does not assume that it was written."""
    ref = operator.show(model())

    def lose(call: Call) -> None:
        if call.operation == "CreateModel":
            # Its check still passes: leadership is lost before the status is written.
            operator.context.is_leader = lambda: False

    is_leader = operator.context.is_leader
    operator.before_call = lose
    assert operator.reconcile(ref).reason is Reason.BUSY
    operator.context.is_leader = is_leader
    assert operator.changes() == ["CreateModel"]
    assert operator.reconcile(ref).reason is Reason.READY
    assert operator.changes() == ["CreateModel"]


def test_an_object_deleted_in_a_gap_of_the_watch_is_removed(operator: OperatorPasses) -> None:
    """A write to a deleted object marks the cached one as doubtful, and the next pass reads."""
    ref = operator.show(model())
    operator.kubectl.must("delete", "model.sagemaker.gitops.dev", "fraud")
    with pytest.raises(ApiError) as refused:
        operator.reconcile(ref)
    operator.context.store.mark_outdated(ref)
    assert refused.value.is_not_found or refused.value.is_conflict
    assert operator.context.subject(ref) is None
    assert operator.changes() == []


def test_a_poll_during_a_transition_is_one_call(operator: OperatorPasses) -> None:
    """The tags of an owned resource are read only when it is done; before they are those of the creation."""
    ref = _create_endpoint(operator)
    assert operator.reconcile(ref).reason is Reason.IN_TRANSITION
    operator.clock.advance(600)
    assert operator.reconcile(ref).reason is Reason.READY
    assert _operations_called(operator) == ["DescribeEndpoint"] * 2
    operator.reconcile(ref)
    assert _operations_called(operator)[2:] == ["DescribeEndpoint", "ListTags"]


def test_tags_are_read_after_a_restart(operator: OperatorPasses) -> None:
    """After a restart the tags of the creation are unknown."""
    ref = _create_endpoint(operator)
    operator.context = replace(operator.context, observed=ObservedCache())
    operator.clock.advance(600)
    assert operator.reconcile(ref).reason is Reason.READY
    assert {"ListTags", "GetResources"} & set(_operations_called(operator))


def _create_endpoint(operator: OperatorPasses) -> Ref:
    """An endpoint that AWS is changing, and no calls before that."""
    refs = [operator.show(each) for each in (model(), config(), endpoint())]
    for ref in refs[:2]:
        operator.settle(ref)
    assert operator.reconcile(refs[2]).reason is Reason.IN_TRANSITION
    operator.sandbox.clear_calls()
    return refs[2]


def test_a_new_object_reports_no_short_wait_for_a_dependency(operator: OperatorPasses) -> None:
    """In any order of files: a read, but no write and no event for a wait that ends within a second."""
    on, under = operator.show(config()), operator.show(model())
    assert 0 < (operator.reconcile(on).pause or 0) <= 1.0
    operator.context.store.remove(under)
    assert 0 < (operator.reconcile(on).pause or 0) <= 1.0
    assert (operator.calls, _operations_called(operator)) == ([], ["DescribeEndpointConfig"])
    operator.context = replace(operator.context, rules=OperatorSettings(timeout=0.0))
    verdict = operator.reconcile(on)
    assert (verdict.reason, verdict.pause) == (Reason.DEPENDENCY_MISSING, None)
    assert operator.calls == ["PATCH status"]


def test_a_waiting_object_reads_its_name_ahead(operator: OperatorPasses) -> None:
    """The name is read once while it waits, and the resource created as soon as its dependency exists."""
    on = operator.show(config())
    operator.reconcile(on)
    # The model does not exist, and its name is part of the configuration's name.
    assert _operations_called(operator) == []
    under = operator.show(model())
    operator.reconcile(on)
    operator.reconcile(on)
    assert _operations_called(operator) == ["DescribeEndpointConfig"]
    operator.settle(under)
    before = len(_operations_called(operator))
    assert operator.reconcile(on).reason is Reason.READY
    assert _operations_called(operator)[before:] == ["CreateEndpointConfig"]


def test_a_name_taken_after_the_read_is_refused_by_aws(operator: OperatorPasses) -> None:
    """AWS refuses the creation, and the next pass reads the owner."""
    last = operator.show(endpoint())
    operator.reconcile(last)
    assert _operations_called(operator) == ["DescribeEndpoint"]
    refs = [operator.show(each) for each in (model(), config())]
    for ref in refs:
        operator.settle(ref)
    between = operator.context.store.get(refs[1])
    assert between is not None
    client_of(operator.sandbox).create_endpoint(
        EndpointName="fraud", EndpointConfigName=between.status["awsName"]
    )
    assert operator.reconcile(last).reason is Reason.RETRYING
    operator.clock.advance(600)
    assert operator.reconcile(last).reason is Reason.FOREIGN_OWNER


def test_an_outdated_read_of_a_free_name_is_repeated(operator: OperatorPasses) -> None:
    """The result of a read is used for a limited time."""
    operator.context = replace(operator.context, rules=OperatorSettings(trusted=0.0))
    last = operator.show(endpoint())
    operator.reconcile(last)
    for ref in [operator.show(each) for each in (model(), config())]:
        operator.settle(ref)
    assert operator.reconcile(last).reason is Reason.IN_TRANSITION
    assert _operations_called(operator)[-2:] == ["DescribeEndpoint", "CreateEndpoint"]


def test_reads_ahead_leave_calls_to_others(operator: OperatorPasses) -> None:
    """While half of the account's calls are in use, none is made for an object that waits."""
    busy = operator.context.accounts.fenced_cloud("", "turn", lambda: True)
    assert busy is not None
    last = operator.show(endpoint())
    with busy.slots.hold_slot("ListModels"):
        operator.reconcile(last)
    assert _operations_called(operator) == []
    operator.reconcile(last)
    assert _operations_called(operator) == ["DescribeEndpoint"]


def test_a_refused_read_ahead_is_not_reported(operator: OperatorPasses) -> None:
    """It waits for its dependency; a refusal is reported when it prevents the creation."""

    def refuse(call: Call) -> None:
        raise CloudError(Fault.DENIED, "AccessDenied", "not allowed", call.operation)

    operator.before_call = refuse
    verdict = operator.reconcile(operator.show(endpoint()))
    assert (verdict.reason, operator.calls) == (Reason.DEPENDENCY_NOT_READY, [])


def test_an_object_missing_in_the_cache_does_not_count_as_foreign(operator: OperatorPasses) -> None:
    """An endpoint is not updated to the configuration that would result without a model that is not cached yet."""
    refs = [operator.show(each) for each in (model(), config(), endpoint())]
    for ref in refs:
        operator.settle(ref)
    before = operator.changes()
    operator.context.store.remove(refs[0])
    operator.context = replace(operator.context, observed=ObservedCache())
    verdict = operator.reconcile(refs[2])
    assert (verdict.reason, operator.changes()) == (Reason.RETRYING, before)
    assert f"not in the account: {refs[1]}" in verdict.message


def test_a_deleted_dependency_gets_a_pass(operator: OperatorPasses) -> None:
    """A configuration that another user deleted gets a pass as soon as its endpoint's pass finds that."""
    refs = [operator.show(each) for each in (model(), config(), endpoint())]
    for ref in refs:
        operator.settle(ref)
    client = client_of(operator.sandbox)
    client.delete_endpoint_config(
        EndpointConfigName=client.list_endpoint_configs()["EndpointConfigs"][0]["EndpointConfigName"]
    )
    operator.context = replace(operator.context, observed=ObservedCache())
    queue = operator.context.intake.queue
    while due := queue.get(0):
        queue.done(due.key)
    assert operator.reconcile(refs[2]).reason is Reason.READY  # it still serves, and nothing is to be changed
    due = queue.get(0)
    assert due is not None
    assert due.key == refs[1]


@pytest.mark.parametrize("compressible", [True, False])
def test_the_largest_definition_fits_beside_its_inventory(
    operator: OperatorPasses, *, compressible: bool
) -> None:
    """A pipeline of the largest definition that AWS accepts is created, stored and left alone."""
    noise = random.Random(3).randbytes(LARGEST).hex()
    filling = "a step like others. " * LARGEST if compressible else noise
    frame = len(json.dumps({"Version": "2020-12-01", "Steps": [], "Metadata": ""}))
    text = json.dumps({"Version": "2020-12-01", "Steps": [], "Metadata": filling[: LARGEST - frame]})
    spec = {"roleArn": pipeline()["spec"]["roleArn"], "pipelineDefinition": text}
    ref = operator.show(document("Pipeline", "large", spec))
    for _ in range(3):
        operator.reconcile(ref)
    assert operator.reconcile(ref).reason is Reason.READY
    assert operator.changes() == ["CreatePipeline"]
    held = operator.context.api.get(path_of(ref))
    assert len(json.dumps(held["status"])) < 150_000


def _operations_called(operator: OperatorPasses) -> list[str]:
    """The operations requested from AWS, except that of the identity."""
    return [each.operation for each in operator.sandbox.calls if each.operation != "GetCallerIdentity"]


def test_a_preflight_is_made_before_the_first_call(operator: OperatorPasses) -> None:
    """With the option an object whose image does not exist is retried until it does, and AWS gets no change."""
    operator.context = replace(operator.context, rules=OperatorSettings(preflight=True))
    operator.sandbox.knobs = replace(operator.sandbox.knobs, missing_roles=frozenset({"sagemaker"}))
    ref = operator.show(model())
    end = operator.reconcile(ref)
    assert end.reason is Reason.PREFLIGHT_FAILED
    assert "role/sagemaker does not exist" in end.message
    assert operator.changes() == []
    operator.sandbox.knobs = replace(operator.sandbox.knobs, missing_roles=frozenset())
    assert operator.reconcile(ref).reason is Reason.READY


def test_an_event_of_aws_reconciles_its_object(operator: OperatorPasses) -> None:
    """It is enqueued at once, and read again; no other object is."""
    refs = [operator.show(model()), operator.show(pipeline())]
    for ref in refs:
        operator.settle(ref)
    queue = operator.context.intake.queue
    while request := queue.get(0):
        queue.done(request.key)
    name = operator.context.store.get(refs[1]).status["awsName"]  # type: ignore[union-attr]
    event = resource_event(json.dumps(api_call("UpdatePipeline", {"pipelineName": name})))
    assert event is not None
    object_enqueuer(operator.context)([event])
    request = queue.get(0)
    assert request is not None
    assert (request.key, request.cause) == (refs[1], event.id)
    assert queue.get(0) is None
    assert not operator.context.observed.is_unread_creation(operator.context.store.get(refs[1]))  # type: ignore[arg-type]
