import itertools
from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import IMAGE, client_of, refusal
from tests.sandbox.newcomers import CLUSTER, S3, TRAINING, make, status, wait_until_idle

RULE = {
    "RuleConfigurationName": "loss",
    "RuleEvaluatorImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/rules:1",
}
WARM = CLUSTER | {"KeepAlivePeriodInSeconds": 600}
GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/g"


def secondary_statuses(aws: Any) -> list[str]:
    """Return the secondary statuses so far."""
    shown = aws.describe_training_job(TrainingJobName="one")
    return [
        secondary_status_transition["Status"]
        for secondary_status_transition in shown["SecondaryStatusTransitions"]
    ]


def test_a_training_walks_through_its_secondary_states(sandbox: Sandbox, aws: Any) -> None:
    """Each secondary status begins when the one before it ends, and the model exists at the end."""
    make(aws, "TrainingJob")
    seen = []
    for seconds in (0, 60, 60, 300, 30):
        sandbox.clock.advance(seconds)
        shown = aws.describe_training_job(TrainingJobName="one")
        seen.append((shown["TrainingJobStatus"], shown["SecondaryStatus"]))
        assert ("ModelArtifacts" in shown) == (shown["TrainingJobStatus"] == "Completed")
    walk = ["Starting", "Downloading", "Training", "Uploading"]
    assert seen == [*(("InProgress", word) for word in walk), ("Completed", "Completed")]
    turns = shown["SecondaryStatusTransitions"]
    assert [result["Status"] for result in turns] == [*walk, "Completed"]
    assert all(result["EndTime"] == after["StartTime"] for result, after in itertools.pairwise(turns))
    assert shown["ModelArtifacts"] == {"S3ModelArtifacts": f"{S3}/one/output/model.tar.gz"}
    assert shown["TrainingTimeInSeconds"] == shown["BillableTimeInSeconds"] == 390
    assert shown["TrainingEndTime"] > shown["TrainingStartTime"] > shown["CreationTime"]


def test_the_server_fills_in_what_was_left_out(aws: Any) -> None:
    """Describe shows the defaults of switches, output, channels and rules, and returns strings as sent."""
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": S3}}
    given = {name: value for name, value in TRAINING.items() if name != "StoppingCondition"}
    aws.create_training_job(
        TrainingJobName="one",
        HyperParameters={"rate": "0.10"},
        InputDataConfig=[{"ChannelName": "train", "DataSource": source}],
        DebugRuleConfigurations=[RULE],
        **given,
    )
    shown = aws.describe_training_job(TrainingJobName="one")
    for switch in (
        "EnableNetworkIsolation",
        "EnableManagedSpotTraining",
        "EnableInterContainerTrafficEncryption",
    ):
        assert shown[switch] is False
    assert shown["OutputDataConfig"] == {"S3OutputPath": S3, "KmsKeyId": "", "CompressionType": "GZIP"}
    assert shown["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert shown["InputDataConfig"][0]["CompressionType"] == "None"
    assert shown["InputDataConfig"][0]["RecordWrapperType"] == "None"
    assert shown["DebugRuleConfigurations"][0]["VolumeSizeInGB"] == 0
    assert shown["HyperParameters"] == {"rate": "0.10"}
    assert shown["AlgorithmSpecification"]["EnableSageMakerMetricsTimeSeries"] is False
    assert "ProfilerConfig" not in shown


def test_a_knob_adds_a_profiler() -> None:
    """With adds_profiler the server profiles a job that did not request it."""
    aws = client_of(Sandbox(knobs=Knobs(adds_profiler=True)))
    make(aws, "TrainingJob")
    shown = aws.describe_training_job(TrainingJobName="one")
    assert shown["ProfilerConfig"] == {"S3OutputPath": S3}


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        ({}, "Exactly one of TrainingImage and AlgorithmName must be provided."),
        ({"TrainingImage": IMAGE, "AlgorithmName": "a"}, "Exactly one of TrainingImage and AlgorithmName"),
        (
            {"AlgorithmName": "ghost"},
            "Algorithm arn:aws:sagemaker:us-east-1:123456789012:algorithm/ghost does not exist.",
        ),
    ],
)
def test_one_algorithm_that_exists(aws: Any, algorithm: dict[str, str], text: str) -> None:
    """A training names an image or an algorithm, and its own account's algorithm must exist."""
    named = {"TrainingInputMode": "File"} | algorithm
    code, found = refusal(make, aws=aws, kind="TrainingJob", AlgorithmSpecification=named)
    assert (code, found[: len(text)]) == ("ValidationException", text)


