"""Two objects of a kind that an account can have once: which of them gets it, and the status of the other."""

from collections.abc import Callable
from typing import Any

import pytest

from controller.core.cloud import Identity
from controller.core.reason import Reason
from controller.inventory.model import Entry, Inventory
from controller.kinds import KINDS
from controller.operator.cached_object import Item
from controller.operator.event_handler import ObjectEventHandler
from controller.operator.object_bundle import unique_conflict
from controller.operator.object_cache import ObjectCache
from controller.operator.object_inventory import ObjectInventoryStore, is_proof
from controller.operator.signature import Signer
from controller.runtime.clock import Clock
from controller.runtime.workqueue import Queue
from tests.kinds import full
from tests.kubernetes.documents import document
from tests.operator.clock import StepClock
from tests.operator.objects import as_served, ref_of

Json = dict[str, Any]
UNIQUE = [kind for kind, row in KINDS.items() if row.identity.unique is not None]
EARLY, LATE = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"
HERE = Identity("123456789012", "us-east-1")


def _object(kind: str, name: str, created: str, namespace: str = "ml", spec: Json | None = None) -> Json:
    value = as_served(
        document(kind, name, spec or full.unique_least(kind)), creationTimestamp=created, namespace=namespace
    )
    return {**value, "metadata": {**value["metadata"], "uid": f"{namespace}-{name}"}}


def _cache_of(*values: Json) -> tuple[ObjectCache, tuple[Item, ...]]:
    store = ObjectCache(StepClock())
    return store, tuple(store.put(ref_of(each), each)[1] for each in values)


def _refusal_of(
    item: Item, store: ObjectCache, holds: Callable[[Item], bool | None], *, across: bool = False
) -> str:
    found = unique_conflict(item, store, holds, across=across)
    assert found is None or found.reason is Reason.INVALID_SPEC
    return found.message if found else ""


@pytest.mark.parametrize("kind", UNIQUE)
def test_the_oldest_object_has_the_resource(kind: str) -> None:
    """The later object is invalid with SG034 and names the other one; of equally old ones the lower UID has it."""
    store, (younger, older) = _cache_of(_object(kind, "a", LATE), _object(kind, "b", EARLY))
    message = _refusal_of(younger, store, lambda _: False)
    assert "SG034" in message
    assert f"{kind}/ml/b" in message
    assert _refusal_of(older, store, lambda _: False) == ""
    store, (lower, higher) = _cache_of(_object(kind, "a", LATE), _object(kind, "b", LATE))
    assert _refusal_of(lower, store, lambda _: False) == ""
    assert f"{kind}/ml/a" in _refusal_of(higher, store, lambda _: False)


@pytest.mark.parametrize("kind", UNIQUE)
def test_the_creator_keeps_the_resource(kind: str) -> None:
    """An older object that later declares the same resource does not take it over."""
    store, (younger, older) = _cache_of(_object(kind, "a", LATE), _object(kind, "b", EARLY))
    assert _refusal_of(younger, store, lambda item: item.ref.name == "a") == ""
    assert f"{kind}/ml/a" in _refusal_of(older, store, lambda item: item.ref.name == "a")


@pytest.mark.parametrize("kind", UNIQUE)
def test_no_name_of_another_namespace_is_shown(kind: str) -> None:
    """An object of another namespace is named only where links may name it; of another account it does not matter."""
    store, (mine, _) = _cache_of(_object(kind, "a", LATE), _object(kind, "hidden", EARLY, "secret"))
    message = _refusal_of(mine, store, lambda _: False)
    assert "another namespace" in message
    assert "hidden" not in message
    assert "secret" not in message
    assert f"{kind}/secret/hidden" in _refusal_of(mine, store, lambda _: False, across=True)
    elsewhere = _refusal_of(mine, store, lambda item: None if item.ref.namespace == "secret" else False)
    assert elsewhere == ""


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in UNIQUE])
def test_all_other_kinds_are_free(kind: str) -> None:
    """Of every other kind two equal specs are two resources."""
    store, (one, _) = _cache_of(_object(kind, "a", LATE), _object(kind, "b", EARLY))
    assert store.same_resource(one) == ()


@pytest.mark.parametrize("kind", UNIQUE)
def test_a_refused_object_is_woken_by_the_deletion_of_the_first(kind: str) -> None:
    """Deleting the object that has the resource wakes the one that was refused, whatever its namespace."""
    queue: Queue[Any] = Queue(Clock(StepClock()))
    store = ObjectCache(StepClock())
    intake = ObjectEventHandler(store, queue)
    first, second = _object(kind, "b", EARLY, "other"), _object(kind, "a", LATE)
    for each in (first, second):
        store.put(ref_of(each), each)
    intake.on_deleted(ref_of(first))
    due = queue.get(0)
    assert due is not None
    assert due.key == ref_of(second)


@pytest.mark.parametrize("kind", UNIQUE)
def test_a_refused_object_is_woken_by_the_inventory_of_the_first(kind: str) -> None:
    """Of two objects of the same second, the first one is identified by its inventory, which was written later."""
    queue: Queue[Any] = Queue(Clock(StepClock()))
    store = ObjectCache(StepClock())
    intake = ObjectEventHandler(store, queue)
    first, second = _object(kind, "b", EARLY), _object(kind, "a", EARLY)
    for each in (first, second):
        store.put(ref_of(each), each)
    version = {**first["metadata"], "resourceVersion": "99"}
    intake.on_object(
        ref_of(first), {**first, "metadata": version, "status": {"memory": {"serial": 1}}}, is_requested=False
    )
    due = queue.get(0)
    assert due is not None
    assert due.key == ref_of(second)


@pytest.mark.parametrize("kind", UNIQUE)
def test_only_a_signed_inventory_of_the_same_resource_counts(kind: str) -> None:
    """An inventory without a signature, of another account, or of an earlier spec proves nothing."""
    signer, value = Signer("key"), _object(kind, "a", LATE)
    item = _cache_of(value)[1][0]
    store = ObjectInventoryStore(item, (), "default", "key", signer, lambda _: None)
    store.load(HERE.account, HERE.region)

    def remembering(applied: Json | None) -> Item:
        entry = Entry(item.ref, name="a", arn="arn", applied=applied, made=1)
        store.save(Inventory("default", HERE.account, HERE.region, "key", {item.ref: entry}))
        return _cache_of({**value, "status": {"memory": dict(store.memo or {})}})[1][0]

    held = remembering(None)
    assert is_proof(held, signer, "default", HERE)
    assert not is_proof(held, signer, "default", Identity("999999999999", "us-east-1"))
    assert not is_proof(held, Signer("another"), "default", HERE)
    assert not is_proof(item, signer, "default", HERE)
    other = dict.fromkeys(KINDS[kind].identity.unique or (), "another")
    assert is_proof(remembering(other), signer, "default", HERE) is not bool(other)
