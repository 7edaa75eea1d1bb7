from typing import Any

import pytest

from controller.sandbox import InjectedFault, Sandbox
from tests.sandbox.conftest import make_model, refusal
from tests.sandbox.newcomers import S3, TRANSFORM, make, status, wait_until_idle


def processing_input(**more: Any) -> dict[str, Any]:
    """Write an input of a processing job."""
    return {"InputName": "in", "S3Input": {"S3Uri": S3, "S3DataType": "S3Prefix", "LocalPath": "/in"}, **more}


def output_to_group(group: str) -> dict[str, Any]:
    """Write an output that goes to a feature group."""
    output = {"OutputName": "out", "AppManaged": True, "FeatureStoreOutput": {"FeatureGroupName": group}}
    return {"ProcessingOutputConfig": {"Outputs": [output]}}


def test_a_transform_needs_its_model_when_it_begins(aws: Any) -> None:
    """A model that does not exist is refused with the model's message; deleting it later has no effect."""
    code, text = refusal(aws.create_transform_job, TransformJobName="one", **TRANSFORM)
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model/m"
    assert (code, text) == ("ValidationException", f'Could not find model "{arn}".')
    make(aws, "TransformJob")
    aws.delete_model(ModelName="m")
    assert status(aws, "TransformJob") == "InProgress"


def test_a_transform_is_filled_in(sandbox: Sandbox, aws: Any) -> None:
    """Describe returns defaults, no time of modification, and when the work began."""
    make(aws, "TransformJob")
    young = aws.describe_transform_job(TransformJobName="one")
    assert young["DataProcessing"] == {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    assert young["TransformInput"]["CompressionType"] == young["TransformInput"]["SplitType"] == "None"
    assert young["TransformOutput"] == {"S3OutputPath": S3, "AssembleWith": "None", "KmsKeyId": ""}
    assert "LastModifiedTime" not in young
    assert "TransformStartTime" not in young
    sandbox.clock.advance(60)
    assert "TransformStartTime" in aws.describe_transform_job(TransformJobName="one")
    wait_until_idle(sandbox)
    (listed,) = aws.list_transform_jobs()["TransformJobSummaries"]
    assert listed["TransformEndTime"] == listed["LastModifiedTime"] > listed["CreationTime"]


def test_transforms_are_listed_ten_at_a_time_newest_first(sandbox: Sandbox, aws: Any) -> None:
    """ListTransformJobs has a page of ten and the newest first."""
    make_model(aws)
    for number in range(11):
        make(aws, "TransformJob", f"job{number}")
        sandbox.clock.advance(1)
    page = aws.list_transform_jobs()
    assert [one["TransformJobName"] for one in page["TransformJobSummaries"]][:2] == ["job10", "job9"]
    rest_of = aws.list_transform_jobs(NextToken=page["NextToken"])["TransformJobSummaries"]
    assert [one["TransformJobName"] for one in rest_of] == ["job0"]


def test_a_processing_job_is_filled_in(sandbox: Sandbox, aws: Any) -> None:
    """Describe shows the defaults of limits, inputs and outputs, in the order given."""
    output = {"OutputName": "out", "S3Output": {"S3Uri": S3, "LocalPath": "/out", "S3UploadMode": "EndOfJob"}}
    inputs = [processing_input(), processing_input(InputName="also")]
    make(aws, "ProcessingJob", ProcessingInputs=inputs, ProcessingOutputConfig={"Outputs": [output]})
    shown = aws.describe_processing_job(ProcessingJobName="one")
    assert shown["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert [one["InputName"] for one in shown["ProcessingInputs"]] == ["in", "also"]
    first = shown["ProcessingInputs"][0]
    assert first["AppManaged"] is False
    assert first["S3Input"]["S3DataDistributionType"] == "FullyReplicated"
    assert first["S3Input"]["S3CompressionType"] == "None"
    assert shown["ProcessingOutputConfig"]["Outputs"][0]["AppManaged"] is False


def test_a_feature_group_that_takes_the_output_must_exist(sandbox: Sandbox, aws: Any) -> None:
    """An output for a missing feature group is refused; with the group it is accepted."""
    code, text = refusal(make, aws=aws, kind="ProcessingJob", **output_to_group("ghost"))
    assert (code, text) == ("ResourceNotFound", "Could not find feature group 'ghost'.")
    make(aws, "FeatureGroup", "shop")
    wait_until_idle(sandbox)
    make(aws, "ProcessingJob", **output_to_group("shop"))


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ([processing_input(), processing_input()], "The input names of a processing job must be unique."),
        (
            [{"InputName": "in"}],
            "Exactly one of S3Input and DatasetDefinition must be provided for input in.",
        ),
    ],
)
def test_inputs_must_be_sound(aws: Any, inputs: list[Any], text: str) -> None:
    """Each input has a name of its own and exactly one source."""
    assert refusal(make, aws=aws, kind="ProcessingJob", ProcessingInputs=inputs) == (
        "ValidationException",
        text,
    )


def test_a_failed_processing_job_has_two_voices(sandbox: Sandbox, aws: Any) -> None:
    """The service sets FailureReason, the container ExitMessage; List returns both."""
    sandbox.inject(InjectedFault.FAIL, reason="ClientError: bad rows")
    make(aws, "ProcessingJob")
    wait_until_idle(sandbox)
    for shown in (
        aws.describe_processing_job(ProcessingJobName="one"),
        aws.list_processing_jobs(StatusEquals="Failed")["ProcessingJobSummaries"][0],
    ):
        assert shown["FailureReason"] == shown["ExitMessage"] == "ClientError: bad rows"
