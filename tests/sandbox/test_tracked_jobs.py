from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import client_of
from tests.sandbox.newcomers import call, describe, make, status, wait_until_idle

CONFIG = {"ExperimentName": "e", "TrialName": "t", "TrialComponentDisplayName": "first-try"}
KINDS = {"TrainingJob": "training", "ProcessingJob": "processing", "TransformJob": "transform"}


@pytest.fixture
def experiment_client(aws: Any) -> Any:
    """Make an experiment with a trial."""
    aws.create_experiment(ExperimentName="e")
    aws.create_trial(TrialName="t", ExperimentName="e")
    return aws


def trial_components(aws: Any, trial: str = "t") -> list[str]:
    """Name the components of a trial."""
    listed = aws.list_trial_components(TrialName=trial)["TrialComponentSummaries"]
    return [one["TrialComponentName"] for one in listed]


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_in_a_trial_has_a_component_that_follows_it(
    sandbox: Sandbox, experiment_client: Any, kind: str
) -> None:
    """The component is named after the job, a member of the trial, and ends when the job does."""
    make(experiment_client, kind, ExperimentConfig=CONFIG)
    name = f"one-aws-{KINDS[kind]}-job"
    assert trial_components(experiment_client) == [name]
    shown = experiment_client.describe_trial_component(TrialComponentName=name)
    assert shown["DisplayName"] == "first-try"
    assert shown["Source"] == {
        "SourceArn": describe(experiment_client, kind)[f"{kind}Arn"],
        "SourceType": f"SageMaker{kind}",
    }
    assert shown["Status"]["PrimaryStatus"] == "InProgress"
    assert describe(experiment_client, kind)["ExperimentConfig"] == CONFIG
    wait_until_idle(sandbox)
    done = experiment_client.describe_trial_component(TrialComponentName=name)
    assert done["Status"]["PrimaryStatus"] == "Completed"
    assert done["EndTime"] > done["StartTime"]


def test_a_component_fails_and_stops_with_its_job(sandbox: Sandbox, experiment_client: Any) -> None:
    """The status of the component is that of the job, with the reason of a failure."""
    sandbox.inject(InjectedFault.FAIL, reason="no luck")
    make(experiment_client, "TrainingJob", ExperimentConfig=CONFIG)
    make(experiment_client, "TrainingJob", "two", ExperimentConfig=CONFIG)
    sandbox.clock.advance(100)
    call(experiment_client, "stop", "TrainingJob")(TrainingJobName="two")
    wait_until_idle(sandbox)
    ends = [
        experiment_client.describe_trial_component(TrialComponentName=f"{name}-aws-training-job")["Status"]
        for name in ("one", "two")
    ]
    assert ends == [{"PrimaryStatus": "Failed", "Message": "no luck"}, {"PrimaryStatus": "Stopped"}]


@pytest.mark.parametrize(
    "config",
    [
        {"ExperimentName": "ghost", "TrialName": "t"},
        {"ExperimentName": "e", "TrialName": "ghost"},
        {"ExperimentName": "other", "TrialName": "t"},
        {"RunName": "r"},
    ],
)
def test_a_job_without_its_trial_runs_untracked(
    sandbox: Sandbox, experiment_client: Any, config: dict[str, str]
) -> None:
    """A trial that is missing, or of another experiment, creates no component and stops no job."""
    experiment_client.create_experiment(ExperimentName="other")
    make(experiment_client, "TrainingJob", ExperimentConfig=config)
    wait_until_idle(sandbox)
    assert status(experiment_client, "TrainingJob") == "Completed"
    assert experiment_client.list_trial_components()["TrialComponentSummaries"] == []


def test_an_experiment_alone_gets_a_new_trial(experiment_client: Any) -> None:
    """Without TrialName a trial is created in the experiment."""
    make(experiment_client, "TrainingJob", ExperimentConfig={"ExperimentName": "e"})
    trials = [one["TrialName"] for one in experiment_client.list_trials(ExperimentName="e")["TrialSummaries"]]
    assert len(trials) == 2
    assert trial_components(experiment_client, next(name for name in trials if name != "t")) == [
        "one-aws-training-job"
    ]


def test_a_name_that_is_used_again_takes_its_component_over(sandbox: Sandbox, experiment_client: Any) -> None:
    """The component outlives the record of the job, and follows the next job of that name."""
    make(experiment_client, "TrainingJob", ExperimentConfig=CONFIG)
    wait_until_idle(sandbox)
    experiment_client.delete_training_job(TrainingJobName="one")
    wait_until_idle(sandbox)
    assert trial_components(experiment_client) == ["one-aws-training-job"]
    make(experiment_client, "TrainingJob", ExperimentConfig=CONFIG)
    shown = experiment_client.describe_trial_component(TrialComponentName="one-aws-training-job")
    assert shown["Status"]["PrimaryStatus"] == "InProgress"
    assert "EndTime" not in shown


def test_a_knob_tracks_nothing() -> None:
    """With tracks_experiments off, an ExperimentConfig is returned and has no effect."""
    aws = client_of(Sandbox(knobs=Knobs(tracks_experiments=False)))
    aws.create_experiment(ExperimentName="e")
    aws.create_trial(TrialName="t", ExperimentName="e")
    make(aws, "TrainingJob", ExperimentConfig=CONFIG)
    assert aws.list_trial_components()["TrialComponentSummaries"] == []
