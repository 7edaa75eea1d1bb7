"""Tags that others change, and optional members that are taken out of a document."""

from pathlib import Path

import pytest

from controller.core.phase import Standing
from controller.engine.drift import drifts
from tests.journeys.stage import Stage, acting, compiled

INPUTS = Path(__file__).parent / "inputs"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account and an empty memory."""
    return Stage(tmp_path)


def test_an_ignored_tag_is_ignored_alike(stage: Stage) -> None:
    """Drift, plan and apply leave the tag alone that ``policy.ignore`` names; creation writes it."""
    document = (INPUTS / "ignore-tag.yaml").read_text()
    stage.apply(document)
    client = stage.client()
    arn = client.describe_model_package_group(ModelPackageGroupName="g")["ModelPackageGroupArn"]
    assert {"Key": "Team", "Value": "a"} in client.list_tags(ResourceArn=arn)["Tags"]
    client.add_tags(ResourceArn=arn, Tags=[{"Key": "Team", "Value": "theirs"}])
    stage.forget_calls()
    seen = stage.turn(document, consent=False)
    assert not any(each.drifts for each in drifts(compiled(document), seen))
    assert acting(seen.plan) == {}
    assert stage.apply(document).standing is Standing.SETTLED
    assert stage.mutations() == []
