"""Shadow tests: an inference experiment and its endpoint do not undo each other's changes."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from tests.journeys.documents import config, endpoint, model
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.kinds.cases import CASES

_CASE = CASES["InferenceExperiment"]
_PARTS = _CASE.changes["Description"]
HOSTING = (model(), config(), endpoint())


def experiment(parts: str = _PARTS[0], more: str = "") -> str:
    """A test that begins half an hour after the clock's start and lasts an hour."""
    return _CASE.document("InferenceExperiment", f"{parts}\n{more}")


def start_test(stage: Stage) -> None:
    """Apply, and start the test."""
    stage.apply(*HOSTING)
    stage.reconcile(*HOSTING, experiment())
    stage.wait(2400)
    assert state_of(stage) == "Running"


def state_of(stage: Stage) -> str:
    """The status of the only test."""
    (summary,) = stage.client().list_inference_experiments()["InferenceExperiments"]
    return str(summary["Status"])


def test_the_configuration_of_a_running_test_is_no_drift(stage: Stage) -> None:
    """The endpoint runs the test's configuration, which is no drift, and the plan names the test."""
    start_test(stage)
    shown = stage.client().describe_endpoint(EndpointName="fraud")["EndpointConfigName"]
    assert shown.startswith("shadow-")
    plan = stage.plan(*HOSTING, experiment())
    assert step_of(plan, "Endpoint/fraud").action is Action.NOOP
    assert "InferenceExperiment 'shadow-" in " ".join(step_of(plan, "Endpoint/fraud").notes)
    assert "UpdateEndpoint" not in stage.mutations()


def test_an_endpoint_is_changed_after_its_test(stage: Stage) -> None:
    """Another configuration is blocked while the test runs, and applied once that has ended."""
    start_test(stage)
    changed = (model(), config("ml.m5.xlarge"), endpoint())
    blocked = step_of(stage.plan(*changed, experiment()), "Endpoint/fraud")
    assert (blocked.action, blocked.why) == (Action.BLOCKED, Reason.IN_TRANSITION)
    assert "an update would end InferenceExperiment 'shadow-" in blocked.detail
    stage.wait(7200)
    assert stage.apply(*changed, experiment()).convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(*changed, experiment())) == {}


def test_a_running_test_takes_a_description_in_one_update(stage: Stage) -> None:
    """One call, which does not touch the endpoint."""
    start_test(stage)
    stage.sandbox.clear_calls()
    stage.reconcile(*HOSTING, experiment(_PARTS[1]))
    assert [
        name for name in stage.mutations() if name.startswith(("Create", "Update", "Delete", "Stop"))
    ] == ["UpdateInferenceExperiment"]


def test_a_test_is_ended_by_its_document(stage: Stage) -> None:
    """The desired state Completed stops it; without actions the production variant stays and the shadow is removed."""
    start_test(stage)
    ended = (*HOSTING, experiment(more="desiredState: Completed"))
    stage.reconcile(*ended)
    stage.wait(600)
    assert state_of(stage) == "Completed"
    assert stage.apply(*ended).convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(*ended)) == {}


def test_a_test_begins_before_its_time(stage: Stage) -> None:
    """The desired state Running starts one that waits for its schedule, in one call; then the plan is empty."""
    stage.apply(*HOSTING)
    stage.reconcile(*HOSTING, experiment())
    stage.wait(300)
    assert state_of(stage) == "Created"
    early = (*HOSTING, experiment(more="desiredState: Running"))
    stage.forget_calls()
    planned = step_of(stage.plan(*early), f"InferenceExperiment/{_CASE.name}")
    assert (planned.action, planned.detail) == (Action.UPDATE, "it is started before its time")
    stage.reconcile(*early)
    assert stage.mutations() == ["StartInferenceExperiment"]
    stage.wait(600)
    assert state_of(stage) == "Running"
    stage.forget_calls()
    stage.reconcile(*early)
    assert stage.mutations() == []


