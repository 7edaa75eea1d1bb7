"""A tenant forges what the operator remembers, on a real API server: nothing of a victim is changed or deleted."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.phase import Action
from controller.core.ref import Ref
from controller.engine.order import Order
from controller.engine.reconcile import reconcile
from controller.engine.report import Report
from controller.inventory.model import UNPROVED, Entry, InventoryError
from controller.operator.finalizer import finalize
from controller.operator.gitsync.inventory_store import SyncInventoryStore
from controller.operator.kube.access import access
from controller.operator.kube.api import Api
from controller.operator.signature import Signer
from controller.sandbox import Sandbox
from controller.sandbox.resource import Row
from tests.journeys.documents import GROUP as OWN
from tests.journeys.stage import Stage, compile_documents
from tests.kubernetes.hostile_memory import MEMOS, WHERE, Syncs, Target, create_targets
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.single_passes import OperatorPasses, operator_passes
from tests.kubernetes.syncs import gitsync_object
from tests.operator.forged_status import own_name


@pytest.fixture
def operator(kubectl: Kubectl) -> Iterator[OperatorPasses]:
    """The operator's passes, run by the test."""
    with operator_passes(kubectl) as made:
        yield made


def _resource_rows(sandbox: Sandbox) -> dict[str, Row]:
    return dict(sandbox._states["us-east-1"].rows)


def _forge(operator: OperatorPasses, target: Target, how: str) -> Ref:
    """Create the tenant's object and write its inventory before the operator reads it."""
    operator.kubectl.apply(target.document)
    path = f"{operator.kubectl.path(target.kind, 'mine')}/status"
    operator.kubectl.send("PATCH", path, {"status": {"memory": MEMOS[how](target.entry)}}, "merge-patch+json")
    ref = Ref(target.kind, "mine", operator.kubectl.namespace)
    assert operator.context.read_object(ref) is not None
    return ref


@pytest.mark.parametrize("how", MEMOS)
def test_a_forged_status_changes_no_resource(operator: OperatorPasses, how: str) -> None:
    """Applied, blocked, deleted: the victim's resource of each kind without an owner in AWS is not changed."""
    for target in create_targets(operator.sandbox):
        before = _resource_rows(operator.sandbox)
        ref = _forge(operator, target, how)
        for _ in range(2):
            operator.reconcile(ref)
            operator.context.read_object(ref)
        subject = operator.context.read_object(ref)
        assert subject is not None
        subject.add_finalizer()
        operator.kubectl.send("DELETE", operator.kubectl.path(target.kind, "mine"))
        subject = operator.context.read_object(ref)
        assert subject is not None
        finalize(subject, operator.context, "turn")
        now = _resource_rows(operator.sandbox)
        assert [arn for arn, row in before.items() if now.get(arn) != row] == [], target.kind


@pytest.fixture
def sync_inventories(kubectl: Kubectl) -> Syncs:
    """Two GitSyncs' inventories."""
    made = [
        gitsync_object("https://git.example.com/ml.git"),
        gitsync_object("https://git.example.com/ml.git", "other"),
    ]
    kubectl.apply(*made)
    return Syncs(kubectl, Api(access(kubectl.access.kubeconfig)), Signer("key"))


Forge = Callable[[Syncs, str, tuple[Entry, ...]], None]


def _write_unsigned(syncs: Syncs, uid: str, theirs: tuple[Entry, ...]) -> None:
    syncs.write(syncs.of("prod", uid), *theirs)
    objects = syncs.objects()
    for each in objects:
        each["metadata"].pop("annotations", None)
    syncs.replace(objects)


def _write_with_other_key(syncs: Syncs, uid: str, theirs: tuple[Entry, ...]) -> None:
    syncs.write(syncs.of("prod", uid, signer=Signer("other")), *theirs)


def _write_for_other_uid(syncs: Syncs, uid: str, theirs: tuple[Entry, ...]) -> None:
    del uid
    syncs.write(syncs.of("prod", "another"), *theirs)


