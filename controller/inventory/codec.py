"""The inventory as JSON, with a strict model, so that a damaged file is refused."""

import json
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from controller.core.path import MAPPINGS, SCALARS
from controller.core.ref import Ref
from controller.inventory.model import Entry, Generation, Inventory, InventoryError, PendingChange, Pruned
from controller.inventory.unique_keys import check_unique_keys
from controller.kinds import KINDS
from controller.manifests.document import Deletion
from controller.schema.contract import KEY_GAP

FORMAT = 1


class _Model(BaseModel):
    """Base class. Defaults come from factories: pydantic deep-copies a default of ``[]`` or ``{}`` at each use."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _Generation(_Model):
    name: str
    arn: str = ""
    instance: str = ""
    sent: list[str] = Field(default_factory=list)


class _Attempt(_Model):
    digest: str
    modified: str = ""
    reason: str = ""
    by: dict[str, Any] = Field(default_factory=dict)
    at: int = 0
    then: list[str] = Field(default_factory=list)
    sent: list[str] = Field(default_factory=list)


class _Entry(_Model):
    name: str = ""
    arn: str = ""
    applied: dict[str, Any] | None = None
    tags: list[str] = Field(default_factory=list)
    secrets: dict[str, str] = Field(default_factory=dict)
    attempt: _Attempt | None = None
    failed: _Attempt | None = None
    made: int = 0
    deletion: Deletion | None = None
    retain: bool = False  # 0.1.0 wrote this for deletion: Retain
    old: list[_Generation] = Field(default_factory=list)
    corrected: dict[str, list[int]] = Field(default_factory=dict)
    leaving: list[str] = Field(default_factory=list)
    missed: list[str] = Field(default_factory=list)
    protect: bool = False
    instance: str = ""
    source: str = ""
    left: list[str] = Field(default_factory=list)
    begun: int = 0
    sensitive: dict[str, str] = Field(default_factory=dict)
    rotated: dict[str, str] = Field(default_factory=dict)
    release: bool = False


class _Pruned(_Model):
    at: int
    size: int
    step: str = ""


class _Inventory(_Model):
    format_version: int
    set: str
    account: str
    region: str
    key: str
    entries: dict[str, _Entry]
    fresh: bool = False
    pruned: list[_Pruned] = Field(default_factory=list)


def encode(inventory: Inventory) -> str:
    """The inventory as JSON text, each entry in a line of its own; the same inventory gives the same text.

    ``fresh`` is written only if it is set, because an earlier version can't read it.
    """
    document = {
        "format_version": FORMAT,
        "set": inventory.set,
        "account": inventory.account,
        "region": inventory.region,
        "key": inventory.key,
        **({"pruned": pruned_json(inventory.pruned)} if inventory.pruned else {}),
        **({"fresh": True} if inventory.fresh else {}),
    }
    entries = {str(ref): _line(entry_json(entry)) for ref, entry in inventory.entries.items()}
    members = {name: _line(value) for name, value in document.items()} | {"entries": _members(entries, "  ")}
    return _members(members, " ") + "\n"


_line = json.JSONEncoder(sort_keys=True).encode  # the C encoder, which does not indent


def _members(texts: Mapping[str, str], indent: str) -> str:
    """A JSON object of members that are JSON texts, sorted by name, each in a line of its own."""
    lines = ",\n".join(f"{indent}{_line(name)}: {texts[name]}" for name in sorted(texts))
    return f"{{\n{lines}\n{indent[1:]}}}" if texts else "{}"


def entry_json(entry: Entry) -> dict[str, Any]:
    """An entry as plain data, without empty members.

    Not by ``asdict``, whose deep copies took three quarters of the time of writing an inventory.
    """
    given = {name: value for name, value in vars(entry).items() if value != _EMPTY[name]}
    return {name: _plain_data(value) for name, value in given.items() if name != "ref"}


_EMPTY = vars(Entry(Ref("", "")))
# Members that are omitted if they are empty, because an earlier version refuses them.
_LEFT_OUT = {PendingChange: frozenset({"by", "then", "sent"}), Generation: frozenset({"sent"})}


def _plain_data(value: Any) -> Any:
    if isinstance(value, SCALARS):
        return value
    if isinstance(value, MAPPINGS):
        return {name: _plain_data(each) for name, each in value.items()}
    if isinstance(value, Ref):
        return value._asdict()
    if isinstance(value, list | tuple):
        return type(value)(map(_plain_data, value))
    if isinstance(value, Enum):
        return value.value
    left_out = _LEFT_OUT.get(type(value), frozenset())
    return {name: _plain_data(each) for name, each in vars(value).items() if each or name not in left_out}


def pruned_json(pruned: Iterable[Pruned]) -> list[dict[str, Any]]:
    """Deletions that count towards the limit, as plain data."""
    from dataclasses import asdict

    return [asdict(each) for each in pruned]


def read_pruned(document: Any) -> tuple[Pruned, ...]:
    """Parse the result of ``pruned_json``.

    Raises:
        InventoryError: it is malformed.

    """
    try:
        found = [_Pruned.model_validate(each) for each in document or ()]
    except (ValidationError, TypeError):
        raise InventoryError("pruned: this is no list of deletions") from None
    return tuple(Pruned(**dict(each)) for each in found)


def check_format(found: object, known: Iterable[int]) -> None:
    """Refuse an unknown format of another version.

    Args:
        found: the number of the format.
        known: the formats that are read.

    Raises:
        InventoryError: it is unknown; the message names the version to use.

    """
    if type(found) is not int:
        raise InventoryError("it names no format")
    if found not in known:
        reads = ", ".join(map(str, sorted(known)))
        raise InventoryError(
            f"it has format {found}, and this version of sagectl reads {reads}: "
            "use the version that wrote it, or a later one"
        )


def read(text: bytes) -> Inventory:
    """Parse the result of ``written``.

    Raises:
        InventoryError: it is anything else; the message says where, and shows no value.

    """
    check_unique_keys(text)
    try:
        inventory = _Inventory.model_validate_json(text)
        check_format(inventory.format_version, (FORMAT,))
        entries = {ref: _decode_entry(ref, entry) for ref, entry in _entries_by_ref(inventory).items()}
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise InventoryError(f"{where}: {first['msg']}") from None
    except ValueError as error:
        raise InventoryError(str(error)) from None
    pruned = tuple(Pruned(**dict(each)) for each in inventory.pruned)
    about = inventory.set, inventory.account, inventory.region, inventory.key
    return Inventory(*about, entries=entries, pruned=pruned, fresh=inventory.fresh)


def read_for(text: bytes, where: str, of: str, account: str, region: str) -> Inventory:
    """Parse the result of ``written`` for this set, account and region.

    Raises:
        InventoryError: it is malformed, or another set's.

    """
    try:
        held = read(text)
    except InventoryError as error:
        raise InventoryError(f"{where} is not an inventory: {error}") from None
    whose = {"set": (held.set, of), "account": (held.account, account), "region": (held.region, region)}
    for what, (its, ours) in whose.items():
        if its != ours:
            raise InventoryError(f"{where} belongs to {what} {its}, and this run is for {ours}")
    return held


def read_entry(ref: Ref, document: Any) -> Entry:
    """Parse the result of ``entry_json``.

    Raises:
        InventoryError: it is anything else; the message says where, and shows no value.

    """
    try:
        return _decode_entry(ref, _Entry.model_validate_json(json.dumps(document)))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the entry"
        raise InventoryError(f"{where}: {first['msg']}") from None


def _entries_by_ref(inventory: _Inventory) -> dict[Ref, _Entry]:
    return {Ref.parse(name): entry for name, entry in inventory.entries.items()}


def _decode_entry(ref: Ref, entry: _Entry) -> Entry:
    _check_names(ref, [entry.name, *(each.name for each in entry.old)])
    return Entry(
        ref=ref,
        name=entry.name,
        arn=entry.arn,
        applied=entry.applied,
        tags=tuple(entry.tags),
        secrets=entry.secrets,
        attempt=_attempt(entry.attempt),
        failed=_attempt(entry.failed),
        made=entry.made,
        deletion=Deletion.RETAIN if entry.retain else entry.deletion,
        old=tuple(Generation(each.name, each.arn, each.instance, tuple(each.sent)) for each in entry.old),
        corrected={field: tuple(times) for field, times in entry.corrected.items()},
        leaving=tuple(entry.leaving),
        missed=tuple(entry.missed),
        protect=entry.protect,
        instance=entry.instance,
        source=entry.source,
        left=tuple(entry.left),
        begun=entry.begun,
        sensitive=entry.sensitive,
        rotated=entry.rotated,
        release=entry.release,
    )


def _check_names(ref: Ref, names: list[str]) -> None:
    """Refuse names that can't be a key of the kind.

    Raises:
        InventoryError: one does not match the kind's key.

    """
    key = KINDS[ref.kind].identity.key if ref.kind in KINDS else None
    if key and any(name and len(name.split(KEY_GAP)) != len(key) for name in names):
        raise InventoryError(f"{ref}: a name is not a key of {len(key)} parts")


def _attempt(attempt: _Attempt | None) -> PendingChange | None:
    return (
        PendingChange(
            attempt.digest,
            attempt.modified,
            attempt.reason,
            attempt.by,
            attempt.at,
            tuple(attempt.then),
            tuple(attempt.sent),
        )
        if attempt
        else None
    )
