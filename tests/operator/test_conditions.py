import pytest

from controller.core.reason import RECONCILE_STATES, RETRIED, Reason, ReconcileState, reconcile_state
from controller.operator.cached_object import Item, item
from controller.operator.conditions import status_of
from controller.operator.kube.access import Access
from controller.operator.kube.api import Api, ApiError
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.outcome import ObservedResource, Verdict
from tests.kubernetes.documents import group
from tests.operator.objects import as_served, ref_of


def _item(status: dict[str, object] | None = None) -> Item:
    value = {**as_served(group(), generation=3), **({"status": status} if status else {})}
    return item(ref_of(value), value, None)


def _conditions(of: Verdict) -> dict[str, str]:
    return {each["type"]: each["status"] for each in status_of(_item(), of, None, "now")["conditions"]}


@pytest.mark.parametrize("reason", RECONCILE_STATES)
def test_conditions_fit_together(reason: Reason) -> None:
    """Row 56: only one reason is Ready; of Ready, Reconciling and Stalled at most one is true, as kstatus requires."""
    conditions = _conditions(Verdict(reason))
    assert (conditions.get("Ready") == "True") is (reason is Reason.READY)
    assert ("Ready" not in conditions) is (reconcile_state(reason) is ReconcileState.PAUSED)
    assert [conditions.get("Ready"), conditions["Reconciling"], conditions["Stalled"]].count("True") <= 1
    assert (conditions["Stalled"] == "True") is (
        reconcile_state(reason) in (ReconcileState.STUCK, ReconcileState.WAITING)
    )


def test_each_reason_is_retried_or_woken() -> None:
    """Each reason is retried, changes by itself, waits for a person's confirmation, or for a change elsewhere."""
    needs_another_spec = {
        Reason.INVALID_SPEC,
        Reason.IMMUTABLE,
        Reason.FAILED,
        Reason.ROLLED_BACK,
        Reason.NOT_REMOVABLE,
    }
    needs_another_push = {Reason.SOURCE_REFUSED, Reason.SOURCE_SETTINGS}
    stuck = {reason for reason in RECONCILE_STATES if reconcile_state(reason) is ReconcileState.STUCK}
    assert stuck == needs_another_spec | needs_another_push
    assert not stuck & RETRIED


def test_a_status_stays_the_same_while_nothing_changes() -> None:
    """The same verdict gives the same status at any time; a flip changes the time of its condition only."""
    seen = ObservedResource("fraud", "arn:x", "Completed", {"a": 1})
    first = status_of(_item(), Verdict(Reason.READY, "all is well", synced=True, seen=seen), None, "then")
    again = status_of(_item(first), Verdict(Reason.READY, "all is well", synced=True, seen=seen), None, "now")
    assert again == first
    fallen = status_of(_item(first), Verdict(Reason.DENIED, "no", synced=None), None, "now")
    times = {each["type"]: each["lastTransitionTime"] for each in fallen["conditions"]}
    assert times == {"Ready": "now", "Synced": "now", "Reconciling": "now", "Stalled": "then"}


@pytest.mark.parametrize("memory", ["x", [1], 5, True, None])
def test_an_invalid_inventory_is_no_reason_to_write(memory: object) -> None:
    """An otherwise equal status is not rewritten for an inventory of a wrong type, which would not remove it."""
    of = Verdict(Reason.UNREADABLE, "nothing that an operator wrote")
    first = status_of(_item(), of, None, "then")
    stood = _item({**first, "memory": memory})
    subject = ObjectPatcher(stood, Api(Access("http://127.0.0.1:1"), connections=1), lambda *_: None)
    assert not subject.write_status(status_of(stood, of, stood.status["memory"], "now"))


_TREE = {
    "f:conditions": {'k:{"type":"Audited"}': {".": {}, "f:type": {}}},
    "f:plan": {"f:text": {}},
    "f:arn": {},
}
_AUDITED = {
    "type": "Audited",
    "status": "True",
    "reason": "Seen",
    "message": "",
    "lastTransitionTime": "then",
}


def _item_of_managers(status: dict[str, object], *others: dict[str, object], **own: object) -> ObjectPatcher:
    """An object with fields of the status that other managers own."""
    entries = [{"manager": "auditor", "fieldsV1": {"f:status": each}} for each in others]
    entries += [{"manager": "sagemaker-gitops", "subresource": "status", "fieldsV1": {"f:status": own}}]
    value = {**as_served(group(), generation=3, managedFields=entries), "status": status}
    return ObjectPatcher(
        item(ref_of(value), value, None), Api(Access("http://127.0.0.1:1"), connections=1), lambda *_: None
    )


def test_foreign_fields_of_a_status_are_no_reason_to_write() -> None:
    """Foreign conditions, plans and ARNs may differ; changed own ones are written again."""
    of = Verdict(Reason.READY, "AWS matches the spec", synced=True)
    first = status_of(_item(), of, None, "then")
    own: dict[str, object] = {
        "f:conditions": {f'k:{{"type":"{each["type"]}"}}': {".": {}} for each in first["conditions"]}
    }
    theirs = {"plan": {"text": "x"}, "arn": "arn:x", "conditions": [*first["conditions"], _AUDITED]}
    stood = _item_of_managers({**first, **theirs}, _TREE, **own, **{"f:observedGeneration": {}})
    assert not stood.write_status(first)
    taken = _item_of_managers({**first, **theirs}, {**_TREE, "f:observedGeneration": {}}, **own)
    with pytest.raises(ApiError):  # there is no server
        taken.write_status(first)
    shared = _item_of_managers(
        {**first, "plan": {"text": "x", "action": "create"}},
        _TREE,
        **own,
        **{"f:observedGeneration": {}, "f:plan": {"f:action": {}}},
    )
    assert shared.item.owners.owned_part(shared.item.status)["plan"] == {"action": "create"}


@pytest.mark.parametrize(
    "listed", [None, "x", [5], [{"manager": 5, "fieldsV1": "x"}], [{"fieldsV1": {"f:status": [1]}}]]
)
def test_owners_that_can_not_be_read_own_nothing(listed: object) -> None:
    """Without readable managed fields the whole status is compared."""
    value = {**as_served(group(), managedFields=listed), "status": {"arn": "arn:x"}}
    made = item(ref_of(value), value, None)
    assert made.owners.owned_part(made.status) == made.status == {"arn": "arn:x"}


def test_a_verdict_without_a_read_keeps_names_and_outputs() -> None:
    """A verdict without a read of AWS keeps names and outputs; an earlier plan is removed."""
    seen = ObservedResource("fraud", "arn:x", "Completed", {"a": 1})
    first = status_of(
        _item(),
        Verdict(Reason.PLANNED, seen=seen, plan={"text": "..."}, fingerprint="f"),
        {"entry": {}},
        "then",
    )
    waits = status_of(_item(first), Verdict(Reason.DEPENDENCY_NOT_READY), {"entry": {}}, "now")
    assert (waits["awsName"], waits["arn"], waits["outputs"]) == ("fraud", "arn:x", {"a": 1})
    assert waits["memory"] == {"entry": {}}
    assert "plan" not in waits
    assert "fingerprint" not in waits
