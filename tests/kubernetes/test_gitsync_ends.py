"""Deletions, moves and transfers of GitSyncs: nothing is lost, duplicated or deleted by mistake."""

from tests.gitops.stage import group
from tests.kubernetes.git_server import Followed
from tests.kubernetes.operator_process import TIMEOUT, wait_until

TENANTS = "namespaces:\n  another: {}\n"


def _group_names(followed: Followed) -> set[str]:
    """The groups in the account."""
    listed = followed.stage.client().list_model_package_groups()["ModelPackageGroupSummaryList"]
    return {each["ModelPackageGroupName"] for each in listed}


def test_a_deleted_sync_orphans_by_default(followed: Followed) -> None:
    """Deleting the object changes nothing in AWS, reports what stays, and leaves nothing in the cluster."""
    followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow(prune=True)
    followed.ready()
    followed.stage.kubectl.must("delete", "gitsync", "prod", "--timeout=30s")
    assert _group_names(followed) == {"fraud"}
    lines = [
        each["message"] for each in followed.stage.kubectl.items("events") if each["reason"] == "Released"
    ]
    assert lines == ["1 resources stay in AWS"]
    assert followed.inventory_objects() == []


def test_a_deleted_sync_deletes_its_resources_by_policy(followed: Followed) -> None:
    """``deletion: Delete`` deletes all its resources, however many, and only then releases the object."""
    followed.push({"deploy/a.yaml": "---\n".join(group(f"g{n}") for n in range(8))})
    followed.prepare()
    followed.stage.start()
    followed.follow(deletion="Delete")
    followed.ready()
    assert len(_group_names(followed)) == 8
    followed.stage.kubectl.must("delete", "gitsync", "prod", "--timeout=60s")
    assert _group_names(followed) == set()
    assert followed.inventory_objects() == []


def test_a_suspended_sync_deletes_nothing_when_it_is_deleted(followed: Followed) -> None:
    """Row 51: suspended, even ``deletion: Delete`` releases the object and leaves everything in AWS."""
    followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow(deletion="Delete")
    followed.ready()
    followed.stage.patch("gitsync", "prod", {"spec": {"suspend": True}})
    wait_until(lambda: followed.reason() == "Suspended")
    followed.stage.kubectl.must("delete", "gitsync", "prod", "--timeout=30s")
    assert _group_names(followed) == {"fraud"}


def test_a_document_that_moves_between_two_syncs_is_not_deleted(followed: Followed) -> None:
    """Row 44: one sync transfers a resource to the other; both prune, and AWS gets no deletion."""
    followed.push({"a/one.yaml": group("one"), "a/moves.yaml": group("moves"), "b/two.yaml": group("two")})
    followed.prepare()
    followed.stage.start()
    followed.follow("a", path="a", prune=True)
    followed.follow("b", path="b", prune=True)
    followed.ready("a")
    followed.ready("b")
    moved = followed.push(
        {"a/one.yaml": group("one"), "b/moves.yaml": group("moves"), "b/two.yaml": group("two")}
    )
    followed.ready("a", moved)
    followed.ready("b", moved)
    wait_until(lambda: (followed.status("a")["resources"], followed.status("b")["resources"]) == (1, 2))
    assert not [each for each in followed.stage.changes() if each.startswith("Delete")]
    assert _group_names(followed) == {"one", "two", "moves"}


def test_a_refused_sync_blocks_deletions_of_others(followed: Followed) -> None:
    """Row 44: its documents are unknown; once it is removed, resources without a document are deleted."""
    fleet = f"{followed.stage.kubectl.namespace}.fleet"
    followed.push({"a/one.yaml": group("one"), "a/two.yaml": group("two")})
    followed.prepare()
    followed.stage.start()
    followed.follow("a", path="a", prune=True, set=fleet)
    followed.ready("a")
    followed.follow("b", path="b", set=fleet)
    wait_until(lambda: followed.reason("b") == "InvalidSpec")
    followed.push({"a/one.yaml": group("one")})
    wait_until(
        lambda: "documents of b can be read" in followed.stage.condition("GitSync", "a").get("message", "")
    )
    followed.request_poll("a")
    assert _group_names(followed) == {"one", "two"}
    followed.stage.kubectl.must("delete", "gitsync", "b", "--timeout=30s")
    wait_until(lambda: _group_names(followed) == {"one"})
    followed.ready("a")


