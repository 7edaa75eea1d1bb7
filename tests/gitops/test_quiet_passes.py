"""A drift detection without a difference costs pages of Lists and tags."""

from collections import Counter
from dataclasses import replace

import pytest

from controller.core.cloud import Call
from tests.gitops.stage import TIMING, Stage, group
from tests.journeys.stage import document_text
from tests.source.git.repository import Files


def test_a_quiet_drift_check_describes_nothing(stage: Stage) -> None:
    """After the first drift check, also of a restarted process; a foreign deletion is still detected."""
    stage.push({f"deploy/{name}.yaml": group(name) for name in ("a", "b", "c")})
    stage.start(stage.sync())
    stage.wait(1300)
    for _ in range(2):
        stage.sandbox.clear_calls()
        stage.wait(1300)
        called = Counter(record.operation for record in stage.sandbox.calls)
        assert called["DescribeModelPackageGroup"] == 0
        assert called["ListModelPackageGroups"] == called["GetResources"] > 0
        stage.start(stage.sync())
    stage.cloud.call(Call("DeleteModelPackageGroup", {"ModelPackageGroupName": "b"}))
    stage.wait(1300)
    assert stage.mutations()[-1] == "CreateModelPackageGroup"
    assert stage.record().is_applied


@pytest.mark.parametrize(("interval", "described"), [(0.0, 3), (7200.0, 0)])
def test_kinds_whose_list_shows_no_change_are_described_by_interval(
    stage: Stage, interval: float, described: int
) -> None:
    """``observationInterval`` of a sync uses a Describe for so long if the List shows no change."""
    texts: Files = {
        f"deploy/{name}.yaml": document_text("TrialComponent", name, f"displayName: {name}") for name in "abc"
    }
    stage.push(texts)
    stage.start(stage.sync(timing=replace(TIMING, observation=interval)))
    stage.wait(650)
    stage.sandbox.clear_calls()
    stage.wait(650)
    called = Counter(record.operation for record in stage.sandbox.calls)
    assert called["ListTrialComponents"] > 0 or not interval
    assert called["DescribeTrialComponent"] == described
