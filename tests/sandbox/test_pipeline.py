import json
from typing import Any

import pytest

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, refusal

DEFINITION = json.dumps({"Version": "2020-12-01", "Steps": [{"Name": "a", "Type": "Training"}]})
LATER = json.dumps({"Version": "2020-12-01", "Steps": []})
ARN = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/P"
TOKEN = "t" * 32


def make(aws: Any, **more: Any) -> Any:
    """Create the pipeline P."""
    return aws.create_pipeline(
        **({"PipelineName": "P", "RoleArn": ROLE, "PipelineDefinition": DEFINITION} | more)
    )


def test_a_pipeline_lives_and_dies(sandbox: Sandbox, aws: Any) -> None:
    """A pipeline is Active at once, versioned by its definition, Deleting, then ResourceNotFound."""
    assert make(aws)["PipelineArn"] == ARN
    made = aws.describe_pipeline(PipelineName=ARN)
    assert (made["PipelineStatus"], made["PipelineDisplayName"]) == ("Active", "P")
    renamed = aws.update_pipeline(PipelineName="P", PipelineDisplayName="new")
    changed = aws.update_pipeline(PipelineName="P", PipelineDefinition=LATER)
    assert (renamed["PipelineVersionId"], changed["PipelineVersionId"]) == (1, 2)
    after = aws.describe_pipeline(PipelineName="P")
    assert (after["PipelineDefinition"], after["PipelineDisplayName"]) == (LATER, "new")
    assert after["LastModifiedTime"] > made["LastModifiedTime"]
    assert aws.delete_pipeline(PipelineName="P")["PipelineArn"] == ARN
    assert aws.describe_pipeline(PipelineName="P")["PipelineStatus"] == "Deleting"
    sandbox.clock.advance(10)
    assert refusal(aws.describe_pipeline, PipelineName="P") == (
        "ResourceNotFound",
        f"Pipeline '{ARN}' does not exist.",
    )


def test_a_token_is_replayed_and_a_name_is_not(aws: Any) -> None:
    """The same token returns the pipeline; the same name with another token exists already."""
    make(aws, ClientRequestToken=TOKEN)
    assert make(aws, ClientRequestToken=TOKEN)["PipelineArn"] == ARN
    with pytest.raises(Exception, match=r"Pipeline with name \(P\) already exists"):
        make(aws)
    with pytest.raises(Exception, match="other parameters"):
        make(aws, ClientRequestToken=TOKEN, PipelineDescription="x")


@pytest.mark.parametrize(
    "definition", ["not json", "[]", '{"Version": "1"}', '{"Version": "1", "Steps": [{"Type": "Training"}]}']
)
def test_a_definition_is_checked(aws: Any, definition: str) -> None:
    """What is not a pipeline definition is refused."""
    with pytest.raises(Exception, match="ValidationException"):
        make(aws, PipelineDefinition=definition)


def test_a_stored_definition_comes_back_inline() -> None:
    """A definition in S3 is read when the pipeline is made, and Describe returns its text."""
    aws = client_of(Sandbox(knobs=Knobs(stored_definition=DEFINITION)))
    location = {"Bucket": "bucket", "ObjectKey": "key"}
    aws.create_pipeline(PipelineName="p", RoleArn=ROLE, PipelineDefinitionS3Location=location)
    pipeline = aws.describe_pipeline(PipelineName="p")
    assert pipeline["PipelineDefinition"] == DEFINITION
    assert "PipelineDefinitionS3Location" not in pipeline
    both = {"PipelineDefinition": DEFINITION, "PipelineDefinitionS3Location": location}
    assert refusal(aws.create_pipeline, PipelineName="q", RoleArn=ROLE, **both)[1].startswith("Both")
    assert refusal(aws.create_pipeline, PipelineName="q", RoleArn=ROLE)[1].startswith("Either")


