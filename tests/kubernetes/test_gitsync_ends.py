"""Deletions, moves and transfers of GitSyncs: nothing is lost, duplicated or deleted by mistake."""

from tests.gitops.stage import group
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import TIMEOUT, wait_until

TENANTS = "namespaces:\n  another: {}\n"


def _group_names(gitsync_stage: GitSyncStage) -> set[str]:
    """The groups in the account."""
    listed = gitsync_stage.stage.client().list_model_package_groups()["ModelPackageGroupSummaryList"]
    return {each["ModelPackageGroupName"] for each in listed}


def test_a_deleted_sync_orphans_by_default(gitsync_stage: GitSyncStage) -> None:
    """Deleting the object changes nothing in AWS, reports what stays, and leaves nothing in the cluster."""
    gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow(prune=True)
    gitsync_stage.ready()
    gitsync_stage.stage.kubectl.must("delete", "gitsync", "prod", "--timeout=30s")
    assert _group_names(gitsync_stage) == {"fraud"}
    lines = [
        each["message"]
        for each in gitsync_stage.stage.kubectl.items("events")
        if each["reason"] == "Released"
    ]
    assert lines == ["1 resources stay in AWS"]
    assert gitsync_stage.inventory_objects() == []


def test_a_deleted_sync_deletes_its_resources_by_policy(gitsync_stage: GitSyncStage) -> None:
    """``deletion: Delete`` deletes all its resources, however many, and only then releases the object."""
    gitsync_stage.push({"deploy/a.yaml": "---\n".join(group(f"g{n}") for n in range(8))})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow(deletion="Delete")
    gitsync_stage.ready()
    assert len(_group_names(gitsync_stage)) == 8
    gitsync_stage.stage.kubectl.must("delete", "gitsync", "prod", "--timeout=60s")
    assert _group_names(gitsync_stage) == set()
    assert gitsync_stage.inventory_objects() == []


def test_a_suspended_sync_deletes_nothing_when_it_is_deleted(gitsync_stage: GitSyncStage) -> None:
    """Row 51: suspended, even ``deletion: Delete`` releases the object and leaves everything in AWS."""
    gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow(deletion="Delete")
    gitsync_stage.ready()
    gitsync_stage.stage.patch("gitsync", "prod", {"spec": {"suspend": True}})
    wait_until(lambda: gitsync_stage.reason() == "Suspended")
    gitsync_stage.stage.kubectl.must("delete", "gitsync", "prod", "--timeout=30s")
    assert _group_names(gitsync_stage) == {"fraud"}


def test_a_document_that_moves_between_two_syncs_is_not_deleted(gitsync_stage: GitSyncStage) -> None:
    """Row 44: one sync transfers a resource to the other; both prune, and AWS gets no deletion."""
    gitsync_stage.push(
        {"a/one.yaml": group("one"), "a/moves.yaml": group("moves"), "b/two.yaml": group("two")}
    )
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow("a", path="a", prune=True)
    gitsync_stage.follow("b", path="b", prune=True)
    gitsync_stage.ready("a")
    gitsync_stage.ready("b")
    moved = gitsync_stage.push(
        {"a/one.yaml": group("one"), "b/moves.yaml": group("moves"), "b/two.yaml": group("two")}
    )
    gitsync_stage.ready("a", moved)
    gitsync_stage.ready("b", moved)
    wait_until(
        lambda: (gitsync_stage.status("a")["resources"], gitsync_stage.status("b")["resources"]) == (1, 2)
    )
    assert not [each for each in gitsync_stage.stage.changes() if each.startswith("Delete")]
    assert _group_names(gitsync_stage) == {"one", "two", "moves"}


