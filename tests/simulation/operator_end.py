"""What must hold at the end of a history of the operator: each object tells the truth, and remembers what it made."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.sandbox.resource import Row
from controller.schema.contract import contract
from tests.simulation.account import Account
from tests.simulation.documents import WrittenDocument, bundle_of
from tests.simulation.history import SET
from tests.simulation.invariants import differing_values, is_live, is_record, names_of, tag_of
from tests.simulation.open_steps import is_explained_by, is_refused_for_good
from tests.simulation.play import fresh_account_bodies

Objects = Mapping[str, Mapping[str, Any]]


def end_violations(
    account: Account, objects: Objects, written: Sequence[WrittenDocument], causes: set[str]
) -> Iterator[str]:
    """The violations, by the objects of a cluster and the resources of the account."""
    ours = [value for value in objects.values() if value["kind"] != "Lease"]
    texts = tuple(each.text for each in written if each.present)
    expected = fresh_account_bodies(texts, 0)
    if any(not each.present for each in written):
        causes = causes | {"missing documents"}
    retained = {each.slot.ref for each in written if "Retain" in "".join(each.slot.texts)}
    if any(made.ref and Ref(made.ref.kind, made.ref.name) in retained for made in account.made.values()):
        causes = causes | {"retained"}
    for value in ours:
        if _is_settled(value):
            yield from _differences(account, value, texts, expected)
        else:
            yield from _not_ready(value, causes)
    if "wiped" not in causes:
        yield from _orphans(account, ours, retained)


def _is_settled(value: Mapping[str, Any]) -> bool:
    status, metadata = value.get("status", {}), value["metadata"]
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions", ()))
    current = status.get("observedGeneration") == metadata["generation"]
    return ready and current and "deletionTimestamp" not in metadata


def _not_ready(value: Mapping[str, Any], causes: set[str]) -> Iterator[str]:
    """An object that is not Ready, if nothing explains its reason."""
    conditions = {each["type"]: each for each in value.get("status", {}).get("conditions", ())}
    reason, message = (
        conditions.get("Synced", {}).get("reason", ""),
        conditions.get("Synced", {}).get("message", ""),
    )
    known = reason in {each.value for each in Reason} and is_explained_by(Reason(reason), causes)
    known |= "kept: " in message and "removed" in causes  # it contains a resource that stays
    # Only its client token would find what it created, and a person has to check.
    known |= "removed" in causes and "it may have created" in message
    # It contains a resource that stays, as its policy says, and is not deleted with it.
    known |= reason == Reason.BUSY.value and {"retained", "removed"} <= causes
    # Nothing of it was created, because its dependency was removed and not restored.
    known |= (
        reason == Reason.REJECTED.value and "missing documents" in causes and not value["status"].get("arn")
    )
    if not known and not is_refused_for_good(message):
        yield f"{value['kind']}/{value['metadata']['name']} is not settled at the end: {reason}: {message}"


def _differences(
    account: Account, value: Mapping[str, Any], texts: tuple[str, ...], expected: Mapping[Ref, Any]
) -> Iterator[str]:
    """The differences of a Ready object from a fresh account with the same documents."""
    ref, status = Ref(value["kind"], value["metadata"]["name"]), value["status"]
    resource = bundle_of(texts)[0].resources.get(ref)
    if resource is None:
        return
    row = next((row for row in account.rows().values() if _is_of(row, ref.kind, status)), None)
    if row is None and not resource.contract.kind.lifecycle.runs:
        yield f"{ref} is Ready, and nothing lives of it"
    elif row is not None and ref in expected:
        for path in differing_values(resource, expected[ref], row.body):
            yield f"{ref} is Ready, and differs in {path}"


def _is_of(row: Row, kind: str, status: Mapping[str, Any]) -> bool:
    if row.kind != kind:
        return False
    # It has neither name nor ARN.
    only = not contract(kind).kind.identity.key and contract(kind).kind.lifecycle.shared
    return only or row.arn == status.get("arn") or status.get("awsName") in names_of(row)


def _orphans(account: Account, objects: Sequence[Mapping[str, Any]], retained: set[Ref]) -> Iterator[str]:
    """Resources of ours that no object's inventory has."""
    remembered = str([value.get("status", {}).get("memory") for value in objects])
    for key, row in account.rows().items():
        made = account.made[key]
        if (
            made.ref is None
            or made.by != SET
            or row.kind != made.ref.kind
            or not is_live(row)
            or is_record(row)
        ):
            continue
        of = Ref(made.ref.kind, made.ref.name)
        if tag_of(row) not in (None, SET) or of in retained:
            continue
        if not any(name in remembered for name in names_of(row)):
            yield f"{row.arn} of {of} is remembered by no object"