def test_a_sync_waits_for_the_one_that_it_depends_on(followed: Followed) -> None:
    """``dependsOn``: nothing is created before the other is Ready; a missing one is named."""
    followed.push({"base/a.yaml": group("base"), "deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow(dependsOn=["base"])
    wait_until(lambda: followed.reason() == "DependencyNotReady")
    assert "waits for base, which is not configured" in followed.status()["message"]
    assert followed.stage.changes() == []
    followed.follow("base", path="base")
    followed.ready("base")
    followed.ready()
    made = [each.params["ModelPackageGroupName"] for each in followed.stage.sandbox.calls if each.mutating]
    assert made == ["base", "fraud"]


def test_syncs_that_wait_for_each_other_are_stalled(followed: Followed) -> None:
    """A cycle is reported on all its members, and ends when one drops its dependency."""
    followed.push({"a/a.yaml": group("one"), "b/b.yaml": group("two")})
    followed.prepare()
    followed.follow("a", path="a", dependsOn=["b"])
    followed.follow("b", path="b", dependsOn=["a"])
    followed.stage.start()
    wait_until(lambda: (followed.reason("a"), followed.reason("b")) == ("InvalidSpec", "InvalidSpec"))
    followed.stage.patch("gitsync", "a", {"spec": {"dependsOn": []}})
    followed.ready("a")
    followed.ready("b")


def test_an_operator_that_is_killed_leaves_nothing_behind(followed: Followed) -> None:
    """Row 39: killed in the middle, the next one completes it: nothing is created twice, all is in the inventory."""
    followed.push({"deploy/a.yaml": "---\n".join(group(f"g{n}") for n in range(12))})
    followed.prepare()
    followed.stage.slow(0.3)
    first = followed.stage.start()
    followed.follow()
    wait_until(lambda: len(followed.stage.changes()) >= 3)
    first.kill()
    first.wait(TIMEOUT)
    followed.stage.slow(0)
    followed.stage.start()
    status = followed.ready()
    assert status["resources"] == 12
    assert sorted(_group_names(followed)) == sorted(f"g{n}" for n in range(12))
    made = [
        e.params["ModelPackageGroupName"] for e in followed.stage.sandbox.calls if e.mutating and not e.error
    ]
    assert len(made) == len(set(made))


def test_a_namespace_without_a_role_is_refused(followed: Followed) -> None:
    """Row 66: a sync of a namespace that the tenants file does not name makes no call and reads no repository."""
    tenants = followed.stage.folder / "tenants.yaml"
    tenants.write_text(TENANTS, encoding="utf-8")
    followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start(tenants=str(tenants))
    followed.follow()
    wait_until(lambda: followed.reason() == "NamespaceNotAllowed")
    assert followed.stage.sagemaker_calls() == []
    assert not followed.forge.requests
    followed.stage.kubectl.must("delete", "gitsync", "prod", "--timeout=30s")


def test_two_syncs_never_own_one_set(followed: Followed) -> None:
    """Two syncs with one set would undo each other: the younger is refused, and names the owner."""
    fleet = f"{followed.stage.kubectl.namespace}.fleet"
    followed.push({"a/a.yaml": group("one"), "b/b.yaml": group("two")})
    followed.prepare()
    followed.stage.start()
    followed.follow("a", path="a", set=fleet)
    followed.ready("a")
    followed.follow("b", path="b", set=fleet, prune=True)
    wait_until(lambda: followed.reason("b") == "InvalidSpec")
    assert "owned by GitSync/a" in followed.stage.condition("GitSync", "b")["message"]
    assert _group_names(followed) == {"one"}


def test_a_renamed_sync_adopts_a_set_without_an_owner(followed: Followed) -> None:
    """``spec.set`` and the annotation: refused while the set has an owner; then it owns the resources, unchanged."""
    fleet = f"{followed.stage.kubectl.namespace}.fleet"
    followed.push({"a/a.yaml": group("one"), "a/b.yaml": group("two")})
    followed.prepare()
    followed.stage.start()
    followed.follow("a", path="a", set=fleet)
    followed.ready("a")
    before = followed.stage.changes()
    followed.follow("b", path="a", set=fleet, prune=True)
    followed.stage.kubectl.must("annotate", "gitsync", "b", f"sagemaker.gitops.dev/rebuild-inventory={fleet}")
    wait_until(lambda: followed.reason("b") == "InvalidSpec")
    followed.stage.kubectl.must("delete", "gitsync", "a", "--timeout=30s")
    followed.ready("b")
    assert followed.status("b")["resources"] == 2
    assert followed.stage.changes() == before
    followed.push({"a/a.yaml": group("one")})
    wait_until(lambda: _group_names(followed) == {"one"})


def test_a_refused_sync_adopts_the_set_later(followed: Followed) -> None:
    """A GitSync is refused another's resources, until its ``spec.set`` and annotation name the other's set."""
    fleet = f"{followed.stage.kubectl.namespace}.fleet"
    followed.push({"a/a.yaml": group("one"), "a/b.yaml": group("two")})
    followed.prepare()
    followed.stage.start()
    followed.follow("a", path="a", set=fleet)
    followed.ready("a")
    before = followed.stage.changes()
    followed.stage.kubectl.must("delete", "gitsync", "a", "--timeout=30s")
    followed.follow("b", path="a", prune=True)
    wait_until(lambda: followed.reason("b") not in {"", "Progressing"})
    followed.stage.patch("GitSync", "b", {"spec": {"set": fleet}})
    followed.stage.kubectl.must("annotate", "gitsync", "b", f"sagemaker.gitops.dev/rebuild-inventory={fleet}")
    followed.ready("b")
    assert followed.status("b")["resources"] == 2
    assert followed.stage.changes() == before
    followed.push({"a/a.yaml": group("one")})
    wait_until(lambda: _group_names(followed) == {"one"})
