"""The reconciler of Kubernetes objects: one pass over an object, and when it is reconciled again."""

import logging
import time
import uuid
from dataclasses import dataclass

from controller.core.cloud import CloudError
from controller.core.reason import RETRIED, Reason
from controller.core.ref import Ref
from controller.operator.context import OperatorContext
from controller.operator.finalizer import finalize
from controller.operator.kube.api import ApiError
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.outcome import Verdict, verdict_of_exception
from controller.operator.resource_reconciler import ReconcileOutcome, converge, publish
from controller.runtime.backoff import Backoff, jitter
from controller.runtime.log import object_fields
from controller.runtime.reconciler import ReconcileResult
from controller.runtime.throttling import CallerPriority
from controller.runtime.workqueue import ReconcileRequest

_log = logging.getLogger("sagectl.reconciler")


@dataclass(frozen=True)
class ResourceController:
    """Reconciles objects."""

    context: OperatorContext

    def reconcile(self, request: ReconcileRequest[Ref]) -> ReconcileResult:
        """One pass over an object. Failures are written into its status if possible."""
        began, ref, reason = time.monotonic(), request.key, Reason.GONE
        reconcile_id = request.cause or uuid.uuid4().hex[:12]
        try:
            found = self._reconcile(ref, reconcile_id)
            reason = found.reason if found else Reason.GONE
            result = self._result(ref, found) if found else ReconcileResult()
        except ApiError as error:
            result = self._result_of_refusal(ref, reconcile_id, error)
        except Exception as error:  # noqa: BLE001 - the object is to show it
            self.context.metrics.panicked()
            fields = {"reconcileID": reconcile_id, **object_fields(ref)}
            _log.exception("the reconciliation failed", extra={"fields": fields})
            result = self._retry()
            self._publish_failure(ref, verdict_of_exception(error))
        took = time.monotonic() - began
        self.context.metrics.reconciled(ref, reason, took, began - request.since)
        fields = {"reconcileID": reconcile_id, **object_fields(ref), "reason": reason.value}
        _log.info("reconciled", extra={"fields": {**fields, "seconds": round(took, 3)}})
        return result

    def _reconcile(self, ref: Ref, reconcile_id: str) -> Verdict | None:
        subject = self.context.subject(ref)
        if subject is None:
            return None
        emptied = self.context.store.memory_before(subject.item)
        if emptied is not None and self.context.intake.serves(subject.item) and self.context.is_leader():
            _log.warning(
                "status was emptied", extra={"fields": {"reconcileID": reconcile_id, **object_fields(ref)}}
            )
            subject.restore(emptied)
        if self._is_in_progress(subject, reconcile_id):
            return Verdict(Reason.IN_TRANSITION)
        take = finalize if subject.item.is_deleting else converge
        end = take(subject, self.context, reconcile_id)
        if end is None:
            return None
        return publish(subject, self.context, end)

    def _is_in_progress(self, subject: ObjectPatcher, reconcile_id: str) -> bool:
        """Whether the object's resource is still in the transition of its status, so that no pass is needed."""
        item, waits = subject.item, self.context.waits
        if waits.pause(item.ref) != 0.0 or not self.context.is_leader():
            return False
        try:
            cloud = self.context.cloud(
                item.ref.namespace, reconcile_id, CallerPriority(f"List{item.ref.kind}")
            )
        except CloudError:
            return False  # its pass reports it
        return cloud is not None and waits.is_in_transition(item, cloud)

    def _publish_failure(self, ref: Ref, why: Verdict) -> None:
        """Write into an object's status that its pass failed, if possible; its memory stays."""
        try:
            subject = self.context.subject(ref)
            if subject is not None:
                publish(subject, self.context, ReconcileOutcome(why, subject.item.status.get("memory")))
        except Exception:  # noqa: BLE001 - what fails a pass may fail this too; it is in the log
            _log.warning("no status was written", extra={"fields": object_fields(ref)}, exc_info=True)

    def _result(self, ref: Ref, of: Verdict) -> ReconcileResult:
        """When an object is reconciled again; by default with the resync."""
        rules = self.context.rules
        if of.soon or of.pause is not None:
            return ReconcileResult(of.pause or 0.0, keep=True)
        pause = self.context.waits.pause(ref) if of.reason is Reason.IN_TRANSITION else None
        if (after := pause if of.retry is None else of.retry) is not None:
            return ReconcileResult(jitter(after * 1.05, 0.05 / 1.05), keep=True)  # never earlier than given
        if of.reason in RETRIED:
            return self._retry()
        if of.reason in (Reason.IN_TRANSITION, Reason.STILL_USED):
            # Short at first: many transitions are quick.
            return ReconcileResult(backoff=Backoff(longest=rules.poll_seconds))
        if of.reason is Reason.READY:
            return ReconcileResult()
        return ReconcileResult(jitter(rules.resync, 0.2))

    def _result_of_refusal(self, ref: Ref, reconcile_id: str, error: ApiError) -> ReconcileResult:
        """The result after an ApiError: the object changed during the pass (no failure), or the server refused."""
        fields = {"reconcileID": reconcile_id, **object_fields(ref), "error": str(error)}
        self.context.store.mark_outdated(ref)
        if error.is_conflict or error.is_not_found:
            _log.info("moved", extra={"fields": fields})
            return ReconcileResult(0.0, keep=True)
        _log.warning("API", extra={"fields": fields})
        return self._retry()

    def _retry(self) -> ReconcileResult:
        return ReconcileResult(backoff=self.context.rules.retry)
