"""All stored formats of the product: valid content of each, and its reader."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from controller.cli.saved_plan import OPTIONS, NotAPlanError, read_plan
from controller.gitops.status import PlannedRevision, RevisionResult, SyncRecord, SyncState
from controller.gitops.status_store import RollbackPin, SyncRequest, as_json, read_record, read_sync_request
from controller.inventory.codec import encode
from controller.inventory.file_store import FileInventoryStore, with_recovery
from controller.inventory.model import InventoryError
from controller.inventory.shards import pack_shards, unpack_shard
from controller.operator.cached_object import Item, ParsedObject
from controller.operator.gitsync.status import record_of, status_of
from controller.operator.object_inventory import entry_of
from controller.runtime.atomic_file import StateError
from tests.inventory.test_earlier_version import EARLIER
from tests.inventory.test_file_store import ACCOUNT, FULL, REGION
from tests.operator.forged_status import unsigned_memo

_MARK = PlannedRevision("a" * 40, "f" * 64, "2026-11-27T00:00:00Z")
RECORD = SyncRecord(
    "prod",
    SyncState.APPLIED,
    "message",
    "refused",
    "b" * 40,
    _MARK,
    _MARK,
    "t1",
    "t2",
    "run",
    (RevisionResult("a" * 40, "f" * 64, SyncState.FAILED, "2026-11-27T00:00:00Z", "why", 2, {"create": 1}),),
    ("Model/a: /Tags",),
)
WORD = SyncRequest(RollbackPin("a" * 40, "b" * 40, "t"), "f" * 64, "look", "set")
_ENTRY = next(iter(FULL.entries.values()))


@dataclass(frozen=True)
class StoredFormat:
    """One format.

    Fields:
        good: content as the product writes it.
        read: reads content from a folder that is this reading's own.
        error: what a reader raises.
        version: the member that names the version, and a later one; empty where another part names it.
    """

    good: bytes
    read: Callable[[Path, bytes], Any]
    error: type[Exception]
    version: tuple[str, Any] = ("", None)


def _file_reader(name: str, read: Callable[[Path], Any]) -> Callable[[Path, bytes], Any]:
    def reader(folder: Path, content: bytes) -> Any:
        path = folder / name
        path.write_bytes(content)
        return read(path)

    return reader


def _load_with_recovery(path: Path) -> Any:
    folder = path.parent
    store = FileInventoryStore(folder / "inventory.json", "default")
    return with_recovery(store, str(store.path), store.path, folder).load(ACCOUNT, REGION)


def _read_status(content: bytes) -> Any:
    """A status as the API server returns it, which is valid JSON."""
    return json.loads(content)


def _read_memo(_: Path, content: bytes) -> Any:
    value = {"metadata": {"uid": "u", "resourceVersion": "1"}, "status": {"memory": _read_status(content)}}
    return entry_of(Item(_ENTRY.ref, value, ParsedObject(None, (), frozenset(), frozenset(), "")))


def _read_shard(_: Path, content: bytes) -> Any:
    return unpack_shard(content.decode(errors="replace"))


def _plan() -> bytes:
    """The plan of 0.1.0 with the options of this version."""
    document = json.loads((EARLIER / "plan.json").read_bytes())
    return json.dumps({**document, "options": {**dict.fromkeys(OPTIONS), **document["options"]}}).encode()


_INVENTORY = encode(FULL).encode()
FORMATS: Mapping[str, StoredFormat] = {
    "inventory": StoredFormat(
        _INVENTORY,
        _file_reader(
            "inventory.json", lambda path: FileInventoryStore(path, "default").load(ACCOUNT, REGION)
        ),
        InventoryError,
        ("format_version", 2),
    ),
    "recovery file": StoredFormat(
        json.dumps({part: json.loads(_INVENTORY) for part in ("base", "left")}).encode(),
        _file_reader("inventory.json.recovery", _load_with_recovery),
        InventoryError,
    ),
    "part of a GitSync's inventory": StoredFormat(
        next(iter(pack_shards(FULL.entries).values())).encode(), _read_shard, InventoryError
    ),
    "status of an object": StoredFormat(
        json.dumps(unsigned_memo(_ENTRY)).encode(), _read_memo, InventoryError, ("format", 3)
    ),
    "saved plan": StoredFormat(
        _plan(),
        _file_reader("plan.json", lambda path: read_plan(str(path))),
        NotAPlanError,
        ("format_version", "2.0"),
    ),
    "status of a sync": StoredFormat(
        json.dumps(as_json(RECORD)).encode(),
        _file_reader("prod.json", lambda path: read_record(path, "prod")),
        StateError,
        ("format_version", "2.0"),
    ),
    "requests of a sync": StoredFormat(
        json.dumps({"format_version": "1.0", **asdict(WORD)}).encode(),
        _file_reader("prod.word.json", read_sync_request),
        StateError,
        ("format_version", "2.0"),
    ),
    "status of a GitSync": StoredFormat(
        json.dumps(status_of(RECORD)).encode(),
        lambda _, content: record_of("prod", _read_status(content)),
        StateError,
    ),
}


def values_of_other_types(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every path of a JSON value, with a value of another type for it."""
    others: tuple[Any, ...] = (None, True, 7, 1.5, "text", [], {}, [7], {"a": 7})
    for other in others:
        if type(other) is not type(value) or other in ([7], {"a": 7}):
            yield path, other
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from values_of_other_types(each, (*path, key))


def put(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """A JSON value with another one at a path."""
    if not path:
        return other
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = put(value[path[0]], path[1:], other)
    return changed
