"""InferenceRouter in the sandbox: destinations, modes, and refusals during a change."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.sandbox import Sandbox
from tests.sandbox.conftest import make_model

NAME = {"InferenceRouterName": "routed"}
_ENDPOINT = "arn:aws:sagemaker:us-east-1:123456789012:endpoint"
_ASYNC = {"OutputConfig": {"S3OutputPath": "s3://b/out", "S3FailurePath": "s3://b/failed"}}


def _target(*arns: str, **more: Any) -> dict[str, Any]:
    return {"Name": "main", "Destinations": [{"ResourceArn": arn} for arn in arns], **more}


def _statuses(aws: Any) -> list[str]:
    (target,) = aws.describe_inference_router(**NAME)["RoutingTargets"]
    return [each["RoutingStatus"] for each in target["Destinations"]]


def test_a_destination_need_not_exist_and_its_status_follows_it(sandbox: Sandbox, aws: Any) -> None:
    """A destination in service is Routable, a missing one Unroutable, and one that can't be read from here Unknown."""
    foreign = _ENDPOINT.replace("123456789012", "210987654321")
    aws.create_inference_router(**NAME, RoutingTargets=[_target(f"{_ENDPOINT}/one", f"{foreign}/two")])
    with pytest.raises(ClientError, match="ConflictException"):
        aws.update_inference_router(**NAME, RoutingTargets=[_target(f"{_ENDPOINT}/one")])
    sandbox.clock.advance(200)
    assert _statuses(aws) == ["Unroutable", "Unknown"]
    make_model(aws)
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    aws.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    aws.create_endpoint(EndpointName="one", EndpointConfigName="c")
    sandbox.clock.advance(1000)
    assert _statuses(aws) == ["Routable", "Unknown"]
    with pytest.raises(ClientError, match="inference mode"):
        aws.update_inference_router(
            **NAME, RoutingTargets=[_target(f"{_ENDPOINT}/one", AsyncInferenceConfig=_ASYNC)]
        )


def test_an_update_replaces_all_targets_when_it_is_done(sandbox: Sandbox, aws: Any) -> None:
    """Traffic uses the old targets until the new ones are ready; the service's defaults are filled in."""
    aws.create_inference_router(**NAME, RoutingTargets=[_target(f"{_ENDPOINT}/one")])
    with pytest.raises(ClientError, match="ResourceAlreadyExists"):
        aws.create_inference_router(**NAME, RoutingTargets=[_target(f"{_ENDPOINT}/two")])
    sandbox.clock.advance(200)
    aws.update_inference_router(
        **NAME, RoutingTargets=[_target(f"{_ENDPOINT}/two", AsyncInferenceConfig=_ASYNC)]
    )
    shown = aws.describe_inference_router(**NAME)
    assert (shown["Status"], "AsyncInferenceConfig" in shown["RoutingTargets"][0]) == ("Updating", False)
    sandbox.clock.advance(200)
    (target,) = aws.describe_inference_router(**NAME)["RoutingTargets"]
    assert target["RoutingPreference"] == "LocalRegionFirst"
    assert target["AsyncInferenceConfig"]["ClientConfig"] == {"MaxTimeInBacklogSeconds": 900}
    aws.delete_inference_router(**NAME)
    sandbox.clock.advance(200)
    assert aws.list_inference_routers()["InferenceRouters"] == []
