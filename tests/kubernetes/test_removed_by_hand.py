"""Parts of an object that a user removed are restored, and the operator's writes have its field manager."""

import json
from functools import partial

import pytest

from controller.crds.catalog import SYNC
from controller.operator.constants import FINALIZER
from controller.operator.rbac import roles
from tests.kubernetes.documents import group
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import USER, OperatorStage, wait_until
from tests.kubernetes.rig.kubectl import as_list

KIND, NAME = "ModelPackageGroup", "fraud"
THEN = "2026-11-01T00:00:00Z"
EMPTIED = '[{"op": "remove", "path": "/status"}]'


def _clear_status(stage: OperatorStage, kind: str, name: str) -> None:
    where = f"{kind.lower()}.sagemaker.gitops.dev", name
    stage.kubectl.must("patch", *where, "--subresource=status", "--type=json", "-p", EMPTIED)


def _is_held(stage: OperatorStage, kind: str, name: str) -> bool:
    return FINALIZER in stage.get(kind, name)["metadata"].get("finalizers", ())


@pytest.fixture
def ready_stage(stage: OperatorStage) -> OperatorStage:
    """An operator with a resync of an hour, and an object that is Ready."""
    stage.start(resync="3600s", poll="3600s")
    stage.apply(group())
    stage.ready()
    return stage


def test_an_emptied_status_is_written_again_with_its_inventory(ready_stage: OperatorStage) -> None:
    """At once, without a change in AWS; the object still deletes its resource."""
    before, changes = ready_stage.get(KIND, NAME)["status"], ready_stage.changes()
    _clear_status(ready_stage, KIND, NAME)
    wait_until(lambda: ready_stage.get(KIND, NAME)["status"].get("conditions"))
    after = ready_stage.get(KIND, NAME)["status"]
    assert (after["memory"], after["arn"]) == (before["memory"], before["arn"])
    assert ready_stage.reason(KIND, NAME) == "Ready"
    assert ready_stage.changes() == changes
    ready_stage.kubectl.must("delete", KIND.lower(), NAME, "--timeout=30s")
    assert list(ready_stage.sandbox.resources()) == []


def test_a_finalizer_that_was_taken_off_is_put_back(ready_stage: OperatorStage) -> None:
    """At once, so that the object is not released without its resource; also without inventory and finalizer."""
    ready_stage.patch(KIND, NAME, {"metadata": {"finalizers": None}})
    wait_until(lambda: _is_held(ready_stage, KIND, NAME))
    ready_stage.patch(KIND, NAME, {"metadata": {"finalizers": None}})
    _clear_status(ready_stage, KIND, NAME)
    wait_until(
        lambda: _is_held(ready_stage, KIND, NAME) and ready_stage.get(KIND, NAME)["status"].get("memory")
    )


def test_a_deletion_without_an_inventory_is_reported(ready_stage: OperatorStage) -> None:
    """An object without any inventory is released, its resource stays, and an Event reports that."""
    ready_stage.stop()
    ready_stage.kubectl.must("delete", KIND.lower(), NAME, "--wait=false")
    _clear_status(ready_stage, KIND, NAME)
    ready_stage.start()
    wait_until(lambda: not ready_stage.get(KIND, NAME))
    wait_until(lambda: any(each["reason"] == "Released" for each in ready_stage.kubectl.items("events")))
    (document,) = [each for each in ready_stage.kubectl.items("events") if each["reason"] == "Released"]
    assert "the inventory has no entry" in document["message"]
    assert len(ready_stage.sandbox.resources()) == 1


def _count_status_writes(stage: OperatorStage) -> int:
    """The number of statuses that the operator has written."""
    return sum(line["msg"] == "status" for line in stage.lines())


def _has_reconciled(stage: OperatorStage, before: int) -> bool:
    return stage.pass_count() > before


