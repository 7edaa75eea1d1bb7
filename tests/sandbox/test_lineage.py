from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import client_of, refusal

STEM = "arn:aws:sagemaker:us-east-1:123456789012"
URI = "s3://bucket/data"


def make_action(aws: Any, name: str = "Approve", **more: Any) -> str:
    """Create an action and return its ARN."""
    made = aws.create_action(ActionName=name, Source={"SourceUri": URI}, ActionType="Approval", **more)
    return str(made["ActionArn"])


def make_artifact(aws: Any, uri: str = URI, **more: Any) -> str:
    """Create an artifact and return its ARN."""
    made = aws.create_artifact(Source={"SourceUri": uri}, ArtifactType="DataSet", **more)
    return str(made["ArtifactArn"])


def make_context(aws: Any, name: str = "my_project", **more: Any) -> str:
    """Create a context and return its ARN."""
    made = aws.create_context(ContextName=name, Source={"SourceUri": URI}, ContextType="Folder", **more)
    return str(made["ContextArn"])


def test_an_action_lives_and_dies(sandbox: Sandbox, aws: Any) -> None:
    """An action is created, described by name or ARN, changed key by key, listed and deleted by its name."""
    arn = make_action(
        aws, Status="InProgress", Properties={"a": "1", "b": "2"}, Tags=[{"Key": "k", "Value": "v"}]
    )
    assert arn == f"{STEM}:action/Approve"
    made = aws.describe_action(ActionName=arn)
    assert (made["ActionName"], made["Status"], made["Properties"]) == (
        "Approve",
        "InProgress",
        {"a": "1", "b": "2"},
    )
    assert made["CreatedBy"]["IamIdentity"]["Arn"] == "arn:aws:iam::123456789012:user/sandbox"
    assert made["LineageGroupArn"].startswith(f"{STEM}:lineage-group/")
    assert "Tags" not in made
    aws.update_action(
        ActionName="Approve",
        Status="Completed",
        Properties={"b": "3"},
        PropertiesToRemove=["a"],
        Description="d",
    )
    after = aws.describe_action(ActionName="approve")
    assert (after["Status"], after["Properties"], after["Description"]) == ("Completed", {"b": "3"}, "d")
    assert after["LastModifiedTime"] > made["LastModifiedTime"]
    assert [one["ActionName"] for one in aws.list_actions(ActionType="Approval")["ActionSummaries"]] == [
        "Approve"
    ]
    assert aws.list_actions(SourceUri="s3://other")["ActionSummaries"] == []
    assert aws.delete_action(ActionName="Approve")["ActionArn"] == arn
    assert refusal(aws.describe_action, ActionName="Approve") == (
        "ResourceNotFound",
        f"Action '{arn}' does not exist.",
    )


def test_names_are_taken_once(aws: Any) -> None:
    """A second action or context of a name is refused as existing already; a context may have underscores."""
    make_action(aws)
    make_context(aws)
    code, text = refusal(aws.create_action, ActionName="approve", Source={"SourceUri": URI}, ActionType="x")
    assert code == "ValidationException"
    assert text == (
        "Action names must be unique within an AWS account and region. Action with name (approve) already exists."
    )
    assert (
        "already exists"
        in refusal(aws.create_context, ContextName="my_project", Source={"SourceUri": URI}, ContextType="x")[
            1
        ]
    )
    assert refusal(aws.create_action, ActionName="a_b", Source={"SourceUri": URI}, ActionType="x")[0] == (
        "ValidationException"
    )


def test_a_context_has_no_status_and_merges_properties(aws: Any) -> None:
    """A context's properties are merged by key, and at most thirty remain."""
    make_context(aws, Properties={"a": "1"})
    aws.update_context(ContextName="my_project", Properties={"b": "2"})
    assert aws.describe_context(ContextName="my_project")["Properties"] == {"a": "1", "b": "2"}
    aws.update_context(ContextName="my_project", Properties={str(n): "x" for n in range(28)})
    assert "at most 30" in refusal(aws.update_context, ContextName="my_project", Properties={"more": "x"})[1]


def test_properties_are_overwritten_if_the_knob_says_so() -> None:
    """With the other reading of the documentation an update replaces all properties."""
    aws = client_of(Sandbox(knobs=Knobs(lineage_merges=False)))
    make_context(aws, Properties={"a": "1"})
    aws.update_context(ContextName="my_project", Properties={"b": "2"})
    assert aws.describe_context(ContextName="my_project")["Properties"] == {"b": "2"}


def test_an_artifact_is_known_by_its_source(aws: Any) -> None:
    """The server numbers artifacts; a source is unique, found by List, and deletes as well as an ARN."""
    arn = make_artifact(aws, ArtifactName="data")
    assert arn.removeprefix(f"{STEM}:artifact/").isalnum()
    assert len(arn.rpartition("/")[2]) == 32
    code, text = refusal(aws.create_artifact, Source={"SourceUri": URI}, ArtifactType="x")
    assert (code, "already exists" in text) == ("ValidationException", True)
    typed = {"SourceUri": URI, "SourceTypes": [{"SourceIdType": "MD5Hash", "Value": "1"}]}
    other = aws.create_artifact(Source=typed, ArtifactType="DataSet")["ArtifactArn"]
    assert other != arn
    assert len(aws.list_artifacts(SourceUri=URI, ArtifactType="DataSet")["ArtifactSummaries"]) == 2
    aws.update_artifact(ArtifactArn=arn, ArtifactName="renamed", Properties={"p": "1"})
    after = aws.describe_artifact(ArtifactArn=arn)
    assert (after["ArtifactName"], after["Properties"]) == ("renamed", {"p": "1"})
    assert aws.delete_artifact(Source=typed)["ArtifactArn"] == other
    assert aws.delete_artifact(ArtifactArn=arn)["ArtifactArn"] == arn
    assert refusal(aws.delete_artifact, Source=typed)[0] == "ResourceNotFound"
    assert refusal(aws.delete_artifact)[0] == "ValidationException"
    assert refusal(aws.describe_artifact, ArtifactArn=arn) == (
        "ResourceNotFound",
        f"Artifact '{arn}' does not exist.",
    )
    assert make_artifact(aws) not in {arn, other}, "numbers are not used again"


