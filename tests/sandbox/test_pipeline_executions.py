import json
from collections.abc import Sequence
from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, refusal

ARN = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/p"
TOKEN = "t" * 32
PARAMETERS = [
    {"Name": "Rows", "Type": "Integer", "DefaultValue": 10},
    {"Name": "Mode", "Type": "String", "EnumValues": ["fast", "slow"]},
]
PREPARE = {"Name": "prepare", "Type": "Processing", "Arguments": {}}
TRAIN = {"Name": "train", "Type": "Training", "DependsOn": ["prepare"]}
TEST = {"Name": "test", "Type": "Processing", "Arguments": {"Model": {"Get": "Steps.train.ModelArtifacts"}}}
BESIDE = {"Name": "beside", "Type": "Processing"}
STEPS = [TEST, TRAIN, PREPARE, BESIDE]
MODE = [{"Name": "Mode", "Value": "fast"}]


def definition(steps: Sequence[Any], parameters: Sequence[Any] = ()) -> str:
    """Write a definition."""
    return json.dumps({"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)})


def make(aws: Any, steps: Sequence[Any] = STEPS, parameters: Sequence[Any] = (), **more: Any) -> None:
    """Create the pipeline p."""
    text = definition(steps, parameters)
    aws.create_pipeline(PipelineName="p", RoleArn=ROLE, PipelineDefinition=text, **more)


def start(aws: Any, **more: Any) -> str:
    """Start an execution of p and return its ARN."""
    return str(aws.start_pipeline_execution(**({"PipelineName": "p"} | more))["PipelineExecutionArn"])


def status(aws: Any, arn: str) -> str:
    """Return the status of an execution."""
    return str(aws.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"])


def steps(aws: Any, arn: str) -> dict[str, str]:
    """Return the statuses of an execution's steps, in the order of their start."""
    found = aws.list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder="Ascending")
    return {one["StepName"]: one["StepStatus"] for one in found["PipelineExecutionSteps"]}


def test_an_execution_runs_its_steps_in_their_order(sandbox: Sandbox, aws: Any) -> None:
    """Steps start when what they depend on, or read from, has succeeded; then the execution has too."""
    make(aws)
    arn = start(aws)
    assert arn.startswith(f"{ARN}/execution/")
    assert (
        refusal(aws.add_tags, ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])[0] == "ValidationException"
    )
    assert len(arn.rpartition("/")[2]) == 12
    assert (status(aws, arn), steps(aws, arn)) == ("Executing", {})
    sandbox.clock.advance(5)
    assert steps(aws, arn) == {"prepare": "Starting", "beside": "Starting"}
    sandbox.clock.advance(5)
    assert steps(aws, arn) == {"prepare": "Executing", "beside": "Executing"}
    sandbox.clock.advance(60)
    assert steps(aws, arn) == {"prepare": "Succeeded", "beside": "Succeeded", "train": "Executing"}
    sandbox.clock.advance(60)
    assert (steps(aws, arn)["test"], status(aws, arn)) == ("Executing", "Executing")
    sandbox.clock.advance(60)
    assert (steps(aws, arn)["test"], status(aws, arn)) == ("Succeeded", "Succeeded")
    newest = aws.list_pipeline_execution_steps(PipelineExecutionArn=arn, MaxResults=1)
    (first,) = newest["PipelineExecutionSteps"]
    assert (first["StepName"], first["AttemptCount"], "EndTime" in first) == ("test", 1, True)
    assert "processing-job" in first["Metadata"]["ProcessingJob"]["Arn"]
    rest = aws.list_pipeline_execution_steps(PipelineExecutionArn=arn, NextToken=newest["NextToken"])
    assert len(rest["PipelineExecutionSteps"]) == 3


def test_an_execution_is_described(aws: Any) -> None:
    """Describe returns the experiment, the names and the version; the pipeline has its last run."""
    make(aws, ParallelismConfiguration={"MaxParallelExecutionSteps": 3})
    assert "LastRunTime" not in aws.describe_pipeline(PipelineName="p")
    arn = start(aws, PipelineExecutionDescription="d", MlflowExperimentName="m")
    made = aws.describe_pipeline_execution(PipelineExecutionArn=arn)
    name = arn.rpartition("/")[2]
    assert made["PipelineExperimentConfig"] == {"ExperimentName": "p", "TrialName": name}
    assert made["PipelineExecutionDisplayName"].startswith("execution-")
    assert (made["PipelineArn"], made["PipelineVersionId"]) == (ARN, 1)
    assert made["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 3}
    assert made["MLflowConfig"] == {"MlflowExperimentName": "m"}
    aws.update_pipeline_execution(
        PipelineExecutionArn=arn,
        PipelineExecutionDisplayName="mine",
        ParallelismConfiguration={"MaxParallelExecutionSteps": 5},
    )
    after = aws.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert (after["PipelineExecutionDisplayName"], after["PipelineExecutionDescription"]) == ("mine", "d")
    assert after["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 5}
    assert aws.describe_pipeline(PipelineName="p")["LastRunTime"] == made["CreationTime"]
    (listed,) = aws.list_pipelines()["PipelineSummaries"]
    assert listed["LastExecutionTime"] == made["CreationTime"]
    (one,) = aws.list_pipeline_executions(PipelineName=ARN)["PipelineExecutionSummaries"]
    assert (one["PipelineExecutionArn"], one["StartTime"]) == (arn, made["CreationTime"])


def test_one_token_starts_one_execution(aws: Any) -> None:
    """The same token and request is the same execution; the same token with other parameters is refused."""
    make(aws)
    arn = start(aws, ClientRequestToken=TOKEN)
    assert start(aws, ClientRequestToken=TOKEN) == arn
    assert start(aws) != arn
    assert len(aws.list_pipeline_executions(PipelineName="p")["PipelineExecutionSummaries"]) == 2
    code, _ = refusal(
        aws.start_pipeline_execution,
        PipelineName="p",
        ClientRequestToken=TOKEN,
        PipelineExecutionDescription="x",
    )
    assert code == "ValidationException"


def test_parameters_are_those_of_the_definition(aws: Any) -> None:
    """Unknown, missing and ill-typed parameters are refused; the rest is listed with the defaults."""
    make(aws, parameters=PARAMETERS)
    refused = {
        "not defined": [*MODE, {"Name": "x", "Value": "1"}],
        "no default": [],
        "must be one of": [{"Name": "Mode", "Value": "other"}],
        "of type Integer": [*MODE, {"Name": "Rows", "Value": "many"}],
        "unique": [*MODE, *MODE],
    }
    for message, given in refused.items():
        code, text = refusal(aws.start_pipeline_execution, PipelineName="p", PipelineParameters=given)
        assert (code, message in text) == ("ValidationException", True)
    arn = start(aws, PipelineParameters=MODE)
    listed = aws.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)["PipelineParameters"]
    assert listed == [{"Name": "Rows", "Value": "10"}, *MODE]


def test_parameters_by_default_may_stay_unlisted() -> None:
    """With the knob, only what was sent is listed."""
    aws = client_of(Sandbox(knobs=Knobs(defaults_listed=False)))
    make(aws, parameters=PARAMETERS)
    arn = start(aws, PipelineParameters=MODE)
    listed = aws.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    assert listed["PipelineParameters"] == MODE


def test_an_execution_keeps_its_definition(aws: Any) -> None:
    """An execution runs the definition as it was at its start, or the version that was requested."""
    make(aws)
    arn = start(aws)
    aws.update_pipeline(PipelineName="p", PipelineDefinition=definition([BESIDE]))
    used = aws.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)
    assert used["PipelineDefinition"] == definition(STEPS)
    old = start(aws, PipelineVersionId=1)
    used = aws.describe_pipeline_definition_for_execution(PipelineExecutionArn=old)
    assert used["PipelineDefinition"] == definition(STEPS)
    assert (
        refusal(aws.start_pipeline_execution, PipelineName="p", PipelineVersionId=9)[0] == "ResourceNotFound"
    )


def test_a_fail_step_ends_it(sandbox: Sandbox, aws: Any) -> None:
    """A step of type Fail ends the execution Failed; no step starts after it, and its message is the reason."""
    fail = {"Name": "stop", "Type": "Fail", "DependsOn": ["beside"], "Arguments": {"ErrorMessage": "bad"}}
    make(aws, [*STEPS, fail])
    arn = start(aws)
    sandbox.clock.advance(1000)
    assert steps(aws, arn) == {
        "prepare": "Succeeded",
        "beside": "Succeeded",
        "train": "Succeeded",
        "stop": "Failed",
    }
    made = aws.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert made["FailureReason"] == "Step failure: One or multiple steps failed."
    found = aws.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    assert [one["Metadata"] for one in found if one["StepName"] == "stop"] == [
        {"Fail": {"ErrorMessage": "bad"}}
    ]
    (one,) = aws.list_pipeline_executions(PipelineName="p")["PipelineExecutionSummaries"]
    assert one["PipelineExecutionFailureReason"] == made["FailureReason"]


def test_an_injected_failure_can_be_retried(sandbox: Sandbox, aws: Any) -> None:
    """FAIL ends an execution Failed with its reason; Retry runs again what did not succeed, under its ARN."""
    make(aws, [PREPARE, TRAIN])
    sandbox.inject(InjectedFault.FAIL, name="p", reason="no capacity")
    arn = start(aws)
    code, _ = refusal(aws.retry_pipeline_execution, PipelineExecutionArn=arn)
    assert code == "ConflictException"
    sandbox.clock.advance(100)
    made = aws.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert (made["PipelineExecutionStatus"], made["FailureReason"]) == ("Failed", "no capacity")
    assert steps(aws, arn) == {"prepare": "Failed"}
    again = aws.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=TOKEN)
    assert again["PipelineExecutionArn"] == arn
    aws.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=TOKEN)
    made = aws.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert (made["PipelineExecutionStatus"], "FailureReason" in made) == ("Executing", False)
    sandbox.clock.advance(200)
    assert status(aws, arn) == "Succeeded"
    found = aws.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    assert {one["StepName"]: one["AttemptCount"] for one in found} == {"prepare": 2, "train": 1}


