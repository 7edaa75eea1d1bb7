"""Rows 40, 41 and 44: documents that are missing by mistake delete nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.gitops.status import SyncState
from controller.gitops.sync import Sync
from controller.inventory.model import LockedInventoryStore
from tests.gitops.stage import Stage, StageHost, group
from tests.journeys.documents import endpoint, serving
from tests.source.git.repository import Files

LONG = 700.0  # seconds: some polls, and a pass for drift
FILES: Files = {f"deploy/{n}.yaml": group(f"g{n}") for n in range(5)}
GONE: dict[str, Callable[[Stage], object]] = {
    "an empty tree": lambda s: s.push({}),
    "no documents": lambda s: s.push({"deploy/README.md": "moved"}),
    "only a comment": lambda s: s.push({"deploy/a.yaml": "# nothing\n"}),
    "the path moved": lambda s: s.push({"deploy2/a.yaml": group("g1")}),
    "a document that can't be read": lambda s: s.push({"deploy/a.yaml": "kind: ["}),
    "the branch was deleted": lambda s: s.repository.delete("refs/heads/main"),
    "the server is down": lambda s: setattr(s.forge, "down", True),
    "the repository is gone": lambda s: s.repository.vanish(),
}


@pytest.mark.parametrize("how", GONE, ids=str)
def test_a_source_lost_by_mistake_deletes_nothing(how: str, stage: Stage) -> None:
    """Row 41: a read error, an empty tree, a wrong path, a force-push of an empty tree: no deletion, and not ready."""
    stage.push(FILES)
    stage.start(stage.sync(prune=True))
    stage.wait(120)
    assert stage.record().is_applied
    GONE[how](stage)
    stage.wait(LONG)
    assert stage.deletions() == []
    assert not stage.record().is_applied
    assert stage.record().applied is not None


def test_many_deletions_wait_for_an_approval(stage: Stage) -> None:
    """Row 41: more deletions than the limit wait, with their count, for an approval of the plan's fingerprint."""
    stage.push(FILES)
    stage.start(stage.sync(prune=True))
    stage.wait(120)
    stage.push({"deploy/0.yaml": group("g0")})
    stage.wait(120)
    record = stage.record()
    assert stage.deletions() == []
    assert record.state is SyncState.FAILED
    assert "4 deletions" in record.message
    assert record.attempted is not None
    stage.request(approved=record.attempted.fingerprint)
    stage.wait(120)
    assert len(stage.deletions()) == 4
    assert stage.record().is_applied


def test_an_approval_of_another_plan_deletes_nothing(stage: Stage) -> None:
    """Row 54: a change after the approval voids it."""
    stage.push(FILES)
    stage.start(stage.sync(prune=True))
    stage.wait(120)
    stage.push({"deploy/0.yaml": group("g0")})
    stage.wait(120)
    record = stage.record()
    assert record.attempted is not None
    stage.push({"deploy/0.yaml": group("g0", "changed")})
    stage.wait(120)
    stage.request(approved=record.attempted.fingerprint)
    stage.wait(120)
    assert stage.deletions() == []


def test_prune_executes_one_deletion_without_a_confirmation(stage: Stage) -> None:
    """Row 40: with prune, removing a document deletes its resource."""
    stage.push(FILES)
    stage.start(stage.sync(prune=True))
    stage.wait(120)
    stage.push({name: text for name, text in FILES.items() if "4" not in str(name)})
    stage.wait(120)
    assert len(stage.deletions()) == 1
    assert stage.record().is_applied


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")], ids=str)
def test_a_moved_document_is_transferred(stage: Stage, order: tuple[str, str]) -> None:
    """Row 44: moved from one sync to another in one commit, whichever polls first, a resource is never deleted."""
    stage.push({"a/1.yaml": group("one"), "a/2.yaml": group("two"), "b/3.yaml": group("three")})
    stage.start(*(stage.sync(name, path=name, prune=True) for name in order))
    stage.wait(200)
    stage.push({"a/1.yaml": group("one"), "b/2.yaml": group("two"), "b/3.yaml": group("three")})
    stage.wait(LONG)
    assert stage.deletions() == []
    assert stage.record("a").is_applied, stage.record("a")
    assert stage.record("b").is_applied, stage.record("b")
    stage.push({"a/1.yaml": group("one"), "b/3.yaml": group("three")})
    stage.wait(LONG)
    assert len(stage.deletions()) == 1  # now the new owner may delete it


def test_the_inventory_of_another_sync_has_its_own_reader(stage: Stage) -> None:
    """Each transfer opens a reader of its own: the inventory of another sync's pass is not shared."""
    stage.push({"a/1.yaml": group("one"), "a/2.yaml": group("two"), "b/3.yaml": group("three")})
    stage.start(*(stage.sync(name, path=name, prune=True) for name in ("a", "b")))
    stage.wait(200)
    assert stage.fleet is not None
    assert stage.context is not None
    read: list[str] = []
    touched: list[str] = []

    class Noting(StageHost):
        """A host that records which inventories are opened, and how."""

        def inventory(self, sync: Sync) -> LockedInventoryStore:
            """Record it."""
            touched.append(sync.name)
            return super().inventory(sync)

        def inventory_reader(self, sync: Sync) -> LockedInventoryStore:
            """Record it."""
            read.append(sync.name)
            return super().inventory(sync)

    stage.fleet._context = replace(stage.context, host=Noting(stage))
    stage.push({"a/1.yaml": group("one"), "b/2.yaml": group("two"), "b/3.yaml": group("three")})
    stage.wait(LONG)
    assert (set(read), touched, stage.deletions()) == ({"a", "b"}, [], [])


