"""An account with a resource that has all optional members, for exports and conversions."""

from pathlib import Path

import pytest
import yaml

from tests.journeys.stage import HEAD, Stage, full_stage
from tests.kinds import full
from tests.kinds.linked_documents import dependencies_of


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An account whose S3 holds a pipeline's definition."""
    return full_stage(tmp_path / "first")


def create_full(stage: Stage, kind: str) -> None:
    """Create a resource of the kind with all optional members, and its dependencies; all have our tags."""
    spec = next(full.specs(kind))
    document = HEAD + yaml.safe_dump({"kind": kind, "metadata": {"name": "full"}, "spec": spec})
    stage.apply(*dependencies_of(kind), document, timeout=7200)


def card_content(stage: Stage, card: str) -> str:
    """The content of a model card, which documents leave to a variable; empty if there is no such card."""
    client = stage.client()
    if card not in {each["ModelCardName"] for each in client.list_model_cards()["ModelCardSummaries"]}:
        return ""
    return str(client.describe_model_card(ModelCardName=card)["Content"])