def test_algorithms_by_name_by_arn_and_of_others(aws: Any) -> None:
    """An algorithm has a name or an ARN; one of another account is not checked."""
    make(aws, "Algorithm", "xgb")
    arn = "arn:aws:sagemaker:us-east-1:123456789012:algorithm/xgb"
    for number, name in enumerate(("xgb", arn, arn.replace("123456789012", "999999999999"))):
        named = {"TrainingInputMode": "File", "AlgorithmName": name}
        make(aws, "TrainingJob", f"job{number}", AlgorithmSpecification=named)


def test_a_job_needs_instances_and_its_package_group(aws: Any) -> None:
    """Without ResourceConfig, or with a missing group, a training is refused."""
    bare = {name: value for name, value in TRAINING.items() if name != "ResourceConfig"}
    code, text = refusal(aws.create_training_job, TrainingJobName="one", **bare)
    assert (code, text) == ("ValidationException", "ResourceConfig must be provided.")
    group = {"ModelPackageGroupArn": GROUP}
    code, text = refusal(make, aws=aws, kind="TrainingJob", ModelPackageConfig=group)
    assert (code, text) == ("ValidationException", f"ModelPackageGroup {GROUP} does not exist.")


def test_trainings_are_found_by_their_plan(aws: Any) -> None:
    """ListTrainingJobs filters by the training plan and returns it; Describe has it in the resources."""
    plan = "arn:aws:sagemaker:us-east-1:123456789012:training-plan/big"
    make(aws, "TrainingJob", ResourceConfig=CLUSTER | {"TrainingPlanArn": plan})
    make(aws, "TrainingJob", "two")
    (found,) = aws.list_training_jobs(TrainingPlanArnEquals=plan)["TrainingJobSummaries"]
    assert (found["TrainingJobName"], found["TrainingPlanArn"]) == ("one", plan)
    assert "TrainingPlanArn" not in aws.describe_training_job(TrainingJobName="one")


def test_a_stopped_training_has_its_turns(sandbox: Sandbox, aws: Any) -> None:
    """Stopping and Stopped are secondary statuses with a transition each, and the billed time is returned."""
    make(aws, "TrainingJob")
    sandbox.clock.advance(150)
    aws.stop_training_job(TrainingJobName="one")
    assert "is in status Stopping" in refusal(aws.stop_training_job, TrainingJobName="one")[1]
    wait_until_idle(sandbox)
    shown = aws.describe_training_job(TrainingJobName="one")
    assert secondary_statuses(aws) == ["Starting", "Downloading", "Training", "Stopping", "Stopped"]
    assert (shown["SecondaryStatus"], shown["TrainingTimeInSeconds"]) == ("Stopped", 120)
    assert "ModelArtifacts" not in shown


