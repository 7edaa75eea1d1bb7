"""Stores of the status of syncs, and of requests of people."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from controller.core.ref import quote_untrusted
from controller.gitops.status import PlannedRevision, RevisionResult, SyncRecord, SyncState
from controller.runtime.atomic_file import StateError, load, save
from controller.runtime.member_types import check_members


@dataclass(frozen=True)
class RollbackPin:
    """A rollback: an earlier revision is applied until the branch leaves ``head``, which was rolled back."""

    revision: str
    head: str
    token: str


@dataclass(frozen=True)
class SyncRequest:
    """The requests of people to a running sync.

    ``approved`` is the fingerprint of a plan, ``look`` a token that is repeated when served, ``rebuild`` the set whose
    lost inventory is to be rebuilt from the account.
    """

    pin: RollbackPin | None = None
    approved: str = ""
    look: str = ""
    rebuild: str = ""


NO_SYNC_REQUEST = SyncRequest()
_MAJOR = "1"
_FORMAT = f"{_MAJOR}.0"


def token() -> str:
    """A new unique token."""
    return secrets.token_hex(8)


def read_sync_request(file: Path) -> SyncRequest:
    """Read the requests; there are none if there is no file.

    Raises:
        StateError: the file is damaged; it may contain a rollback, so it is not ignored.

    """
    document = load(file)
    if document is None:
        return NO_SYNC_REQUEST
    try:
        _check_version(file, document.pop("format_version", _FORMAT))
        pin = document.pop("pin", None)
        request = SyncRequest(**document, pin=RollbackPin(**pin) if pin else None)
        check_members(request)
    except (TypeError, AttributeError) as error:
        raise StateError(f"{file} was not written by sagectl; delete it to discard all requests") from error
    return request


def write_sync_request(file: Path, request: SyncRequest) -> None:
    """Write a request for the sync, atomically.

    Raises:
        StateError: it can't be written.

    """
    save(file, json.dumps({"format_version": _FORMAT, **asdict(request)}, indent=2, sort_keys=True) + "\n")


def _check_version(file: Path, found: object) -> None:
    """Refuse a file of a later format, whose members may have another meaning.

    Raises:
        StateError: it has a later format.
        TypeError: its version is no string.

    """
    if not isinstance(found, str):
        raise TypeError("the version of the format is no text")
    if found.partition(".")[0] != _MAJOR:
        raise StateError(
            f"{file} has format {quote_untrusted(found)}, and this version of sagectl reads {_MAJOR}.x: "
            "use the version that wrote it, or a later one"
        )


_NAMES = {
    "attempted": "lastAttempted",
    "applied": "lastApplied",
    "released": "releasedRollback",
    "handled": "lastHandledLook",
}


def read_record(file: Path, name: str) -> SyncRecord:
    """Read a record; a new one where there is no file.

    Raises:
        StateError: the file is damaged, or of a later format.

    """
    document = load(file)
    if document is None:
        return SyncRecord(name)
    try:
        _check_version(file, document.get("format_version", _FORMAT))
        record = _record(document)
        check_members(record)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise StateError(f"{file} is not a status file of sagectl; delete it to start over") from error
    return record


def write_record(file: Path, record: SyncRecord) -> None:
    """Write a record.

    Raises:
        StateError: it can't be written.

    """
    save(file, json.dumps(as_json(record), indent=2) + "\n")


def as_json(record: SyncRecord) -> dict[str, Any]:
    """A record as plain data."""
    document = {_NAMES.get(name, name): _plain_data(value) for name, value in asdict(record).items()}
    return {"format_version": _FORMAT, "ready": record.is_applied, **document}


def _plain_data(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain_data(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_plain_data(each) for each in value]
    return value.value if isinstance(value, Enum) else value


def _record(document: Mapping[str, Any]) -> SyncRecord:
    # 0.1.0 did not keep them.
    later = {"run": document.get("run", ""), "drifted": tuple(document.get("drifted", ()))}
    ours = {
        name: document[_NAMES.get(name, name)]
        for name in SyncRecord.__dataclass_fields__
        if name not in later
    }
    marks = {name: PlannedRevision(**ours[name]) if ours[name] else None for name in ("attempted", "applied")}
    history = tuple(RevisionResult(**{**past, "state": SyncState(past["state"])}) for past in ours["history"])
    return SyncRecord(**{**ours, **marks, **later, "state": SyncState(ours["state"]), "history": history})


class SyncStore(Protocol):
    """Records and requests by the name of their sync."""

    def record(self, name: str) -> SyncRecord:
        """The last record of a sync; a new one if there is none.

        Raises:
            StateError: it is damaged.

        """

    def write_record(self, record: SyncRecord) -> None:
        """Write the record of a sync.

        Raises:
            StateError: it can't be written.

        """

    def request(self, name: str) -> SyncRequest:
        """The last requests of people to a sync.

        Raises:
            StateError: it is damaged; it may contain a rollback, so it is not ignored.

        """


@dataclass(frozen=True)
class Folder:
    """A store of files in a folder."""

    path: Path

    def record(self, name: str) -> SyncRecord:
        """Read a sync's record."""
        return read_record(self._record(name), name)

    def write_record(self, record: SyncRecord) -> None:
        """Write a sync's record."""
        write_record(self._record(record.name), record)

    def request(self, name: str) -> SyncRequest:
        """Read what was requested of a sync."""
        return read_sync_request(sync_request_file(self.path, name))

    def _record(self, name: str) -> Path:
        return self.path / f"{name}.json"


def sync_request_file(folder: Path, name: str) -> Path:
    """Where people leave requests to a sync."""
    return folder / f"{name}.word.json"
