import os
import stat
from pathlib import Path

import pytest

from controller.core.ref import Ref
from controller.desired.document import Deletion
from controller.engine.inventory import Attempt, Entry, Generation, Inventory, InventoryError
from controller.fronts.memory_file import FileMemory

ACCOUNT, REGION = "123456789012", "us-east-1"
ENTRY = Entry(
    Ref("Model", "fraud", "ml"), "fraud-2", "arn:2", {"ModelName": "fraud-2", "Containers": [{"A": 1.5}]},
    ("team",), {"A.B": "digest"}, Attempt("d", "then", "why"), Attempt("e"), 3, Deletion.RETAIN,
    (Generation("fraud-1", "arn:1"),),
)  # fmt: skip
FULL = Inventory(
    "default", ACCOUNT, REGION, "key", {ENTRY.ref: ENTRY, Ref("Model", "b"): Entry(Ref("Model", "b"))}
)


@pytest.fixture
def memory(tmp_path: Path) -> FileMemory:
    """A memory whose file is not there yet."""
    return FileMemory(tmp_path / "deep" / "inventory.json", "default")


def test_nothing_is_remembered_at_first(memory: FileMemory) -> None:
    """Without a file the inventory is new and empty, and its key is nobody else's."""
    first, second = memory.load(ACCOUNT, REGION), memory.load(ACCOUNT, REGION)
    assert first.entries == {}
    assert first.key != second.key


def test_what_was_saved_is_loaded(memory: FileMemory) -> None:
    """Every field of an inventory comes back as it was."""
    memory.save(FULL)
    assert memory.load(ACCOUNT, REGION) == FULL


def test_what_an_earlier_version_wrote_is_understood(memory: FileMemory) -> None:
    """The inventory of 0.1.0 said ``retain``."""
    memory.save(FULL)
    text = memory.path.read_text(encoding="utf-8")
    memory.path.write_text(text.replace('"deletion": "Retain"', '"retain": true'), encoding="utf-8")
    assert memory.load(ACCOUNT, REGION) == FULL


def test_only_the_owner_may_read(memory: FileMemory) -> None:
    """The file holds the key of the digests, so only its owner may read it."""
    memory.save(FULL)
    assert stat.S_IMODE(memory.path.stat().st_mode) == 0o600
    assert [each.name for each in memory.path.parent.iterdir()] == ["inventory.json"]


@pytest.mark.parametrize(("account", "region"), [("999999999999", REGION), (ACCOUNT, "eu-west-1")])
def test_another_place_is_refused(memory: FileMemory, account: str, region: str) -> None:
    """An inventory of another account or region is not believed."""
    memory.save(FULL)
    with pytest.raises(InventoryError, match="belongs to"):
        memory.load(account, region)


def test_another_set_is_refused(memory: FileMemory) -> None:
    """An inventory of another set is not believed."""
    memory.save(FULL)
    with pytest.raises(InventoryError, match="belongs to set default"):
        FileMemory(memory.path, "other").load(ACCOUNT, REGION)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"set": 1}', "\x00", '{"format_version": 2}'])
def test_a_damaged_file_is_refused(memory: FileMemory, content: str) -> None:
    """A file that is no inventory is an error that names it, never an empty inventory."""
    memory.path.parent.mkdir()
    memory.path.write_text(content, encoding="utf-8")
    with pytest.raises(InventoryError, match=r"inventory\.json is not an inventory"):
        memory.load(ACCOUNT, REGION)


def test_unknown_fields_are_refused(memory: FileMemory) -> None:
    """A field of a later version is not dropped silently."""
    memory.save(FULL)
    text = memory.path.read_text(encoding="utf-8").replace('"made"', '"more"')
    memory.path.write_text(text, encoding="utf-8")
    with pytest.raises(InventoryError, match="more"):
        memory.load(ACCOUNT, REGION)


def test_a_failed_save_leaves_the_old_file(memory: FileMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk refuses, the old inventory stays whole and nothing half-written is left."""
    memory.save(FULL)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InventoryError, match="No space left"):
        memory.save(Inventory("default", ACCOUNT, REGION, "other"))
    assert memory.load(ACCOUNT, REGION) == FULL
    assert [each.name for each in memory.path.parent.iterdir()] == ["inventory.json"]


def test_one_run_at_a_time(memory: FileMemory) -> None:
    """Row 70: a second run is told which process holds the inventory, and may go on when that is done."""
    other = FileMemory(memory.path, "default")
    with memory.held(), pytest.raises(InventoryError, match=f"process {os.getpid()}"), other.held():
        pass
    with other.held():
        assert not memory.path.exists()
