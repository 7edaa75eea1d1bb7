"""Inference components: the owner of the copies, the verification of an update, and the order of deletions."""

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.sandbox import InjectedFault
from tests.journeys.documents import IMAGE, ROLE, model
from tests.journeys.stage import Stage, acting_steps, document_text, step_of

_NAME = {"InferenceComponentName": "scorer"}


def config(volume: int = 30) -> str:
    """A configuration with a variant for components."""
    variant = (
        f"{{variantName: main, initialInstanceCount: 2, instanceType: ml.m5.large, volumeSizeInGB: {volume}}}"
    )
    return document_text(
        "EndpointConfig", "shared", f"executionRoleArn: {ROLE}\nproductionVariants: [{variant}]"
    )


ENDPOINT = document_text("Endpoint", "shared", "endpointConfigName: shared")


def component(memory: int = 1024, copies: int | None = 1, extra: str = "", name: str = "scorer") -> str:
    """A component of that endpoint."""
    runtime = f"runtimeConfig: {{copyCount: {copies}}}\n" if copies is not None else ""
    return document_text(
        "InferenceComponent",
        name,
        f"""
endpointName: shared
variantName: main
specification: {{modelName: fraud, computeResourceRequirements: {{minMemoryRequiredInMb: {memory}}}}}
{runtime}{extra}""",
    )


def hosting_documents(volume: int = 30) -> tuple[str, str, str]:
    """Model, configuration and endpoint."""
    return model(), config(volume), ENDPOINT


def scale_copies(stage: Stage, count: int) -> None:
    """Set the number of copies, as an autoscaler or a user does."""
    stage.client().update_inference_component_runtime_config(
        **_NAME, DesiredRuntimeConfig={"CopyCount": count}
    )
    stage.wait(200)


def count_copies(stage: Stage) -> int:
    """The number of running copies."""
    return int(stage.client().describe_inference_component(**_NAME)["RuntimeConfig"]["CurrentCopyCount"])


def test_a_component_scaled_by_hand_while_a_new_config_rolls_out(stage: Stage) -> None:
    """The rollout changes only the endpoint: the number of copies stays as scaled, and is no drift."""
    assert stage.apply(*hosting_documents(), component()).convergence is Convergence.SETTLED
    changed = (*hosting_documents(volume=60), component())
    for _ in range(2):
        stage.reconcile(*changed)
    assert stage.client().describe_endpoint(EndpointName="shared")["EndpointStatus"] == "Updating"
    scale_copies(stage, 3)
    stage.forget_calls()
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    assert "UpdateInferenceComponent" not in stage.mutations()
    assert count_copies(stage) == 3
    assert acting_steps(stage.plan(*changed)) == {}


def test_copies_are_written_when_the_document_changes_them(stage: Stage) -> None:
    """A changed number in the document is applied; without a number any live one is accepted."""
    stage.apply(*hosting_documents(), component())
    scale_copies(stage, 3)
    assert stage.apply(*hosting_documents(), component(copies=2)).convergence is Convergence.SETTLED
    assert count_copies(stage) == 2
    scale_copies(stage, 4)
    stage.forget_calls()
    assert stage.apply(*hosting_documents(), component(copies=None)).convergence is Convergence.SETTLED
    assert (
        stage.apply(*hosting_documents(), component(copies=None, memory=2048)).convergence
        is Convergence.SETTLED
    )
    assert (count_copies(stage), stage.mutations().count("UpdateInferenceComponent")) == (4, 1)


