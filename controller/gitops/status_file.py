"""A record as a file that people and programs read."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Any

from controller.gitops.status import Mark, Past, Record, State
from controller.runtime.atomic_file import StateError, load, save

_FORMAT = "1.0"
_NAMES = {
    "attempted": "lastAttempted",
    "applied": "lastApplied",
    "released": "releasedRollback",
    "handled": "lastHandledLook",
}


def read_record(file: Path, name: str) -> Record:
    """Read a record; a new one where there is no file.

    Raises:
        StateError: the file is damaged.

    """
    document = load(file)
    if document is None:
        return Record(name)
    try:
        return _record(document)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise StateError(f"{file} is not a status file of sagectl; delete it to start over") from error


def write_record(file: Path, record: Record) -> None:
    """Write a record.

    Raises:
        StateError: it can't be written.

    """
    save(file, json.dumps(as_json(record), indent=2) + "\n")


def as_json(record: Record) -> dict[str, Any]:
    """A record as plain data."""
    document = {_NAMES.get(name, name): _plain(value) for name, value in asdict(record).items()}
    return {"format_version": _FORMAT, "ready": record.good, **document}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, Enum) else value


def _record(document: Mapping[str, Any]) -> Record:
    later = {
        "run": document.get("run", ""),
        "drifted": tuple(document.get("drifted", ())),
    }  # 0.1.0 did not keep them
    ours = {
        name: document[_NAMES.get(name, name)] for name in Record.__dataclass_fields__ if name not in later
    }
    marks = {name: Mark(**ours[name]) if ours[name] else None for name in ("attempted", "applied")}
    history = tuple(Past(**{**past, "state": State(past["state"])}) for past in ours["history"])
    return Record(**{**ours, **marks, **later, "state": State(ours["state"]), "history": history})
