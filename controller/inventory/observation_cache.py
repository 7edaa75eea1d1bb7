"""A persistent cache of the described bodies of an inventory's resources.

The content is signed with the inventory's key, so that only who can read the inventory can write a valid one. It may be
stale: the reader decides whether an observation is still valid (``engine/bulk_reads.py``).
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from controller.core.cloud import Call, Cloud, CloudError, Fault
from controller.core.digest import keyed_digest
from controller.inventory.model import Inventory, InventoryError
from controller.runtime.atomic_file import OWNER_ONLY, replace_file

_log = logging.getLogger("sagectl.observation")
_VERSION = 1
_TIME = "$time"
_MOST = 64 * 1024 * 1024  # bytes that are read

Key: TypeAlias = tuple[str, str]  # a kind, and the resource's identifier for Describe
SUFFIX = ".observed"  # after the name of the inventory


@dataclass(frozen=True)
class Observation:
    """A described body: ``body`` with AWS member names, ``at`` in seconds since 1970."""

    body: Mapping[str, Any]
    at: float


class ObservationStore(Protocol):
    """A store of observations, beside an inventory."""

    def read(self) -> bytes | None:
        """The content; None if there is none.

        Raises:
            InventoryError: it can't be read.

        """

    def write(self, content: bytes) -> None:
        """Write the content atomically.

        Raises:
            InventoryError: it can't be written.

        """


@dataclass(frozen=True)
class ObservationFile:
    """An ``ObservationStore`` in a file."""

    path: Path

    def read(self) -> bytes | None:
        """The content; None if there is no file.

        Raises:
            InventoryError: it can't be read, or is too large.

        """
        try:
            with self.path.open("rb") as file:
                content = file.read(_MOST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InventoryError(f"{self.path} can't be read: {error.strerror}") from error
        if len(content) > _MOST:
            raise InventoryError(f"{self.path} is larger than {_MOST} bytes")
        return content

    def write(self, content: bytes) -> None:
        """Write the file atomically.

        Raises:
            InventoryError: it can't be written.

        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self.path, content, mode=OWNER_ONLY)
        except OSError as error:
            raise InventoryError(f"{self.path} can't be written: {error.strerror}") from error


@dataclass(frozen=True)
class ObservationObject:
    """An ``ObservationStore`` in an object of S3: ``address`` is its bucket and key. The last writer wins."""

    cloud: Cloud
    address: Mapping[str, str]

    def read(self) -> bytes | None:
        """The content; None if there is no object.

        Raises:
            InventoryError: it can't be read.

        """
        try:
            body = self.cloud.call(Call("GetObject", self.address, service="s3")).get("Body", b"")
        except CloudError as error:
            if error.fault is Fault.MISSING:
                return None
            raise InventoryError(str(error)) from error
        return bytes(body)

    def write(self, content: bytes) -> None:
        """Write the object.

        Raises:
            InventoryError: it can't be written.

        """
        try:
            self.cloud.call(Call("PutObject", {**self.address, "Body": content}, service="s3"))
        except CloudError as error:
            raise InventoryError(str(error)) from error