@pytest.mark.parametrize("changed", [component(memory=2048), component(copies=2)])
def test_a_failed_update_of_a_component_is_reported(stage: Stage, changed: str) -> None:
    """InService on its former spec, with a reason: reported, not retried, and mended by a changed document.

    The reason stays in Describe afterwards, and is not taken for that of the update that succeeds.
    """
    stage.apply(*hosting_documents(), component())
    stage.sandbox.inject(InjectedFault.ROLLBACK, operation="UpdateInferenceComponent")
    assert stage.apply(*hosting_documents(), changed).convergence is Convergence.STUCK
    for _ in range(2):
        stage.forget_calls()
        blocked = step_of(stage.reconcile(*hosting_documents(), changed).plan, "InferenceComponent/scorer")
        assert (blocked.action, blocked.why) == (Action.BLOCKED, Reason.ROLLED_BACK)
        assert stage.mutations() == []
    assert (
        stage.apply(*hosting_documents(), component(memory=4096, copies=3)).convergence is Convergence.SETTLED
    )
    assert count_copies(stage) == 3
    assert acting_steps(stage.plan(*hosting_documents(), component(memory=4096, copies=3))) == {}
    assert stage.client().describe_inference_component(**_NAME)["FailureReason"]


def test_a_new_model_is_rolled_out_as_the_deployment_config_says(stage: Stage) -> None:
    """DeploymentConfig is sent with an update, and starts none by itself."""
    rolling = """deploymentConfig:
  rollingUpdatePolicy: {maximumBatchSize: {type: COPY_COUNT, value: 1}, waitIntervalInSeconds: 60}
  autoRollbackConfiguration: {alarms: [{alarmName: errors}]}
"""
    stage.apply(*hosting_documents(), component())
    assert acting_steps(stage.plan(*hosting_documents(), component(extra=rolling))) == {}
    moved = (model("s3://bucket/two.tar.gz"), config(), ENDPOINT, component(extra=rolling))
    assert stage.apply(*moved).convergence is Convergence.SETTLED
    shown = stage.client().describe_inference_component(**_NAME)
    assert shown["LastDeploymentConfig"]["RollingUpdatePolicy"]["WaitIntervalInSeconds"] == 60
    assert shown["Specification"]["ModelName"] != "fraud"
    models = stage.client().list_models()["Models"]
    assert [each["ModelName"] for each in models] == [shown["Specification"]["ModelName"]]


def test_adapters_go_before_their_base_and_components_before_their_endpoint(stage: Stage) -> None:
    """Each is deleted after its dependents, its scalable target first of all."""
    container = f"{{image: '{IMAGE}', artifactUrl: 's3://bucket/adapter.tar.gz'}}"
    adapter = document_text(
        "InferenceComponent",
        "adapter",
        f"endpointName: shared\nspecification: {{baseInferenceComponentName: scorer, container: {container}}}",
    )
    target = document_text(
        "ScalingTarget",
        "scorer",
        """
serviceNamespace: sagemaker
resourceId: inference-component/scorer
scalableDimension: sagemaker:inference-component:DesiredCopyCount
minCapacity: 2
maxCapacity: 4
""",
    )
    documents = (*hosting_documents(), component(), adapter, target)
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    stage.wait(300)
    assert count_copies(stage) == 2
    assert acting_steps(stage.plan(*documents)) == {}
    stage.forget_calls()
    assert stage.destroy(*documents).convergence is Convergence.SETTLED
    deleted = [each for each in stage.mutations() if each != "DeleteModel"]
    assert sorted(deleted[:2]) == ["DeleteInferenceComponent", "DeregisterScalableTarget"]
    assert deleted[2:4] == ["DeleteInferenceComponent", "DeleteEndpoint"]


def test_an_endpoint_with_components_of_others_is_not_deleted(stage: Stage) -> None:
    """Whether or not AWS would refuse the deletion, the foreign components must be deleted first."""
    stage.apply(*hosting_documents())
    stage.client().create_inference_component(
        InferenceComponentName="theirs",
        EndpointName="shared",
        VariantName="main",
        Specification={"Container": {"Image": IMAGE}},
    )
    stage.wait(600)
    report = stage.destroy(*hosting_documents())
    assert report.convergence is not Convergence.SETTLED
    assert "DeleteEndpoint" not in stage.mutations()
    assert any(
        "'theirs' (ListInferenceComponents) must be deleted first" in each.message for each in report.outcomes
    )