def test_a_refused_sync_blocks_deletions_of_others(gitsync_stage: GitSyncStage) -> None:
    """Row 44: its documents are unknown; once it is removed, resources without a document are deleted."""
    fleet = f"{gitsync_stage.stage.kubectl.namespace}.fleet"
    gitsync_stage.push({"a/one.yaml": group("one"), "a/two.yaml": group("two")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow("a", path="a", prune=True, set=fleet)
    gitsync_stage.ready("a")
    gitsync_stage.follow("b", path="b", set=fleet)
    wait_until(lambda: gitsync_stage.reason("b") == "InvalidSpec")
    gitsync_stage.push({"a/one.yaml": group("one")})
    wait_until(
        lambda: (
            "documents of b can be read" in gitsync_stage.stage.condition("GitSync", "a").get("message", "")
        )
    )
    gitsync_stage.request_poll("a")
    assert _group_names(gitsync_stage) == {"one", "two"}
    gitsync_stage.stage.kubectl.must("delete", "gitsync", "b", "--timeout=30s")
    wait_until(lambda: _group_names(gitsync_stage) == {"one"})
    gitsync_stage.ready("a")


def test_a_sync_waits_for_the_one_that_it_depends_on(gitsync_stage: GitSyncStage) -> None:
    """``dependsOn``: nothing is created before the other is Ready; a missing one is named."""
    gitsync_stage.push({"base/a.yaml": group("base"), "deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow(dependsOn=["base"])
    wait_until(lambda: gitsync_stage.reason() == "DependencyNotReady")
    assert "waits for base, which is not configured" in gitsync_stage.status()["message"]
    assert gitsync_stage.stage.changes() == []
    gitsync_stage.follow("base", path="base")
    gitsync_stage.ready("base")
    gitsync_stage.ready()
    made = [
        each.params["ModelPackageGroupName"] for each in gitsync_stage.stage.sandbox.calls if each.mutating
    ]
    assert made == ["base", "fraud"]


def test_syncs_that_wait_for_each_other_are_stalled(gitsync_stage: GitSyncStage) -> None:
    """A cycle is reported on all its members, and ends when one drops its dependency."""
    gitsync_stage.push({"a/a.yaml": group("one"), "b/b.yaml": group("two")})
    gitsync_stage.prepare()
    gitsync_stage.follow("a", path="a", dependsOn=["b"])
    gitsync_stage.follow("b", path="b", dependsOn=["a"])
    gitsync_stage.stage.start()
    wait_until(
        lambda: (gitsync_stage.reason("a"), gitsync_stage.reason("b")) == ("InvalidSpec", "InvalidSpec")
    )
    gitsync_stage.stage.patch("gitsync", "a", {"spec": {"dependsOn": []}})
    gitsync_stage.ready("a")
    gitsync_stage.ready("b")


def test_an_operator_that_is_killed_leaves_nothing_behind(gitsync_stage: GitSyncStage) -> None:
    """Row 39: killed in the middle, the next one completes it: nothing is created twice, all is in the inventory."""
    gitsync_stage.push({"deploy/a.yaml": "---\n".join(group(f"g{n}") for n in range(12))})
    gitsync_stage.prepare()
    gitsync_stage.stage.slow(0.3)
    first = gitsync_stage.stage.start()
    gitsync_stage.follow()
    wait_until(lambda: len(gitsync_stage.stage.changes()) >= 3)
    first.kill()
    first.wait(TIMEOUT)
    gitsync_stage.stage.slow(0)
    gitsync_stage.stage.start()
    status = gitsync_stage.ready()
    assert status["resources"] == 12
    assert sorted(_group_names(gitsync_stage)) == sorted(f"g{n}" for n in range(12))
    made = [
        e.params["ModelPackageGroupName"]
        for e in gitsync_stage.stage.sandbox.calls
        if e.mutating and not e.error
    ]
    assert len(made) == len(set(made))


def test_a_namespace_without_a_role_is_refused(gitsync_stage: GitSyncStage) -> None:
    """Row 66: a sync of a namespace that the tenants file does not name makes no call and reads no repository."""
    tenants = gitsync_stage.stage.folder / "tenants.yaml"
    tenants.write_text(TENANTS, encoding="utf-8")
    gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start(tenants=str(tenants))
    gitsync_stage.follow()
    wait_until(lambda: gitsync_stage.reason() == "NamespaceNotAllowed")
    assert gitsync_stage.stage.sagemaker_calls() == []
    assert not gitsync_stage.forge.requests
    gitsync_stage.stage.kubectl.must("delete", "gitsync", "prod", "--timeout=30s")


def test_two_syncs_never_own_one_set(gitsync_stage: GitSyncStage) -> None:
    """Two syncs with one set would undo each other: the younger is refused, and names the owner."""
    fleet = f"{gitsync_stage.stage.kubectl.namespace}.fleet"
    gitsync_stage.push({"a/a.yaml": group("one"), "b/b.yaml": group("two")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow("a", path="a", set=fleet)
    gitsync_stage.ready("a")
    gitsync_stage.follow("b", path="b", set=fleet, prune=True)
    wait_until(lambda: gitsync_stage.reason("b") == "InvalidSpec")
    assert "owned by GitSync/a" in gitsync_stage.stage.condition("GitSync", "b")["message"]
    assert _group_names(gitsync_stage) == {"one"}


def test_a_renamed_sync_adopts_a_set_without_an_owner(gitsync_stage: GitSyncStage) -> None:
    """``spec.set`` and the annotation: refused while the set has an owner; then it owns the resources, unchanged."""
    fleet = f"{gitsync_stage.stage.kubectl.namespace}.fleet"
    gitsync_stage.push({"a/a.yaml": group("one"), "a/b.yaml": group("two")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow("a", path="a", set=fleet)
    gitsync_stage.ready("a")
    before = gitsync_stage.stage.changes()
    gitsync_stage.follow("b", path="a", set=fleet, prune=True)
    gitsync_stage.stage.kubectl.must(
        "annotate", "gitsync", "b", f"sagemaker.gitops.dev/rebuild-inventory={fleet}"
    )
    wait_until(lambda: gitsync_stage.reason("b") == "InvalidSpec")
    gitsync_stage.stage.kubectl.must("delete", "gitsync", "a", "--timeout=30s")
    gitsync_stage.ready("b")
    assert gitsync_stage.status("b")["resources"] == 2
    assert gitsync_stage.stage.changes() == before
    gitsync_stage.push({"a/a.yaml": group("one")})
    wait_until(lambda: _group_names(gitsync_stage) == {"one"})


def test_a_refused_sync_adopts_the_set_later(gitsync_stage: GitSyncStage) -> None:
    """A GitSync is refused another's resources, until its ``spec.set`` and annotation name the other's set."""
    fleet = f"{gitsync_stage.stage.kubectl.namespace}.fleet"
    gitsync_stage.push({"a/a.yaml": group("one"), "a/b.yaml": group("two")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow("a", path="a", set=fleet)
    gitsync_stage.ready("a")
    before = gitsync_stage.stage.changes()
    gitsync_stage.stage.kubectl.must("delete", "gitsync", "a", "--timeout=30s")
    gitsync_stage.follow("b", path="a", prune=True)
    wait_until(lambda: gitsync_stage.reason("b") not in {"", "Progressing"})
    gitsync_stage.stage.patch("GitSync", "b", {"spec": {"set": fleet}})
    gitsync_stage.stage.kubectl.must(
        "annotate", "gitsync", "b", f"sagemaker.gitops.dev/rebuild-inventory={fleet}"
    )
    gitsync_stage.ready("b")
    assert gitsync_stage.status("b")["resources"] == 2
    assert gitsync_stage.stage.changes() == before
    gitsync_stage.push({"a/a.yaml": group("one")})
    wait_until(lambda: _group_names(gitsync_stage) == {"one"})
