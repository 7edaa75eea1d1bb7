"""Files of sagectl 0.1.0: fixtures that it wrote after an apply of ``serving.yaml``."""

import json
from pathlib import Path

import pytest

from controller.core.ref import Ref
from controller.engine.provenance import without_proof
from controller.gitops.status_store import read_record
from controller.inventory.codec import read
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import InventoryError
from controller.inventory.shards import shard_names, unpack_shard
from controller.operator.cached_object import Item, ParsedObject
from controller.operator.object_inventory import ObjectInventoryStore, entry_of
from controller.operator.signature import Signer
from controller.sandbox import Sandbox
from tests.cli.conftest import Shell

EARLIER = Path(__file__).with_name("earlier")
WRITTEN = {"Model/fraud", "EndpointConfig/fraud", "Endpoint/fraud"}
ACCOUNT, REGION = "123456789012", "us-east-1"


def _text(name: str) -> str:
    return (EARLIER / name).read_text(encoding="utf-8")


def test_an_inventory_in_a_file_is_read(tmp_path: Path) -> None:
    """Every entry has its ARN, spec and number of creations; written again, it is the same inventory."""
    path = tmp_path / "inventory.json"
    path.write_text(_text("inventory.json"), encoding="utf-8")
    store = FileInventoryStore(path, "default")
    found = store.load(ACCOUNT, REGION)
    assert {str(ref) for ref in found.entries} == WRITTEN
    assert all(entry.arn and entry.applied and entry.made == 1 for entry in found.entries.values())
    assert not found.fresh
    store.save(found)
    assert store.load(ACCOUNT, REGION) == found


def test_a_run_goes_on_with_an_earlier_inventory(shell: Shell, sandbox: Sandbox) -> None:
    """The earlier version's resources are in sync, and ``destroy`` deletes all of them."""
    shell.write("serving.yaml", _text("serving.yaml"))
    assert shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s", "--inventory", "new.json").code == 0
    shell.write("inventory.json", _text("inventory.json"))
    sandbox.clear_calls()
    planned = shell.run("plan", "serving.yaml", "--inventory", "inventory.json")
    assert planned.code == 0, planned
    gone = shell.run("destroy", "serving.yaml", "--yes", "--poll", "0.05s", "--inventory", "inventory.json")
    assert gone.code == 0, gone
    assert sandbox.resources() == ()


def test_a_saved_plan_is_refused_with_what_to_do(shell: Shell, sandbox: Sandbox) -> None:
    """A plan of a version without some options is refused, with the way to a new one."""
    shell.write("serving.yaml", _text("serving.yaml"))
    shell.write("plan.json", _text("plan.json"))
    ran = shell.run("apply", "--plan", "plan.json")
    assert ran.code == 1, ran
    assert "plan.json was saved by another version of sagectl ('0.1.0')" in ran.err
    assert "`sagectl plan PATH --out FILE` saves one" in ran.err
    assert not [call for call in sandbox.calls if call.mutating]


def _object(memory: object) -> Item:
    value = {"metadata": {"uid": "u", "resourceVersion": "1"}, "status": {"memory": memory}}
    return Item(Ref("Endpoint", "fraud", "ml"), value, ParsedObject(None, (), frozenset(), frozenset(), ""))


def test_the_status_of_an_object_is_read() -> None:
    """It has no signature: it is a hint for reads, and no proof."""
    item = _object(json.loads(_text("object_status.json")))
    entry = entry_of(item)
    assert entry.arn == "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud"
    assert entry.applied == {"EndpointName": "fraud", "EndpointConfigName": "fraud-cb8deabecd"}
    store = ObjectInventoryStore(item, (), "default", "key", Signer("key"), lambda _memo: None)
    assert store.load(ACCOUNT, REGION).of(item.ref) == without_proof(entry)


def test_the_inventory_of_a_gitsync_is_read() -> None:
    """Its parts hold what the file holds."""
    *parts, head = json.loads(_text("sync_inventory.json"))
    assert shard_names(head, "prod") == [part["metadata"]["name"] for part in parts]
    entries = {ref: entry for part in parts for ref, entry in unpack_shard(part["data"]).items()}
    assert entries == read(_text("inventory.json").encode()).entries


def test_the_status_of_a_sync_is_read() -> None:
    """A rollback point or an approval is not lost by an upgrade."""
    record = read_record(EARLIER / "sync_status.json", "prod")
    assert record.applied is not None
    assert (record.name, record.applied.revision, record.applied) == ("prod", "a" * 40, record.attempted)


@pytest.mark.parametrize("number", [0, 3, 99])
def test_a_later_format_is_refused_with_what_to_do(tmp_path: Path, number: int) -> None:
    """A file and a status of an unknown format name it, the readable ones, and the version to use."""
    path = tmp_path / "inventory.json"
    path.write_text(json.dumps({**json.loads(_text("inventory.json")), "format_version": number}), "utf-8")
    message = rf"it has format {number}, and this version of sagectl reads .*: use the version that wrote it"
    with pytest.raises(InventoryError, match=message):
        FileInventoryStore(path, "default").load(ACCOUNT, REGION)
    with pytest.raises(InventoryError, match=message):
        entry_of(_object({**json.loads(_text("object_status.json")), "format": number}))


@pytest.mark.parametrize("number", [None, True, "2", 2.0, [2]])
def test_what_is_no_format_is_refused(number: object) -> None:
    """A tenant may write any value into a status."""
    with pytest.raises(InventoryError, match="names no format"):
        entry_of(_object({**json.loads(_text("object_status.json")), "format": number}))