def test_versions_are_listed_named_and_described(aws: Any) -> None:
    """Each definition is a version that can be listed, named, given aliases, described and started."""
    make(aws)
    aws.update_pipeline(PipelineName="P", PipelineDefinition=LATER)
    listed = aws.list_pipeline_versions(PipelineName="P")["PipelineVersionSummaries"]
    assert [one["PipelineVersionId"] for one in listed] == [2, 1]
    change = {"PipelineVersionDisplayName": "first", "PipelineVersionDescription": "d"}
    alias = {"PipelineVersionAliasOperations": {"Add": ["live"]}}
    aws.update_pipeline_version(PipelineArn=ARN, PipelineVersionId=1, **change, **alias)
    for request in ({"PipelineVersionId": 1}, {"PipelineVersionAlias": "live"}):
        old = aws.describe_pipeline(PipelineName="P", **request)
        assert (old["PipelineDefinition"], old["PipelineVersionDisplayName"]) == (DEFINITION, "first")
    assert aws.describe_pipeline(PipelineName="P")["PipelineDefinition"] == LATER
    taken = {"PipelineArn": ARN, "PipelineVersionId": 2, **alias}
    assert refusal(aws.update_pipeline_version, **taken)[0] == "ConflictException"
    for call in (aws.describe_pipeline, aws.start_pipeline_execution):
        assert refusal(call, PipelineName="P", PipelineVersionId=3) == (
            "ResourceNotFound",
            f"Pipeline version '{ARN}/3' does not exist.",
        )
    ran = aws.start_pipeline_execution(PipelineName="P", PipelineVersionId=1)["PipelineExecutionArn"]
    listed = aws.list_pipeline_versions(PipelineName="P", SortOrder="Ascending")["PipelineVersionSummaries"]
    assert listed[0]["LastExecutionPipelineExecutionArn"] == ran


def test_aliases_come_with_a_version(aws: Any) -> None:
    """Create gives its aliases to the first version; Update takes aliases for a new version only."""
    make(aws, PipelineVersionAliases=["live"])
    assert aws.describe_pipeline(PipelineName="P")["PipelineVersionAliases"] == ["live"]
    assert aws.start_pipeline_execution(PipelineName="P", PipelineVersionAlias="live")
    code, message = refusal(aws.update_pipeline, PipelineName="P", PipelineVersionAliases=["next"])
    assert (code, "only when" in message) == ("ValidationException", True)
    taken = {"PipelineDefinition": LATER, "PipelineVersionAliases": ["live"]}
    assert refusal(aws.update_pipeline, PipelineName="P", **taken)[0] == "ConflictException"
    aws.update_pipeline(PipelineName="P", PipelineDefinition=LATER, PipelineVersionAliases=["next"])
    assert aws.describe_pipeline(PipelineName="P")["PipelineVersionAliases"] == ["next"]


@pytest.mark.parametrize(
    "steps",
    [
        [{"Name": "a", "Type": "Training", "DependsOn": ["ghost"]}],
        [
            {"Name": "a", "Type": "Training", "DependsOn": ["b"]},
            {"Name": "b", "Type": "Training", "DependsOn": ["a"]},
        ],
        [
            {"Name": "a", "Type": "Training"},
            {"Name": "b", "Type": "Condition", "Arguments": {"IfSteps": [{"Name": "a", "Type": "Fail"}]}},
        ],
        [{"Name": "a", "Type": "Training", "Arguments": []}],
    ],
)
def test_the_order_of_steps_is_checked(aws: Any, steps: list[Any]) -> None:
    """Steps that depend on an unknown step or on each other, or share a name with one in a branch, are refused."""
    text = json.dumps({"Version": "2020-12-01", "Steps": steps})
    code, message = refusal(make, aws=aws, PipelineDefinition=text)
    assert (code, message[:30]) == ("ValidationException", "Pipeline definition is invalid")


def test_a_step_reads_declared_parameters_and_takes_so_many_inputs(aws: Any) -> None:
    """The limit is that of the step's own type."""
    unknown = {"Name": "a", "Type": "Training", "Arguments": {"RoleArn": {"Get": "Parameters.Role"}}}
    inputs = {"ProcessingInputs": [{"InputName": str(number)} for number in range(11)]}
    many = {"Name": "a", "Type": "Processing", "Arguments": inputs}
    for step, text in ((unknown, "parameter Role, which is not defined"), (many, "at most 10 are allowed")):
        definition = json.dumps({"Version": "2020-12-01", "Steps": [step]})
        with pytest.raises(Exception, match=text):
            make(aws, PipelineDefinition=definition)
    other = {**many, "Type": "Training"}
    make(aws, PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": [other]}))
