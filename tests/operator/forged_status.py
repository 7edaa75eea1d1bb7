"""A tenant who writes the memory of an object, and the operator's passes over it, on the sandbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.ref import Ref
from controller.engine.observed import PriorReads
from controller.engine.order import Order
from controller.engine.reconcile import reconcile
from controller.engine.report import Report
from controller.engine.scope import TargetSelection
from controller.inventory.codec import entry_json
from controller.inventory.model import Entry, Generation, PendingChange
from controller.kinds import KINDS
from controller.manifests.bundle import Bundle
from controller.manifests.document import Deletion
from controller.operator.cached_object import Item, ParsedObject
from controller.operator.object_inventory import ObjectInventoryStore, spec_text
from controller.operator.signature import SignedSubject, Signer
from controller.schema.contract import KEY_GAP, contract
from controller.schema.shape import shape
from tests.journeys.stage import Stage
from tests.kinds.case import Case

Json = dict[str, Any]
SET = "tenant"
ACCOUNT, REGION = "123456789012", "us-east-1"
_NOTHING = ParsedObject(None, (), frozenset(), frozenset(), "")


@dataclass
class Tenant:
    """An object in a cluster whose status a tenant may write, and the operator's passes over it."""

    stage: Stage
    ref: Ref
    uid: str = "tenant"
    signer: Signer = field(default_factory=lambda: Signer("key"))
    memo: Mapping[str, Any] | None = None

    def inventory_store(self) -> ObjectInventoryStore:
        """The inventory of the next pass."""
        status = {"memory": self.memo} if self.memo else {}
        value = {"metadata": {"uid": self.uid, "resourceVersion": "1"}, "status": status}
        item = Item(self.ref, value, _NOTHING)
        return ObjectInventoryStore(item, (), SET, "key", self.signer, lambda _memo: None)

    def reconcile(self, bundle: Bundle, *, destroy: bool = False) -> Report:
        """One pass, after which the object has the inventory that the operator wrote."""
        store = self.inventory_store()
        order = Order(
            set=SET, destroy=destroy, choice=TargetSelection(frozenset({self.ref}), alone=True), concurrency=1
        )
        report = reconcile(bundle, self.stage.cloud(), store, lambda _: True, order, known=PriorReads())
        store.write_entry()
        self.memo = store.memo
        return report

    def end(self) -> Report:
        """The pass of an object that is deleted: only the inventory is left."""
        return self.reconcile(Bundle({}, ()), destroy=True)

    def signed(self, entry: Entry, serial: int, **other: Any) -> Json:
        """An inventory as the operator signs it; ``other`` is the object that it really belongs to."""
        subject = replace(SignedSubject(self.uid, self.ref, SET, ACCOUNT, REGION), **other)
        document = unsigned_memo(entry, serial)
        return {**document, "signature": self.signer.sign(subject, document)}


def unsigned_memo(entry: Entry, serial: int = 1) -> Json:
    """An inventory without a signature."""
    document: Json = {"format": 2, "serial": serial, "account": ACCOUNT, "region": REGION}
    document["entry"] = entry_json(replace(entry, applied=None))
    return document if entry.applied is None else {**document, "applied": spec_text(entry.applied)}


Forge = Callable[[Tenant, Entry], Json]


def own_name(kind: str, theirs: str) -> str:
    """A name of the same form that no resource has; of a key of several parts, another name within the same parent."""
    of = contract(kind)
    key, parts = of.kind.identity.key or (), theirs.split(KEY_GAP)
    if len(key) > 1 and "arn:" not in theirs:
        own = (
            of.name_member
            if of.name_member in key
            else next(m for m in key if not shape(of.spec.members[m]).enum)
        )
        return KEY_GAP.join(
            f"{text}0" if member == own else text for member, text in zip(key, parts, strict=True)
        )
    return f"{theirs[:-1]}{'1' if theirs[-1] == '0' else '0'}" if "arn:" in theirs else "mine"


