"""The same requests to the sandbox and moto; the reasons of differences are listed here.

Moto is the weaker evidence: botocore's model and the documented error texts win.
"""

from collections.abc import Callable
from typing import Any

import boto3
import moto
import pytest
from botocore.exceptions import ClientError

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import IMAGE, ROLE, client_of
from tests.sandbox.moto_jobs import JOBS, JOBS_DIFFER
from tests.sandbox.moto_runs import RUNS, RUNS_DIFFER

ApiCall = Callable[[Any], Any]
TIMES_AND_IDS = {"ResponseMetadata", "CreatedBy", "LastModifiedBy"}
VARIANT = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
CONTAINER = {"Image": IMAGE}
DEFINITION = '{"Version": "2020-12-01", "Steps": []}'

MODELS: dict[str, ApiCall] = {
    "describe no model": lambda aws: aws.describe_model(ModelName="ghost"),
    "delete no model": lambda aws: aws.delete_model(ModelName="ghost"),
    "create model": lambda aws: aws.create_model(
        ModelName="m", PrimaryContainer=CONTAINER, ExecutionRoleArn=ROLE
    ),
    "create model again": lambda aws: aws.create_model(
        ModelName="m", PrimaryContainer=CONTAINER, ExecutionRoleArn=ROLE
    ),
    "describe model": lambda aws: aws.describe_model(ModelName="m"),
    "list models": lambda aws: aws.list_models(),
    "bad model name": lambda aws: aws.create_model(
        ModelName="a_b", PrimaryContainer=CONTAINER, ExecutionRoleArn=ROLE
    ),
    "too large a page": lambda aws: aws.list_endpoints(MaxResults=101),
    "config of no model": lambda aws: aws.create_endpoint_config(
        EndpointConfigName="x", ProductionVariants=[VARIANT | {"ModelName": "ghost"}]
    ),
    "create config": lambda aws: aws.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[VARIANT]
    ),
    "describe config": lambda aws: aws.describe_endpoint_config(EndpointConfigName="c"),
    "endpoint of no config": lambda aws: aws.create_endpoint(EndpointName="x", EndpointConfigName="ghost"),
    "create endpoint": lambda aws: aws.create_endpoint(EndpointName="e", EndpointConfigName="c"),
    "describe no endpoint": lambda aws: aws.describe_endpoint(EndpointName="ghost"),
    "list endpoints": lambda aws: aws.list_endpoints(),
    "create group": lambda aws: aws.create_model_package_group(ModelPackageGroupName="g"),
    "describe group": lambda aws: aws.describe_model_package_group(ModelPackageGroupName="g"),
    "describe no group": lambda aws: aws.describe_model_package_group(ModelPackageGroupName="ghost"),
    "both names": lambda aws: aws.create_model_package(ModelPackageName="p", ModelPackageGroupName="g"),
    "create version": lambda aws: aws.create_model_package(ModelPackageGroupName="g"),
    "list versions": lambda aws: aws.list_model_packages(ModelPackageGroupName="g"),
    "create pipeline": lambda aws: aws.create_pipeline(
        PipelineName="p", RoleArn=ROLE, PipelineDefinition=DEFINITION
    ),
    "create pipeline again": lambda aws: aws.create_pipeline(
        PipelineName="p", RoleArn=ROLE, PipelineDefinition=DEFINITION
    ),
    "bad definition": lambda aws: aws.create_pipeline(PipelineName="q", RoleArn=ROLE, PipelineDefinition="x"),
    "describe pipeline": lambda aws: aws.describe_pipeline(PipelineName="p"),
    "describe no pipeline": lambda aws: aws.describe_pipeline(PipelineName="ghost"),
    "delete pipeline": lambda aws: aws.delete_pipeline(PipelineName="p"),
    "add tags": lambda aws: aws.add_tags(
        ResourceArn="arn:aws:sagemaker:us-east-1:123456789012:model/m", Tags=[{"Key": "a", "Value": "b"}]
    ),
    "delete endpoint": lambda aws: aws.delete_endpoint(EndpointName="e"),
    "delete config": lambda aws: aws.delete_endpoint_config(EndpointConfigName="c"),
    "delete model": lambda aws: aws.delete_model(ModelName="m"),
}

MODELS_DIFFER: dict[str, str] = {
    "create model again": "moto overwrites; AWS says `Cannot create already existing model`",
    "describe model": "moto sends empty Containers and VpcConfig, and leaves the server's defaults out",
    "bad model name": "moto checks no patterns; the model has one",
    "too large a page": "moto checks no ranges here; the model says at most 100",
    "describe config": "moto leaves the server's defaults out and sends an empty DataCaptureConfig",
    "list versions": "moto leaves out ModelApprovalStatus, whose default is PendingManualApproval",
    "bad definition": "moto does not read definitions",
    "describe no pipeline": "the model declares ResourceNotFound, and clients of AWS see it",
}
SCRIPT = JOBS | RUNS | MODELS
DIFFERENCES = JOBS_DIFFER | RUNS_DIFFER | MODELS_DIFFER


def outcome(aws: Any, call: ApiCall) -> Any:
    """Return an answer without times and ids, or the code of a refusal."""
    try:
        return without_ids(call(aws))
    except ClientError as refused:
        return refused.response["Error"]["Code"]


def without_ids(value: Any) -> Any:
    """Leave out times and ids."""
    if isinstance(value, dict):
        lines = [key for key in value if key not in TIMES_AND_IDS and not key.endswith("Time")]
        return {key: without_ids(value[key]) for key in lines}
    return [without_ids(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[Any, Any]]:
    """Return the responses of both to every line of the script, in order."""
    knobs = Knobs(pace=float("inf"))  # nothing takes time, as in moto
    ours = client_of(Sandbox(knobs=knobs))
    # This comes first: moto handles every client.
    document = {name: outcome(ours, call) for name, call in SCRIPT.items()}
    with moto.mock_aws():
        theirs = boto3.session.Session("dummy", "dummy", region_name="us-east-1").client("sagemaker")
        return {name: (document[name], outcome(theirs, call)) for name, call in SCRIPT.items()}


@pytest.mark.parametrize("name", SCRIPT)
def test_the_two_agree_or_the_reason_is_known(name: str, outcomes: dict[str, tuple[Any, Any]]) -> None:
    """Each call has the same outcome in both, unless a difference is declared, which must then exist."""
    ours, theirs = outcomes[name]
    if name in DIFFERENCES:
        assert ours != theirs, f"declared but gone: {DIFFERENCES[name]}"
    else:
        assert ours == theirs