def test_lists_of_lineage_show_ten_newest_first(sandbox: Sandbox, aws: Any) -> None:
    """By default, lists of lineage entities have ten, newest first."""
    for number in range(11):
        make_artifact(aws, f"s3://bucket/{number}")
        sandbox.clock.advance(1)
    page = aws.list_artifacts()
    assert [one["Source"]["SourceUri"][-2:] for one in page["ArtifactSummaries"]][:2] == ["10", "/9"]
    assert len(page["ArtifactSummaries"]) == 10
    assert len(aws.list_artifacts(NextToken=page["NextToken"])["ArtifactSummaries"]) == 1


@pytest.fixture
def linked_entities(aws: Any) -> tuple[str, str]:
    """An artifact and an action."""
    return make_artifact(aws, ArtifactName="data"), make_action(aws)


def test_an_association_is_an_ordered_pair(
    sandbox: Sandbox, aws: Any, linked_entities: tuple[str, str]
) -> None:
    """A pair is added once in each direction, listed by every filter, and deleted by its ends."""
    source, destination = linked_entities
    pair = {"SourceArn": source, "DestinationArn": destination}
    assert aws.add_association(**pair, AssociationType="ContributedTo")["SourceArn"] == source
    code, text = refusal(aws.add_association, **pair, AssociationType="Produced")
    assert (code, "already exists" in text) == ("ValidationException", True)
    aws.add_association(SourceArn=destination, DestinationArn=source)
    (one,) = aws.list_associations(**pair)["AssociationSummaries"]
    assert (one["SourceName"], one["SourceType"]) == ("data", "DataSet")
    assert (one["DestinationName"], one["DestinationType"]) == ("Approve", "Approval")
    assert (one["AssociationType"], "CreatedBy" in one) == ("ContributedTo", True)
    for desired in (
        {"SourceType": "DataSet"},
        {"DestinationType": "Approval"},
        {"AssociationType": "ContributedTo"},
    ):
        assert len(aws.list_associations(**desired)["AssociationSummaries"]) == 1
    assert len(aws.list_associations(SortBy="SourceArn")["AssociationSummaries"]) == 2
    aws.delete_association(**pair)
    assert refusal(aws.delete_association, **pair)[0] == "ResourceNotFound"
    assert aws.list_associations(**pair)["AssociationSummaries"] == []


def test_the_ends_of_an_association_must_exist(aws: Any, linked_entities: tuple[str, str]) -> None:
    """A missing end is not found; an end of another kind breaks the pattern."""
    stale_row = f"{STEM}:context/ghost"
    assert refusal(aws.add_association, SourceArn=linked_entities[0], DestinationArn=stale_row) == (
        "ResourceNotFound",
        f"Context '{stale_row}' does not exist.",
    )
    assert refusal(aws.add_association, SourceArn=linked_entities[0], DestinationArn=f"{STEM}:model/m")[
        0
    ] == ("ValidationException")


def test_associations_hold_their_ends(sandbox: Sandbox, aws: Any, linked_entities: tuple[str, str]) -> None:
    """An entity with associations is not deleted, unless the knob is set to delete them too."""
    aws.add_association(SourceArn=linked_entities[0], DestinationArn=linked_entities[1])
    assert "1 or more associations" in refusal(aws.delete_artifact, ArtifactArn=linked_entities[0])[1]
    assert "1 or more associations" in refusal(aws.delete_action, ActionName="Approve")[1]
    lax = Sandbox(knobs=Knobs(associations_guard=False))
    other = client_of(lax)
    pair = {"SourceArn": make_artifact(other), "DestinationArn": make_action(other)}
    other.add_association(**pair)
    other.delete_action(ActionName="Approve")
    assert lax.resources() == (pair["SourceArn"],)


def test_faults_meet_associations_too(sandbox: Sandbox, aws: Any, linked_entities: tuple[str, str]) -> None:
    """LIMIT affects AddAssociation; STALE hides it from lists; IN_USE returns the kind's error."""
    pair = {"SourceArn": linked_entities[0], "DestinationArn": linked_entities[1]}
    sandbox.inject(InjectedFault.LIMIT)
    assert refusal(aws.add_association, **pair)[0] == "ResourceLimitExceeded"
    sandbox.inject(InjectedFault.STALE, seconds=10)
    aws.add_association(**pair)
    assert aws.list_associations()["AssociationSummaries"] == []
    sandbox.clock.advance(10)
    assert len(aws.list_associations()["AssociationSummaries"]) == 1
    sandbox.inject(InjectedFault.IN_USE)
    assert refusal(aws.delete_association, **pair)[0] == "ConflictException"
    sandbox.inject(InjectedFault.THROTTLE, operation="ListAssociations")
    assert refusal(aws.list_associations)[0] == "ThrottlingException"
    sandbox.inject(InjectedFault.DENIED, operation="DeleteAction")
    assert refusal(aws.delete_action, ActionName="Approve")[0] == "AccessDeniedException"
