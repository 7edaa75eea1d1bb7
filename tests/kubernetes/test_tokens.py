import os
import subprocess
import sys

from tests.kubernetes.documents import pipeline
from tests.kubernetes.operated import PATIENCE, Operated, until


def test_a_token_set_during_a_turn_is_answered_by_one_more(stage: Operated) -> None:
    """Row 24: ``reconcile --wait`` that comes while a turn runs waits for the next one, which sees more."""
    stage.start()
    stage.apply(pipeline("ours"))
    stage.ready()
    looked = stage.asked("DescribePipeline")
    stage.slow(6.0)
    stage.note("pipeline", "train", reconcile_at="mine")
    until(lambda: stage.asked("DescribePipeline") > looked)  # that turn is at its next call now
    with _reconcile(stage) as asking:
        until(lambda: _asked(stage) != "mine")
        stage.slow(0)
        stage.client().update_pipeline(PipelineName="train", PipelineDescription="drifted")
        assert "lastHandledReconcileAt" not in stage.get("Pipeline", "train")["status"]
        assert asking.wait(PATIENCE) == 0
    assert stage.described("Pipeline", PipelineName="train")["PipelineDescription"] == "ours"
    assert stage.get("Pipeline", "train")["status"]["lastHandledReconcileAt"] == _asked(stage)


def test_reconcile_does_not_take_an_answer_to_another_for_its_own(stage: Operated) -> None:
    """A token that an operator answered before, and one that nobody answers, end no wait."""
    first = stage.start()
    stage.apply(pipeline("ours"))
    stage.note("pipeline", "train", reconcile_at="theirs")
    stage.ready()
    until(lambda: stage.get("Pipeline", "train")["status"].get("lastHandledReconcileAt") == "theirs")
    first.terminate()
    first.wait(PATIENCE)
    with _reconcile(stage, "--timeout=2s") as asking:
        assert asking.wait(PATIENCE) != 0
    assert stage.get("Pipeline", "train")["status"]["lastHandledReconcileAt"] == "theirs"


def _asked(stage: Operated) -> str:
    """The token that stands in the object."""
    return str(stage.get("Pipeline", "train")["metadata"]["annotations"]["sagemaker.gitops.dev/reconcile-at"])


def _reconcile(stage: Operated, *options: str) -> "subprocess.Popen[bytes]":
    where = ["-n", stage.kubectl.namespace, "--kubeconfig", stage.kubectl.access.kubeconfig]
    command = [sys.executable, "-m", "controller.fronts.cli.main", "reconcile", "pipeline/train", "--wait"]
    return subprocess.Popen([*command, *where, *options], env={"PATH": os.environ["PATH"]})