def test_a_training_that_takes_too_long_is_stopped(sandbox: Sandbox, aws: Any) -> None:
    """A limit shorter than the training ends it Stopped by MaxRuntimeExceeded, with its output so far."""
    make(aws, "TrainingJob", StoppingCondition={"MaxRuntimeInSeconds": 100})
    wait_until_idle(sandbox)
    shown = aws.describe_training_job(TrainingJobName="one")
    assert (shown["TrainingJobStatus"], shown["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert shown["ModelArtifacts"]["S3ModelArtifacts"]


def test_a_failed_training_shows_why_in_both_states(sandbox: Sandbox, aws: Any) -> None:
    """The reason is in FailureReason and in the last transition."""
    sandbox.inject(InjectedFault.FAIL, reason="CapacityError: no instances")
    make(aws, "TrainingJob")
    wait_until_idle(sandbox)
    shown = aws.describe_training_job(TrainingJobName="one")
    assert (shown["SecondaryStatus"], shown["FailureReason"]) == ("Failed", "CapacityError: no instances")
    assert shown["SecondaryStatusTransitions"][-1]["StatusMessage"] == "CapacityError: no instances"


def test_a_warm_pool_lives_on_and_can_live_longer(sandbox: Sandbox, aws: Any) -> None:
    """The pool is InUse, Available and Terminated; its time is changed once the job has ended."""
    make(aws, "TrainingJob", ResourceConfig=WARM)
    longer = {"TrainingJobName": "one", "ResourceConfig": {"KeepAlivePeriodInSeconds": 1200}}
    sandbox.clock.advance(100)
    assert aws.list_training_jobs(WarmPoolStatusEquals="InUse")["TrainingJobSummaries"]
    assert refusal(aws.update_training_job, **longer)[0] == "ValidationException"
    sandbox.clock.advance(400)
    (kept,) = aws.list_training_jobs(WarmPoolStatusEquals="Available")["TrainingJobSummaries"]
    assert kept["WarmPoolStatus"]["Status"] == "Available"
    assert refusal(aws.delete_training_job, TrainingJobName="one")[0] == "ResourceInUse"
    aws.update_training_job(**longer)
    sandbox.clock.advance(700)
    shown = aws.describe_training_job(TrainingJobName="one")
    assert (shown["WarmPoolStatus"]["Status"], shown["TrainingJobStatus"]) == ("Available", "Completed")
    sandbox.clock.advance(600)
    gone = aws.describe_training_job(TrainingJobName="one")["WarmPoolStatus"]
    assert gone == {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 1200}
    assert refusal(aws.update_training_job, **longer)[0] == "ValidationException"
    aws.delete_training_job(TrainingJobName="one")
    assert status(aws, "TrainingJob") == "Deleting"


def test_a_warm_pool_can_be_let_go(sandbox: Sandbox, aws: Any) -> None:
    """A keep-alive of zero terminates the pool at once."""
    make(aws, "TrainingJob", ResourceConfig=WARM)
    sandbox.clock.advance(500)
    aws.update_training_job(TrainingJobName="one", ResourceConfig={"KeepAlivePeriodInSeconds": 0})
    shown = aws.describe_training_job(TrainingJobName="one")
    assert shown["WarmPoolStatus"]["Status"] == "Terminated"


def test_the_profiler_changes_while_the_job_runs(sandbox: Sandbox, aws: Any) -> None:
    """Profiler rules are added, never replaced, and neither while Starting nor when the job is over."""
    make(aws, "TrainingJob", ProfilerRuleConfigurations=[RULE])
    more = {"TrainingJobName": "one", "ProfilerRuleConfigurations": [RULE | {"RuleConfigurationName": "cpu"}]}
    assert "(Starting)" in refusal(aws.update_training_job, **more)[1]
    sandbox.clock.advance(150)
    aws.update_training_job(**more)
    shown = aws.describe_training_job(TrainingJobName="one")
    assert [rule["RuleConfigurationName"] for rule in shown["ProfilerRuleConfigurations"]] == ["loss", "cpu"]
    assert "exist already" in refusal(aws.update_training_job, **more)[1]
    aws.update_training_job(TrainingJobName="one", ProfilerConfig={"DisableProfiler": True})
    assert aws.describe_training_job(TrainingJobName="one")["ProfilingStatus"] == "Disabled"
    both = {"ProfilerConfig": {}, "ResourceConfig": {"KeepAlivePeriodInSeconds": 1}}
    text = refusal(aws.update_training_job, TrainingJobName="one", **both)[1]
    assert "cannot be updated in the same request" in text
    wait_until_idle(sandbox)
    assert status(aws, "TrainingJob") == "Completed"
    assert "(Completed)" in refusal(aws.update_training_job, **more)[1]


def test_remote_debugging_changes_while_data_is_there(sandbox: Sandbox, aws: Any) -> None:
    """RemoteDebugConfig can be updated while Downloading or Training only."""
    make(aws, "TrainingJob")
    switch = {"TrainingJobName": "one", "RemoteDebugConfig": {"EnableRemoteDebug": True}}
    assert refusal(aws.update_training_job, **switch)[0] == "ValidationException"
    sandbox.clock.advance(60)
    aws.update_training_job(**switch)
    shown = aws.describe_training_job(TrainingJobName="one")
    assert shown["RemoteDebugConfig"] == {"EnableRemoteDebug": True}
    code, text = refusal(aws.update_training_job, **(switch | {"TrainingJobName": "ghost"}))
    assert (code, text) == ("ValidationException", "Requested resource not found.")
