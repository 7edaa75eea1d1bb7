import os
import subprocess
import sys

from tests.kubernetes.documents import group, pipeline
from tests.kubernetes.operator_process import OperatorStage, wait_until

PLAN = {"mode": "Plan"}


def test_a_plan_waits_for_its_approval(stage: OperatorStage) -> None:
    """``policy.mode: Plan`` shows the plan and its fingerprint; the approval of exactly that executes it."""
    stage.start()
    stage.apply(group(policy=PLAN))
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Planned")
    status = stage.get("ModelPackageGroup", "fraud")["status"]
    assert "CreateModelPackageGroup" in status["plan"]["text"]
    assert status["plan"]["action"] == "create"
    stage.annotate("modelpackagegroup", "fraud", approve="0" * 64)
    stage.apply(group(policy=PLAN, name="other"))
    wait_until(lambda: stage.reason("ModelPackageGroup", "other") == "Planned")
    assert stage.changes() == []
    stage.annotate("modelpackagegroup", "fraud", approve=status["fingerprint"])
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Ready")
    assert stage.changes() == ["CreateModelPackageGroup"]


def test_an_approval_is_void_when_the_spec_changed(stage: OperatorStage) -> None:
    """The approval of an older plan executes nothing."""
    stage.start()
    stage.apply(pipeline("one", policy=PLAN))
    wait_until(lambda: stage.reason("Pipeline", "train") == "Planned")
    before = stage.get("Pipeline", "train")["status"]["fingerprint"]
    stage.apply(pipeline("two", policy=PLAN))
    wait_until(lambda: stage.get("Pipeline", "train")["status"]["fingerprint"] != before)
    stage.annotate("pipeline", "train", approve=before, reconcile_at="1")
    wait_until(lambda: stage.get("Pipeline", "train")["status"].get("lastHandledReconcileAt") == "1")
    assert stage.reason("Pipeline", "train") == "Planned"
    assert stage.changes() == []


def test_drift_is_corrected_and_in_plan_mode_only_reported(stage: OperatorStage) -> None:
    """Row 45: a foreign change is reverted; with ``mode: Plan`` the plan shows the correction."""
    stage.start(resync="2s")
    stage.apply(pipeline("ours"), pipeline("ours", name="other"))
    stage.ready()
    stage.patch("pipeline", "other", {"policy": PLAN})
    stage.ready()
    for name in ("train", "other"):
        stage.client().update_pipeline(PipelineName=name, PipelineDescription="drifted")
    wait_until(lambda: stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == "ours")
    wait_until(lambda: stage.reason("Pipeline", "other") == "Planned")
    text = stage.get("Pipeline", "other")["status"]["plan"]["text"]
    assert "drifted" in text
    assert stage.describe("Pipeline", PipelineName="other")["PipelineDescription"] == "drifted"


def test_reconcile_requests_a_pass_and_waits(stage: OperatorStage) -> None:
    """Row 24: ``sagectl reconcile --wait`` ends after the operator's pass, with the state of the object."""
    stage.start()
    stage.apply(pipeline("ours"))
    stage.ready()
    stage.client().update_pipeline(PipelineName="train", PipelineDescription="drifted")
    command = [sys.executable, "-m", "controller.cli.main", "reconcile", "pipeline/train", "--wait"]
    done = subprocess.run(
        [*command, "-n", stage.kubectl.namespace, "--kubeconfig", stage.kubectl.access.kubeconfig],
        capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Ready" in done.stdout + done.stderr
    assert stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == "ours"


def test_an_object_in_mode_off_is_left_alone(stage: OperatorStage) -> None:
    """``policy.mode: Off`` makes no call, and readiness is unknown."""
    stage.start()
    stage.apply(group(policy={"mode": "Off"}))
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Off")
    assert stage.condition("ModelPackageGroup", "fraud") == {}
    assert stage.sagemaker_calls() == []


def test_a_namespace_without_a_role_gets_nothing(stage: OperatorStage) -> None:
    """Row 66: with a tenants file, a namespace that it does not name is refused, and no call is made for it."""
    tenants = stage.folder / "tenants.yaml"
    tenants.write_text("namespaces:\n  another: {}\n", encoding="utf-8")
    stage.start(tenants=str(tenants))
    stage.apply(group())
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "NamespaceNotAllowed")
    assert stage.sagemaker_calls() == []


def test_a_namespace_may_require_approval(stage: OperatorStage) -> None:
    """Row 54: in a namespace in mode Plan nothing changes before it is approved, whatever the objects declare."""
    tenants = stage.folder / "tenants.yaml"
    tenants.write_text(f"namespaces:\n  {stage.kubectl.namespace}: {{mode: Plan}}\n", encoding="utf-8")
    stage.start(tenants=str(tenants))
    stage.apply(group())
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Planned")
    assert stage.changes() == []
    status = stage.get("ModelPackageGroup", "fraud")["status"]
    stage.annotate("modelpackagegroup", "fraud", approve=status["fingerprint"])
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Ready")


def test_an_operator_with_a_selector(stage: OperatorStage) -> None:
    """Row 68: an operator with a selector reconciles the selected objects, and reads the others as dependencies."""
    stage.start(selector="shard=b")
    mine = group(name="mine")
    mine["metadata"]["labels"] = {"shard": "b"}
    stage.apply(mine, group(name="theirs"))
    wait_until(lambda: stage.reason("ModelPackageGroup", "mine") == "Ready")
    assert stage.reason("ModelPackageGroup", "theirs") == ""


def test_transitions_are_events(stage: OperatorStage) -> None:
    """Row 60: ``kubectl get events`` shows once when an object became Ready."""
    stage.start()
    stage.apply(group())
    stage.ready()
    stage.annotate("modelpackagegroup", "fraud", reconcile_at="again")
    wait_until(
        lambda: stage.get("ModelPackageGroup", "fraud")["status"].get("lastHandledReconcileAt") == "again"
    )
    lines = [each["reason"] for each in stage.kubectl.items("events")]
    assert lines.count("Ready") == 1


def test_probes_and_metrics_are_served(stage: OperatorStage) -> None:
    """Row 64: probes succeed, Prometheus gets metrics, and the log shows the pass of a call."""
    stage.start()
    stage.apply(group())
    stage.ready()
    fields = {page: stage.page(page) for page in ("healthz", "readyz", "metrics")}
    assert (fields["healthz"], fields["readyz"]) == ("ok\n", "ok\n")
    assert (
        'sagectl_aws_requests_total{code="OK",operation="CreateModelPackageGroup"} 1.0' in fields["metrics"]
    )
    assert 'sagectl_objects{kind="ModelPackageGroup",ready="True"} 1.0' in fields["metrics"]
    called = next(line for line in stage.lines() if line.get("operation") == "CreateModelPackageGroup")
    turned = [
        (line["kind"], line["namespace"], line["name"])
        for line in stage.lines()
        if line["msg"] == "reconciled" and line["reconcileID"] == called["reconcileID"]
    ]
    assert turned == [("ModelPackageGroup", stage.kubectl.namespace, "fraud")]
