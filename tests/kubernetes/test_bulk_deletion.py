"""Deletions with a namespace, with a definition or in bulk wait for a confirmation, and the message explains it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.sandbox import Knobs
from tests.benchmarks.stacks import ten_kinds
from tests.gitops import stage as syncs
from tests.kubernetes.documents import group, pipeline
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, operator_stage, wait_until
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.rig.programs import programs
from tests.kubernetes.rig.server import Access, run_restartable
from tests.repo.files import ROOT

GROUP, PIPELINE = "ModelPackageGroup", "Pipeline"
CONFIRM = "sagemaker.gitops.dev/confirm-deletion"
DEFINITION = "pipelines.sagemaker.gitops.dev"


def wait_until_blocked(stage: OperatorStage, kind: str, *names: str) -> None:
    """Wait until deletions are blocked, each with the ways to continue; nothing was deleted in AWS."""
    for name in names:
        wait_until(lambda name=name: stage.reason(kind, name) == "DeletionHeld")  # type: ignore[misc]
        message = stage.condition(kind, name)["message"]
        assert f"{CONFIRM}=Retain" in message
        assert f"{CONFIRM}=Delete" in message
    assert not deletions(stage)


def deletions(stage: OperatorStage) -> list[str]:
    """The deletions requested from AWS."""
    return [each for each in stage.changes() if each.startswith(("Delete", "Stop"))]


def end_namespace(stage: OperatorStage, *kinds: str) -> None:
    """Delete the namespace, and then its contents, as the namespace controller does."""
    stage.kubectl.must("delete", "namespace", stage.kubectl.namespace, "--wait=false")
    stage.kubectl.must("delete", ",".join(kinds), "--all", "--wait=false")


def test_a_deleted_namespace_deletes_nothing_unconfirmed(stage: OperatorStage) -> None:
    """Blocked also by an operator that starts later; an object is kept or deleted by its annotation."""
    first = stage.start()
    stage.apply(group(name="one"), group(name="two"), group(name="three", policy={"deletion": "Retain"}))
    stage.ready()
    end_namespace(stage, "sagemaker")
    wait_until_blocked(stage, GROUP, "one", "two")
    wait_until(lambda: not stage.get(GROUP, "three"))  # by its own annotation
    first.terminate()
    first.wait(30)
    stage.start()
    stage.annotate(GROUP, "one", reconcile_at="now", confirm_deletion="yes")
    wait_until(lambda: "neither Delete nor Retain" in stage.condition(GROUP, "one")["message"])
    stage.annotate(GROUP, "one", confirm_deletion="Retain")
    wait_until(lambda: not stage.get(GROUP, "one"))
    assert not deletions(stage)
    stage.annotate(GROUP, "two", confirm_deletion="Delete")
    wait_until(lambda: not stage.get(GROUP, "two"))
    assert deletions(stage) == ["DeleteModelPackageGroup"]
    assert len(stage.sandbox.resources()) == 2


@pytest.mark.parametrize(("answer", "left"), [("Retain", 2), ("Delete", 0)])
def test_the_namespace_itself_may_be_annotated(stage: OperatorStage, answer: str, left: int) -> None:
    """One annotation covers all objects in it, if set by a user who may write the namespace."""
    stage.start()
    stage.apply(group(name="one"), group(name="two"))
    stage.ready()
    end_namespace(stage, "sagemaker")
    wait_until_blocked(stage, GROUP, "one", "two")
    stage.kubectl.must("annotate", "namespace", stage.kubectl.namespace, f"{CONFIRM}={answer}")
    wait_until(lambda: not stage.get(GROUP, "one") and not stage.get(GROUP, "two"))
    assert len(stage.sandbox.resources()) == left


def test_a_sync_of_a_deleted_namespace_deletes_nothing_unconfirmed(gitsync_stage: GitSyncStage) -> None:
    """``deletion: Delete`` is blocked too, and resources that it would prune are left alone meanwhile."""
    stage = gitsync_stage.stage
    gitsync_stage.push({"deploy/a.yaml": syncs.group("fraud")})
    gitsync_stage.prepare()
    stage.start()
    gitsync_stage.follow(deletion="Delete", prune=True)
    gitsync_stage.ready()
    end_namespace(stage, "gitsync", "syncmemories.state.sagemaker.gitops.dev")
    wait_until_blocked(stage, "GitSync", "prod")
    stage.annotate("GitSync", "prod", confirm_deletion="Retain")
    wait_until(gitsync_stage.gone)
    wait_until(lambda: '"1 resources stay in AWS"' in stage.log().read_text("utf-8"))
    assert not deletions(stage)


def test_many_deletions_at_once_wait_for_a_confirmation(stage: OperatorStage) -> None:
    """``kubectl delete --all`` of more than the limit deletes none of them; a few are deleted as usual."""
    stage.start(deletion_limit="4")
    names = [f"g{number}" for number in range(12)]
    stage.apply(*(group(name=name) for name in names))
    stage.ready()
    stage.kubectl.must("delete", "modelpackagegroup.sagemaker.gitops.dev", "--all", "--wait=false")
    wait_until_blocked(stage, GROUP, *names)
    assert "12 objects" in stage.condition(GROUP, "g0")["message"]
    stage.kubectl.must("annotate", "sagemaker", "--all", f"{CONFIRM}=Delete")
    wait_until(lambda: not list(stage.sandbox.resources()))
    wait_until(lambda: stage.gone(*(group(name=name) for name in names)))
    stage.apply(*(group(name=name) for name in names[:4]))
    stage.ready()
    stage.kubectl.must("delete", "modelpackagegroup.sagemaker.gitops.dev", "g0", "--timeout=30s")


def test_the_default_deletion_policy_applies_to_objects_without_one(stage: OperatorStage) -> None:
    """``--deletion-policy Retain`` leaves the resource, unless the object has Delete; a namespace may have Confirm."""
    first = stage.start(deletion_policy="Retain")
    stage.apply(group(name="silent"), group(name="says", policy={"deletion": "Delete"}), group(name="asks"))
    stage.ready()
    groups = "modelpackagegroup.sagemaker.gitops.dev"
    stage.kubectl.must("delete", groups, "silent", "says", "--timeout=30s")
    assert deletions(stage) == ["DeleteModelPackageGroup"]
    first.terminate()
    first.wait(30)
    tenants = stage.folder / "tenants.yaml"
    tenants.write_text(json.dumps({"namespaces": {stage.kubectl.namespace: {"deletionPolicy": "Confirm"}}}))
    stage.start(tenants=str(tenants), deletion_policy="Retain")
    stage.kubectl.must("delete", groups, "asks", "--wait=false")
    wait_until(lambda: stage.reason(GROUP, "asks") == "Planned")
    stage.annotate(GROUP, "asks", approve=stage.get(GROUP, "asks")["status"]["fingerprint"])
    wait_until(lambda: not stage.get(GROUP, "asks"))
    assert len(deletions(stage)) == 2


@pytest.fixture(scope="module")
def own_kubectl(apiserver: Access, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """A server whose definitions may be deleted; it has few of them."""
    del apiserver  # it shows that the programs exist
    with run_restartable(programs(print), tmp_path_factory.mktemp("own")) as made:
        yield Kubectl(made.access)


@pytest.fixture
def own_stage(own_kubectl: Kubectl, tmp_path: Path) -> Iterator[OperatorStage]:
    """A namespace on that server, with fresh definitions and the operator's permissions."""
    for plural in ("pipelines", "modelpackagegroups", "gitsyncs"):
        own_kubectl.must("apply", "--server-side", "-f", str(ROOT / "crds" / f"{plural}.yaml"))
    own_kubectl.must("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    with operator_stage(own_kubectl.fresh(), tmp_path, Knobs(pace=200)) as made:
        yield made


@pytest.mark.parametrize(("answer", "left"), [("Retain", 1), ("Delete", 0)])
def test_a_deleted_definition_deletes_nothing_unconfirmed(
    own_stage: OperatorStage, answer: str, left: int
) -> None:
    """The API server deletes all its objects; they wait until they, or the definition, are annotated."""
    own_stage.start()
    own_stage.apply(pipeline())
    own_stage.ready()
    own_stage.kubectl.must("delete", "customresourcedefinition", DEFINITION, "--wait=false")
    wait_until(lambda: "deletionTimestamp" in own_stage.get(PIPELINE, "train")["metadata"])
    wait_until_blocked(own_stage, PIPELINE, "train")
    own_stage.kubectl.must("annotate", "customresourcedefinition", DEFINITION, f"{CONFIRM}={answer}")
    own_stage.kubectl.must("wait", "--for=delete", f"customresourcedefinition/{DEFINITION}", "--timeout=60s")
    assert len(own_stage.sandbox.resources()) == left


def test_an_operator_that_can_not_read_definitions_deletes_nothing(own_stage: OperatorStage) -> None:
    """Without the permission to read definitions every deletion is blocked, and the message names the permission."""
    own_stage.kubectl.must("delete", "clusterrolebinding", "sagemaker-gitops-definitions")
    own_stage.start()
    own_stage.apply(group())
    own_stage.ready()
    own_stage.kubectl.must("delete", "modelpackagegroup.sagemaker.gitops.dev", "fraud", "--wait=false")
    wait_until_blocked(own_stage, GROUP, "fraud")
    assert "sagectl rbac" in own_stage.condition(GROUP, "fraud")["message"]


def test_objects_that_are_deleted_together_share_their_reads(stage: OperatorStage) -> None:
    """Besides its deletion and pages each costs less than two reads; how many go together depends on the time."""
    stage.start(kinds=ALL_KINDS, deletion_limit="0")
    documents = ten_kinds(40)
    stage.apply(*documents)
    stage.ready()
    stage.sandbox.clear_calls()
    kinds = ",".join(dict.fromkeys(each["kind"].lower() for each in documents))
    stage.kubectl.must("delete", kinds, "--all", "--wait=false")
    wait_until(lambda: stage.gone(*documents), 120)
    assert not stage.sandbox.resources()
    called = [each.operation for each in stage.sandbox.calls]
    assert sum(each.startswith("Delete") for each in called) == 40
    assert sum(each.startswith(("Describe", "ListTags")) for each in called) < 60
