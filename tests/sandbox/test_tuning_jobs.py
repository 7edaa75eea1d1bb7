"""HyperParameterTuningJob in the sandbox: its counters, its training jobs, its refusals, and its end."""

from typing import Any

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import IMAGE, ROLE, client_of, refusal

NAME = {"HyperParameterTuningJobName": "search"}
CONFIG = {
    "Strategy": "Bayesian",
    "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
    "ResourceLimits": {"MaxNumberOfTrainingJobs": 5, "MaxParallelTrainingJobs": 2},
}
DEFINITION = {
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "StaticHyperParameters": {"depth": "6"},
}
JOB = {"HyperParameterTuningJobConfig": CONFIG, "TrainingJobDefinition": DEFINITION}


def test_counters_grow_until_the_best_job_is_known(sandbox: Sandbox, aws: Any) -> None:
    """Training jobs are counted up to the limit; the service adds a hyperparameter; the best job has a metric."""
    aws.create_hyper_parameter_tuning_job(**NAME, **JOB)
    shown = aws.describe_hyper_parameter_tuning_job(**NAME)
    assert shown["TrainingJobDefinition"]["StaticHyperParameters"] == {
        "depth": "6",
        "_tuning_objective_metric": "loss",
    }
    assert shown["TrainingJobStatusCounters"]["Completed"] == 0
    sandbox.clock.advance(400)
    shown = aws.describe_hyper_parameter_tuning_job(**NAME)
    counters = shown["TrainingJobStatusCounters"]
    assert 0 < counters["Completed"] < 5
    assert counters["InProgress"] == 2
    sandbox.clock.advance(1000)
    shown = aws.describe_hyper_parameter_tuning_job(**NAME)
    assert (shown["HyperParameterTuningJobStatus"], shown["TrainingJobStatusCounters"]["Completed"]) == (
        "Completed",
        5,
    )
    jobs = aws.list_training_jobs_for_hyper_parameter_tuning_job(**NAME)["TrainingJobSummaries"]
    assert [each["TrainingJobName"][:11] for each in jobs] == [f"search-00{n}-" for n in range(1, 6)]
    assert shown["BestTrainingJob"]["TrainingJobName"] == jobs[0]["TrainingJobName"]
    found = aws.search(Resource="HyperParameterTuningJob")["Results"]
    assert [each["HyperParameterTuningJob"]["HyperParameterTuningJobName"] for each in found] == ["search"]


def test_it_is_deleted_only_after_its_end(sandbox: Sandbox, aws: Any) -> None:
    """Delete needs a terminal state, Stop a running job, and names are not case-sensitive."""
    aws.create_hyper_parameter_tuning_job(**NAME, **JOB)
    assert "not in a terminal state" in refusal(aws.delete_hyper_parameter_tuning_job, **NAME)[1]
    code, text = refusal(aws.create_hyper_parameter_tuning_job, HyperParameterTuningJobName="Search", **JOB)
    assert (code, "already exists" in text) == ("ResourceInUse", True)
    aws.stop_hyper_parameter_tuning_job(**NAME)
    assert "already" in refusal(aws.stop_hyper_parameter_tuning_job, **NAME)[1]
    sandbox.clock.advance(100)
    assert aws.describe_hyper_parameter_tuning_job(**NAME)["HyperParameterTuningJobStatus"] == "Stopped"
    aws.delete_hyper_parameter_tuning_job(**NAME)
    sandbox.clock.advance(100)
    assert refusal(aws.describe_hyper_parameter_tuning_job, **NAME)[0] == "ResourceNotFound"


def test_what_a_creation_refuses(aws: Any) -> None:
    """Both forms or neither, no resources, an unknown algorithm and an unknown parent are refused."""
    create = aws.create_hyper_parameter_tuning_job
    assert "Exactly one" in refusal(create, **NAME, HyperParameterTuningJobConfig=CONFIG)[1]
    assert "Exactly one" in refusal(create, **NAME, **JOB, TrainingJobDefinitions=[DEFINITION])[1]
    bare = {name: value for name, value in DEFINITION.items() if name != "ResourceConfig"}
    assert "Exactly one" in refusal(create, **NAME, **{**JOB, "TrainingJobDefinition": bare})[1]
    other = {"AlgorithmName": "unknown", "TrainingInputMode": "File"}
    named = {**JOB, "TrainingJobDefinition": {**DEFINITION, "AlgorithmSpecification": other}}
    assert "algorithm" in refusal(create, **NAME, **named)[1]
    parents = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "nobody"}],
        "WarmStartType": "TransferLearning",
    }
    assert refusal(create, **NAME, **JOB, WarmStartConfig=parents)[0] == "ResourceNotFound"


def test_the_list_form_may_come_back_in_another_form() -> None:
    """With the knob, flexible resources are returned as plain ones, as was observed with the list form."""
    sandbox = Sandbox(knobs=Knobs(tuning_list_form_loses=True))
    aws = client_of(sandbox)
    flexible = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    each = {name: value for name, value in DEFINITION.items() if name != "ResourceConfig"}
    each |= {"DefinitionName": "one", "HyperParameterTuningResourceConfig": flexible}
    aws.create_hyper_parameter_tuning_job(
        **NAME, HyperParameterTuningJobConfig=CONFIG, TrainingJobDefinitions=[each]
    )
    (shown,) = aws.describe_hyper_parameter_tuning_job(**NAME)["TrainingJobDefinitions"]
    assert shown["ResourceConfig"] == flexible
    assert "HyperParameterTuningResourceConfig" not in shown
    sandbox.close()
