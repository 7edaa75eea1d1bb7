"""InferenceComponent in the sandbox: its endpoint, its life cycle, and its refusals."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.sandbox import InjectedFault, Sandbox
from tests.sandbox.conftest import IMAGE, ROLE, client_of, make_model

_NAME = {"InferenceComponentName": "scorer"}
_VARIANT = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
_SPECIFICATION = {
    "Container": {"Image": IMAGE},
    "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024},
}


def _create_endpoint(sandbox: Sandbox, aws: Any, name: str = "e", **config: Any) -> None:
    variants = [_VARIANT, {**_VARIANT, "VariantName": "of-a-model", "ModelName": "m"}]
    aws.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants, **config)
    aws.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sandbox.clock.advance(1000)


def _create(aws: Any, **more: Any) -> None:
    given = {**_NAME, "EndpointName": "e", "VariantName": "v", "Specification": _SPECIFICATION, **more}
    aws.create_inference_component(**{name: value for name, value in given.items() if value is not None})


def _describe_component(aws: Any, name: str = "scorer") -> dict[str, Any]:
    return dict(aws.describe_inference_component(InferenceComponentName=name))


@pytest.fixture
def hosting_client(sandbox: Sandbox, aws: Any) -> Any:
    """A client of an account with an endpoint that accepts components."""
    make_model(aws)
    _create_endpoint(sandbox, aws, ExecutionRoleArn=ROLE)
    return aws


def test_a_place_must_take_components(sandbox: Sandbox, hosting_client: Any) -> None:
    """A variant without a model, of a configuration with a role; endpoint and variant must exist."""
    _create_endpoint(sandbox, hosting_client, "no-role")
    for changed, text in (
        ({"EndpointName": "none"}, "Could not find endpoint"),
        ({"VariantName": "none"}, "Could not find variant"),
        ({"VariantName": "of-a-model"}, "Inference Components are not supported in this Endpoint"),
        ({"EndpointName": "no-role"}, "Inference Components are not supported in this Endpoint"),
        ({"VariantName": None}, "VariantName is required"),
        ({"Specification": None}, "Exactly one of Specification and Specifications"),
        ({"Specification": {"ModelName": "none"}}, "Could not find model"),
    ):
        with pytest.raises(ClientError, match=text):
            _create(hosting_client, **changed)


def test_its_life_and_what_is_refused_meanwhile(sandbox: Sandbox, hosting_client: Any) -> None:
    """No request is accepted during another; the image is shown with its digest, and the copies as they start."""
    _create(hosting_client, RuntimeConfig={"CopyCount": 2})
    assert _describe_component(hosting_client)["RuntimeConfig"] == {
        "DesiredCopyCount": 2,
        "CurrentCopyCount": 0,
    }
    with pytest.raises(ClientError, match="while it is in state CREATE_IN_PROGRESS"):
        hosting_client.delete_inference_component(**_NAME)
    sandbox.clock.advance(1000)
    body = _describe_component(hosting_client)
    assert (body["InferenceComponentStatus"], body["RuntimeConfig"]["CurrentCopyCount"]) == ("InService", 2)
    assert body["Specification"]["Container"]["DeployedImage"]["SpecifiedImage"] == IMAGE
    with pytest.raises(ClientError, match="At least one of"):
        hosting_client.update_inference_component(**_NAME)
    hosting_client.update_inference_component_runtime_config(**_NAME, DesiredRuntimeConfig={"CopyCount": 3})
    with pytest.raises(ClientError, match="while it is in state UPDATE_RC_IN_PROGRESS"):
        hosting_client.update_inference_component(**_NAME, RuntimeConfig={"CopyCount": 1})
    sandbox.clock.advance(1000)
    assert _describe_component(hosting_client)["RuntimeConfig"]["CurrentCopyCount"] == 3
    found = hosting_client.list_inference_components(
        EndpointNameEquals="e", VariantNameEquals="v", StatusEquals="InService"
    )
    assert [each["InferenceComponentName"] for each in found["InferenceComponents"]] == ["scorer"]
    hosting_client.delete_inference_component(**_NAME)
    with pytest.raises(ClientError, match="while it is in state DELETE_IN_PROGRESS"):
        hosting_client.delete_inference_component(**_NAME)
    sandbox.clock.advance(100)
    with pytest.raises(ClientError, match="Could not find inference component"):
        _describe_component(hosting_client)


@pytest.mark.parametrize("stays", [True, False])
def test_a_failed_update_leaves_what_it_was(sandbox: Sandbox, hosting_client: Any, *, stays: bool) -> None:
    """InService with a reason, which the next update removes or keeps, according to the knob."""
    sandbox.knobs = replace(sandbox.knobs, component_failure_reason_stays=stays)
    _create(hosting_client)
    sandbox.clock.advance(1000)
    sandbox.inject(InjectedFault.ROLLBACK, operation="UpdateInferenceComponent")
    several = [{**_SPECIFICATION, "InstanceType": "ml.m5.large"}]
    hosting_client.update_inference_component(**_NAME, Specifications=several, RuntimeConfig={"CopyCount": 4})
    sandbox.clock.advance(1000)
    body = _describe_component(hosting_client)
    assert (body["InferenceComponentStatus"], body["RuntimeConfig"]["DesiredCopyCount"]) == ("InService", 1)
    assert body["FailureReason"]
    assert "Specification" in body
    hosting_client.update_inference_component(**_NAME, Specifications=several)
    sandbox.clock.advance(1000)
    body = _describe_component(hosting_client)
    assert ("FailureReason" in body, "Specification" in body, len(body["Specifications"])) == (
        stays,
        False,
        1,
    )


def test_an_adapter_is_like_its_base_and_holds_it(sandbox: Sandbox, hosting_client: Any) -> None:
    """The adapter has variant and resources of its base, which is not deleted before it."""
    _create(hosting_client)
    adapter = {"BaseInferenceComponentName": "scorer", "Container": {"ArtifactUrl": "s3://b/a.tar.gz"}}
    made = {"InferenceComponentName": "adapter", "VariantName": None, "Specification": adapter}
    with pytest.raises(ClientError, match="is not InService on endpoint"):
        _create(hosting_client, **made)
    sandbox.clock.advance(1000)
    with pytest.raises(ClientError, match="VariantName cannot be specified"):
        _create(hosting_client, **made | {"VariantName": "v"})
    _create(hosting_client, **made)
    body = _describe_component(hosting_client, "adapter")
    assert body["VariantName"] == "v"
    assert body["Specification"]["ComputeResourceRequirements"] == {"MinMemoryRequiredInMb": 1024}
    sandbox.clock.advance(1000)
    with pytest.raises(ClientError, match="is a base inference component for one or more associated"):
        hosting_client.delete_inference_component(**_NAME)


@pytest.mark.parametrize("kept", [True, False])
def test_an_endpoint_with_components(sandbox: Sandbox, hosting_client: Any, *, kept: bool) -> None:
    """Its deletion is refused, or leaves them behind, according to the knob."""
    sandbox.knobs = replace(sandbox.knobs, components_keep_endpoint=kept)
    _create(hosting_client)
    sandbox.clock.advance(1000)
    if kept:
        with pytest.raises(ClientError, match="Endpoint has inference components attached"):
            hosting_client.delete_endpoint(EndpointName="e")
        return
    hosting_client.delete_endpoint(EndpointName="e")
    sandbox.clock.advance(1000)
    assert _describe_component(hosting_client)["InferenceComponentStatus"] == "InService"


@pytest.mark.parametrize("ends", [True, False])
def test_the_scalable_target_of_a_component_that_is_deleted(
    sandbox: Sandbox, hosting_client: Any, *, ends: bool
) -> None:
    """It is deleted or stays, according to the knob."""
    sandbox.knobs = replace(sandbox.knobs, component_deletion_deregisters=ends)
    _create(hosting_client)
    sandbox.clock.advance(1000)
    scaling = client_of(sandbox, "application-autoscaling")
    scaling.register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="inference-component/scorer",
        ScalableDimension="sagemaker:inference-component:DesiredCopyCount",
        MinCapacity=2,
        MaxCapacity=3,
    )
    assert _describe_component(hosting_client)["InferenceComponentStatus"] == "Updating"
    sandbox.clock.advance(1000)
    assert _describe_component(hosting_client)["RuntimeConfig"]["CurrentCopyCount"] == 2
    hosting_client.delete_inference_component(**_NAME)
    sandbox.clock.advance(1000)
    left = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert len(left) == (0 if ends else 1)
