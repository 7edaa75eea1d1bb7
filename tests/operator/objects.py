"""Objects as the API server returns them."""

from typing import Any

from controller.core.ref import Ref
from controller.operator.cached_object import Item, item
from tests.kubernetes.documents import document

Json = dict[str, Any]


def as_served(value: Json, *, version: int = 1, generation: int = 1, uid: str = "", **metadata: Any) -> Json:
    """A document with the members that the server adds."""
    name = value["metadata"]["name"]
    document = {
        "namespace": "ml",
        "uid": uid or f"uid-{name}",
        "resourceVersion": str(version),
        "generation": generation,
        **metadata,
    }
    return {**value, "metadata": {**value["metadata"], **document}}


def with_ready_status(value: Json, generation: int = 1) -> Json:
    """The object with a status that is Ready."""
    condition = {"type": "Ready", "status": "True", "reason": "Ready", "lastTransitionTime": "then"}
    return {**value, "status": {"conditions": [condition], "observedGeneration": generation, "awsName": "x"}}


def ref_of(value: Json) -> Ref:
    """The reference of an object."""
    return Ref(value["kind"], value["metadata"]["name"], value["metadata"]["namespace"])


def item_of(kind: str, name: str, spec: Json) -> Item:
    """An item."""
    value = as_served(document(kind, name, spec))
    return item(ref_of(value), value, None)
