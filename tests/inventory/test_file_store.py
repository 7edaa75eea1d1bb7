import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.core.ref import Ref
from controller.inventory.codec import read_pruned
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import Entry, Generation, Inventory, InventoryError, PendingChange, Pruned
from controller.inventory.views import PartialView
from controller.kinds import KINDS
from controller.manifests.document import Deletion
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP

ACCOUNT, REGION = "123456789012", "us-east-1"
ENTRY = Entry(
    Ref("Model", "fraud", "ml"), "fraud-2", "arn:2", {"ModelName": "fraud-2", "Containers": [{"A": 1.5}]},
    ("team",), {"A.B": "digest"}, PendingChange("d", "then", "why"), PendingChange("e"), 3, Deletion.RETAIN,
    (Generation("fraud-1", "arn:1"),), {"/A": (1, 2)}, source="repo:fleet/ml/a.yaml",
)  # fmt: skip
ENTRIES = {ENTRY.ref: ENTRY, Ref("Model", "b"): Entry(Ref("Model", "b"))}
FULL = Inventory(
    "default",
    ACCOUNT,
    REGION,
    "key",
    ENTRIES,
    (Pruned(1_700_000_000, 20, "Model/c"), Pruned(1_700_000_001, 20)),
)


@pytest.fixture
def store(tmp_path: Path) -> FileInventoryStore:
    """An inventory whose file does not exist yet."""
    return FileInventoryStore(tmp_path / "deep" / "inventory.json", "default")


def test_nothing_is_remembered_at_first(store: FileInventoryStore) -> None:
    """Without a file the inventory is new and empty, with a key of its own."""
    first, second = store.load(ACCOUNT, REGION), store.load(ACCOUNT, REGION)
    assert first.entries == {}
    assert first.key != second.key


def test_what_was_saved_is_loaded(store: FileInventoryStore) -> None:
    """Every field of an inventory is read back unchanged."""
    store.save(FULL)
    assert store.load(ACCOUNT, REGION) == FULL


def test_what_an_earlier_version_wrote_is_understood(store: FileInventoryStore) -> None:
    """``retain: true``, which version 0.1.0 wrote, is read as the deletion policy Retain."""
    store.save(FULL)
    text = store.path.read_text(encoding="utf-8")
    store.path.write_text(text.replace('"deletion": "Retain"', '"retain": true'), encoding="utf-8")
    assert store.load(ACCOUNT, REGION) == FULL


def test_an_inventory_without_places_and_deletions_is_understood(store: FileInventoryStore) -> None:
    """An earlier version has neither positions of documents nor deletions; a damaged list is an error."""
    store.save(FULL)
    document = json.loads(store.path.read_text(encoding="utf-8"))
    for entry in document["entries"].values():
        entry.pop("source", None)
    pruned = document.pop("pruned")
    store.path.write_text(json.dumps(document), encoding="utf-8")
    read = store.load(ACCOUNT, REGION)
    assert read.pruned == ()
    assert {entry.source for entry in read.entries.values()} == {""}
    assert read_pruned(pruned) == FULL.pruned
    for damaged in (7, "x", [1], [{"at": "x", "size": 1}], [{"at": 1, "size": 1, "more": 1}]):
        with pytest.raises(InventoryError):
            read_pruned(damaged)


def test_only_the_owner_may_read(store: FileInventoryStore) -> None:
    """The file has the key of the digests, so only its owner may read it."""
    store.save(FULL)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert [each.name for each in store.path.parent.iterdir()] == ["inventory.json"]


@pytest.mark.parametrize(("account", "region"), [("999999999999", REGION), (ACCOUNT, "eu-west-1")])
def test_another_place_is_refused(store: FileInventoryStore, account: str, region: str) -> None:
    """An inventory of another account or region is refused."""
    store.save(FULL)
    with pytest.raises(InventoryError, match="belongs to"):
        store.load(account, region)


def test_another_set_is_refused(store: FileInventoryStore) -> None:
    """An inventory of another set is refused."""
    store.save(FULL)
    with pytest.raises(InventoryError, match="belongs to set default"):
        FileInventoryStore(store.path, "other").load(ACCOUNT, REGION)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"set": 1}', "\x00", '{"format_version": 2}'])
