"""The inventory of a GitSync, in objects beside it: a head that lists parts, and the parts, which never change.

A save writes the parts that are new, then the head on the very version that was read, then lets the old parts go.
Whoever reads sees the old inventory or the new one; of two who write, the second is refused and has changed nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from controller.core.ref import Ref
from controller.crds.own import MEMORY, SYNC
from controller.engine.inventory import Entry, Inventory, InventoryError
from controller.operator.gitsync.parts import listed, packed, unpacked
from controller.operator.kube.api import Api, ApiError, Json
from controller.operator.kube.request import ApiPath
from controller.operator.words import objects

_FORMAT = 1
_LABEL = f"{SYNC.group}/sync"


@dataclass
class SyncMemory:
    """A ``Keeper`` of one sync.

    Args:
        api: the cluster.
        ref, uid: whose inventory it is; it goes with its owner.
        set: who owns what is remembered.
        key: of digests of secrets.
        leads: whether we may write.

    """

    api: Api
    ref: Ref
    uid: str
    set: str
    key: str
    leads: Callable[[], bool]
    guard: None = None  # the cloud of a GitSync is guarded by the operator's lease already
    resources: int = 0
    _head: Json | None = None
    _parts: dict[str, dict[Ref, Entry]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other turns of this process away; those of other processes are kept away by the head's version."""
        if not self._lock.acquire(blocking=False):
            raise InventoryError(f"another turn of {self.ref} goes on")
        try:
            yield
        finally:
            self._lock.release()

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory, parts only where they are not known yet.

        Raises:
            InventoryError: it can't be read, or belongs to another set, account or region.

        """
        try:
            head = self._get(self.ref.name)
            names = listed(head, self.ref.name) if head else []
            known = {name: self._part(name) for name in names}
        except ApiError as error:
            raise InventoryError(f"what is remembered of {self.ref} can't be read: {error}") from None
        self._check(head, account, region)
        self._head, self._parts = head, known
        entries = {ref: entry for part in known.values() for ref, entry in part.items()}
        self.resources = len(entries)
        return Inventory(
            self.set, account, region, self.key, entries, bool(head.get("fresh")) if head else True
        )

    def save(self, inventory: Inventory) -> None:
        """Write the inventory whole, or not at all.

        Raises:
            InventoryError: it can't be written, or another wrote meanwhile.

        """
        if not self.leads():
            raise InventoryError("another replica leads now")
        texts = {f"{self.ref.name}-{digest}": text for digest, text in packed(inventory.entries).items()}
        before = listed(self._head, self.ref.name) if self._head else []
        try:
            for name in sorted(set(texts) - set(before)):
                self._create(name, {"data": texts[name]})
            self._head = self._turn(inventory, sorted(texts))
        except ApiError as error:
            raise InventoryError(f"what is remembered of {self.ref} can't be written: {error}") from None
        self._parts = {name: self._parts.get(name) or unpacked(text) for name, text in texts.items()}
        self.resources = len(inventory.entries)
        with suppress(ApiError):  # what is left over goes with its owner
            for name in sorted(set(before) - set(texts)):
                self._drop(name)

    def count(self) -> int:
        """How many resources are remembered, without reading them.

        Raises:
            ApiError: the server refused.

        """
        head = self._get(self.ref.name)
        count = head.get("resources", 0) if head else 0
        return count if isinstance(count, int) else 0

    def forget(self) -> None:
        """Let go of all that is remembered.

        Raises:
            ApiError: the server refused.

        """
        head = self._get(self.ref.name)
        with suppress(InventoryError):  # of forged parts none is touched; what is ours goes with its owner
            for name in listed(head, self.ref.name) if head else ():
                if self._owns(self._get(name)):
                    self._drop(name)
        self._drop(self.ref.name)

    def _check(self, head: Json | None, account: str, region: str) -> None:
        wanted = {"format": _FORMAT, "set": self.set, "account": account, "region": region}
        for what, ours in wanted.items() if head else ():
            its = head.get(what) if head else None
            if its != ours:
                raise InventoryError(
                    f"what is remembered of {self.ref} is of {what} {its}, and this is {ours}"
                )

    def _part(self, name: str) -> dict[Ref, Entry]:
        if name in self._parts:
            return self._parts[name]
        found = self._get(name)
        if found is None:
            raise InventoryError(f"a part of what is remembered of {self.ref} is gone: {name}")
        if not self._owns(found):
            raise InventoryError(f"a part of what is remembered of {self.ref} is another's: {name}")
        return unpacked(found.get("data", ""))

    def _owns(self, found: Json | None) -> bool:
        """Whether an object belongs to this sync; the head of another may be named as a part of this one is."""
        owners = found["metadata"].get("ownerReferences", ()) if found else ()
        return any(each.get("uid") == self.uid for each in owners)

    def _turn(self, inventory: Inventory, parts: list[str]) -> Json:
        told = {
            "format": _FORMAT,
            "set": self.set,
            "account": inventory.account,
            "region": inventory.region,
            "resources": len(inventory.entries),
            "parts": parts,
            **({"fresh": True} if inventory.fresh else {}),
        }
        if self._head is None:
            return self.api.create(self._path, self._body(self.ref.name, told))
        body = self._body(self.ref.name, told)
        body["metadata"]["resourceVersion"] = self._head["metadata"]["resourceVersion"]
        return self.api.replace(self._path / self.ref.name, body)

    def _create(self, name: str, told: Json) -> None:
        try:
            self.api.create(self._path, self._body(name, told))
        except ApiError as error:
            if not error.moved:  # its name is its digest: what is there is the same
                raise

    def _get(self, name: str) -> Json | None:
        try:
            return self.api.get(self._path / name)
        except ApiError as error:
            if error.missing:
                return None
            raise

    def _drop(self, name: str) -> None:
        try:
            self.api.delete(self._path / name)
        except ApiError as error:
            if not error.missing:
                raise

    def _body(self, name: str, told: Json) -> Json:
        owner = {"apiVersion": SYNC.api_version, "kind": SYNC.kind, "name": self.ref.name, "uid": self.uid}
        metadata: dict[str, Any] = {
            "name": name,
            "namespace": self.ref.namespace,
            "labels": {_LABEL: self.ref.name},
            "ownerReferences": [owner],
        }
        return {"apiVersion": MEMORY.api_version, "kind": MEMORY.kind, "metadata": metadata, **told}

    @property
    def _path(self) -> ApiPath:
        return objects(MEMORY.api_version, self.ref.namespace, MEMORY.plural)


class Glance(SyncMemory):
    """For whoever only reads. Nothing is saved: what a review would write, the key, is the operator's own here."""

    def save(self, inventory: Inventory) -> None:
        """Leave all as it is."""
