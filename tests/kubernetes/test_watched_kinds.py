"""An operator that is limited to some kinds."""

from controller.crds.catalog import SYNC
from tests.gitops import stage as syncs
from tests.kubernetes.documents import IMAGE, ROLE, config, document, group, model
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import TIMEOUT, OperatorStage, wait_until


def test_objects_of_other_kinds_are_neither_reconciled_nor_released(stage: OperatorStage) -> None:
    """An object of another kind is not written, not even by a drain; an operator of all kinds reconciles it."""
    first = stage.start(kinds=["modelpackagegroup"])
    stage.apply(group(), document("Experiment", "trials", {}))
    wait_until(lambda: stage.is_ready("ModelPackageGroup", "fraud"))
    (watching,) = (line for line in stage.lines() if line["msg"] == "watching")
    assert watching["kinds"] == ["ModelPackageGroup"]
    first.terminate()
    assert first.wait(TIMEOUT) == 0
    assert "finalizers" not in stage.get("Experiment", "trials")["metadata"]
    assert stage.changes() == ["CreateModelPackageGroup"]

    stage.start(kinds=["ModelPackageGroup", "Experiment"])
    wait_until(lambda: stage.is_ready("Experiment", "trials"))
    stage.stop()
    drained = stage.start(kinds=["Experiment"], drain="")
    assert drained.wait(TIMEOUT) == 0
    assert "finalizers" in stage.get("ModelPackageGroup", "fraud")["metadata"]
    assert "finalizers" not in stage.get("Experiment", "trials")["metadata"]


def test_a_name_of_an_unwatched_kind_is_a_resource_in_aws(stage: OperatorStage) -> None:
    """An object that is not watched is not waited for, and its resource is used once AWS has it."""
    stage.start(kinds=["EndpointConfig"])
    stage.apply(model(), config())
    wait_until(lambda: stage.reason("EndpointConfig", "fraud") == "DependencyMissing")
    container = {"Image": IMAGE, "ModelDataUrl": "s3://bucket/one.tar.gz"}
    stage.client().create_model(ModelName="fraud", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    stage.annotate("EndpointConfig", "fraud", reconcile_at="now")
    wait_until(lambda: stage.is_ready("EndpointConfig", "fraud"))
    assert "finalizers" not in stage.get("Model", "fraud")["metadata"]


def test_syncs_are_left_alone_where_their_kind_is_not_named(gitsync_stage: GitSyncStage) -> None:
    """A GitSync is reconciled by operators that watch it; its tree may hold every kind."""
    stage = gitsync_stage.stage
    gitsync_stage.push({"deploy/a.yaml": syncs.group("fraud")})
    gitsync_stage.prepare()
    first = stage.start(kinds=["Model"])
    gitsync_stage.follow()
    wait_until(lambda: any(line["msg"] == "leading" for line in stage.lines()))
    stage.apply(model())
    wait_until(lambda: stage.is_ready("Model", "fraud"))
    assert "CreateModelPackageGroup" not in stage.changes()
    first.terminate()
    assert first.wait(TIMEOUT) == 0
    stage.start(kinds=[SYNC.kind])
    gitsync_stage.ready()
    assert "CreateModelPackageGroup" in stage.changes()
