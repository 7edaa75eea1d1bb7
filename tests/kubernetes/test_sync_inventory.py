"""The records of a GitSync, on a real API server: of any size, complete or absent, with one writer at a time."""

import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.core.ref import Ref
from controller.crds.catalog import MEMORY, SYNC
from controller.inventory.model import Entry, Inventory, InventoryError, Pruned
from controller.inventory.shards import LARGEST, pack_shards, shard_names, unpack_shard
from controller.operator.gitsync.inventory_store import SyncInventoryStore
from controller.operator.kube.access import access
from controller.operator.kube.api import Api
from controller.operator.signature import Signer
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.syncs import gitsync_object
from tests.programs.requests import Requests

WHERE = ("123456789012", "us-east-1")
Make = Callable[[], SyncInventoryStore]


@pytest.fixture
def inventory_store(kubectl: Kubectl) -> Make:
    """A GitSync's inventory, opened again each time as by another process."""
    made = gitsync_object("https://git.example.com/ml.git")
    kubectl.apply(made)
    [found] = [each["metadata"] for each in kubectl.found(SYNC.kind)]
    api = Api(access(kubectl.access.kubeconfig))
    ref = Ref(SYNC.kind, "prod", kubectl.namespace)
    return lambda: SyncInventoryStore(api, ref, found["uid"], "ml.prod", "key", Signer("key"), lambda: True)


def _entries(count: int) -> dict[Ref, Entry]:
    """Entries as large as those of endpoint configurations, each a little different."""
    chance = random.Random(7)
    variant = {"InitialInstanceCount": 2, "InstanceType": "ml.m5.large", "VariantName": "main"}
    return {
        (ref := Ref("EndpointConfig", f"fraud-{number}")): Entry(
            ref,
            f"fraud-{number}-{chance.getrandbits(40):010x}",
            f"arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/fraud-{number}",
            {
                "ProductionVariants": [
                    {**variant, "ModelName": f"fraud-{number}-{chance.getrandbits(40):010x}"}
                ]
            },
            made=1,
        )
        for number in range(count)
    }


def test_ten_thousand_resources_fit(inventory_store: Make, kubectl: Kubectl) -> None:
    """G7: 10,000 entries are read back by another store; one more changes one part; each object fits its limit."""
    first = inventory_store()
    held = first.load(*WHERE)
    entries = _entries(10_000)
    first.save(Inventory(held.set, held.account, held.region, held.key, entries))
    assert inventory_store().load(*WHERE).entries == entries
    before = {each["metadata"]["name"] for each in kubectl.found(MEMORY.kind, MEMORY.api_version)}
    ref = Ref("Model", "one-more")
    first.save(Inventory(held.set, held.account, held.region, held.key, {**entries, ref: Entry(ref, "one")}))
    after = kubectl.found(MEMORY.kind, MEMORY.api_version)
    names = {each["metadata"]["name"] for each in after}
    assert (len(names - before), len(before - names)) == (1, 1)
    assert max(len(json.dumps(each)) for each in after) < LARGEST
    assert inventory_store().count() == 10_001


def test_of_two_concurrent_writers_the_second_is_refused(inventory_store: Make) -> None:
    """A replica that lost the Lease unknowingly overwrites nothing: its save fails, so no change follows."""
    one, other = inventory_store(), inventory_store()
    mine, theirs = one.load(*WHERE), other.load(*WHERE)
    entries = _entries(3)
    one.save(Inventory(mine.set, mine.account, mine.region, mine.key, entries))
    with pytest.raises(InventoryError, match="can't be written"):
        other.save(Inventory(theirs.set, theirs.account, theirs.region, theirs.key, {}))
    assert inventory_store().load(*WHERE).entries == entries
    again = one.load(*WHERE)
    one.save(Inventory(again.set, again.account, again.region, again.key, _entries(4)))
    assert len(inventory_store().load(*WHERE).entries) == 4


def test_a_former_leader_writes_nothing(inventory_store: Make) -> None:
    """The fence applies to the inventory's content, too."""
    fenced = inventory_store()
    fenced.is_leader = lambda: False
    held = fenced.load(*WHERE)
    with pytest.raises(InventoryError, match="another replica is the leader"):
        fenced.save(Inventory(held.set, held.account, held.region, held.key, _entries(1)))
    assert inventory_store().count() == 0


def test_another_account_is_refused(inventory_store: Make) -> None:
    """An inventory of one account is never used for another."""
    one = inventory_store()
    held = one.load(*WHERE)
    one.save(Inventory(held.set, held.account, held.region, held.key, _entries(1)))
    with pytest.raises(InventoryError, match="account"):
        inventory_store().load("999999999999", "us-east-1")