def _write_for_other_sync(syncs: Syncs, uid: str, theirs: tuple[Entry, ...]) -> None:
    syncs.write(syncs.of("other", uid), *theirs)
    syncs.replace(syncs.objects(), "prod", uid)


def _write_other_parts(syncs: Syncs, uid: str, theirs: tuple[Entry, ...]) -> None:
    """Parts with other content for a head that the operator signed."""
    mine = tuple(replace(each, name=own_name(each.ref.kind, each.name), instance="") for each in theirs)
    syncs.write(syncs.of("prod", uid, signer=Signer("other")), *theirs)
    forged = [each["data"] for each in syncs.objects() if "data" in each]
    syncs.of("prod", uid).forget()
    syncs.write(syncs.of("prod", uid), *mine)
    objects = syncs.objects()
    for each, data in zip([each for each in objects if "data" in each], forged, strict=True):
        each["data"] = data
    syncs.replace(objects)


def _replay(syncs: Syncs, uid: str, theirs: tuple[Entry, ...]) -> None:
    """Head and parts of an earlier time, when the victim's resource was the sync's own."""
    syncs.write(syncs.of("prod", uid), *theirs)
    earlier = syncs.objects()
    syncs.write(
        syncs.of("prod", uid),
        *(replace(each, name=own_name(each.ref.kind, each.name), instance="") for each in theirs),
    )
    syncs.replace(earlier)


FORGED: dict[str, Forge] = {
    "unsigned": _write_unsigned,
    "by another key": _write_with_other_key,
    "of another UID": _write_for_other_uid,
    "of another sync": _write_for_other_sync,
    "other parts under a signed head": _write_other_parts,
    "replayed": _replay,
}


def _prune(sandbox: Sandbox, folder: Path, store: SyncInventoryStore) -> Report:
    """A pass of the sync, whose tree has one resource of its own and none of the inventory's."""
    order = Order(set="tenant", prune=True, confirm_deletes=9)
    cloud = Stage(folder, sandbox).cloud()
    return reconcile(compile_documents(OWN), cloud, store, lambda _: True, order)


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_inventory_deletes_nothing(sync_inventories: Syncs, tmp_path: Path, how: str) -> None:
    """Pruned twice, in case a forgery is trusted once it was written back: the victim's resources are not changed."""
    sandbox = Sandbox()
    theirs = tuple(target.entry for target in create_targets(sandbox))
    before = _resource_rows(sandbox)
    FORGED[how](sync_inventories, "uid", theirs)
    for _ in range(2):
        with suppress(InventoryError):  # refused whole, which deletes nothing either
            report = _prune(sandbox, tmp_path, sync_inventories.of("prod", "uid"))
            assert not [each for each in report.plan.acting if each.action is not Action.CREATE]
            held = sync_inventories.of("prod", "uid").load(*WHERE)
            assert {held.of(each.ref).instance for each in theirs} == {UNPROVED}
    now = _resource_rows(sandbox)
    assert [arn for arn, row in before.items() if now.get(arn) != row] == []


def test_the_same_inventory_written_by_the_operator_is_pruned(
    sync_inventories: Syncs, tmp_path: Path
) -> None:
    """The table's results depend on the signature: with it, each of these is deleted or stopped."""
    sandbox = Sandbox()
    theirs = tuple(target.entry for target in create_targets(sandbox))
    sync_inventories.write(sync_inventories.of("prod", "uid"), *theirs)
    report = _prune(sandbox, tmp_path, sync_inventories.of("prod", "uid"))
    done = {each.ref.kind: each.action for each in report.plan.steps if each.ref.name == "mine"}
    assert done == {
        "Association": Action.DELETE,
        "ModelPackage": Action.DELETE,
        "ModelPackageGroupPolicy": Action.DELETE,
        "PipelineExecution": Action.STOP,
    }
