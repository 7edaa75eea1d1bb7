"""The object of one pass, and the writes to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from controller.core.ref import Ref
from controller.manifests.envelope import API_VERSION
from controller.operator.cached_object import Item, item
from controller.operator.constants import FINALIZER, path_of
from controller.operator.kube.api import Api, ApiError, Json, Patch

Keep = Callable[[Ref, Json], object]


@dataclass
class ObjectPatcher:
    """The object as it was read, with the pass's own writes since. A write with another resource version is refused.

    ``keep`` caches the server's response. If the cache has a newer version, the pass still uses its own, or it would
    report on a spec, or answer a token, that it has not processed. ``sure`` is whether the server showed the item, or
    accepted a write to its version, in this pass: the watch may lag.
    """

    item: Item
    api: Api
    keep: Keep
    sure: bool = False

    @property
    def ref(self) -> Ref:
        """The ref of the object."""
        return self.item.ref

    def add_finalizer(self) -> None:
        """Set our finalizer, so that the object can't be deleted before its resource.

        Raises:
            ApiError: the object has moved since it was read, or the server refused.

        """
        if self.item.has_finalizer:
            return
        others = self.item.metadata.get("finalizers")
        add = (
            {"op": "add", "path": "/metadata/finalizers/-", "value": FINALIZER}
            if others
            else {"op": "add", "path": "/metadata/finalizers", "value": [FINALIZER]}
        )
        self._patch_annotations(add)

    def let_go(self) -> None:
        """Remove our finalizer.

        Raises:
            ApiError: the object has moved since it was read, or the server refused.

        """
        if self.item.has_finalizer:
            at = list(self.item.metadata["finalizers"]).index(FINALIZER)
            self._patch_annotations({"op": "remove", "path": f"/metadata/finalizers/{at}"})

    def note(self, memo: Mapping[str, Any] | None) -> None:
        """Write the memory, after the finalizer, before AWS is changed; this proves that the item is current.

        If the memory is unchanged there is no write that proves it, so the item is read again.

        Raises:
            ApiError: the object has moved since it was read, or the server refused.

        """
        self.add_finalizer()
        if memo == self.item.status.get("memory"):
            self._confirm()
            return
        others = {name: value for name, value in self.item.status.items() if name != "memory"}
        self._status({**others, **({"memory": memo} if memo else {})}, version=self.item.version)

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Restore the memory of an emptied status; its signature decides whether it is trusted.

        Raises:
            ApiError: the object has moved since it was read, or the server refused.

        """
        self._status({"memory": memory}, version=self.item.version)

    def write_status(self, status: Mapping[str, Any]) -> bool:
        """Write the status if it changed; returns whether it did.

        Fields that others own stay unchanged, and are no reason to write. The status is replaced, memory included. Once
        the pass is ``sure`` of the item it is written without a precondition, because nobody else writes it, and the
        result of AWS calls must not be lost when somebody changes the spec; before that, an outdated item might put an
        older memory over a newer one.

        Raises:
            ApiError: the object was recreated, or has changed since it was read, or the server refused.

        """
        if status == self.item.owners.owned_part(_without_foreign_memory(self.item.status)):
            return False
        self._status(status, version="" if self.sure else self.item.version)
        return True

    def _confirm(self) -> None:
        if self.sure:
            return
        read = self.item.version
        self._take_answer(self.api.get(path_of(self.ref)))
        if self.item.version != read:
            raise ApiError(HTTPStatus.CONFLICT, "it changed since it was read")

    def _patch_annotations(self, change: Json) -> None:
        test = {"op": "test", "path": "/metadata/resourceVersion", "value": self.item.version}
        self._take_answer(self.api.patch(path_of(self.ref), Patch.JSON, [test, change]))

    def _status(self, status: Mapping[str, Any], version: str = "") -> None:
        metadata = {"name": self.ref.name, "namespace": self.ref.namespace, "uid": self.item.uid}
        body = {
            "apiVersion": API_VERSION,
            "kind": self.ref.kind,
            "metadata": {**metadata, **({"resourceVersion": version} if version else {})},
            "status": dict(status),
        }
        self._take_answer(self.api.patch(path_of(self.ref) / "status", Patch.APPLY, body))

    def _take_answer(self, value: Json) -> None:
        self.keep(self.ref, value)
        self.item, self.sure = item(self.ref, value, self.item), True


def _without_foreign_memory(status: Mapping[str, Any]) -> Mapping[str, Any]:
    """A status without a memory of a wrong type, which we never write; a write leaves it to its owner."""
    if isinstance(status.get("memory", {}), Mapping):
        return status
    return {name: value for name, value in status.items() if name != "memory"}
