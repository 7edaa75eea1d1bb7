from typing import Any

import pytest

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, refusal
from tests.sandbox.newcomers import TRAINING

IN_ECR = (
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve:1",
    "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/team/serve@sha256:" + "0" * 64,
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/serve",
)
ELSEWHERE = (
    "repo/image:1",
    "public.ecr.aws/docker/python:3",
    "x/123456789012.dkr.ecr.us-east-1.amazonaws.com/a",
)
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}


def create(aws: Any, form: str) -> Any:
    """A function that creates a model of one form, or a training job, with an image and its access mode."""

    def model(name: str, image: str, mode: str | None) -> None:
        container: dict[str, Any] = {"Image": image}
        if mode is not None:
            container["ImageConfig"] = {"RepositoryAccessMode": mode}
        containers: dict[str, Any] = {"PrimaryContainer": container}
        if form == "Containers":
            containers = {"Containers": [{"Image": IN_ECR[0]}, container]}
        aws.create_model(ModelName=name, ExecutionRoleArn=ROLE, VpcConfig=VPC, **containers)

    def training(name: str, image: str, mode: str | None) -> None:
        algorithm: dict[str, Any] = {"TrainingImage": image, "TrainingInputMode": "File"}
        if mode is not None:
            algorithm["TrainingImageConfig"] = {"TrainingRepositoryAccessMode": mode}
        given = TRAINING | {"AlgorithmSpecification": algorithm, "VpcConfig": VPC}
        aws.create_training_job(TrainingJobName=name, **given)

    return training if form == "TrainingImage" else model


@pytest.mark.parametrize("form", ["PrimaryContainer", "Containers", "TrainingImage"])
def test_an_image_outside_of_ecr_needs_access_by_the_vpc(form: str) -> None:
    """An image elsewhere is refused with the service's message, unless the mode is Vpc."""
    sandbox = Sandbox()
    make = create(client_of(sandbox), form)
    for at, image in enumerate(IN_ECR):
        make(f"in{at}", image, None)
        make(f"platform{at}", image, "Platform")
    for at, image in enumerate(ELSEWHERE):
        for mode in (None, "Platform"):
            code, message = refusal(make, name=f"out{at}", image=image, mode=mode)
            assert code == "ValidationException"
            if form == "TrainingImage":
                assert "TrainingRepositoryAccessMode set to VPC must be provided" in message
            else:
                assert message == (
                    f'Using non-ECR image "{image}" without Vpc repository access mode is not supported.'
                )
        make(f"out{at}", image, "Vpc")
    sandbox.close()


def test_without_the_knob_images_come_from_everywhere() -> None:
    """With image_needs_ecr off, an image may be hosted anywhere."""
    sandbox = Sandbox(knobs=Knobs(image_needs_ecr=False))
    for form in ("PrimaryContainer", "TrainingImage"):
        create(client_of(sandbox), form)("any", "repo/image:1", None)
    sandbox.close()
