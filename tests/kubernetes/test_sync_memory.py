"""What is remembered of a GitSync, on a real API server: however much, whole or not at all, one writer at a time."""

import json
import random
from collections.abc import Callable

import pytest

from controller.core.ref import Ref
from controller.crds.own import MEMORY, SYNC
from controller.engine.inventory import Entry, Inventory, InventoryError
from controller.operator.gitsync.memory import SyncMemory
from controller.operator.gitsync.parts import LARGEST, packed, unpacked
from controller.operator.kube.access import access
from controller.operator.kube.api import Api
from tests.kubernetes.rig.kubectl import Kubectl, as_list
from tests.kubernetes.syncs import gitsync

WHERE = ("123456789012", "us-east-1")
Make = Callable[[], SyncMemory]


@pytest.fixture
def memory(kubectl: Kubectl) -> Make:
    """A GitSync's memory, as another process would open it each time."""
    made = gitsync("https://git.example.com/ml.git")
    kubectl.must("apply", "-f", "-", given=as_list([made]))
    found = json.loads(kubectl.must("get", "gitsync", "prod", "-o", "json"))["metadata"]
    api = Api(access(kubectl.access.kubeconfig))
    ref = Ref(SYNC.kind, "prod", kubectl.namespace)
    return lambda: SyncMemory(api, ref, found["uid"], "ml.prod", "key", lambda: True)


def _entries(count: int) -> dict[Ref, Entry]:
    """Entries as big as those of endpoint configurations, each a little different."""
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


def test_ten_thousand_resources_fit(memory: Make, kubectl: Kubectl) -> None:
    """G7: they are written and read whole by another process; one more changes one part, and no object is too big."""
    first = memory()
    held = first.load(*WHERE)
    entries = _entries(10_000)
    first.save(Inventory(held.set, held.account, held.region, held.key, entries))
    assert memory().load(*WHERE).entries == entries
    before = {each["metadata"]["name"] for each in kubectl.items(f"{MEMORY.plural}.{MEMORY.group}")}
    ref = Ref("Model", "one-more")
    first.save(Inventory(held.set, held.account, held.region, held.key, {**entries, ref: Entry(ref, "one")}))
    after = kubectl.items(f"{MEMORY.plural}.{MEMORY.group}")
    names = {each["metadata"]["name"] for each in after}
    assert (len(names - before), len(before - names)) == (1, 1)
    assert max(len(json.dumps(each)) for each in after) < LARGEST
    assert memory().count() == 10_001


def test_of_two_who_write_the_second_is_refused(memory: Make) -> None:
    """A replica that lost the Lease without knowing overwrites nothing: its save fails, and so no change follows."""
    one, other = memory(), memory()
    mine, theirs = one.load(*WHERE), other.load(*WHERE)
    entries = _entries(3)
    one.save(Inventory(mine.set, mine.account, mine.region, mine.key, entries))
    with pytest.raises(InventoryError, match="can't be written"):
        other.save(Inventory(theirs.set, theirs.account, theirs.region, theirs.key, {}))
    assert memory().load(*WHERE).entries == entries
    again = one.load(*WHERE)
    one.save(Inventory(again.set, again.account, again.region, again.key, _entries(4)))
    assert len(memory().load(*WHERE).entries) == 4


def test_who_leads_no_more_writes_nothing(memory: Make) -> None:
    """The fence holds for what is remembered, too."""
    fenced = memory()
    fenced.leads = lambda: False
    held = fenced.load(*WHERE)
    with pytest.raises(InventoryError, match="another replica leads"):
        fenced.save(Inventory(held.set, held.account, held.region, held.key, _entries(1)))
    assert memory().count() == 0


def test_another_account_is_refused(memory: Make) -> None:
    """An inventory of one account is never taken for that of another."""
    one = memory()
    held = one.load(*WHERE)
    one.save(Inventory(held.set, held.account, held.region, held.key, _entries(1)))
    with pytest.raises(InventoryError, match="account"):
        memory().load("999999999999", "us-east-1")


def test_all_is_forgotten_at_the_end(memory: Make, kubectl: Kubectl) -> None:
    """Nothing is left of what was remembered; every object of it belongs to its GitSync before."""
    one = memory()
    held = one.load(*WHERE)
    one.save(Inventory(held.set, held.account, held.region, held.key, _entries(300)))
    objects = kubectl.items(f"{MEMORY.plural}.{MEMORY.group}")
    assert len(objects) > 2
    assert {each["metadata"]["ownerReferences"][0]["name"] for each in objects} == {"prod"}
    one.forget()
    assert kubectl.items(f"{MEMORY.plural}.{MEMORY.group}") == []


def test_what_is_damaged_is_not_believed() -> None:
    """A part that somebody wrote in is an error, and never an empty memory."""
    text = next(iter(packed(_entries(1)).values()))
    for wrong in ("", "nonsense", text[:-8], text[:40] + "AAAA" + text[44:]):
        with pytest.raises(InventoryError):
            unpacked(wrong)