def test_an_execution_is_stopped_in_its_time(sandbox: Sandbox, aws: Any) -> None:
    """Stop is Stopping first; running steps end Stopped, later ones never start; a finished one refuses it."""
    make(aws, [PREPARE, TRAIN])
    arn = start(aws)
    sandbox.clock.advance(10)
    aws.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=TOKEN)
    aws.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=TOKEN)
    assert (status(aws, arn), steps(aws, arn)) == ("Stopping", {"prepare": "Stopping"})
    assert refusal(aws.stop_pipeline_execution, PipelineExecutionArn=arn)[0] == "ConflictException"
    sandbox.clock.advance(10)
    assert (status(aws, arn), steps(aws, arn)) == ("Stopped", {"prepare": "Stopped"})
    sandbox.clock.advance(1000)
    assert steps(aws, arn) == {"prepare": "Stopped"}
    assert refusal(aws.stop_pipeline_execution, PipelineExecutionArn=arn)[0] == "ConflictException"


def test_few_slots_make_a_long_run(sandbox: Sandbox, aws: Any) -> None:
    """At most as many steps run at once as the execution, or its pipeline, allows."""
    make(aws, [PREPARE, BESIDE], ParallelismConfiguration={"MaxParallelExecutionSteps": 9})
    arn = start(aws, ParallelismConfiguration={"MaxParallelExecutionSteps": 1})
    sandbox.clock.advance(10)
    assert list(steps(aws, arn)) == ["prepare"]
    sandbox.clock.advance(60)
    assert list(steps(aws, arn)) == ["prepare", "beside"]


