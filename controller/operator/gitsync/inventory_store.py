"""The inventory of a GitSync, in objects beside it: a head that lists shards, and immutable shards.

A save writes the new shards, then the head with the resource version that was read, then deletes the old shards. A
reader sees the old inventory or the new one; of two writers the second is refused and has changed nothing.

The head carries the operator's signature over itself and the SHA-256 of each shard, because tenants may write both.
Without a valid signature the inventory names resources, but proves nothing (``provenance``).
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from controller.core.ref import Ref
from controller.crds.catalog import MEMORY, SYNC
from controller.engine.provenance import without_proof
from controller.inventory.codec import check_format, pruned_json, read_pruned
from controller.inventory.model import FOUND_AGAIN, Entry, Inventory, InventoryError, UnrecordedError
from controller.inventory.shards import pack_shards, shard_names, unpack_shard
from controller.operator.constants import objects
from controller.operator.kube.api import Api, ApiError, Json
from controller.operator.kube.request import ApiPath
from controller.operator.signature import SignedSubject, Signer

_FORMAT = 1
_LABEL = f"{SYNC.group}/sync"
_SIGNATURE = f"{MEMORY.group}/signature"  # an annotation, because older definitions would prune a field
_SERIAL = f"{MEMORY.group}/serial"


@dataclass(frozen=True)
class StoredShard:
    """A shard as it was read: the SHA-256 of its text, and its entries."""

    digest: str
    entries: dict[Ref, Entry]


@dataclass
class SyncInventoryStore:
    """A ``LockedInventoryStore`` of one sync.

    Args:
        api: the cluster.
        ref, uid: the owner, with which the inventory is deleted.
        set: the owner of the resources.
        key: the key of digests of secrets.
        signer: signs the written objects.
        is_leader: whether this replica may write.

    """

    api: Api
    ref: Ref
    uid: str
    set: str
    key: str
    signer: Signer
    is_leader: Callable[[], bool]
    leadership: None = None  # the cloud of a GitSync is guarded by the operator's lease already
    resources: int = 0
    _head: Json | None = None
    _parts: dict[str, StoredShard] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock out other passes of this process; the head's version locks out other processes."""
        if not self._lock.acquire(blocking=False):
            raise InventoryError(f"another reconciliation of {self.ref} is running")
        try:
            yield
        finally:
            self._lock.release()

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory; only unknown shards are read.

        Raises:
            InventoryError: it can't be read, or belongs to another set, account or region.

        """
        try:
            head = self._get(self.ref.name)
            self._check(head, account, region)
            names = shard_names(head, self.ref.name) if head else []
            known = {name: self._part(name) for name in names}
        except ApiError as error:
            raise InventoryError(f"the inventory of {self.ref} can't be read: {error}") from None
        self._head, self._parts = head, known
        entries = {ref: entry for part in known.values() for ref, entry in part.entries.items()}
        if head and not self._is_trusted(head, account, region):
            entries = {ref: without_proof(entry) for ref, entry in entries.items()}
        self.resources = len(entries)
        pruned = read_pruned(head.get("pruned")) if head else ()
        fresh = head is None or head.get("fresh") is True
        about = self.set, account, region, self.key
        return Inventory(*about, entries=entries, pruned=pruned, fresh=fresh)

    def save(self, inventory: Inventory) -> None:
        """Write the inventory atomically.

        Raises:
            InventoryError: it can't be written, or another wrote meanwhile.

        """
        if not self.is_leader():
            raise InventoryError("another replica is the leader")
        texts = {f"{self.ref.name}-{digest}": text for digest, text in pack_shards(inventory.entries).items()}
        before = shard_names(self._head, self.ref.name) if self._head else []
        try:
            for name in sorted(set(texts) - set(before)):
                self._create(name, {"data": texts[name]})
            self._head = self._encode_parts(inventory, {name: _digest(texts[name]) for name in sorted(texts)})
        except ApiError as error:
            raise InventoryError(f"the inventory of {self.ref} can't be written: {error}") from None
        self._parts = {name: StoredShard(_digest(text), unpack_shard(text)) for name, text in texts.items()}
        self.resources = len(inventory.entries)
        with suppress(ApiError):  # leftovers are deleted with the owner
            for name in sorted(set(before) - set(texts)):
                self._delete_object(name)

    def keep_elsewhere(self, error: UnrecordedError) -> str:
        """Do nothing: there is no second location."""
        del error
        return FOUND_AGAIN

    def count(self) -> int:
        """The number of resources, without reading the shards.

        Raises:
            ApiError: the server refused.

        """
        head = self._get(self.ref.name)
        count = head.get("resources", 0) if head else 0
        return count if isinstance(count, int) else 0

    def forget(self) -> None:
        """Delete the inventory.

        Raises:
            ApiError: the server refused.

        """
        head = self._get(self.ref.name)
        with suppress(InventoryError):  # forged objects are not touched; ours are deleted with the owner
            for name in shard_names(head, self.ref.name) if head else ():
                if self._is_own(self._get(name)):
                    self._delete_object(name)
        self._delete_object(self.ref.name)

    def _check(self, head: Json | None, account: str, region: str) -> None:
        if head is None:
            return
        try:
            check_format(head.get("format"), (_FORMAT,))
        except InventoryError as error:
            raise InventoryError(f"what is remembered of {self.ref} can't be read: {error}") from None
        desired = {"set": self.set, "account": account, "region": region}
        for what, ours in desired.items():
            its = head.get(what)
            if its != ours:
                raise InventoryError(f"the inventory of {self.ref} is for {what} {its}, and this is {ours}")

    def _is_trusted(self, head: Json, account: str, region: str) -> bool:
        """Whether this operator wrote head and shards, as the newest ones of this sync."""
        notes = head["metadata"].get("annotations") or {}
        serial = notes.get(_SERIAL, "")
        if not serial.isdecimal():
            return False
        parts = {name: part.digest for name, part in self._parts.items()}
        signed = self._signed_head(
            int(serial), parts, head.get("pruned") or [], fresh=head.get("fresh") is True
        )
        return self.signer.is_trusted(self._subject(account, region), signed, notes.get(_SIGNATURE))

    def _subject(self, account: str, region: str) -> SignedSubject:
        return SignedSubject(self.uid, self.ref, self.set, account, region)

    @staticmethod
    def _signed_head(serial: int, parts: dict[str, str], pruned: list[Json], *, fresh: bool) -> Json:
        document = {"serial": serial, "format": _FORMAT, "parts": parts, "pruned": pruned}
        return {**document, "fresh": True} if fresh else document

    def _part(self, name: str) -> StoredShard:
        if name in self._parts:
            return self._parts[name]
        found = self._get(name)
        if found is None:
            raise InventoryError(f"a part of what is remembered of {self.ref} is gone: {name}")
        if not self._is_own(found):
            raise InventoryError(f"a part of what is remembered of {self.ref} is another's: {name}")
        text = found.get("data", "")
        return StoredShard(_digest(text), unpack_shard(text))

    def _is_own(self, found: Json | None) -> bool:
        """Whether an object belongs to this sync; another sync's head may have the name of one of its shards."""
        owners = found["metadata"].get("ownerReferences", ()) if found else ()
        return any(each.get("uid") == self.uid for each in owners)

    def _encode_parts(self, inventory: Inventory, parts: dict[str, str]) -> Json:
        serial, pruned = self.signer.next_serial(self.uid), pruned_json(inventory.pruned)
        document = {
            "format": _FORMAT,
            "set": self.set,
            "account": inventory.account,
            "region": inventory.region,
            "resources": len(inventory.entries),
            "parts": list(parts),
            **({"pruned": pruned} if pruned else {}),
            **({"fresh": True} if inventory.fresh else {}),
        }
        subject = self._subject(inventory.account, inventory.region)
        signed = self._signed_head(serial, parts, pruned, fresh=inventory.fresh)
        signature = self.signer.sign(subject, signed)
        body = self._body(self.ref.name, document)
        body["metadata"]["annotations"] = {_SERIAL: str(serial), _SIGNATURE: signature}
        if self._head is None:
            answer = self.api.create(self._path, body)
        else:
            body["metadata"]["resourceVersion"] = self._head["metadata"]["resourceVersion"]
            answer = self.api.replace(self._path / self.ref.name, body)
        self.signer.note_written(self.uid, serial)
        return answer

    def _create(self, name: str, document: Json) -> None:
        try:
            self.api.create(self._path, self._body(name, document))
        except ApiError as error:
            if not error.is_conflict:  # its name is its digest: an existing one is equal
                raise

    def _get(self, name: str) -> Json | None:
        try:
            return self.api.get(self._path / name)
        except ApiError as error:
            if error.is_not_found:
                return None
            raise

    def _delete_object(self, name: str) -> None:
        try:
            self.api.delete(self._path / name)
        except ApiError as error:
            if not error.is_not_found:
                raise

    def _body(self, name: str, document: Json) -> Json:
        owner = {"apiVersion": SYNC.api_version, "kind": SYNC.kind, "name": self.ref.name, "uid": self.uid}
        metadata: dict[str, Any] = {
            "name": name,
            "namespace": self.ref.namespace,
            "labels": {_LABEL: self.ref.name},
            "ownerReferences": [owner],
        }
        return {"apiVersion": MEMORY.api_version, "kind": MEMORY.kind, "metadata": metadata, **document}

    @property
    def _path(self) -> ApiPath:
        return objects(MEMORY.api_version, self.ref.namespace, MEMORY.plural)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class ReadOnlySyncInventoryStore(SyncInventoryStore):
    """A read-only view for plans of pull requests. ``save`` does nothing."""

    def save(self, inventory: Inventory) -> None:
        """Do nothing."""
