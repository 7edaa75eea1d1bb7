"""The record of a sync, as it stands in a GitSync's status and comes back from there."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from controller.gitops.status import Mark, Past, Record, State
from controller.runtime.atomic_file import StateError

Json = dict[str, Any]


def record_of(name: str, status: Mapping[str, Any]) -> Record:
    """The record that a status tells.

    Raises:
        StateError: it is not what we wrote.

    """
    try:
        return Record(
            name,
            state=State(status.get("state", State.NEW.value)),
            message=status.get("message", ""),
            refused=status.get("refused", ""),
            head=status.get("head", ""),
            attempted=_mark(status.get("lastAttempted")),
            applied=_mark(status.get("lastApplied")),
            released=status.get("releasedRollback", ""),
            handled=status.get("lastHandledReconcileAt", ""),
            run=status.get("run", ""),
            history=tuple(
                Past(**{**past, "state": State(past["state"])}) for past in status.get("history", ())
            ),
            drifted=tuple(status.get("drifted", ())),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise StateError("the status is not what the operator wrote") from error


def status_of(record: Record) -> Json:
    """What a status tells of a record; what is empty is left out."""
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


def _mark(fields: Mapping[str, str] | None) -> Mark | None:
    return Mark(**fields) if fields else None