@pytest.mark.parametrize(("holds", "branch"), [(True, "good"), (False, "bad")])
def test_a_condition_takes_one_branch(holds: bool, branch: str) -> None:
    """The steps of one branch run after their condition, those of the other do not."""
    sandbox = Sandbox(knobs=Knobs(conditions_hold=holds))
    aws = client_of(sandbox)
    branches = {"IfSteps": [BESIDE | {"Name": "good"}], "ElseSteps": [BESIDE | {"Name": "bad"}]}
    make(aws, [PREPARE, {"Name": "if", "Type": "Condition", "DependsOn": ["prepare"], "Arguments": branches}])
    arn = start(aws)
    sandbox.clock.advance(1000)
    assert steps(aws, arn) == {"prepare": "Succeeded", "if": "Succeeded", branch: "Succeeded"}


def test_selected_steps_run_alone(sandbox: Sandbox, aws: Any) -> None:
    """A selective execution runs the chosen steps of a known execution only."""
    make(aws)
    first = start(aws)
    chosen = {"SourcePipelineExecutionArn": first, "SelectedSteps": [{"StepName": "train"}]}
    arn = start(aws, SelectiveExecutionConfig=chosen)
    sandbox.clock.advance(1000)
    assert steps(aws, arn) == {"train": "Succeeded"}
    unknown = {"SelectedSteps": [{"StepName": "ghost"}]}
    for config, code in (
        (unknown, "ValidationException"),
        (chosen | {"SourcePipelineExecutionArn": f"{ARN}/execution/ghost"}, "ResourceNotFound"),
    ):
        given = {"PipelineName": "p", "SelectiveExecutionConfig": config}
        assert refusal(aws.start_pipeline_execution, **given)[0] == code


