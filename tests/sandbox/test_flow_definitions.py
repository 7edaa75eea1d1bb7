"""FlowDefinition in the sandbox: its references, and the blockers of its deletion."""

from typing import Any

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, refusal

NAME = {"FlowDefinitionName": "review"}
LEAST = {"OutputConfig": {"S3OutputPath": "s3://bucket/reviews"}, "RoleArn": ROLE}
TEAM = "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/nobody"
TASK = {"TaskTitle": "Look", "TaskDescription": "Look at it.", "TaskCount": 1}


def test_it_becomes_active_and_is_deleted_in_its_time(sandbox: Sandbox, aws: Any) -> None:
    """Initializing, Active, Deleting, gone; a second one of the name and a deletion at the wrong time are refused."""
    aws.create_flow_definition(**NAME, **LEAST)
    assert aws.describe_flow_definition(**NAME)["FlowDefinitionStatus"] == "Initializing"
    assert refusal(aws.create_flow_definition, **NAME, **LEAST)[0] == "ResourceInUse"
    assert refusal(aws.delete_flow_definition, **NAME)[0] == "ResourceInUse"
    sandbox.clock.advance(60)
    (listed,) = aws.list_flow_definitions()["FlowDefinitionSummaries"]
    assert (listed["FlowDefinitionName"], listed["FlowDefinitionStatus"]) == ("review", "Active")
    aws.delete_flow_definition(**NAME)
    assert aws.describe_flow_definition(**NAME)["FlowDefinitionStatus"] == "Deleting"
    sandbox.clock.advance(60)
    assert refusal(aws.describe_flow_definition, **NAME)[0] == "ResourceNotFound"


def test_what_it_names_must_be_there(aws: Any) -> None:
    """An unknown team or page is refused, and so are conditions without a source of requests."""
    ui = aws.create_human_task_ui(HumanTaskUiName="page", UiTemplate={"Content": "<p>"})["HumanTaskUiArn"]
    config = {"WorkteamArn": TEAM, "HumanTaskUiArn": ui, **TASK}
    code, text = refusal(aws.create_flow_definition, **NAME, **LEAST, HumanLoopConfig=config)
    assert (code, text) == (
        "ValidationException",
        f"The specified Workteam '{TEAM}' does not exist or you do not have access to it.",
    )
    public = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"
    shown = {**config, "WorkteamArn": public, "HumanTaskUiArn": f"{ui}s"}
    assert (
        refusal(aws.create_flow_definition, **NAME, **LEAST, HumanLoopConfig=shown)[0] == "ResourceNotFound"
    )
    source = {"AwsManagedHumanLoopRequestSource": "AWS/Textract/AnalyzeDocument/Forms/V1"}
    text = refusal(aws.create_flow_definition, **NAME, **LEAST, HumanLoopRequestSource=source)[1]
    assert "together" in text
    aws.create_flow_definition(**NAME, **LEAST, HumanLoopConfig={**config, "WorkteamArn": public})
    assert aws.describe_flow_definition(**NAME)["HumanLoopConfig"]["TaskTimeLimitInSeconds"] == 3600


def test_running_loops_keep_it() -> None:
    """While human loops run, which is a knob, Delete is refused."""
    sandbox = Sandbox(knobs=Knobs(human_loops_run=True))
    aws = client_of(sandbox)
    aws.create_flow_definition(**NAME, **LEAST)
    sandbox.clock.advance(60)
    assert refusal(aws.delete_flow_definition, **NAME)[0] == "ResourceInUse"
    sandbox.close()
