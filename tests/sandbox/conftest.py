import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import botocore.session
import pytest

from controller.aws.client import share_models
from controller.sandbox import Sandbox

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/image:1"
ROLE = "arn:aws:iam::123456789012:role/sagemaker"


def session_of(sandbox: Sandbox, region: str = "us-east-1") -> Any:
    """Return a boto3 session that the sandbox answers."""
    inner = botocore.session.Session()
    share_models(inner)
    sandbox.attach(inner)
    return boto3.session.Session("dummy", "dummy", region_name=region, botocore_session=inner)


def client_of(
    sandbox: Sandbox, service: str = "sagemaker", region: str = "us-east-1", *, validates: bool = True
) -> Any:
    """Return a boto3 client that the sandbox answers; without `validates` it sends what the model forbids."""
    once = botocore.config.Config(
        retries={"max_attempts": 0}, max_pool_connections=64, parameter_validation=validates
    )
    return session_of(sandbox, region).client(service, config=once)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Make a sandbox, in memory."""
    made = Sandbox()
    yield made
    made.close()


@pytest.fixture
def aws(sandbox: Sandbox) -> Any:
    """Make a SageMaker client of the sandbox."""
    return client_of(sandbox)


@pytest.fixture
def environment() -> dict[str, str]:
    """Report what a process needs to be an AWS client of the sandbox."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_ACCESS_KEY_ID": "dummy",
        "AWS_SECRET_ACCESS_KEY": "dummy",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",  # version 1 of the CLI reads this one only
        "AWS_PAGER": "",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def refusal(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    """Return the code and the message with which a call is refused."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - botocore makes its classes at run time
        call(**params)
    error = caught.value.response["Error"]  # type: ignore[attr-defined]
    return error["Code"], error["Message"]


def make_model(aws: Any, name: str = "m") -> None:
    """Create a model."""
    aws.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)


def variant(model: str = "m", count: int = 1, **more: Any) -> dict[str, Any]:
    """Write a production variant."""
    return {
        "VariantName": "main",
        "ModelName": model,
        "InitialInstanceCount": count,
        "InstanceType": "ml.m5.large",
        **more,
    }


def make_config(aws: Any, name: str, count: int = 1) -> None:
    """Create a configuration of one variant."""
    aws.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(count=count)])