def test_foreign_additions_to_a_status_cause_no_write(ready_stage: OperatorStage) -> None:
    """A plan and a condition of another field manager stay; passes write nothing, and changes are still written."""
    condition = {
        "type": "Audited",
        "status": "True",
        "reason": "Seen",
        "message": "",
        "lastTransitionTime": THEN,
    }
    theirs = {"plan": {"text": "nothing of ours"}, "conditions": [condition]}
    made = {**group(), "metadata": {"name": NAME}, "status": theirs}
    options = "apply", "--server-side", "--subresource=status", "--field-manager=auditor", "-f", "-"
    ready_stage.kubectl.must(
        *options, given=json.dumps({name: made[name] for name in made if name != "spec"})
    )
    writes = _count_status_writes(ready_stage)
    for number in range(3):  # an approval requests a pass, and is no part of a status without a plan
        turns = ready_stage.pass_count()
        ready_stage.annotate(KIND, NAME, approve=str(number))
        wait_until(partial(_has_reconciled, ready_stage, turns))
    assert _count_status_writes(ready_stage) == writes
    ready_stage.annotate(KIND, NAME, reconcile_at="once")
    wait_until(lambda: ready_stage.get(KIND, NAME)["status"].get("lastHandledReconcileAt") == "once")
    shown = ready_stage.get(KIND, NAME)["status"]
    assert (shown["plan"], ready_stage.reason(KIND, NAME)) == (theirs["plan"], "Ready")
    assert [each for each in shown["conditions"] if each["type"] == "Audited"] == [condition]


def test_a_gitsync_gets_both_back(gitsync_stage: GitSyncStage) -> None:
    """An emptied status of a GitSync is written again, and its finalizer is restored."""
    stage = gitsync_stage.stage
    gitsync_stage.prepare()
    revision = gitsync_stage.push({"deploy/group.yaml": json.dumps(group())})
    stage.start()
    gitsync_stage.follow()
    gitsync_stage.ready(revision=revision)
    _clear_status(stage, SYNC.kind, "prod")
    wait_until(lambda: gitsync_stage.reason() == "Ready")
    assert gitsync_stage.status()["lastApplied"]["revision"] == revision
    stage.patch(SYNC.kind, "prod", {"metadata": {"finalizers": None}})
    wait_until(lambda: _is_held(stage, SYNC.kind, "prod"))


def test_every_write_has_its_field_manager(ready_stage: OperatorStage) -> None:
    """All writes of the operator have its field manager, and a call's log line has its object and AWS's request id."""
    home = ready_stage.kubectl
    written = [
        ready_stage.get(KIND, NAME),
        *home.items("leases"),
        *home.items("secrets"),
        *home.items("configmaps"),
        *home.items("events"),
    ]
    assert len(written) >= 5
    shown = [
        home.must("get", f"{each['kind']}", each["metadata"]["name"], "--show-managed-fields", "-o", "json")
        for each in written
    ]
    managers = {field["manager"] for each in shown for field in json.loads(each)["metadata"]["managedFields"]}
    assert {each for each in managers if not each.startswith("kubectl")} == {"sagemaker-gitops"}
    calls = [
        line
        for line in ready_stage.lines()
        if line["msg"] == "call" and line["operation"] == "CreateModelPackageGroup"
    ]
    assert calls
    assert all(line["caller"].startswith(f"{KIND}/") and line["requests"] for line in calls)


def test_two_operators_on_one_object_are_reported(ready_stage: OperatorStage) -> None:
    """A second operator without a selector reconciles the first one's object, and reports it by Event and log."""
    second = ready_stage.kubectl.fresh()
    rights = [
        {**each, **({"subjects": [USER]} if "subjects" in each else {})} for each in roles(second.namespace)
    ]
    second.must("apply", "-f", "-", given=as_list(rights))
    ready_stage.start(home=second.namespace)
    wait_until(
        lambda: any(line["msg"] == "complete" for line in ready_stage.lines(1))
    )  # its cache is complete
    for deletion in ("Confirm", "Delete"):
        turns = _count_passes_of_second(ready_stage)
        ready_stage.patch(KIND, NAME, {"policy": {"deletion": deletion}})
        wait_until(partial(_has_second_reconciled, ready_stage, turns))
    wait_until(lambda: any(each["reason"] == "OtherOperator" for each in ready_stage.kubectl.items("events")))
    (document,) = [each for each in ready_stage.kubectl.items("events") if each["reason"] == "OtherOperator"]
    assert (document["type"], "--selector" in document["message"]) == ("Warning", True)
    assert [line["name"] for line in ready_stage.lines(1) if line["msg"] == "another operator's memory"]


def _count_passes_of_second(stage: OperatorStage) -> int:
    """The number of passes of the second operator."""
    return sum(line["msg"] == "reconciled" for line in stage.lines(1))


def _has_second_reconciled(stage: OperatorStage, before: int) -> bool:
    return _count_passes_of_second(stage) > before