def test_older_generations_stay_with_the_sync_that_made_them(stage: Stage) -> None:
    """Row 44: older generations of a moved document stay with the first sync, which deletes them: none remains."""
    keeps = "policy: {generations: 1}\n"
    first, second = (serving(data=f"s3://bucket/{n}.tar.gz")[0] + keeps for n in ("one", "two"))
    rest: Files = {"a/1.yaml": group("one"), "b/3.yaml": group("three")}
    stage.push({**rest, "a/2.yaml": first})
    stage.start(*(stage.sync(name, path=name, prune=True) for name in ("a", "b")))
    stage.wait(200)
    stage.push({**rest, "a/2.yaml": second})
    stage.wait(200)
    assert len(_model_names(stage)) == 2
    assert stage.deletions() == []
    stage.push({**rest, "b/2.yaml": second})
    stage.wait(LONG)
    assert stage.deletions() == ["DeleteModel"]
    assert len(_model_names(stage)) == 1
    assert stage.record("a").is_applied
    assert stage.record("b").is_applied
    assert "Model/" not in (stage.folder / "inventory-a.json").read_text()


def _model_names(stage: Stage) -> list[str]:
    return [arn for arn in stage.sandbox.resources() if ":model/" in arn]


def test_nothing_is_pruned_while_another_sync_cannot_be_read(stage: Stage) -> None:
    """Row 44: a document may have moved into an unreadable folder, so deletions wait."""
    stage.push({"a/1.yaml": group("one"), "a/2.yaml": group("two"), "b/3.yaml": group("three")})
    stage.start(*(stage.sync(name, path=name, prune=True) for name in ("a", "b")))
    stage.wait(200)
    stage.push({"a/1.yaml": group("one"), "b/2.yaml": group("two"), "b/3.yaml": "kind: ["})
    stage.wait(700)
    assert stage.deletions() == []
    assert "deletions wait until the documents of b can be read" in stage.record("a").message
    stage.push({"a/1.yaml": group("one"), "b/2.yaml": group("two"), "b/3.yaml": group("three")})
    stage.wait(700)
    assert stage.deletions() == []
    assert stage.record("a").is_applied


def test_two_syncs_with_waiting_deletions_do_not_wake_each_other(stage: Stage) -> None:
    """While neither changes, each polls by its own interval, and not because the other did."""
    stage.push({f"{name}/{n}.yaml": group(f"{name}{n}") for name in ("a", "b") for n in (1, 2)})
    stage.start(*(stage.sync(name, path=name, prune=True) for name in ("a", "b")))
    assert stage.fleet is not None
    stage.fleet.stop_invalid("wrong")
    stage.wait(200)
    stage.push({f"{name}/1.yaml": group(f"{name}1") for name in ("a", "b")})
    stage.wait(200)
    assert [stage.of(name).held_back for name in ("a", "b")] == [True, True]
    since = len(stage.sandbox.calls)
    stage.wait(600)
    reads = ("DescribeModelPackageGroup", "ListModelPackageGroups")
    looks = [each for each in stage.sandbox.calls[since:] if each.operation in reads]
    assert 0 < len(looks) <= 2 * 3 * (600 / 30 + 2), "three reads for each look of each sync"
    assert stage.deletions() == []


def test_nothing_is_pruned_while_a_sync_is_invalid(stage: Stage) -> None:
    """Row 44: the documents of a sync with invalid settings are unknown: deletions wait until the sync is removed."""
    stage.push({"deploy/a.yaml": group("a"), "deploy/b.yaml": group("b")})
    stage.start(stage.sync(prune=True))
    fleet = stage.fleet
    assert fleet is not None
    fleet.stop_invalid("wrong")
    stage.wait(120)
    assert stage.record().is_applied
    stage.push({"deploy/a.yaml": group("a")})
    stage.wait(600)
    assert stage.deletions() == []
    assert "documents of wrong can be read" in stage.record().message
    fleet.remove_sync("wrong")
    stage.wait(600)
    assert stage.deletions() == ["DeleteModelPackageGroup"]
    assert stage.record().is_applied


