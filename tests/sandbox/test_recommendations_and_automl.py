"""Inference recommendations and AutoML jobs: their stages, their lasting records, and their refusals."""

from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, make_model, refusal
from tests.sandbox.newcomers import OPTIMIZATION, wait_until_idle

S3 = "s3://bucket/path"
CHANNEL = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": S3}}}
TABULAR = {"TabularJobConfig": {"TargetAttributeName": "y"}}


def start_recommendation(aws: Any, name: str = "one", given: Any = None, **more: Any) -> None:
    """Start a job on the model."""
    aws.create_inference_recommendations_job(
        JobName=name, JobType="Default", RoleArn=ROLE, InputConfig=given or {"ModelName": "m"}, **more
    )


def start_automl(aws: Any, name: str = "one", problem: Any = None, **more: Any) -> None:
    """Start an AutoML job."""
    aws.create_auto_ml_job_v2(
        AutoMLJobName=name,
        RoleArn=ROLE,
        AutoMLJobInputDataConfig=[CHANNEL],
        OutputDataConfig={"S3OutputPath": S3},
        AutoMLProblemTypeConfig=problem or TABULAR,
        **more,
    )


def test_recommendations_come_with_the_end(sandbox: Sandbox, aws: Any) -> None:
    """Pending, in progress, completed: each configuration is a recommendation and a step, without OutputConfig."""
    make_model(aws, "m")
    machines = [{"InstanceType": "ml.m5.large"}, {"InstanceType": "ml.c5.large"}]
    start_recommendation(
        aws,
        given={"ModelName": "m", "EndpointConfigurations": machines},
        OutputConfig={"CompiledOutputConfig": {"S3OutputUri": S3}},
    )
    described = aws.describe_inference_recommendations_job(JobName="one")
    assert (described["Status"], "OutputConfig" in described) == ("PENDING", False)
    sandbox.clock.advance(90)
    assert aws.describe_inference_recommendations_job(JobName="one")["Status"] == "IN_PROGRESS"
    wait_until_idle(sandbox)
    found = aws.describe_inference_recommendations_job(JobName="one")
    assert found["Status"] == "COMPLETED"
    assert found["CompletionTime"] > found["CreationTime"]
    tried = [each["EndpointConfiguration"]["InstanceType"] for each in found["InferenceRecommendations"]]
    assert tried == ["ml.m5.large", "ml.c5.large"]
    steps = aws.list_inference_recommendations_job_steps(JobName="one", Status="COMPLETED")["Steps"]
    assert [each["InferenceBenchmark"]["EndpointConfiguration"]["InstanceType"] for each in steps] == tried
    (listed,) = aws.list_inference_recommendations_jobs(ModelNameEquals="m")["InferenceRecommendationsJobs"]
    assert (listed["JobDescription"], listed["ModelName"]) == ("", "m")
    assert not aws.list_inference_recommendations_jobs(ModelNameEquals="n")["InferenceRecommendationsJobs"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "Exactly one of ModelName and ModelPackageVersionArn"),
        ({"ModelName": "ghost"}, "Could not find model"),
        ({"ModelName": "m", "Endpoints": [{"EndpointName": "ghost"}]}, "Could not find endpoint"),
        ({"ModelName": "m", "JobDurationInSeconds": 18001}, "cannot exceed 18000"),
    ],
)
def test_recommendations_need_what_they_test(aws: Any, given: Any, text: str) -> None:
    """Without one of the two, or with a missing one, it is refused."""
    make_model(aws, "m")
    code, message = refusal(
        aws.create_inference_recommendations_job,
        JobName="one",
        JobType="Default",
        RoleArn=ROLE,
        InputConfig=given,
    )
    assert (code, text in message) == ("ValidationException", True), message


def test_an_automl_job_names_its_best_candidate(sandbox: Sandbox, aws: Any) -> None:
    """Through its secondary states to a candidate, what was resolved, and the name of an endpoint."""
    start_automl(aws, ModelDeployConfig={"EndpointName": "best"})
    seen = []
    for seconds in (0, 61, 1200, 1200, 1300):
        sandbox.clock.advance(seconds)
        described = aws.describe_auto_ml_job_v2(AutoMLJobName="one")
        seen.append((described["AutoMLJobStatus"], described["AutoMLJobSecondaryStatus"]))
    assert seen == [
        *(
            ("InProgress", word)
            for word in ("Starting", "AnalyzingData", "FeatureEngineering", "ModelTuning")
        ),
        ("Completed", "Completed"),
    ]
    assert described["BestCandidate"]["CandidateStatus"] == "Completed"
    assert described["ResolvedAttributes"]["CompletionCriteria"]["MaxCandidates"] == 250
    assert described["ModelDeployResult"]["EndpointName"] == "best"
    assert aws.list_endpoints()["Endpoints"] == []
    (best,) = aws.list_candidates_for_auto_ml_job(AutoMLJobName="one")["Candidates"]
    assert best["CandidateName"] == described["BestCandidate"]["CandidateName"]
    (listed,) = aws.list_auto_ml_jobs(StatusEquals="Completed")["AutoMLJobSummaries"]
    assert listed["AutoMLJobArn"].endswith(":automl-job/one")


def test_an_automl_job_is_stopped_and_fails(sandbox: Sandbox, aws: Any) -> None:
    """Stop is the first version's; a failure has its reason; a name that differs only in case is in use."""
    start_automl(aws)
    aws.stop_auto_ml_job(AutoMLJobName="one")
    wait_until_idle(sandbox)
    described = aws.describe_auto_ml_job_v2(AutoMLJobName="one")
    assert (described["AutoMLJobStatus"], described["AutoMLJobSecondaryStatus"]) == ("Stopped", "Stopped")
    assert refusal(aws.stop_auto_ml_job, AutoMLJobName="one")[0] == "ValidationException"
    with pytest.raises(aws.exceptions.ResourceInUse):
        start_automl(aws, "ONE")
    sandbox.inject(InjectedFault.FAIL, reason="no data")
    start_automl(aws, "two")
    sandbox.clock.advance(4000)
    assert aws.describe_auto_ml_job_v2(AutoMLJobName="two")["FailureReason"] == "no data"
    assert refusal(aws.describe_auto_ml_job_v2, AutoMLJobName="x") == (
        "ResourceNotFound",
        "Amazon SageMaker can't find an AutoML job called x.",
    )


def test_a_running_optimization_is_deleted_where_the_knob_says_so() -> None:
    """The error of DeleteOptimizationJob for a running job is not known: the knob decides."""
    aws = client_of(Sandbox(knobs=Knobs(running_optimization_is_kept=False)))
    aws.create_optimization_job(OptimizationJobName="one", **OPTIMIZATION)
    assert aws.list_optimization_jobs(OptimizationContains="quant")["OptimizationJobSummaries"]
    assert not aws.list_optimization_jobs(OptimizationContains="shard")["OptimizationJobSummaries"]
    aws.delete_optimization_job(OptimizationJobName="one")
    assert refusal(aws.describe_optimization_job, OptimizationJobName="one")[0] == "ResourceNotFound"
