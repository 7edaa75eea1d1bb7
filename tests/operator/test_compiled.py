"""Refusals of an object before any call, by itself and by the rules of its namespace."""

import pytest

from controller.core.reason import Reason
from controller.engine.restrictions import Restrictions
from controller.kinds import KINDS
from controller.operator.cached_object import Item
from controller.operator.object_bundle import Compiled, compile_object
from controller.operator.object_cache import ObjectCache
from controller.operator.outcome import Verdict
from controller.schema.contract import contract
from controller.schema.leaf import MOST_TAGS
from tests.kinds import full
from tests.kubernetes.documents import document
from tests.operator.clock import StepClock
from tests.operator.objects import as_served, item_of, ref_of

TAGGED = tuple(kind for kind in KINDS if contract(kind).taggable)


def _item_with_tags(kind: str, number: int) -> Item:
    spec = {**full.least_valid_spec(kind), "tags": {f"key-{each}": "x" for each in range(number)}}
    return item_of(kind, "tagged", spec)


def _tags_message(item: Item, default: dict[str, str], *others: Item) -> str:
    """The message of the object's condition about its tags; empty if they are valid."""
    store = ObjectCache(StepClock())
    for each in (item, *others):
        value = as_served(document(each.ref.kind, each.ref.name, each.parsed.document.spec))  # type: ignore[union-attr]
        store.put(ref_of(value), value)
    found = compile_object(item, store, across=False, restrictions=Restrictions(default_tags=default))
    if isinstance(found, Compiled) or found.reason is not Reason.INVALID_SPEC:
        return ""
    return found.message if "spec.tags" in found.message else ""


@pytest.mark.parametrize("kind", TAGGED)
def test_tags_of_the_object_and_of_its_namespace_fit_together(kind: str) -> None:
    """Own and default tags that exceed the limit of a resource are SG024; those of one key count once."""
    most, default = _item_with_tags(kind, MOST_TAGS), {"env": "prod"}
    wrong = _tags_message(most, default)
    assert "SG024" in wrong
    assert f"with defaultTags {MOST_TAGS + 1}" in wrong
    assert _tags_message(most, {}) == ""
    assert _tags_message(most, {"key-0": "other"}) == ""
    assert _tags_message(_item_with_tags(kind, MOST_TAGS - 1), default) == ""


def test_invalid_tags_of_a_dependency_do_not_invalidate_the_object() -> None:
    """An object that refers to one with too many tags is not Invalid because of that."""
    crowded = _item_with_tags("Model", MOST_TAGS)
    variant = {
        "variantName": "a", "modelName": "tagged", "instanceType": "ml.m5.large", "initialInstanceCount": 1,
    }  # fmt: skip
    config = item_of("EndpointConfig", "config", {"productionVariants": [variant]})
    assert _tags_message(config, {"env": "prod"}, crowded) == ""
    assert _tags_message(crowded, {"env": "prod"}, config)


def test_an_object_with_too_many_tags_is_compiled_at_its_deletion() -> None:
    """Without the rules of the namespace, as at its deletion, an object with too many tags is still compiled."""
    item = _item_with_tags("Model", MOST_TAGS)
    assert isinstance(compile_object(item, ObjectCache(StepClock()), across=False), Compiled)
    limits = Restrictions(default_tags={"env": "prod"})
    assert isinstance(
        compile_object(item, ObjectCache(StepClock()), across=False, restrictions=limits), Verdict
    )
