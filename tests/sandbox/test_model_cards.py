"""ModelCard in the sandbox: versions, updates, and the states of a deletion."""

import json
from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import client_of, refusal

NAME = {"ModelCardName": "fraud"}
CONTENT = {
    "model_overview": {"model_name": "fraud", "problem_type": "Binary"},
    "intended_uses": {"risk_rating": "Low"},
}


def _create(aws: Any) -> None:
    aws.create_model_card(**NAME, Content=json.dumps(CONTENT), ModelCardStatus="Draft")


def test_each_update_is_a_version_that_stays_readable(aws: Any) -> None:
    """Content and status make versions, Describe shows each by its number, and List filters them by status."""
    _create(aws)
    assert aws.update_model_card(**NAME, Content="{}")["ModelCardArn"].endswith(":model-card/fraud")
    aws.update_model_card(**NAME, ModelCardStatus="Approved")
    assert aws.describe_model_card(**NAME)["ModelCardVersion"] == 3
    first = aws.describe_model_card(**NAME, ModelCardVersion=1)
    assert (json.loads(first["Content"]), first["ModelCardStatus"]) == (CONTENT, "Draft")
    listed = aws.list_model_card_versions(**NAME)["ModelCardVersionSummaryList"]
    assert [each["ModelCardVersion"] for each in listed] == [3, 2, 1]
    drafts = aws.list_model_card_versions(**NAME, ModelCardStatus="Draft", SortOrder="Ascending")
    assert [each["ModelCardVersion"] for each in drafts["ModelCardVersionSummaryList"]] == [1, 2]
    assert refusal(aws.describe_model_card, **NAME, ModelCardVersion=4)[0] == "ResourceNotFound"


def test_metadata_is_a_part_of_the_content(aws: Any) -> None:
    """MetadataOnly returns the documented members, and Search has them as properties."""
    _create(aws)
    shown = aws.describe_model_card(**NAME, IncludedData="MetadataOnly")
    assert json.loads(shown["Content"]) == {
        "model_overview": {"model_name": "fraud"},
        "intended_uses": {"risk_rating": "Low"},
    }
    risky = {"Filters": [{"Name": "RiskRating", "Operator": "Equals", "Value": "Low"}]}
    (found,) = aws.search(Resource="ModelCard", SearchExpression=risky)["Results"]
    assert found["ModelCard"]["ModelCardName"] == "fraud"


def test_what_an_update_refuses() -> None:
    """Content that is no JSON and both changes at once are refused; knobs allow both, and none of an archived card."""
    sandbox = Sandbox()
    aws = client_of(sandbox)
    _create(aws)
    again = {"Content": "{}", "ModelCardStatus": "Draft"}
    assert refusal(aws.create_model_card, **NAME, **again) == (
        "ConflictException",
        "Modelcard fraud already exists",
    )
    both = {"Content": "{}", "ModelCardStatus": "Archived"}
    assert "single call" in refusal(aws.update_model_card, **NAME, **both)[1]
    assert "schema" in refusal(aws.update_model_card, **NAME, Content="[")[1]
    other = client_of(
        Sandbox(knobs=Knobs(model_card_takes_one_change=False, archived_model_card_is_final=True))
    )
    _create(other)
    other.update_model_card(**NAME, **both)
    assert "archived" in refusal(other.update_model_card, **NAME, Content="{}")[1]
    assert [
        each["ModelCardStatus"]
        for each in other.list_model_cards(ModelCardStatus="Archived")["ModelCardSummaries"]
    ]
    sandbox.close()


@pytest.mark.parametrize("fails", [False, True])
def test_a_deletion_passes_through_its_states(sandbox: Sandbox, aws: Any, fails: bool) -> None:
    """Describe shows each state in turn and then nothing, or DeleteFailed; no update is accepted meanwhile."""
    _create(aws)
    if fails:
        sandbox.inject(InjectedFault.FAIL, operation="DeleteModelCard")
    aws.delete_model_card(**NAME)
    seen = []
    for _ in range(4):
        seen.append(aws.describe_model_card(**NAME)["ModelCardProcessingStatus"])
        assert refusal(aws.update_model_card, **NAME, Content="{}")[0] == "ConflictException"
        sandbox.clock.advance(5)
    assert seen == ["DeletePending", "DeleteInProgress", "ContentDeleted", "ExportJobsDeleted"]
    if fails:
        assert aws.describe_model_card(**NAME)["ModelCardProcessingStatus"] == "DeleteFailed"
    else:
        assert refusal(aws.describe_model_card, **NAME)[0] == "ResourceNotFound"
