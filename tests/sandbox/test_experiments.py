from datetime import UTC, datetime
from typing import Any

import pytest

from controller.sandbox import InjectedFault, Sandbox
from tests.sandbox.conftest import refusal

STEM = "arn:aws:sagemaker:us-east-1:123456789012"


@pytest.fixture
def study_client(aws: Any) -> Any:
    """An experiment with a trial, and a component beside it."""
    aws.create_experiment(ExperimentName="Churn")
    aws.create_trial(TrialName="First", ExperimentName="churn")
    aws.create_trial_component(TrialComponentName="Train", Parameters={"rate": {"NumberValue": 0.1}})
    return aws


def test_an_experiment_is_known_in_any_case(aws: Any) -> None:
    """Names are unique regardless of letter case; the name is displayed unless another is given."""
    assert aws.create_experiment(ExperimentName="Churn", Description="d")["ExperimentArn"] == (
        f"{STEM}:experiment/Churn"
    )
    code, text = refusal(aws.create_experiment, ExperimentName="CHURN")
    assert (code, text[-44:]) == ("ValidationException", "Experiment with name (CHURN) already exists.")
    made = aws.describe_experiment(ExperimentName="cHURN")
    assert (made["ExperimentName"], made["DisplayName"], made["Description"]) == ("Churn", "Churn", "d")
    aws.update_experiment(ExperimentName="Churn", DisplayName="x", Description="")
    after = aws.describe_experiment(ExperimentName="Churn")
    assert (after["DisplayName"], "Description" in after) == ("x", False)
    assert [one["ExperimentName"] for one in aws.list_experiments()["ExperimentSummaries"]] == ["Churn"]
    aws.delete_experiment(ExperimentName="Churn")
    assert refusal(aws.describe_experiment, ExperimentName="Churn") == (
        "ResourceNotFound",
        f"Experiment '{STEM}:experiment/Churn' does not exist.",
    )


def test_a_trial_belongs_to_an_experiment(study_client: Any) -> None:
    """A trial needs its experiment, is listed by it, and only its display name changes."""
    assert refusal(study_client.create_trial, TrialName="t", ExperimentName="ghost") == (
        "ResourceNotFound",
        f"Experiment '{STEM}:experiment/ghost' does not exist.",
    )
    study_client.create_experiment(ExperimentName="Other")
    trials = study_client.list_trials(ExperimentName="CHURN")["TrialSummaries"]
    assert [one["TrialArn"] for one in trials] == [f"{STEM}:experiment-trial/First"]
    assert study_client.list_trials(ExperimentName="Other")["TrialSummaries"] == []
    study_client.update_trial(TrialName="First", DisplayName="x")
    made = study_client.describe_trial(TrialName="first")
    assert (made["DisplayName"], made["ExperimentName"]) == ("x", "Churn")


def test_a_component_merges_its_maps(study_client: Any) -> None:
    """Parameters and artifacts are replaced or added by key, and removed by key."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    study_client.update_trial_component(
        TrialComponentName="Train",
        Status={"PrimaryStatus": "Completed", "Message": "m"},
        StartTime=start,
        Parameters={"depth": {"StringValue": "3"}},
        InputArtifacts={"data": {"Value": "s3://b/d"}},
    )
    made = study_client.describe_trial_component(
        TrialComponentName=f"{STEM}:experiment-trial-component/train"
    )
    assert made["Parameters"] == {"rate": {"NumberValue": 0.1}, "depth": {"StringValue": "3"}}
    assert (made["Status"]["PrimaryStatus"], made["StartTime"]) == ("Completed", start)
    study_client.update_trial_component(
        TrialComponentName="Train",
        Parameters={"rate": {"NumberValue": 0.2}},
        ParametersToRemove=["depth"],
        InputArtifactsToRemove=["data"],
    )
    after = study_client.describe_trial_component(TrialComponentName="Train")
    assert (after["Parameters"], "InputArtifacts" in after) == ({"rate": {"NumberValue": 0.2}}, False)


def test_a_component_joins_and_leaves_a_trial(sandbox: Sandbox, study_client: Any) -> None:
    """Membership needs both, may be added twice, is in both lists, and can be removed once."""
    pair = {"TrialName": "First", "TrialComponentName": "Train"}
    joined = study_client.associate_trial_component(**pair)
    assert joined["TrialArn"] == f"{STEM}:experiment-trial/First"
    assert study_client.associate_trial_component(**pair)["TrialComponentArn"] == joined["TrialComponentArn"]
    assert refusal(study_client.associate_trial_component, TrialName="ghost", TrialComponentName="Train")[
        0
    ] == ("ResourceNotFound")
    assert len(study_client.list_trials(TrialComponentName="train")["TrialSummaries"]) == 1
    study_client.create_trial_component(TrialComponentName="Alone")
    assert study_client.list_trials(TrialComponentName="Alone")["TrialSummaries"] == []
    for unknown in ({"TrialComponentName": "ghost"}, {"ExperimentName": "ghost"}):
        assert refusal(study_client.list_trials, **unknown)[0] == "ResourceNotFound"
    for desired in ({"TrialName": "first"}, {"ExperimentName": "churn"}):
        found = study_client.list_trial_components(**desired)["TrialComponentSummaries"]
        assert [one["TrialComponentName"] for one in found] == ["Train"]
    assert study_client.list_trial_components(SourceArn="arn:x")["TrialComponentSummaries"] == []
    code, text = refusal(study_client.list_trial_components, TrialName="first", ExperimentName="churn")
    assert (code, text[:11]) == ("ValidationException", "At most one")
    study_client.disassociate_trial_component(**pair)
    assert refusal(study_client.disassociate_trial_component, **pair)[0] == "ResourceNotFound"
    assert len(sandbox.resources()) == 4


def test_what_holds_others_is_not_deleted(study_client: Any) -> None:
    """Experiment, trial and component are deleted from the inside out only."""
    pair = {"TrialName": "First", "TrialComponentName": "Train"}
    study_client.associate_trial_component(**pair)
    assert refusal(study_client.delete_trial_component, TrialComponentName="Train") == (
        "ValidationException",
        "TrialComponent Train is linked to 1 or more trials and cannot be deleted.",
    )
    assert "trial components" in refusal(study_client.delete_trial, TrialName="First")[1]
    assert "trials" in refusal(study_client.delete_experiment, ExperimentName="Churn")[1]
    study_client.disassociate_trial_component(**pair)
    study_client.delete_trial_component(TrialComponentName="Train")
    study_client.delete_trial(TrialName="First")
    study_client.delete_experiment(ExperimentName="Churn")


def test_faults_meet_membership_too(sandbox: Sandbox, study_client: Any) -> None:
    """LIMIT, STALE and IN_USE affect the association of a component."""
    pair = {"TrialName": "First", "TrialComponentName": "Train"}
    sandbox.inject(InjectedFault.LIMIT)
    assert refusal(study_client.associate_trial_component, **pair)[0] == "ResourceLimitExceeded"
    study_client.associate_trial_component(**pair)
    sandbox.inject(InjectedFault.IN_USE)
    assert refusal(study_client.disassociate_trial_component, **pair)[0] == "ConflictException"
    sandbox.inject(InjectedFault.STALE, seconds=10)
    study_client.create_trial(TrialName="Second", ExperimentName="Churn")
    assert refusal(study_client.describe_trial, TrialName="Second")[0] == "ResourceNotFound"
    sandbox.clock.advance(10)
    study_client.describe_trial(TrialName="Second")
