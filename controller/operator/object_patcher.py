"""The object of one pass, and the few things that may be written about it."""

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
    """The object as it was read, with what the turn itself wrote since. Every write must fit it, or it is refused.

    ``keep`` puts what the server answered into the store, where a newer one may stand already: the pass does not
    go on with that, or it would report on a spec, or answer a token, that came after it had looked. ``sure`` is
    whether the server itself showed the item, or took a write on its version, in this pass: what a watch brought
    may be behind.
    """

    item: Item
    api: Api
    keep: Keep
    sure: bool = False

    @property
    def ref(self) -> Ref:
        """Who it is."""
        return self.item.ref

    def hold(self) -> None:
        """Set our finalizer, so that the object can't go before its resource has.

        Raises:
            ApiError: the object has moved since it was read, or the server refused.

        """
        if self.item.held:
            return
        others = self.item.metadata.get("finalizers")
        add = (
            {"op": "add", "path": "/metadata/finalizers/-", "value": FINALIZER}
            if others
            else {"op": "add", "path": "/metadata/finalizers", "value": [FINALIZER]}
        )
        self._patch_annotations(add)

    def let_go(self) -> None:
        """Take our finalizer off.

        Raises:
            ApiError: the object has moved since it was read, or the server refused.

        """
        if self.item.held:
            at = list(self.item.metadata["finalizers"]).index(FINALIZER)
            self._patch_annotations({"op": "remove", "path": f"/metadata/finalizers/{at}"})

    def note(self, memo: Mapping[str, Any] | None) -> None:
        """Make the cluster remember, behind the finalizer, before AWS is changed; and be sure of what was read.

        Where nothing new is to be remembered no write proves that the item is the newest, so it is read again.

        Raises:
            ApiError: the object has moved since it was read, or the server refused.

        """
        self.hold()
        if memo == self.item.status.get("memory"):
            self._confirm()
            return
        others = {name: value for name, value in self.item.status.items() if name != "memory"}
        self._status({**others, **({"memory": memo} if memo else {})}, version=self.item.version)

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Write what a status remembered that somebody emptied; whether it is to be believed its signature says.

        Raises:
            ApiError: the object has moved since it was read, or the server refused.

        """
        self._status({"memory": memory}, version=self.item.version)

    def write_status(self, status: Mapping[str, Any]) -> bool:
        """Write the status if it says anything new; gives whether it did.

        What others own of it stays as it is, and is no reason to write.
        It is written whole, memory and all. Once the pass is sure of the item nobody else writes it, and what
        AWS did must not be lost because somebody changed the spec meanwhile; before that, a status made from what
        a watch brought might put an older memory over a newer one.

        Raises:
            ApiError: it is another object by now, or has moved since it was read, or the server refused.

        """
        if status == self.item.owners.own(_readable(self.item.status)):
            return False
        self._status(status, version="" if self.sure else self.item.version)
        return True

    def _confirm(self) -> None:
        if self.sure:
            return
        read = self.item.version
        self._answered(self.api.get(path_of(self.ref)))
        if self.item.version != read:
            raise ApiError(HTTPStatus.CONFLICT, "it changed since it was read")

    def _patch_annotations(self, change: Json) -> None:
        test = {"op": "test", "path": "/metadata/resourceVersion", "value": self.item.version}
        self._answered(self.api.patch(path_of(self.ref), Patch.JSON, [test, change]))

    def _status(self, status: Mapping[str, Any], version: str = "") -> None:
        metadata = {"name": self.ref.name, "namespace": self.ref.namespace, "uid": self.item.uid}
        body = {
            "apiVersion": API_VERSION,
            "kind": self.ref.kind,
            "metadata": {**metadata, **({"resourceVersion": version} if version else {})},
            "status": dict(status),
        }
        self._answered(self.api.patch(path_of(self.ref) / "status", Patch.APPLY, body))

    def _answered(self, value: Json) -> None:
        self.keep(self.ref, value)
        self.item, self.sure = item(self.ref, value, self.item), True


def _readable(status: Mapping[str, Any]) -> Mapping[str, Any]:
    """A status without a memory of a wrong type: no status of ours has one, and no write takes it from who wrote it."""
    if isinstance(status.get("memory", {}), Mapping):
        return status
    return {name: value for name, value in status.items() if name != "memory"}
