"""The status of a GitSync: bounded, read back as it was written, and free of secrets."""

import json
from typing import Any

from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.crds.catalog import SYNC, sync_definition
from controller.gitops.status import PlannedRevision, RevisionResult, SyncRecord, SyncState
from controller.gitops.status_store import RollbackPin
from controller.operator.cached_object import Item, item
from controller.operator.gitsync.status import StatusDetails, record_of, status_of, whole_status
from controller.operator.outcome import Verdict
from controller.output.redact import Redactor
from tests.kubernetes.syncs import gitsync_object

NOW = "2026-01-31T12:00:00Z"
DRIFTED = tuple(f"Pipeline/{n}: /{'x' * 280}" for n in range(50))
MARK = PlannedRevision("a" * 40, "b" * 64, NOW)


class FollowerStub:
    """The part of a follower that a status reads."""

    def __init__(self, record: SyncRecord) -> None:
        self.record = record
        self.report = None


def _item(**status: Any) -> Item:
    value = gitsync_object("https://git.example.com/ml.git")
    value["metadata"] |= {"uid": "1", "resourceVersion": "1", "generation": 3, "namespace": "ml"}
    return item(Ref(SYNC.kind, "prod", "ml"), {**value, "status": status}, None)


def _record(message: str) -> SyncRecord:
    past = tuple(
        RevisionResult(f"{n:040}", "c" * 64, SyncState.FAILED, NOW, message[:500], 2) for n in range(10)
    )
    return SyncRecord(
        "prod", SyncState.FAILED, message, message, "d" * 40, MARK, MARK, "one", "two", "run", past, DRIFTED
    )


def test_a_record_comes_back_as_it_was() -> None:
    """A new process reads from a status what the previous one wrote."""
    record = _record("why")
    assert record_of("prod", json.loads(json.dumps(status_of(record)))) == record
    assert record_of("prod", {}) == SyncRecord("prod")


def test_a_status_is_bounded() -> None:
    """G7: with texts of the greatest length it has less than 64 KiB."""
    followed = FollowerStub(_record("x" * 100_000))
    document = whole_status(
        _item(),
        Verdict(Reason.FAILED, "y" * 4096),
        NOW,
        StatusDetails(followed, Redactor(), 10_000),  # type: ignore[arg-type]
    )
    assert len(json.dumps(document)) < 65_536
    assert document["resources"] == 10_000


def test_no_secret_is_in_a_status() -> None:
    """Values read from Secrets are removed from every text."""
    followed = FollowerStub(_record("AWS refused canary-secret"))
    hidden = Redactor(frozenset({"canary-secret"}))
    details = StatusDetails(followed, hidden)  # type: ignore[arg-type]
    document = whole_status(_item(), Verdict(Reason.FAILED, "canary-secret"), NOW, details)
    assert "canary" not in json.dumps(document)


def test_an_invalid_sync_keeps_its_status() -> None:
    """An object that became invalid reports why, and its applied revision stays in the status."""
    before = {"lastApplied": {"revision": "a" * 40}, "problems": [{"resource": "Model/a"}]}
    document = whole_status(
        _item(**before), Verdict(Reason.INVALID_SPEC, "why"), NOW, StatusDetails(None, Redactor())
    )
    assert document["lastApplied"] == before["lastApplied"]
    assert "problems" not in document
    assert document["observedGeneration"] == 3


def test_drift_comes_and_goes_as_a_condition() -> None:
    """Row 45: Drifted is absent until there is drift, True with count and fields while there is, and False after."""
    before = SyncRecord("prod", SyncState.APPLIED)
    drifted = SyncRecord("prod", SyncState.PENDING, drifted=("Pipeline/train: /PipelineDescription",))
    assert "Drifted" not in _conditions(before)
    document = _conditions(drifted)["Drifted"]
    assert (document["status"], document["reason"]) == ("True", "ChangedOutside")
    assert document["message"] == "1 not as applied: Pipeline/train: /PipelineDescription"
    after = _conditions(before, {**document, "lastTransitionTime": "2026-01-01T00:00:00Z"})["Drifted"]
    assert (after["status"], after["reason"], after["lastTransitionTime"]) == ("False", "AsApplied", NOW)


def _conditions(record: SyncRecord, *before: dict[str, Any]) -> dict[str, dict[str, Any]]:
    beside = StatusDetails(FollowerStub(record), Redactor())  # type: ignore[arg-type]
    document = whole_status(_item(conditions=list(before)), Verdict(Reason.READY), NOW, beside)
    return {each["type"]: each for each in document["conditions"]}


def test_every_field_is_declared() -> None:
    """The API server refuses a status with a field that the definition lacks."""
    document = whole_status(
        _item(),
        Verdict(Reason.FAILED),
        NOW,
        StatusDetails(FollowerStub(_record("why")), Redactor(), 1, RollbackPin("a", "b", "c")),  # type: ignore[arg-type]
    )
    shown = sync_definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]
    assert set(document) | {"plan", "fingerprint", "problems"} == set(shown["properties"])
