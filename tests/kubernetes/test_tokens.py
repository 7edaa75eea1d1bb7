import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from controller.sandbox import Knobs
from tests.kubernetes.documents import pipeline
from tests.kubernetes.hooked_sandbox import HookedSandbox
from tests.kubernetes.operator_process import TIMEOUT, OperatorStage, operator_stage_on, wait_until
from tests.kubernetes.rig.kubectl import Kubectl


def test_a_token_set_during_a_pass_waits_for_the_next_one(kubectl: Kubectl, tmp_path: Path) -> None:
    """Row 24: ``reconcile --wait`` during a pass waits for the next one, which reads what the first could not."""
    barrier = Barrier()
    sandbox = HookedSandbox(knobs=Knobs(pace=200))
    sandbox.before = barrier.passes
    with operator_stage_on(sandbox, kubectl, tmp_path) as stage:
        stage.start()
        stage.apply(pipeline("ours"))
        stage.ready()
        barrier.shut.set()
        stage.annotate("pipeline", "train", reconcile_at="mine")
        assert barrier.reached.wait(TIMEOUT)
        with _reconcile(stage) as requests:
            wait_until(lambda: _reconcile_token(stage) != "mine")
            stage.client().update_pipeline(PipelineName="train", PipelineDescription="drifted")
            barrier.opened.set()
            assert requests.wait(TIMEOUT) == 0
        sandbox.before = lambda _: True
        assert stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == "ours"
        assert stage.get("Pipeline", "train")["status"]["lastHandledReconcileAt"] == _reconcile_token(stage)


@dataclass
class Barrier:
    """Blocks the end of the first pass after ``shut``, once it has read the pipeline, and slows the next one."""

    shut: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def passes(self, operation: str) -> bool:
        """Let a call pass, if it is time."""
        if operation == "ListTags" and self.shut.is_set():
            self.reached.set()
            self.opened.wait(TIMEOUT)
        elif operation == "DescribePipeline" and self.opened.is_set():
            time.sleep(3)  # so that a wait that ends too early is found
        return True


def test_reconcile_waits_for_its_own_token(stage: OperatorStage) -> None:
    """Row 24: a token that an operator handled before, and one that none handles, end no wait."""
    first = stage.start()
    stage.apply(pipeline("ours"))
    stage.annotate("pipeline", "train", reconcile_at="theirs")
    stage.ready()
    wait_until(lambda: stage.get("Pipeline", "train")["status"].get("lastHandledReconcileAt") == "theirs")
    first.terminate()
    first.wait(TIMEOUT)
    with _reconcile(stage, "--timeout=2s") as requests:
        assert requests.wait(TIMEOUT) != 0
    assert stage.get("Pipeline", "train")["status"]["lastHandledReconcileAt"] == "theirs"


def _reconcile_token(stage: OperatorStage) -> str:
    """The token of the object."""
    return str(stage.get("Pipeline", "train")["metadata"]["annotations"]["sagemaker.gitops.dev/reconcile-at"])


def _reconcile(stage: OperatorStage, *options: str) -> "subprocess.Popen[bytes]":
    where = ["-n", stage.kubectl.namespace, "--kubeconfig", stage.kubectl.access.kubeconfig]
    command = [sys.executable, "-m", "controller.cli.main", "reconcile", "pipeline/train", "--wait"]
    return subprocess.Popen([*command, *where, *options], env={"PATH": os.environ["PATH"]})