@dataclass
class ObservationCache:
    """The observations of one inventory, read once and written when they changed. Thread-safe.

    Args:
        store: the store; None to keep them only in memory.
        warn: called with an error of the store, which is then treated as empty; by default it is logged.
        refresh: whether stored observations are ignored and only new ones written.

    Attributes:
        pages: the number of pages of each kind's last List.

    """

    store: ObservationStore | None = None
    warn: Callable[[str], None] = _log.warning
    refresh: bool = False
    pages: dict[str, int] = field(default_factory=dict)
    _found: dict[Key, Observation] = field(default_factory=dict)
    _of: tuple[str, ...] = ()
    _changed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, held: Inventory) -> None:
        """Read the observations of an inventory, unless they were read before."""
        with self._lock:
            if self._of == _header(held):
                return
            self._of, self._found, self.pages, self._changed = _header(held), {}, {}, False
            try:
                content = None if self.refresh or self.store is None else self.store.read()
                if content is not None:
                    self._found, self.pages = _decode(content, held)
            except (InventoryError, ValueError) as error:
                self.warn(f"the observations of earlier runs are not used: {error}")

    def get(self, key: Key) -> Observation | None:
        """The observation of a resource."""
        return self._found.get(key)

    def put(self, key: Key, observation: Observation) -> None:
        """Keep an observation, unless it can't be serialized."""
        with self._lock:
            if _is_serializable(observation.body):
                self._found[key], self._changed = observation, True

    def drop(self, key: Key) -> None:
        """Remove the observation of a resource."""
        with self._lock:
            self._changed = self._found.pop(key, None) is not None or self._changed

    def count_pages(self, kind: str, pages: int) -> None:
        """Record the number of pages of a kind's List, or a lower bound."""
        with self._lock:
            self._changed = self._changed or self.pages.get(kind) != pages
            self.pages[kind] = pages

    def save(self, held: Inventory, *, whole: bool) -> None:
        """Write them if they changed; with a whole inventory, those of unknown resources are removed."""
        names = {(ref.kind, name) for ref, entry in held.entries.items() for name in entry.names}
        with self._lock:
            gone = [key for key in self._found if key not in names] if whole else []
            for key in gone:
                del self._found[key]
            if not (self._changed or gone):
                return
            self._changed = False
            if self.store is None:
                return
            try:
                self.store.write(_encode(self._found, self.pages, held))
            except InventoryError as error:  # a read-only user can still plan
                _log.info("observations not kept", extra={"fields": {"error": str(error)}})


def _header(held: Inventory) -> tuple[str, ...]:
    return held.set, held.account, held.region, held.key


def _mac(held: Inventory, payload: str) -> str:
    return keyed_digest(held.key, "\n".join(("observations", *_header(held)[:3], payload)))


def _encode(found: Mapping[Key, Observation], pages: Mapping[str, int], held: Inventory) -> bytes:
    """Two lines: version and signature, then the signed content."""
    rows = [
        [*key, observation.at, _json_body(observation.body)]
        for key, observation in sorted(found.items(), key=lambda each: each[0])
    ]
    payload = json.dumps({"pages": dict(pages), "observations": rows}, separators=(",", ":"))
    return f"{json.dumps({'version': _VERSION, 'mac': _mac(held, payload)})}\n{payload}\n".encode()


def _decode(content: bytes, held: Inventory) -> tuple[dict[Key, Observation], dict[str, int]]:
    """The observations of a content and the pages of their Lists.

    Raises:
        ValueError: it is damaged, of another version, or not signed with the inventory's key.

    """
    try:
        first, _, rest = content.decode().partition("\n")
        payload = rest.removesuffix("\n")
        head = json.loads(first)
        if head["version"] != _VERSION:
            raise ValueError(f"version {_VERSION} is read, and no other")
        signed = head["mac"] == _mac(held, payload)
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ValueError("they are damaged") from None
    if not signed:
        raise ValueError("they are damaged, or of another inventory, account or region")
    document = json.loads(payload)
    rows = document["observations"]
    return {(kind, name): Observation(_from_plain(body), at) for kind, name, at, body in rows}, document[
        "pages"
    ]


def _json_body(value: Any) -> Any:
    """A body as JSON data: a time is a mapping with its ISO form."""
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, Mapping):
        return {name: _json_body(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json_body(each) for each in value]
    return value


def _from_plain(value: Any) -> Any:
    """The inverse of ``_plain``."""
    if isinstance(value, dict):
        if value.keys() == {_TIME}:
            return datetime.fromisoformat(value[_TIME])
        return {name: _from_plain(each) for name, each in value.items()}
    return [_from_plain(each) for each in value] if isinstance(value, list) else value


def _is_serializable(value: Any) -> bool:
    """Whether a body survives serialization unchanged."""
    if isinstance(value, Mapping):
        return value.keys() != {_TIME} and all(
            isinstance(name, str) and _is_serializable(each) for name, each in value.items()
        )
    if isinstance(value, list | tuple):
        return all(map(_is_serializable, value))
    return value is None or isinstance(value, str | int | float | datetime)