def test_policy_confirm_needs_the_approval_of_that_plan(stage: Stage) -> None:
    """Row 42: ``deletion: Confirm`` waits for the plan's fingerprint; recreated and removed, it waits again."""
    requests = group("g1") + "policy: {deletion: Confirm}\n"
    stage.push({"deploy/0.yaml": group("g0"), "deploy/1.yaml": requests})
    stage.start(stage.sync(prune=True))
    stage.wait(120)
    stage.push({"deploy/0.yaml": group("g0")})
    stage.wait(700)
    first = stage.record().attempted
    assert stage.deletions() == []
    assert first is not None
    assert "ModelPackageGroup/g1 is Confirm" in stage.record().message
    stage.request(approved=first.fingerprint)
    stage.wait(120)
    assert len(stage.deletions()) == 1
    stage.push({"deploy/0.yaml": group("g0"), "deploy/1.yaml": requests})
    stage.wait(120)
    stage.push({"deploy/0.yaml": group("g0")})
    stage.wait(700)
    second = stage.record().attempted
    assert second is not None
    assert second.fingerprint != first.fingerprint
    assert len(stage.deletions()) == 1


def test_a_suspended_sync_prunes_nothing(stage: Stage) -> None:
    """Row 51: suspended after it applied, with prune, it keeps what a push removes, until it is resumed."""
    stage.push(FILES)
    stage.start(stage.sync(prune=True))
    stage.wait(120)
    stage.push({name: text for name, text in FILES.items() if "4" not in str(name)})
    stage.start(stage.sync(prune=True, suspend=True))
    stage.wait(LONG)
    assert stage.deletions() == []
    stage.start(stage.sync(prune=True))
    stage.wait(120)
    assert len(stage.deletions()) == 1


NARROWED: dict[str, dict[str, object]] = {
    "the path": {"path": "deploy/b"},
    "include": {"include": ("b/*.yaml",)},
    "exclude": {"exclude": ("a/",)},
}


@pytest.mark.parametrize("how", NARROWED, ids=str)
def test_narrowed_settings_remove_no_documents(how: str, stage: Stage) -> None:
    """A sync that reads less than before, by its own settings, deletes nothing until that is approved."""
    stage.push(
        {"deploy/a/1.yaml": group("one"), "deploy/a/2.yaml": group("two"), "deploy/b/3.yaml": group("three")}
    )
    whole = stage.sync(prune=True)
    stage.start(whole)
    stage.wait(120)
    assert stage.record().is_applied
    narrowed = replace(whole, source=replace(whole.source, **NARROWED[how]))  # type: ignore[arg-type]
    stage.start(narrowed)
    stage.wait(LONG)
    record = stage.record()
    assert stage.deletions() == []
    assert record.state is SyncState.FAILED
    assert "deploy/a/1.yaml, which this run does not read" in record.message
    assert record.attempted is not None
    stage.request(approved=record.attempted.fingerprint)
    stage.wait(120)
    assert len(stage.deletions()) == 2
    assert stage.record().is_applied


def test_a_live_endpoint_waits_for_an_approval_that_names_it(stage: Stage) -> None:
    """One deletion is below every limit; that of an endpoint waits for an approval by name, in every mode."""
    files: Files = {"deploy/0.yaml": group("g0")}
    stage.push({**files, "deploy/1.yaml": "---\n".join(serving())})
    stage.start(stage.sync(prune=True))
    stage.wait(LONG)
    assert stage.record().is_applied
    stage.push(files)
    stage.wait(120)
    record = stage.record()
    assert stage.deletions() == []
    assert "Endpoint/fraud: this endpoint will stop serving requests" in record.message
    assert record.attempted is not None
    stage.request(approved=record.attempted.fingerprint)
    stage.wait(LONG)
    assert sorted(stage.deletions()) == ["DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"]
    assert stage.record().is_applied


def test_the_limit_counts_over_pushes(stage: Stage) -> None:
    """Pushes that delete a few resources each are limited together, for a day."""
    many: Files = {f"deploy/{n:02}.yaml": group(f"g{n}") for n in range(12)}
    stage.push(many)
    stage.start(stage.sync(prune=True))
    stage.wait(120)
    for left in (10, 8, 6):
        stage.push({name: many[name] for name in sorted(map(str, many))[:left]})
        stage.wait(120)
    assert len(stage.deletions()) == 2
    assert "after 2 within 24 hours" in stage.record().message
    stage.push({name: many[name] for name in sorted(map(str, many))[:9]})
    stage.wait(120)
    assert len(stage.deletions()) == 3


def test_a_former_name_is_reported_and_pruned_by_approval(stage: Stage) -> None:
    """Without prune the message names the old resource; with it the endpoint waits for its approval."""
    rest = "---\n".join(serving()[:2])
    for name in ("live-a", "live-b"):
        stage.push({"deploy/1.yaml": rest, "deploy/2.yaml": endpoint(f"endpointName: {name}")})
        if stage.fleet is None:
            stage.start(stage.sync())
        stage.wait(LONG)
    assert "Endpoint/fraud@live-a is left behind" in stage.record().message
    assert stage.deletions() == []
    stage.start(stage.sync(prune=True))
    stage.wait(LONG)
    record = stage.record()
    assert stage.deletions() == []
    assert "Endpoint/fraud@live-a" in record.message
    assert record.attempted is not None
    stage.request(approved=record.attempted.fingerprint)
    stage.wait(LONG)
    assert stage.deletions() == ["DeleteEndpoint"]
    assert stage.record().is_applied