def _alter_entry(change: Callable[[Entry, Entry], Entry]) -> Forge:
    """An inventory that the operator signed, in which a tenant changed a member."""

    def forge(tenant: Tenant, theirs: Entry) -> Json:
        mine = Entry(theirs.ref, own_name(theirs.ref.kind, theirs.name), "", {}, made=1)
        signed = tenant.signed(mine, 1)
        return {**signed, **unsigned_memo(change(mine, theirs)), "signature": signed["signature"]}

    return forge


def _replay(tenant: Tenant, theirs: Entry) -> Json:
    """An earlier inventory of this object, of the time when it had a resource of its own with that name."""
    tenant.signer.note_written(tenant.uid, 7)
    old = tuple(replace(each, instance="2020-01-01T00:00:00+00:00") for each in theirs.old)
    earlier = replace(theirs, instance="2020-01-01T00:00:00+00:00", old=old)
    return tenant.signed(earlier, 3)


def _replay_after_restart(tenant: Tenant, theirs: Entry) -> Json:
    """The same, after a restart of the operator, which has no record of its last writes."""
    tenant.signer = Signer("key")
    return tenant.signed(replace(theirs, instance="2020-01-01T00:00:00+00:00"), 3)


FORGED: Mapping[str, Forge] = {
    "unsigned": lambda _, theirs: unsigned_memo(theirs),
    "of an earlier version": lambda _, theirs: unsigned_memo(replace(theirs, instance="")),
    "unsigned, at work": lambda _, theirs: unsigned_memo(
        replace(theirs, instance="pending", attempt=PendingChange("d"))
    ),
    "a signature of zeros": lambda _, theirs: {**unsigned_memo(theirs), "signature": "0" * 64},
    "a signature that is no text": lambda _, theirs: {**unsigned_memo(theirs), "signature": {"a": 1}},
    "without a serial": lambda t, theirs: {**t.signed(theirs, 1), "serial": None},
    "by another key": lambda t, theirs: replace(t, signer=Signer("other")).signed(theirs, 1),
    "of another object": lambda t, theirs: t.signed(theirs, 1, uid="victim"),
    "of another name": lambda t, theirs: t.signed(theirs, 1, ref=Ref(t.ref.kind, "other")),
    "of another namespace": lambda t, theirs: t.signed(theirs, 1, ref=Ref(t.ref.kind, t.ref.name, "other")),
    "of another set": lambda t, theirs: t.signed(theirs, 1, set="victim"),
    "of another account": lambda t, theirs: t.signed(theirs, 1, account="999999999999"),
    "of another region": lambda t, theirs: t.signed(theirs, 1, region="eu-west-1"),
    "another name put in": _alter_entry(
        lambda mine, theirs: replace(mine, name=theirs.name, instance=theirs.instance)
    ),
    "another ARN put in": _alter_entry(lambda mine, theirs: replace(mine, name=theirs.name, arn=theirs.arn)),
    "another spec put in": _alter_entry(
        lambda mine, theirs: replace(mine, name=theirs.name, applied=theirs.applied, instance=theirs.instance)
    ),
    "an old generation put in": _alter_entry(
        lambda mine, theirs: replace(mine, old=(Generation(theirs.name, theirs.arn, theirs.instance),))
    ),
    "deletion put in": _alter_entry(lambda mine, theirs: replace(theirs, deletion=Deletion.DELETE)),
    "an attempt put in": _alter_entry(
        lambda mine, theirs: replace(theirs, instance="pending", attempt=PendingChange("d"))
    ),
    "replayed": _replay,
    "replayed after a restart": _replay_after_restart,
}


def case_texts(case: Case) -> tuple[str, tuple[str, ...]]:
    """What to add to a case's spec at first, and what to replace it by."""
    first = next(iter(case.changes.values()), case.frozen)
    later = dict.fromkeys(text for text in (first[1], case.frozen[1]) if text)
    return first[0], tuple(text for text in later if text.split(":")[0] not in case.spec)


def create_owned(stage: Stage, kind: str, case: Case) -> Entry:
    """Create a resource of a kind, a run in progress; returns its inventory entry."""
    stage.apply(*case.needs)
    document = case.document(kind, case_texts(case)[0])
    stage.reconcile(*case.needs, document)
    if not KINDS[kind].lifecycle.runs:
        stage.apply(*case.needs, document)
    return stage.inventory().of(Ref(kind, case.name))
