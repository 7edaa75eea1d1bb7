"""Two controllers of one field, in a cluster: the corrections end, are reported, and a restart does not resume them."""

from tests.kubernetes.documents import pipeline
from tests.kubernetes.operator_process import OperatorStage, wait_until

OURS, THEIRS = "ours", "theirs"


def _live_value(stage: OperatorStage) -> str:
    return str(stage.describe("Pipeline", PipelineName="train")["PipelineDescription"])


def _reason_after_pass(stage: OperatorStage, token: str) -> str:
    """Request a pass, and return the reason at its end."""
    stage.annotate("pipeline", "train", reconcile_at=token)
    wait_until(lambda: stage.get("Pipeline", "train")["status"].get("lastHandledReconcileAt") == token)
    wait_until(lambda: stage.reason("Pipeline", "train") in ("Ready", "Contended"))
    return stage.reason("Pipeline", "train")


def _is_contended(stage: OperatorStage, *rounds: int) -> list[str]:
    """Let another user set the description so many times; returns the result."""
    lines = []
    for number in rounds:
        stage.client().update_pipeline(PipelineName="train", PipelineDescription=THEIRS)
        _reason_after_pass(stage, f"round-{number}")
        lines.append(_live_value(stage))
    return lines


def test_contention_ends_after_five_corrections_also_over_a_restart(stage: OperatorStage) -> None:
    """Row 47: three corrections, a restart, two more; then Contended names the field, and a new spec acts at once."""
    stage.start()
    stage.apply(pipeline(OURS))
    stage.ready()
    assert _is_contended(stage, 1, 2, 3) == [OURS] * 3
    stage.stop()
    stage.start()
    assert _is_contended(stage, 4, 5, 6) == [OURS, OURS, THEIRS]
    condition = stage.condition("Pipeline", "train")
    assert (condition["status"], condition["reason"]) == ("False", "Contended")
    assert "pipelineDescription was corrected 5 times within an hour" in condition["message"]
    calls = len(stage.changes())
    assert _reason_after_pass(stage, "once-more") == "Contended"
    assert len(stage.changes()) == calls
    stage.apply(pipeline("wanted now"))
    wait_until(lambda: _live_value(stage) == "wanted now")
    wait_until(lambda: stage.reason("Pipeline", "train") == "Ready")
