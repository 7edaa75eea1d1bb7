"""The state of a resource that other objects use without a read."""

from controller.core.ref import Ref
from controller.engine.known_values import KnownValues
from controller.engine.observed import PriorReads
from controller.inventory.model import Entry
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.resolve import resolve
from controller.operator.cached_object import Item
from controller.operator.observed_cache import ObservedCache
from tests.kubernetes.documents import IMAGE, ROLE
from tests.operator.objects import item_of

MODEL = item_of("Model", "fraud", {"executionRoleArn": ROLE, "primaryContainer": {"image": IMAGE}})
VARIANT = {"variantName": "main", "initialInstanceCount": 1, "instanceType": "ml.m5.large"}
CONFIG = item_of("EndpointConfig", "fraud", {"productionVariants": [{**VARIANT, "modelName": "fraud"}]})


def _compile_items(*items: Item) -> Bundle:
    return bundle([each.parsed.document for each in items if each.parsed.document])


def _known_references(user: Item, entry: Entry, of: Item = MODEL) -> frozenset[Ref]:
    """The references that a user of the model, which was just created, need not read."""
    observed, compiled = ObservedCache(), _compile_items(of, user)
    observed.make(MODEL, entry, resolve(compiled.resources[of.ref], KnownValues()))
    return frozenset(observed.of([of], compiled).live)


def test_the_name_of_a_new_resource_needs_no_read() -> None:
    """A resource that was just created has the name and the ARN of the inventory."""
    assert _known_references(CONFIG, Entry(MODEL.ref, "fraud-1", "arn:aws:x")) == {MODEL.ref}
    assert _known_references(CONFIG, Entry(MODEL.ref, "fraud-1")) == {MODEL.ref}


def test_other_members_of_a_new_resource_need_a_read() -> None:
    """AWS's state of a resource is known only after a read; so is an ARN without a response."""
    reads = item_of("Experiment", "reads", {"description": "${Model/ml/fraud.creationTime}"})
    names = item_of("Experiment", "names", {"description": "${Model/ml/fraud.arn}"})
    assert not _known_references(reads, Entry(MODEL.ref, "fraud-1", "arn:aws:x"))
    assert not _known_references(names, Entry(MODEL.ref, "fraud-1"))
    assert _known_references(names, Entry(MODEL.ref, "fraud-1", "arn:aws:x")) == {MODEL.ref}


def test_the_resource_of_a_former_object_is_read() -> None:
    """An object recreated under the same name, or changed since, is read."""
    changed = Item(MODEL.ref, _large_object(), MODEL.parsed)
    assert not _known_references(CONFIG, Entry(MODEL.ref, "fraud-1", "arn:aws:x"), of=changed)


def _name(observed: ObservedCache, item: Item, within: float = 30.0) -> str:
    return observed.for_object(item, within, PriorReads()).free_names.get(item.ref, "")


def test_a_free_name_is_cached_for_one_pass() -> None:
    """It applies to the object's current state, for some seconds, until the next pass."""
    at = [0.0]
    observed = ObservedCache(now=lambda: at[0])
    observed.forget_name(MODEL, "fraud-1")
    assert _name(observed, MODEL) == "fraud-1"
    assert _name(observed, Item(MODEL.ref, _large_object(), MODEL.parsed)) == ""
    at[0] = 30.5
    assert _name(observed, MODEL) == ""
    at[0] = 1.0
    observed.drop(MODEL.ref)
    assert _name(observed, MODEL) == ""
    assert not observed.looked_for(MODEL)


def test_tags_of_the_creation_apply_during_the_transition() -> None:
    """Tags are those of the creation until a pass finds it done, and never those of another object of the name."""
    observed, tags = ObservedCache(), {"team": "risk"}
    observed.record_tags(MODEL, "arn:aws:x", tags)
    observed.drop(MODEL.ref, in_transition=True)
    assert observed.for_object(MODEL, 30.0, PriorReads()).given == {"arn:aws:x": tags}
    other = Item(MODEL.ref, {**MODEL.value, "metadata": {**MODEL.metadata, "uid": "other"}}, MODEL.parsed)
    assert observed.for_object(other, 30.0, PriorReads()).given == {}
    observed.drop(MODEL.ref)
    assert observed.for_object(MODEL, 30.0, PriorReads()).given == {}


def _large_object() -> dict[str, object]:
    return {**MODEL.value, "metadata": {**MODEL.metadata, "generation": 2}}
