"""References of a private hub to models of the public hub: content of the hub, whose ARN ends in a version."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.sandbox import Knobs, Sandbox
from controller.sandbox.kinds.hub import PUBLIC_HUB
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.journeys.standalone_documents import HUB, HUB_REFERENCE, PUBLIC_MODELS

REFERENCE = "HubContentReference/mistral"
_OF_HUB = {"HubName": "models", "HubContentType": "ModelReference"}


def describe_reference(stage: Stage) -> Any:
    """The DescribeHubContent response of the reference."""
    return stage.client().describe_hub_content(**_OF_HUB, HubContentName="mistral")


def test_tags_of_a_reference_use_its_arn_without_the_version(stage: Stage) -> None:
    """Describe shows both ARNs with a version: neither is drift, and tags are read and written without it."""
    tagged = HUB_REFERENCE.replace("  hubName: models\n", "  hubName: models\n  tags: {team: risk}\n")
    assert stage.apply(HUB, HUB_REFERENCE).convergence is Convergence.SETTLED
    assert describe_reference(stage)["HubContentArn"].endswith("/ModelReference/mistral/3.17.0")
    assert acting_steps(stage.plan(HUB, HUB_REFERENCE)) == {}
    stage.forget_calls()
    assert stage.apply(HUB, tagged).convergence is Convergence.SETTLED
    assert stage.mutations() == ["AddTags"]
    assert acting_steps(stage.plan(HUB, tagged)) == {}


def test_the_minimum_version_is_changed_and_never_removed(stage: Stage) -> None:
    """Another minimum version is one update; if the document has none, the live one stays."""
    stage.apply(HUB, HUB_REFERENCE)
    stage.forget_calls()
    higher = HUB_REFERENCE.replace("minVersion: 1.0.0", "minVersion: 2.0.0")
    assert stage.apply(HUB, higher).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdateHubContentReference"]
    assert describe_reference(stage)["ReferenceMinVersion"] == "2.0.0"
    stage.forget_calls()
    stage.apply(HUB, HUB_REFERENCE.replace("  minVersion: 1.0.0\n", ""))
    assert stage.mutations() == []
    assert describe_reference(stage)["ReferenceMinVersion"] == "2.0.0"


def test_another_model_needs_another_reference(stage: Stage) -> None:
    """The model of a reference is immutable; ``policy.replace`` creates the reference again."""
    stage.apply(HUB, HUB_REFERENCE)
    other = HUB_REFERENCE.replace("huggingface-llm-mistral-7b", "xgboost-classification-model")
    assert step_of(stage.plan(HUB, other), REFERENCE).why is Reason.IMMUTABLE
    allowed = f"{other}policy: {{replace: Allow}}\n"
    assert stage.apply(HUB, allowed).convergence is Convergence.SETTLED
    assert describe_reference(stage)["HubContentDisplayName"] == "xgboost-classification-model"


def test_a_hub_is_deleted_after_its_references(stage: Stage) -> None:
    """The service keeps a hub with contents; with a foreign reference its deletion waits, and no call is refused."""
    stage.apply(HUB, HUB_REFERENCE)
    stage.destroy(HUB, HUB_REFERENCE)
    assert stage.mutations()[-2:] == ["DeleteHubContentReference", "DeleteHub"]
    assert not stage.sandbox.resources()
    stage.apply(HUB)
    client = stage.client()
    client.create_hub_content_reference(
        HubName="models", SageMakerPublicHubContentArn=f"{PUBLIC_MODELS}/xgboost-classification-model"
    )
    stage.wait(60)
    assert stage.destroy(HUB, timeout=300).convergence is not Convergence.SETTLED
    assert client.describe_hub(HubName="models")["HubStatus"] == "InService"
    client.delete_hub_content_reference(**_OF_HUB, HubContentName="xgboost-classification-model")
    stage.wait(60)
    stage.destroy(HUB)
    assert not stage.sandbox.resources()


def test_a_reference_of_the_same_hub_by_its_arn_is_the_same(stage: Stage) -> None:
    """A hub may be named by its ARN: the key contains only its name."""
    stage.apply(HUB, HUB_REFERENCE)
    stage.forget_calls()
    arn = "arn:aws:sagemaker:us-east-1:123456789012:hub/models"
    assert (
        stage.apply(HUB, HUB_REFERENCE.replace("hubName: models", f"hubName: '{arn}'")).convergence
        is Convergence.SETTLED
    )
    assert stage.mutations() == []


def test_a_failed_import_is_reported(stage: Stage) -> None:
    """A model that the public hub does not have is refused, and the step fails with the service's message."""
    unknown = HUB_REFERENCE.replace("huggingface-llm-mistral-7b", "no-such-model")
    report = stage.apply(HUB, unknown)
    assert report.convergence is not Convergence.SETTLED
    assert any("no-such-model does not exist" in outcome.message for outcome in report.outcomes)
    assert step_of(report.plan, REFERENCE).action is Action.CREATE


@pytest.mark.parametrize("listed", [False, True])
def test_the_public_hub_of_the_sandbox_is_read(tmp_path: Path, *, listed: bool) -> None:
    """Describe and the lists of models and versions find it; ListHubs shows it only with a knob."""
    client = Stage(tmp_path, Sandbox(knobs=Knobs(public_hub_listed=listed))).client()
    assert client.describe_hub(HubName=PUBLIC_HUB)["HubArn"].split(":")[4] == "aws"
    models = client.list_hub_contents(HubName=PUBLIC_HUB, HubContentType="Model")["HubContentSummaries"]
    assert len(models) > 1
    for each in models:
        found = client.describe_hub_content(
            HubName=PUBLIC_HUB, HubContentType="Model", HubContentName=each["HubContentName"]
        )
        assert found["HubContentArn"] == each["HubContentArn"]
    hubs = [each["HubName"] for each in client.list_hubs()["HubSummaries"]]
    assert (PUBLIC_HUB in hubs) is listed


def test_what_the_sandbox_refuses_of_references(stage: Stage) -> None:
    """A minimum version that is not older than the newest, a duplicate name, another type, and an unknown hub."""
    stage.apply(HUB, HUB_REFERENCE)
    client, model = stage.client(), f"{PUBLIC_MODELS}/xgboost-classification-model"
    name = {"HubContentName": "mistral"}
    create = client.create_hub_content_reference
    refused: dict[str, list[Callable[[], Any]]] = {
        "ValidationException": [
            lambda: create(HubName="models", SageMakerPublicHubContentArn=model, MinVersion="2.1.1"),
            lambda: client.update_hub_content_reference(**_OF_HUB, **name, MinVersion="3.17.0"),
            lambda: client.delete_hub_content_reference(
                HubName="models", HubContentType="Model", HubContentName="mistral"
            ),
            lambda: client.list_tags(ResourceArn=describe_reference(stage)["HubContentArn"]),
        ],
        "ResourceInUse": [
            lambda: create(HubName="models", SageMakerPublicHubContentArn=model, **name),
            lambda: client.delete_hub(HubName="models"),
        ],
        "ResourceNotFound": [
            lambda: create(HubName="others", SageMakerPublicHubContentArn=model),
            lambda: client.describe_hub_content(**_OF_HUB, HubContentName="other"),
            lambda: client.list_hub_contents(HubName="others", HubContentType="Model"),
        ],
    }
    for code, calls in refused.items():
        for call in calls:
            with pytest.raises(ClientError) as caught:
                call()
            assert caught.value.response["Error"]["Code"] == code
