"""The status of a GitSync: its record, reason, drift and problems, bounded in size."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from controller.core.reason import Reason
from controller.engine.plan import Plan
from controller.engine.report import Report, Result
from controller.gitops.reconciler import Follower
from controller.gitops.status import PlannedRevision, RevisionResult, SyncRecord, SyncState
from controller.gitops.status_store import RollbackPin
from controller.operator.cached_object import Item
from controller.operator.conditions import conditions_of, with_transition_time
from controller.operator.outcome import Verdict
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style
from controller.runtime.atomic_file import StateError
from controller.runtime.member_types import check_members
from controller.source.git.errors import RetryTrigger

_LONGEST = 4096
_SHORT = 12
_STATES = {
    SyncState.NEW: Reason.PROGRESSING,
    SyncState.SUSPENDED: Reason.PROGRESSING,
    SyncState.NEEDS: Reason.DEPENDENCY_NOT_READY,
    SyncState.WAITING: Reason.IN_TRANSITION,
    SyncState.PENDING: Reason.PLANNED,
    SyncState.APPLIED: Reason.READY,
    SyncState.FAILED: Reason.FAILED,
}
_REFUSED = {
    RetryTrigger.RETRY_SOON: Reason.SOURCE_UNREACHABLE,
    RetryTrigger.COMMIT: Reason.SOURCE_REFUSED,
    RetryTrigger.SETTINGS: Reason.SOURCE_SETTINGS,
}


def verdict(follower: Follower, record: SyncRecord) -> Verdict:
    """The verdict of a sync that is followed."""
    if follower.sync.suspend and not follower.leaving:
        return Verdict(Reason.SUSPENDED, "spec.suspend is true: nothing is changed")
    synced = record.applied is not None and record.applied.revision == record.head
    if record.refused:
        also = "" if record.state is SyncState.APPLIED else record.message
        message = "; ".join(filter(None, [record.refused, also]))
        return Verdict(
            _REFUSED[follower.schedule.again or RetryTrigger.COMMIT], message[:_LONGEST], synced=False
        )
    reason = _STATES[record.state]
    if reason is Reason.FAILED and follower.retries:
        reason = Reason.RETRYING
    return Verdict(reason, (record.message or _state_text(record))[:_LONGEST], synced=synced)


def _state_text(record: SyncRecord) -> str:
    if record.state is SyncState.APPLIED and record.applied:
        return f"revision {record.applied.revision[:_SHORT]} is applied"
    return record.state.value


Json = dict[str, Any]
_TYPE = "Drifted"


def drift(item: Item, record: SyncRecord | None, now: str) -> list[Json]:
    """The condition Drifted; none if there never was drift, or if it is unknown."""
    if record is None or not (record.drifted or item.condition(_TYPE)):
        return []
    count = len(record.drifted)
    message = (
        f"{count} not as applied: {'; '.join(record.drifted)}"
        if count
        else "AWS matches the applied revision"
    )
    condition = {
        "type": _TYPE,
        "status": "True" if count else "False",
        "reason": (Reason.CHANGED_OUTSIDE if count else Reason.AS_APPLIED).value,
        "message": message[:_LONGEST],
        "observedGeneration": item.generation,
    }
    return [with_transition_time(condition, item, now)]


MOST = 50
_LONGEST_MESSAGE = 300
_PLAN = 16_384
_WORST_FIRST = (Result.FAILED, Result.SKIPPED, Result.WAITING)


def problems(report: Report | None, redactor: Redactor) -> list[Json]:
    """The resources that differ from their documents after a pass, the worst first."""
    if report is None or not report.consented:
        return []
    ends = [outcome for result in _WORST_FIRST for outcome in report.of(result)][:MOST]
    return [
        {
            "resource": outcome.step.id,
            "result": outcome.result.value,
            "why": outcome.step.why.value,
            "message": redactor.outcome(outcome).message[:_LONGEST_MESSAGE],
        }
        for outcome in ends
    ]


def waiting_plan(report: Report | None, redactor: Redactor) -> Json:
    """The text of the plan that waits for an approval, for the status; empty if none does."""
    if report is None or (report.consented and not report.plan.possible_confirmations):
        return {}
    shown: Plan = redactor.plan(report.plan.after_approval)
    text = plan_text(shown, Style())
    summary = text.rstrip().rsplit("\n", 1)[-1]
    cut = text if len(text) <= _PLAN else f"{text[:_PLAN].rsplit(chr(10), 1)[0]}\n... and more\n"
    fields = {"summary": summary, "text": cut, "content": report.plan.content}
    return {"plan": fields, "fingerprint": report.plan.fingerprint}


def record_of(name: str, status: Mapping[str, Any]) -> SyncRecord:
    """The record in a status.

    Raises:
        StateError: it is malformed.

    """
    try:
        record = SyncRecord(
            name,
            state=SyncState(status.get("state", SyncState.NEW.value)),
            message=status.get("message", ""),
            refused=status.get("refused", ""),
            head=status.get("head", ""),
            attempted=_mark(status.get("lastAttempted")),
            applied=_mark(status.get("lastApplied")),
            released=status.get("releasedRollback", ""),
            handled=status.get("lastHandledReconcileAt", ""),
            run=status.get("run", ""),
            history=tuple(
                RevisionResult(**{**past, "state": SyncState(past["state"])})
                for past in status.get("history", ())
            ),
            drifted=tuple(status.get("drifted", ())),
        )
        check_members(record)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise StateError("the status is not what the operator wrote") from error
    return record


def status_of(record: SyncRecord) -> Json:
    """The members of a status for a record, without empty ones."""
    document: Json = {
        "state": record.state.value,
        "message": record.message,
        "refused": record.refused,
        "head": record.head,
        "lastAttempted": asdict(record.attempted) if record.attempted else None,
        "lastApplied": asdict(record.applied) if record.applied else None,
        "releasedRollback": record.released,
        "lastHandledReconcileAt": record.handled,
        "run": record.run,
        "history": [{**asdict(past), "state": past.state.value} for past in record.history],
        "drifted": list(record.drifted),
    }
    return {name: value for name, value in document.items() if value}


def _mark(fields: Mapping[str, str] | None) -> PlannedRevision | None:
    return PlannedRevision(**fields) if fields else None


LARGEST = 60_000  # bytes, so that the whole object stays within 64 KiB
_OURS = frozenset(
    {"conditions", "observedGeneration", "problems", "plan", "fingerprint", "resources", "rollback"}
)


@dataclass(frozen=True)
class StatusDetails:
    """Parts of a status beside the record: number of resources in the inventory, and a rollback.

    ``follower`` is None if the object is not followed; then the former parts stay.
    """

    follower: Follower | None
    redactor: Redactor
    resources: int = 0
    pin: RollbackPin | None = None


def whole_status(item: Item, of: Verdict, now: str, beside: StatusDetails) -> Json:
    """The status of an object."""
    follower, redactor, pin = beside.follower, beside.redactor, beside.pin
    known = (
        _texts(status_of(follower.record), redactor)
        if follower
        else {name: value for name, value in item.status.items() if name not in _OURS}
    )
    report = follower.report if follower else None
    document = {
        **known,
        **conditions_of(item, of, now),
        "resources": beside.resources,
        "problems": problems(report, redactor),
        **waiting_plan(report, redactor),
        "rollback": {"revision": pin.revision, "head": pin.head} if pin else {},
    }
    conditions = [*document["conditions"], *drift(item, follower.record if follower else None, now)]
    document["conditions"] = [{**each, "message": redactor.text(each["message"])} for each in conditions]
    return _limit_size({name: value for name, value in document.items() if value not in ("", [], {})})


def _texts(document: Json, redactor: Redactor) -> Json:
    """The record with its texts shortened and without secrets."""
    return {
        **document,
        **{
            name: redactor.text(document[name])[:_LONGEST]
            for name in ("message", "refused")
            if name in document
        },
        **(
            {"drifted": [redactor.text(each) for each in document["drifted"]]}
            if "drifted" in document
            else {}
        ),
        "history": [
            {**each, "message": redactor.text(each["message"])} for each in document.get("history", ())
        ],
    }


def _limit_size(document: Json) -> Json:
    """The status with its longest parts shortened until it fits."""
    for name in ("plan", "problems"):
        if len(json.dumps(document)) > LARGEST:
            document = {known: value for known, value in document.items() if known != name}
    return document
