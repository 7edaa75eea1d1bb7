from typing import Any

import pytest

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, refusal
from tests.sandbox.newcomers import S3, make, status, wait_until_idle

PLATFORM = {"Os": "LINUX", "Arch": "ARM64", "Accelerator": "NVIDIA"}
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/g/1"


def test_a_young_compilation_says_all_that_is_required(sandbox: Sandbox, aws: Any) -> None:
    """FailureReason and ModelArtifacts exist and are empty while the job runs."""
    make(aws, "CompilationJob")
    young = aws.describe_compilation_job(CompilationJobName="one")
    assert young["CompilationJobStatus"] == "STARTING"
    assert (young["FailureReason"], young["ModelArtifacts"]) == ("", {"S3ModelArtifacts": ""})
    assert young["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert "CompilationStartTime" not in young
    sandbox.clock.advance(15)
    working = aws.describe_compilation_job(CompilationJobName="one")
    assert working["CompilationJobStatus"] == "INPROGRESS"
    assert working["CompilationStartTime"] > working["CreationTime"]
    wait_until_idle(sandbox)
    done = aws.describe_compilation_job(CompilationJobName="one")
    assert done["ModelArtifacts"]["S3ModelArtifacts"].startswith(f"{S3}/one-jetson_nano")
    assert done["ModelDigests"]["ArtifactDigest"]
    assert done["DerivedInformation"] == {"DerivedDataInputConfig": '{"x": [1]}'}
    assert done["CompilationEndTime"] > done["CompilationStartTime"]


def compile_as(aws: Any, output: dict[str, Any], **more: Any) -> Any:
    """Create a job with that target."""
    return aws.create_compilation_job(
        CompilationJobName="one",
        RoleArn=ROLE,
        OutputConfig={"S3OutputLocation": S3} | output,
        StoppingCondition={},
        **more,
    )


@pytest.mark.parametrize(
    ("output", "more", "text"),
    [
        (
            {"TargetDevice": "jetson_nano"},
            {},
            "Either InputConfig or ModelPackageVersionArn must be specified.",
        ),
        (
            {"TargetDevice": "jetson_nano"},
            {"InputConfig": {"S3Uri": S3, "Framework": "KERAS"}, "ModelPackageVersionArn": PACKAGE},
            "InputConfig and ModelPackageVersionArn cannot be specified at the same time.",
        ),
        (
            {},
            {"InputConfig": {"S3Uri": S3, "Framework": "KERAS"}},
            "Either TargetDevice or TargetPlatform must be specified.",
        ),
        (
            {"TargetDevice": "jetson_nano", "TargetPlatform": PLATFORM},
            {"InputConfig": {"S3Uri": S3, "Framework": "KERAS"}},
            "TargetDevice and TargetPlatform cannot be specified at the same time.",
        ),
        (
            {"TargetDevice": "jetson_nano"},
            {"ModelPackageVersionArn": PACKAGE},
            f"Model package {PACKAGE} does not exist.",
        ),
    ],
)
def test_one_input_and_one_target(aws: Any, output: Any, more: Any, text: str) -> None:
    """A compilation has exactly one input and exactly one target, and a package must exist."""
    assert refusal(compile_as, aws=aws, output=output, **more) == ("ValidationException", text)


def test_a_package_is_input_enough(aws: Any) -> None:
    """A versioned package replaces the input, although the response requires that member."""
    aws.create_model_package_group(ModelPackageGroupName="g")
    aws.create_model_package(ModelPackageGroupName="g")
    compile_as(aws, {"TargetDevice": "jetson_nano"}, ModelPackageVersionArn=PACKAGE)
    shown = aws.describe_compilation_job(CompilationJobName="one")
    assert shown["ModelPackageVersionArn"] == PACKAGE
    assert shown["InputConfig"]["S3Uri"] == ""


def test_a_knob_takes_any_package() -> None:
    """With model_package_is_checked off, a missing package is accepted."""
    aws = client_of(Sandbox(knobs=Knobs(model_package_is_checked=False)))
    compile_as(aws, {"TargetDevice": "jetson_nano"}, ModelPackageVersionArn=PACKAGE)
    assert status(aws, "CompilationJob") == "STARTING"


def test_a_summary_flattens_the_target(aws: Any) -> None:
    """ListCompilationJobs returns the parts of the platform as top members, or the device."""
    make(aws, "CompilationJob")
    compile_as_other = {"OutputConfig": {"S3OutputLocation": S3, "TargetPlatform": PLATFORM}}
    make(aws, "CompilationJob", "two", **compile_as_other)
    one, two = aws.list_compilation_jobs(SortBy="Name", SortOrder="Ascending")["CompilationJobSummaries"]
    assert one["CompilationTargetDevice"] == "jetson_nano"
    assert "CompilationTargetPlatformOs" not in one
    assert (two["CompilationTargetPlatformOs"], two["CompilationTargetPlatformAccelerator"]) == (
        "LINUX",
        "NVIDIA",
    )
    assert "CompilationTargetDevice" not in two


@pytest.mark.parametrize(("device", "named"), [("ml_c5", True), ("jetson_nano", False)])
def test_what_is_compiled_for_an_instance_has_an_image(
    sandbox: Sandbox, aws: Any, device: str, named: bool
) -> None:
    """A completed compilation for a cloud instance has an image; one for an edge device does not."""
    source = {"S3Uri": S3, "DataInputConfig": '{"x": [1]}', "Framework": "MXNET"}
    compile_as(aws, {"TargetDevice": device}, InputConfig=source)
    assert "InferenceImage" not in aws.describe_compilation_job(CompilationJobName="one")
    wait_until_idle(sandbox)
    done = aws.describe_compilation_job(CompilationJobName="one")
    assert ("/sagemaker-inference-mxnet:" in done.get("InferenceImage", "")) is named