def test_a_damaged_file_is_refused(store: FileInventoryStore, content: str) -> None:
    """A file that is no inventory is an error that names it, never an empty inventory."""
    store.path.parent.mkdir()
    store.path.write_text(content, encoding="utf-8")
    with pytest.raises(InventoryError, match=r"inventory\.json is not an inventory"):
        store.load(ACCOUNT, REGION)


def test_unknown_fields_are_refused(store: FileInventoryStore) -> None:
    """A field of a later version is not dropped silently."""
    store.save(FULL)
    text = store.path.read_text(encoding="utf-8").replace('"made"', '"more"')
    store.path.write_text(text, encoding="utf-8")
    with pytest.raises(InventoryError, match="more"):
        store.load(ACCOUNT, REGION)


def test_a_failed_save_leaves_the_old_file(
    store: FileInventoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk refuses, the old inventory stays whole and no partial file is left."""
    store.save(FULL)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InventoryError, match="No space left"):
        store.save(Inventory("default", ACCOUNT, REGION, "other"))
    assert store.load(ACCOUNT, REGION) == FULL
    assert [each.name for each in store.path.parent.iterdir()] == ["inventory.json"]


def test_one_run_at_a_time(store: FileInventoryStore) -> None:
    """Row 70: a second run gets the id of the process that holds the inventory, and may run after its end."""
    other = FileInventoryStore(store.path, "default")
    with store.lock(), pytest.raises(InventoryError, match=f"process {os.getpid()}"), other.lock():
        pass
    with other.lock():
        assert not store.path.exists()


def test_a_link_stays_one_and_its_target_is_written(store: FileInventoryStore, tmp_path: Path) -> None:
    """Through a link the target file is replaced, in its own folder; the lock is the target's too."""
    there = tmp_path / "volume"
    there.mkdir()
    store.path.parent.mkdir()
    store.path.symlink_to(there / "real.json")
    with store.lock():
        store.save(FULL)
        with (
            pytest.raises(InventoryError, match="in use"),
            FileInventoryStore(there / "real.json", "default").lock(),
        ):
            pass
    store.save(FULL)
    assert store.path.is_symlink()
    assert (
        FileInventoryStore(there / "real.json", "default").load(ACCOUNT, REGION)
        == store.load(ACCOUNT, REGION)
        == FULL
    )
    assert sorted(each.name for each in there.iterdir()) == ["real.json", "real.json.lock"]
    assert [each.name for each in store.path.parent.iterdir()] == ["inventory.json"]


@pytest.mark.parametrize("way", ["load", "save", "hold"])
@pytest.mark.parametrize("target", ["nowhere/real.json", "inventory.json", "."])
def test_a_link_that_leads_nowhere_is_no_empty_inventory(
    store: FileInventoryStore, target: str, way: str
) -> None:
    """A link into a missing folder, to itself or to a folder is an error, and is not changed."""
    store.path.parent.mkdir()
    store.path.symlink_to(store.path.parent / target)
    ways = {
        "load": lambda: store.load(ACCOUNT, REGION),
        "save": lambda: store.save(FULL),
        "hold": store.target,
    }
    with pytest.raises(InventoryError, match=r"inventory\.json"):
        ways[way]()
    assert store.path.is_symlink()
    assert not (store.path.parent / "nowhere").exists()


def _damaged_values(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every path of a JSON value with a value of another type in its place."""
    others: tuple[Any, ...] = (None, True, 7, 1.5, "text", [], {}, [7], {"a": 7})
    yield from (
        (path, other) for other in others if type(other) is not type(value) or other in ([7], {"a": 7})
    )
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _damaged_values(each, (*path, key))


def _with_value(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = _with_value(value[path[0]], path[1:], other)
    return changed


def _refusal(store: FileInventoryStore) -> str:
    try:
        store.load(ACCOUNT, REGION)
    except InventoryError as error:
        return str(error)
    return ""


def test_a_wrong_type_anywhere_is_a_clear_error_or_harmless(store: FileInventoryStore) -> None:
    """Every value of a full inventory with every other JSON type in its place: read, or refused with its path."""
    store.save(FULL)
    good = json.loads(store.path.read_bytes())
    refused = 0
    for path, other in _damaged_values(good):
        store.path.write_text(json.dumps(_with_value(good, path, other)), encoding="utf-8")
        error = _refusal(store)
        refused += bool(error)
        top = next((str(key) for key in path if isinstance(key, str)), "inventory")
        if error:
            assert str(store.path) in error
            assert top in error or "belongs to" in error, (path, other, error)
        else:
            free = "applied" in path or "by" in path or other is None or other in ([], {})
            free = free or ("corrected" in path and other == [7])  # numbers, as there were before
            assert free or path[-1] in ("arn", "modified", "reason"), (path, other)
    assert refused > 100


@pytest.mark.parametrize(
    ("twice", "location"),
    [
        ('{"format_version": 1, "set": "a",\n "set": "b"}', "line 2, column 2: set"),
        (
            '{"entries": {"Model/a": {}, "Model/b": {"name": "x"},\n  "Model/a": {}}}',
            "line 2, column 3: entries.Model/a",
        ),
        ('{"entries": {"Model/a": {"old": [{"name": "x", "name": "y"}]}}}', "entries.Model/a.old.name"),
        ('{"entries": {"Model/a": {"name": "1", "n\\u0061me": "2"}}}', "entries.Model/a.name"),
    ],
)
def test_a_key_that_stands_twice_is_an_error_with_its_place(
    store: FileInventoryStore, twice: str, location: str
) -> None:
    """JSON's parser would use the last of duplicate keys, so they are an error."""
    store.path.parent.mkdir()
    store.path.write_text(twice, encoding="utf-8")
    with pytest.raises(InventoryError, match="duplicate key") as caught:
        store.load(ACCOUNT, REGION)
    assert location in str(caught.value)


def test_a_deep_file_is_refused(store: FileInventoryStore) -> None:
    """Nesting that no inventory has ends in an error, not at the interpreter's limit."""
    store.path.parent.mkdir()
    store.path.write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(InventoryError):
        store.load(ACCOUNT, REGION)


@pytest.mark.parametrize("command", ["plan", "apply", "destroy", "drift", "status"])
def test_what_this_version_does_not_know_is_kept(local_shell: Shell, command: str) -> None:
    """An entry of a kind of a later version survives every command, and stops none."""
    local_shell.write("group.yaml", GROUP)
    assert local_shell.run("apply", "group.yaml", "--yes", "--inventory", "kept.json").code == 0
    path = local_shell.folder / "kept.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    later = {"name": "pool", "arn": "arn:aws:sagemaker:us-east-1:123456789012:later-kind/pool", "made": 1}
    document["entries"]["LaterKind/pool"] = later
    path.write_text(json.dumps(document), encoding="utf-8")
    arguments = {"apply": ("--prune", "--yes"), "destroy": ("--yes",)}.get(command, ())
    ran = local_shell.run(command, "group.yaml", "--inventory", "kept.json", *arguments)
    assert ran.code == 0, ran
    assert json.loads(path.read_text(encoding="utf-8"))["entries"]["LaterKind/pool"] == later


@pytest.mark.parametrize("kind", [kind for kind, row in KINDS.items() if len(row.identity.key or ()) > 1])
def test_a_name_of_other_parts_than_the_key_is_refused(store: FileInventoryStore, kind: str) -> None:
    """A kind that is addressed by several members is never read with a part of its key."""
    store.save(
        replace(FULL, entries={Ref(kind, "x"): Entry(Ref(kind, "x"), "one", old=(Generation("one"),))})
    )
    with pytest.raises(InventoryError, match=f"{kind}/x: a name is not a key"):
        store.load(ACCOUNT, REGION)


def test_a_view_of_a_part_keeps_the_rest(store: FileInventoryStore) -> None:
    """A run of a part of a tree reads and writes its own entries, and removes none of the others."""
    store.save(FULL)
    view = PartialView(store, frozenset({Ref("Model", "b")}))
    held = view.load(ACCOUNT, REGION)
    assert held.entries.keys() == {Ref("Model", "b")}
    view.save(replace(held, entries={}))
    assert store.load(ACCOUNT, REGION).entries == {ENTRY.ref: ENTRY}
