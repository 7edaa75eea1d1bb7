from typing import Any

import pytest

from tests.kubernetes.documents import config, group, model, pipeline
from tests.kubernetes.operator_process import OperatorStage, wait_until

NONSENSE = "\N{SNOWMAN}" * 20_000 + "\n../../etc/passwd ${Model/fraud.arn} {{ }} %s"
MEMORIES: list[dict[str, Any]] = [
    {"format": 99},
    {"format": 1},
    {"format": 1, "entry": "none"},
    {"format": 1, "entry": {"old": 7, "name": ["x"], "made": "never"}},
    {"format": 1, "account": 5, "region": None, "entry": {"old": ["x"]}},
    {"entry": []},
]


def test_malformed_annotations_stop_no_work(stage: OperatorStage) -> None:
    """Row 69: long or strange annotations without a meaning stop no work, on this object or others."""
    stage.start()
    poisoned = group(reconcile_at=NONSENSE, approve=NONSENSE, policy={"mode": "Plan"})
    stage.apply(poisoned, pipeline("good"))
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Planned")
    wait_until(lambda: stage.reason("Pipeline", "train") == "Ready")
    assert stage.changes() == ["CreatePipeline"]


@pytest.mark.parametrize("share", [0, 1])
def test_an_unreadable_inventory_affects_its_object_alone(stage: OperatorStage, share: int) -> None:
    """Row 69: whatever ``status.memory`` holds, the object reports it, changes nothing and can be deleted."""
    bad = {f"bad-{number}": memory for number, memory in enumerate(MEMORIES) if number % 2 == share}
    stage.apply(*(pipeline(name=name) for name in bad), *(model(name=name) for name in bad))
    for name, memory in bad.items():
        stage.write_inventory("pipeline", name, memory)
        stage.write_inventory("model", name, memory)
    stage.apply(config(of=min(bad)))
    stage.start()
    stage.apply(group())
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Ready")
    wait_until(lambda: all(stage.reason("Pipeline", name) == "Unreadable" for name in bad))
    assert stage.changes() == ["CreateModelPackageGroup"]
    stage.apply(group(name="other"))
    wait_until(lambda: stage.reason("ModelPackageGroup", "other") == "Ready")
    for name in bad:
        stage.annotate("pipeline", name, release="yes")
    stage.kubectl.must("delete", "pipeline.sagemaker.gitops.dev", *bad, "--timeout=30s")


def test_an_inventory_that_breaks_later_stops_no_resync(stage: OperatorStage) -> None:
    """Row 69: the drift check continues after an object with an unreadable inventory."""
    stage.start(resync="2s")
    stage.apply(pipeline("ours"), pipeline("ours", name="other"))
    stage.ready()
    stage.write_inventory("pipeline", "other", {"format": 1, "entry": "none"})
    stage.client().update_pipeline(PipelineName="train", PipelineDescription="drifted")
    wait_until(lambda: stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == "ours")
    wait_until(lambda: stage.reason("Pipeline", "other") == "Unreadable")