def test_a_running_execution_holds_its_pipeline(sandbox: Sandbox, aws: Any) -> None:
    """A pipeline is not deleted while it runs; its executions are deleted with it."""
    make(aws)
    arn = start(aws)
    assert refusal(aws.delete_pipeline, PipelineName="p")[0] == "ConflictException"
    sandbox.clock.advance(1000)
    aws.delete_pipeline(PipelineName="p")
    assert refusal(aws.start_pipeline_execution, PipelineName="p")[0] == "ConflictException"
    sandbox.clock.advance(10)
    assert sandbox.resources() == ()
    assert refusal(aws.describe_pipeline_execution, PipelineExecutionArn=arn) == (
        "ResourceNotFound",
        f"Pipeline execution '{arn}' does not exist.",
    )
    for call in (aws.list_pipeline_executions, aws.start_pipeline_execution, aws.list_pipeline_versions):
        assert refusal(call, PipelineName="p") == ("ResourceNotFound", f"Pipeline '{ARN}' does not exist.")


def test_executions_outlive_the_process(tmp_path: Any) -> None:
    """An execution continues from its state file where it was."""
    sandbox = Sandbox(state=tmp_path / "state.sqlite")
    aws = client_of(sandbox)
    make(aws)
    arn = start(aws)
    sandbox.clock.advance(10)
    sandbox.close()
    later = Sandbox(state=tmp_path / "state.sqlite")
    later.clock.advance(1000)
    assert status(client_of(later), arn) == "Succeeded"
    later.close()


def test_a_missing_arn_and_faults(sandbox: Sandbox, aws: Any) -> None:
    """Steps of no execution are refused; LIMIT, IN_USE and STALE affect executions."""
    make(aws)
    assert refusal(aws.list_pipeline_execution_steps)[0] == "ValidationException"
    stale_row = f"{ARN}/execution/ghost"
    assert refusal(aws.list_pipeline_execution_steps, PipelineExecutionArn=stale_row)[0] == "ResourceNotFound"
    sandbox.inject(InjectedFault.LIMIT)
    assert refusal(aws.start_pipeline_execution, PipelineName="p")[0] == "ResourceLimitExceeded"
    sandbox.inject(InjectedFault.STALE, operation="StartPipelineExecution", seconds=10)
    arn = start(aws)
    assert refusal(aws.describe_pipeline_execution, PipelineExecutionArn=arn)[0] == "ResourceNotFound"
    sandbox.clock.advance(10)
    sandbox.inject(InjectedFault.IN_USE)
    assert refusal(aws.stop_pipeline_execution, PipelineExecutionArn=arn)[0] == "ConflictException"
    sandbox.inject(InjectedFault.FAIL, operation="StopPipelineExecution", reason="lambda timed out")
    aws.stop_pipeline_execution(PipelineExecutionArn=arn)
    sandbox.clock.advance(10)
    assert status(aws, arn) == "Failed"