def test_a_test_is_completed_with_its_shadow_promoted(stage: Stage) -> None:
    """The actions of the document are sent with the stop: the production variant is removed, and the shadow stays."""
    start_test(stage)
    ended = (
        *HOSTING,
        experiment(
            more="desiredState: Completed\nmodelVariantActions: {main: Remove, shadow: Promote}\nreason: it is better"
        ),
    )
    stage.forget_calls()
    stage.reconcile(*ended)
    assert stage.mutations() == ["StopInferenceExperiment"]
    stage.wait(600)
    (summary,) = stage.client().list_inference_experiments()["InferenceExperiments"]
    seen = stage.client().describe_inference_experiment(Name=summary["Name"])
    assert (seen["Status"], seen["StatusReason"]) == ("Completed", "it is better")
    assert {each["VariantName"]: each["Status"] for each in seen["ModelVariants"]} == {
        "main": "Deleted",
        "shadow": "InService",
    }
    assert stage.apply(*ended).convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(*ended)) == {}


def create_foreign_test(stage: Stage) -> Any:
    """A running test without a document, of the documents' endpoint."""
    client = stage.client()
    machines = {
        "InfrastructureType": "RealTimeInference",
        "RealTimeInferenceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    client.create_inference_experiment(
        Name="theirs",
        Type="ShadowMode",
        RoleArn="arn:aws:iam::123456789012:role/theirs",
        EndpointName="fraud",
        ModelVariants=[
            {
                "VariantName": name,
                "ModelName": client.list_models()["Models"][0]["ModelName"],
                "InfrastructureConfig": machines,
            }
            for name in ("main", "shadow")
        ],
        ShadowModeConfig={
            "SourceModelVariantName": "main",
            "ShadowModelVariants": [{"ShadowModelVariantName": "shadow", "SamplingPercentage": 10}],
        },
    )
    stage.wait(2400)
    assert state_of(stage) == "Running"
    return client


def test_an_endpoint_is_deleted_after_a_test_of_somebody_else(stage: Stage) -> None:
    """A deletion under a running test is blocked and names the test, and is made once that has ended."""
    stage.apply(*HOSTING)
    client = create_foreign_test(stage)
    planned = step_of(stage.plan(*HOSTING, destroy=True), "Endpoint/fraud")
    assert (planned.action, planned.why, planned.calls) == (Action.BLOCKED, Reason.IN_TRANSITION, ())
    assert "InferenceExperiment 'theirs' (Running) is running on it" in planned.detail
    stage.forget_calls()
    stage.destroy(*HOSTING)
    assert "DeleteEndpoint" not in stage.mutations()
    pruned = step_of(stage.plan(prune=True), "Endpoint/fraud")
    assert (pruned.action, pruned.why) == (Action.BLOCKED, Reason.IN_TRANSITION)
    client.stop_inference_experiment(
        Name="theirs", ModelVariantActions={"main": "Retain", "shadow": "Remove"}
    )
    # It is stopping.
    assert step_of(stage.plan(*HOSTING, destroy=True), "Endpoint/fraud").action is Action.BLOCKED
    stage.wait(1200)
    stage.destroy(*HOSTING)
    assert client.list_endpoints()["Endpoints"] == []


def test_a_test_of_the_same_run_goes_first(stage: Stage) -> None:
    """A test that the same plan ends does not block: it is stopped, and then its endpoint is deleted, in one run."""
    start_test(stage)
    stage.forget_calls()
    planned = stage.plan(*HOSTING, experiment(), destroy=True)
    assert not planned.blocked
    stage.destroy(*HOSTING, experiment())
    made = [name for name in stage.mutations() if name.startswith(("Stop", "Delete"))]
    assert made[0] == "StopInferenceExperiment"
    assert "DeleteEndpoint" in made
    assert stage.client().list_endpoints()["Endpoints"] == []


@pytest.mark.parametrize("kept", [False, True])
def test_the_sandbox_keeps_an_endpoint_under_test_by_a_knob(stage: Stage, *, kept: bool) -> None:
    """Whether the service refuses such a deletion is unverified: by default the sandbox does."""
    stage.apply(*HOSTING)
    client = create_foreign_test(stage)
    stage.sandbox.knobs = replace(stage.sandbox.knobs, experiment_keeps_endpoint=kept)
    if kept:
        with pytest.raises(ClientError, match="inference experiment theirs is in progress"):
            client.delete_endpoint(EndpointName="fraud")
        return
    client.delete_endpoint(EndpointName="fraud")
    stage.wait(600)
    assert client.list_endpoints()["Endpoints"] == []
