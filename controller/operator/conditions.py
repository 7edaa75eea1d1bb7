"""Conditions of a status as kstatus and ``kubectl wait`` read them, and the first status of a new object.

A status is stable while nothing changes, because each write is an event for every watcher.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.reason import Reason, ReconcileState, reconcile_state
from controller.operator.cached_object import Item
from controller.operator.constants import RECONCILE_AT
from controller.operator.context import OperatorContext
from controller.operator.kube.api import ApiError
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.outcome import ObservedResource, Verdict
from controller.runtime.log import object_fields

Status = dict[str, Any]
_PROGRESSING = (ReconcileState.MOVING, ReconcileState.RETRIED)
_STALLED = (ReconcileState.STUCK, ReconcileState.WAITING)


def status_of(item: Item, of: Verdict, memo: Mapping[str, Any] | None, now: str) -> Status:
    """The whole status of an object.

    Args:
        item: the object, with the status that it has.
        of: its state.
        memo: the memory for its status.
        now: the time, for conditions that change.

    """
    status: Status = {**conditions_of(item, of, now), **_aws(item, of.seen)}
    if of.plan:
        status |= {"plan": dict(of.plan), "fingerprint": of.fingerprint}
    token = item.annotations.get(RECONCILE_AT)
    if token:
        status["lastHandledReconcileAt"] = token
    return {**status, **({"memory": dict(memo)} if isinstance(memo, Mapping) and memo else {})}


def conditions_of(item: Item, of: Verdict, now: str) -> Status:
    """The part of a status that all our kinds have: conditions and the observed generation."""
    return {
        "conditions": [with_transition_time(each, item, now) for each in _conditions(item, of)],
        "observedGeneration": item.generation,
    }


def _aws(item: Item, seen: ObservedResource | None) -> Status:
    if seen is None:
        return {
            name: item.status[name]
            for name in ("awsName", "arn", "awsStatus", "outputs")
            if name in item.status
        }
    fields = {"awsName": seen.name, "arn": seen.arn, "awsStatus": seen.status, "outputs": seen.outputs}
    return {name: value for name, value in fields.items() if value}


def _conditions(item: Item, of: Verdict) -> list[Status]:
    return [
        {
            "type": name,
            "status": status,
            "reason": of.reason.value,
            "message": of.message,
            "observedGeneration": item.generation,
        }
        for name, status in _statuses(reconcile_state(of.reason), of.synced)
    ]


def _statuses(goes: ReconcileState, synced: bool | None) -> list[tuple[str, str]]:
    """Each condition's status, as kstatus reads them (sigs.k8s.io/cli-utils/pkg/kstatus, status.go).

    kstatus waits for an object with Reconciling True, and for one whose Ready is False or Unknown without Stalled. So
    an object that is retried is not Stalled; one whose plan waits for a person is; and one that its own spec pauses has
    no Ready, because it neither is nor becomes ready.
    """
    ready = [] if goes is ReconcileState.PAUSED else [("Ready", _status_text(goes is ReconcileState.SETTLED))]
    return [
        *ready,
        ("Synced", "Unknown" if synced is None else _status_text(synced)),
        ("Reconciling", _status_text(goes in _PROGRESSING)),
        ("Stalled", _status_text(goes in _STALLED)),
    ]


def _status_text(holds: bool) -> str:
    return "True" if holds else "False"


def with_transition_time(condition: Status, item: Item, now: str) -> Status:
    """The condition with the time at which its status last changed."""
    before = item.condition(condition["type"])
    same = before.get("status") == condition["status"]
    return {**condition, "lastTransitionTime": before.get("lastTransitionTime", now) if same else now}


_log = logging.getLogger("sagectl.status")
_AFTER = 2.0  # seconds since an object was first cached: most have a status by then
_IN_A_PASS = 3.0  # the same during a pass, which would have to restart after such a write
_MESSAGE = "the first reconciliation is not complete: it is queued, or waits for AWS"


@dataclass(frozen=True)
class FirstStatus:
    """Writes a status for objects without one."""

    context: OperatorContext

    def run_once(self) -> None:
        """One check, by the leader."""
        for each in self.context.store.all():
            # Check again: a thousand writes take a while, and a pass that began meanwhile would have to restart.
            now = self.context.store.get(each.ref) if not each.status else None
            if now is not None and self._is_due(now):
                self._write_status(now)

    def _is_due(self, item: Item) -> bool:
        intake = self.context.intake
        if item.status or item.is_deleting or self.context.store.memory_before(item) is not None:
            return False  # its pass restores an emptied status with its memory
        least = _IN_A_PASS if intake.queue.is_worked_on(item.ref) else _AFTER
        return self.context.store.age(item.ref) >= least and intake.serves(item) and self.context.is_leader()

    def _write_status(self, item: Item) -> None:
        """Write it with the cached resource version, so that it can't overwrite the status of a pass."""
        of, now = Verdict(Reason.PROGRESSING, _MESSAGE), self.context.now()
        try:
            ObjectPatcher(item, self.context.api, self.context.intake.on_object).write_status(
                status_of(item, of, None, now)
            )
            self.context.recorder.record_warnings(item, now)
        except ApiError as error:
            _log.info("moved", extra={"fields": {**object_fields(item.ref), "error": str(error)}})
