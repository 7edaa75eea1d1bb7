"""The whole status of a GitSync, from its record; bounded, whatever the repository holds (gitops.md, G7)."""

import json
from dataclasses import dataclass
from typing import Any

from controller.gitops.reconciler import Follower
from controller.gitops.requests import Pin
from controller.operator.cached_object import Item
from controller.operator.conditions import standing
from controller.operator.gitsync.drift_condition import drift
from controller.operator.gitsync.problems import problems, waiting_plan
from controller.operator.gitsync.status_record import status_of
from controller.operator.outcome import Verdict
from controller.output.redact import Redactor

Json = dict[str, Any]
LARGEST = 60_000  # bytes; the goal is 64 KiB with all
_LONGEST = 4096
_OURS = frozenset(
    {"conditions", "observedGeneration", "problems", "plan", "fingerprint", "resources", "rollback"}
)


@dataclass(frozen=True)
class Beside:
    """What a status tells besides the record: how many resources are remembered, and a rollback.

    ``follower`` is None where the object is not followed; what was known of it stays then.
    """

    follower: Follower | None
    redactor: Redactor
    resources: int = 0
    pin: Pin | None = None


def whole_status(item: Item, of: Verdict, now: str, beside: Beside) -> Json:
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
        **standing(item, of, now),
        "resources": beside.resources,
        "problems": problems(report, redactor),
        **waiting_plan(report, redactor),
        "rollback": {"revision": pin.revision, "head": pin.head} if pin else {},
    }
    conditions = [*document["conditions"], *drift(item, follower.record if follower else None, now)]
    document["conditions"] = [{**each, "message": redactor.text(each["message"])} for each in conditions]
    return _bounded({name: value for name, value in document.items() if value not in ("", [], {})})


def _texts(document: Json, redactor: Redactor) -> Json:
    """The record with its texts freed of secrets, and cut."""
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


def _bounded(document: Json) -> Json:
    """Less of what is longest until all fits."""
    for name in ("plan", "problems"):
        if len(json.dumps(document)) > LARGEST:
            document = {known: value for known, value in document.items() if known != name}
    return document