def test_no_inventory_object_is_left_at_the_end(inventory_store: Make, kubectl: Kubectl) -> None:
    """No inventory object is left; before, each belongs to its GitSync."""
    one = inventory_store()
    held = one.load(*WHERE)
    one.save(Inventory(held.set, held.account, held.region, held.key, _entries(300)))
    objects = kubectl.found(MEMORY.kind, MEMORY.api_version)
    assert len(objects) > 2
    assert {each["metadata"]["ownerReferences"][0]["name"] for each in objects} == {"prod"}
    one.forget()
    assert kubectl.found(MEMORY.kind, MEMORY.api_version) == []


@pytest.mark.parametrize("whose", ["a head", "a part", "of nobody"])
def test_a_head_lists_its_own_parts_only(inventory_store: Make, kubectl: Kubectl, whose: str) -> None:
    """An object of another GitSync, listed as a part of this one, is neither read nor deleted, whatever its name."""
    one = inventory_store()
    held = one.load(*WHERE)
    one.save(Inventory(held.set, held.account, held.region, held.key, _entries(1)))
    mine = kubectl.found(MEMORY.kind, MEMORY.api_version)
    head = next(each for each in mine if each["metadata"]["name"] == "prod")
    name = f"prod-{'0' * 16}"  # a valid name of a GitSync
    owner = {**head["metadata"]["ownerReferences"][0], "name": name, "uid": "another"}
    theirs = {
        "a head": {"format": 1, "parts": []},
        "a part": {"data": mine[1]["data"]},
        "of nobody": {"data": ""},
    }
    owners = {"ownerReferences": [owner]} if whose != "of nobody" else {}
    made = {"apiVersion": MEMORY.api_version, "kind": MEMORY.kind, "metadata": {"name": name, **owners}}
    kubectl.apply({**made, **theirs[whose]})
    forged = {**head, "parts": [*head["parts"], name]}
    kubectl.send("PUT", kubectl.path(MEMORY.kind, "prod", MEMORY.api_version), forged)
    with pytest.raises(InventoryError, match="another's"):
        inventory_store().load(*WHERE)
    inventory_store().forget()
    assert [each["metadata"]["name"] for each in kubectl.found(MEMORY.kind, MEMORY.api_version)] == [name]


@pytest.mark.parametrize(
    "parts",
    [
        ["../../victim/syncmemories/prod"], ["other-0123456789abcdef"], ["prod-xyz"], ["prod"], [5], [None],
        ["prod-0123456789abcdef", "Prod-0123456789abcdef"], ["prod-0123456789abcdef\n"], {}, "prod", 5, None,
        ["prod-0123456789abcdef/.."],
    ],
)  # fmt: skip
def test_only_parts_of_that_sync_are_read(parts: object) -> None:
    """A list that names anything but parts of that very GitSync is an error, and no empty inventory."""
    with pytest.raises(InventoryError, match="not those of prod"):
        shard_names({"parts": parts}, "prod")


@pytest.mark.parametrize(
    "part", ["../../victim/syncmemories/prod", "prod-xyz", "prod", "prod-0123456789abcdef/.."]
)
def test_the_server_takes_no_other_form_of_a_part(
    inventory_store: Make, kubectl: Kubectl, requests: Requests, part: str
) -> None:
    """An invalid name of a part is refused when it is written."""
    one = inventory_store()
    held = one.load(*WHERE)
    one.save(Inventory(held.set, held.account, held.region, held.key, _entries(1)))
    path = kubectl.path(MEMORY.kind, "prod", MEMORY.api_version)
    head = requests.send("GET", path).body
    answer = requests.send("PUT", path, {**head, "parts": [part]})
    assert not answer.accepted
    assert "parts[0]" in answer.message


def test_a_damaged_part_is_an_error() -> None:
    """A part with foreign changes is an error, and no empty inventory."""
    text = next(iter(pack_shards(_entries(1)).values()))
    for wrong in ("", "nonsense", text[:-8], text[:40] + "AAAA" + text[44:]):
        with pytest.raises(InventoryError):
            unpack_shard(wrong)


def test_counted_deletions_outlive_a_change_of_the_leader(inventory_store: Make) -> None:
    """The deletions counted towards the limit are in the head, and are read back unchanged."""
    held = inventory_store().load(*WHERE)
    pruned = (Pruned(1_700_000_000, 20, "Model/fraud"), Pruned(1_700_000_001, 20))
    first = inventory_store()
    first.load(*WHERE)
    first.save(replace(held, entries=_entries(3), pruned=pruned))
    assert inventory_store().load(*WHERE).pruned == pruned
