"""The last applied spec in a status."""

import random
from pathlib import Path

import pytest

from controller.core.ref import Ref
from controller.inventory.model import Entry, InventoryError
from controller.operator.cached_object import Item, ParsedObject
from controller.operator.object_inventory import Digested, ObjectInventoryStore, read, spec_text
from controller.operator.signature import Signer
from tests.journeys.stage import Stage
from tests.operator.forged_status import ACCOUNT, REGION, Tenant

_ETCD = 1_572_864  # bytes of a request that etcd takes by default


def _random_text(length: int) -> str:
    """A text that compression does not shorten."""
    return random.Random(7).randbytes(length // 2).hex()


def test_a_small_spec_is_stored_readable() -> None:
    """The applied spec is readable in the status."""
    spec = {"PipelineName": "train", "ParallelismConfiguration": {"MaxParallelExecutionSteps": 3}}
    assert spec_text(spec).startswith('{"Par')
    assert read(spec_text(spec)) == spec


def test_a_long_text_is_compressed() -> None:
    """A definition of a megabyte needs a small part of that and is read back unchanged."""
    spec = {"PipelineDefinition": '{"Name":"step","Type":"Training"},' * 30_000}
    assert len(spec_text(spec)) < 20_000
    assert read(spec_text(spec)) == spec


def test_an_incompressible_text_is_stored_as_a_digest() -> None:
    """The largest text that AWS accepts fits into its object, and only an equal text has its digest."""
    text = _random_text(1_048_576)
    document = read(spec_text({"PipelineName": "train", "PipelineDefinition": text}))
    assert len(spec_text({"PipelineDefinition": text})) + len(text) < _ETCD / 1.2
    assert document == {"PipelineName": "train", "PipelineDefinition": text}
    assert document != {"PipelineName": "train", "PipelineDefinition": text + " "}
    assert {"PipelineDefinition": text} == {"PipelineDefinition": document["PipelineDefinition"]}


def test_many_medium_texts_are_digested_too() -> None:
    """If no single value is long enough, shorter ones are replaced by digests, until all fits."""
    spec = {"Environment": {f"K{number}": _random_text(2000) + str(number) for number in range(400)}}
    assert len(spec_text(spec)) < 150_000
    assert read(spec_text(spec)) == spec


def test_a_text_is_the_same_read_or_not() -> None:
    """Writing an unchanged inventory gives the same text, so that no status is written again."""
    spec = {"PipelineDefinition": _random_text(1_000_000), "Other": _random_text(200)}
    assert spec_text(read(spec_text(spec))) == spec_text(spec)


def test_a_digest_equals_no_other_digest() -> None:
    """Two digested texts are equal if their digests are."""
    one, other = (read(spec_text({"Text": _random_text(300_000) + end}))["Text"] for end in "ab")
    assert isinstance(one, Digested)
    assert one != other
    assert one == read(spec_text({"Text": _random_text(300_000) + "a"}))["Text"]
    assert one != 1


@pytest.mark.parametrize("text", ["", "[]", "zlib:", "zlib:AAAA", "{", "zlib:eJwD", "1"])
def test_nonsense_is_refused(text: str) -> None:
    """A damaged status is refused as a whole."""
    with pytest.raises(ValueError):  # noqa: PT011 - each with words of its own
        read(text)


@pytest.mark.parametrize("deletion", ["delete", "", 7, True, [], {}, ["Delete"]])
def test_a_policy_that_is_not_known_lets_nothing_be_deleted(deletion: object) -> None:
    """With an unknown policy the inventory of the object is an error that names the object, so nothing is deleted."""
    value = {"metadata": {"uid": "u"}, "status": {}, "policy": {"deletion": deletion}}
    item = Item(Ref("Model", "fraud", "ml"), value, ParsedObject(None, (), frozenset(), frozenset(), ""))
    store = ObjectInventoryStore(item, (), "default", "key", Signer("key"), lambda _memo: None)
    with pytest.raises(InventoryError, match=r"policy\.deletion of Model/ml/fraud"):
        store.load("123456789012", "us-east-1")


def test_a_status_of_another_account_is_an_error(tmp_path: Path) -> None:
    """After a change of the role, names of another account or region are neither read nor deleted."""
    tenant = Tenant(Stage(tmp_path), Ref("Model", "fraud"))
    entry = Entry(tenant.ref, "fraud", "arn:aws:sagemaker:us-east-1:123456789012:model/fraud", made=1)
    tenant.memo = tenant.signed(entry, 1)
    assert tenant.inventory_store().load(ACCOUNT, REGION).of(tenant.ref).name == "fraud"
    for account, region in (("999999999999", REGION), (ACCOUNT, "eu-west-1")):
        with pytest.raises(InventoryError, match="is in account"):
            tenant.inventory_store().load(account, region)


def test_an_outdated_own_inventory_is_not_foreign(tmp_path: Path) -> None:
    """After the pass's own write, the inventory it read is outdated; one with another key is another operator's."""
    tenant = Tenant(Stage(tmp_path), Ref("Model", "fraud"))
    entry = Entry(tenant.ref, "fraud", "arn:aws:sagemaker:us-east-1:123456789012:model/fraud", made=1)
    tenant.memo = tenant.signed(entry, 1)
    store = tenant.inventory_store()
    store.save(store.load(ACCOUNT, REGION))
    store.write_entry()
    assert store.foreign_signature == ""
    tenant.signer = Signer("another")
    store = tenant.inventory_store()
    store.load(ACCOUNT, REGION)
    assert store.foreign_signature == tenant.memo["signature"]
