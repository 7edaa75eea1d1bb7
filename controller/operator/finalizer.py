"""The pass of an object that is being deleted: first its dependents, then its resource, then our finalizer."""

import logging
from dataclasses import replace
from datetime import datetime

from controller.core.phase import Action
from controller.core.reason import NOT_OURS, Reason
from controller.engine.advice import OBJECT
from controller.engine.observed import RELEASE, Live, PriorReads
from controller.engine.order import Order
from controller.engine.reconcile import reconcile
from controller.engine.report import Outcome, Report, Result
from controller.engine.scope import TargetSelection
from controller.engine.shared_reads import SharedReads
from controller.manifests.bundle import Bundle
from controller.manifests.document import Deletion, Mode
from controller.operator.accounts import FencedCloud
from controller.operator.cached_object import Item
from controller.operator.constants import CONFIRM
from controller.operator.context import OperatorContext
from controller.operator.deletion_batch import (
    expect_deletion,
    prior_reads,
    recorded_entry,
    resource_in_deletion,
)
from controller.operator.object_bundle import Compiled, compile_object, needs_it
from controller.operator.object_deletions import ConsentAnswer, DeletionHold, annotated_decision
from controller.operator.object_inventory import ObjectInventoryStore, entry_of
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.outcome import Verdict, refusal, verdict, with_plan
from controller.operator.resource_reconciler import (
    ReconcileOutcome,
    consent,
    inventory_store_of,
    run_in_account,
)
from controller.operator.secrets import NamespaceSecrets
from controller.output.redact import Redactor
from controller.runtime.log import object_fields

_log = logging.getLogger("sagectl.finalizer")
_NOTHING = Bundle({}, ())
# A deletion with ForeignOwner is of our resource, on which others hold something.
_OF_OTHERS = NOT_OURS - {Reason.FOREIGN_OWNER}
# The role or the account does not exist, or denies access.
_REFUSED = frozenset({Reason.DENIED, Reason.NAMESPACE_NOT_ALLOWED})


def finalize(subject: ObjectPatcher, context: OperatorContext, reconcile_id: str) -> ReconcileOutcome | None:
    """Do what can be done now to finalize an object; None if nothing keeps it any more.

    Raises:
        ApiError: the object changed meanwhile, or the API server refused.

    """
    item = subject.item
    memo = item.status.get("memory")
    if not item.has_finalizer:
        return None
    hold = _hold_of(item, context)
    if memo and not hold.retain:
        expect_deletion(item, context.accounts)
    if hold.retain or not memo:
        _stays(subject, context)
        return None
    if hold.why or hold.settles:
        return ReconcileOutcome(Verdict(Reason.DELETION_HELD, hold.why, pause=hold.settles or None), memo)
    user = _user(subject, context)
    if user:
        return ReconcileOutcome(Verdict(Reason.STILL_USED, f"{user} needs it and goes first"), memo)
    if item.policy.get("mode") == Mode.OFF.value:
        return ReconcileOutcome(
            Verdict(Reason.OFF, "policy.mode is Off; its resource can't be deleted"), memo
        )
    return _report_end(
        subject,
        context,
        run_in_account(subject, context, reconcile_id, lambda cloud: _destroy(subject, context, cloud)),
    )


def _hold_of(item: Item, context: OperatorContext) -> DeletionHold:
    """Whether the resource stays in AWS, or its deletion must wait for a person, and why."""
    if RELEASE in item.annotations or context.deletion(item) is Deletion.RETAIN:
        return DeletionHold(retain=True)
    if context.deletes_unconfirmed(item):
        return context.deletions.decide(item)
    return annotated_decision(item.annotations, str(item.ref)) or DeletionHold()


def _stays(subject: ObjectPatcher, context: OperatorContext) -> None:
    """Release an object and keep its resource."""
    memo = subject.item.status.get("memory")
    _release(subject, context, "its resource in AWS stays" if memo else "it had none in AWS")
    if memo:
        _report_left(subject.item, context)
    else:
        left = "the inventory has no entry for it, so nothing was deleted in AWS; what it may have created stays there"
        context.recorder.record(
            subject.item, Reason.RELEASED, left, context.now(), warning=bool(subject.item.status.get("arn"))
        )


def _report_end(
    subject: ObjectPatcher, context: OperatorContext, end: ReconcileOutcome
) -> ReconcileOutcome | None:
    """The outcome to report about an object; None if it was released, with or without its resource."""
    if end.verdict.reason is Reason.READY:
        _release(subject, context, end.verdict.message)
        context.deletions.record_end(subject.item)
        return None
    if end.verdict.reason in _REFUSED and _is_overdue(subject.item, context):
        _release(subject, context, f"its account has denied access for too long: {end.verdict.message}")
        _report_left(subject.item, context)
        return None
    return end


def _is_overdue(item: Item, context: OperatorContext) -> bool:
    """Whether the deletion is so old that the operator's settings release the object without access to AWS."""
    after = context.rules.release_after
    requested_at = datetime.fromisoformat(item.metadata["deletionTimestamp"])
    return (
        after is not None and (datetime.fromisoformat(context.now()) - requested_at).total_seconds() >= after
    )


def _release(subject: ObjectPatcher, context: OperatorContext, message: str) -> None:
    item = subject.item
    subject.let_go()
    context.observed.drop(item.ref)
    context.forget(item.uid)
    _log.info("released", extra={"fields": {**object_fields(item.ref), "because": message}})


def _report_left(item: Item, context: OperatorContext) -> None:
    """Record an Event about the resources that remain unmanaged, because the object with their names is deleted."""
    left = item.status.get("arn") or item.status.get("awsName") or "what it may have made"
    context.recorder.record(item, Reason.RELEASED, f"{left} stays in AWS", context.now())


def _user(subject: ObjectPatcher, context: OperatorContext) -> str:
    """A dependent object that may have a resource, read from the cluster because a watch may have a gap."""
    for user in context.store.users(subject.item):
        if user.has_finalizer and needs_it(
            user, subject.ref, context.store, across=context.across_namespaces
        ):
            still = context.read_object(user.ref, own=False)
            if still is not None and still.item.has_finalizer:
                return str(user.ref)
    return ""


def _destroy(subject: ObjectPatcher, context: OperatorContext, cloud: FencedCloud) -> ReconcileOutcome:
    found = _document(subject, context)
    store = inventory_store_of(subject, context, found)
    secrets = NamespaceSecrets(context.api, subject.ref.namespace)
    order = _order(subject, context, cloud, secrets)
    known = context.observed.of(found.related, found.bundle) if found else PriorReads()
    entry = recorded_entry(subject.item)
    known = prior_reads(context.observed.last_live(subject.item), entry, cloud, order.reads, known)
    context.observed.drop(subject.ref)
    bundle = found.bundle if found else _NOTHING
    confirmed = subject.item.annotations.get(CONFIRM) == ConsentAnswer.DELETE.value
    needs_approval = context.deletion(subject.item) is Deletion.CONFIRM and not confirmed
    agreed = consent(subject, context, needs_approval=needs_approval)
    with store.recorded():
        report = reconcile(
            bundle, replace(cloud, before=store.write_entry), store, agreed, order, known=known
        )
    _await_end(subject, context, order.reads, resource_in_deletion(report, subject.ref))
    redactor = Redactor(secrets.known)
    end = _outcome_of(subject, report, store, redactor)
    if end.verdict.reason is Reason.READY:
        order.reads.end_deletion(entry.arn)
    if needs_approval and end.verdict.reason is Reason.PLANNED:
        why = f"policy.deletion is Confirm: {end.verdict.message}, or annotate the object with {CONFIRM}"
        end = replace(end, verdict=replace(end.verdict, message=why))
    for outcome in redactor.report(report).outcomes if end.verdict.reason is Reason.READY else ():
        if outcome.step.why in _OF_OTHERS:
            left = f"{outcome.step.arn or outcome.step.name} stays in AWS: {outcome.step.detail}"
            context.recorder.record(subject.item, Reason.RELEASED, left, context.now())
    return end


def _order(
    subject: ObjectPatcher, context: OperatorContext, cloud: FencedCloud, secrets: NamespaceSecrets
) -> Order:
    """The engine's options for the deletion of the object's resource."""
    # No pass that applies it takes the tag off an object that is being deleted.
    unprotected = subject.item.policy.get("protect") is False
    return Order(
        set=context.rules.set,
        destroy=True,
        unprotected=frozenset({subject.ref} if unprotected else ()),
        choice=TargetSelection(frozenset({subject.ref}), alone=True),
        concurrency=context.rules.threads,
        secrets=secrets,
        advice=OBJECT,
        restrictions=context.grant(subject.ref.namespace).restrictions,
        reads=context.accounts.reads(cloud.identity),
        now=context.clock.wall(),
    )


def _await_end(
    subject: ObjectPatcher, context: OperatorContext, reads: SharedReads, in_transition: Live | None
) -> None:
    """Wait for the deletion of a resource in transition, with a List page that others of its kind share."""
    context.waits.note(subject.item, in_transition)
    if in_transition is not None:
        reads.note_deletion(subject.ref.kind, in_transition.arn)


def _document(subject: ObjectPatcher, context: OperatorContext) -> Compiled | None:
    """The object's document, where only that identifies its resource; in all other cases the entry suffices."""
    if entry_of(subject.item).name:
        return None
    found = compile_object(subject.item, context.store, across=context.across_namespaces)
    return found if isinstance(found, Compiled) else None


def _outcome_of(
    subject: ObjectPatcher, report: Report, store: ObjectInventoryStore, redactor: Redactor
) -> ReconcileOutcome:
    left = [outcome for outcome in report.outcomes if not _is_over(outcome, report)]
    error = report.observed.errors.get(subject.ref) if report.observed else None
    if not left and error is not None:
        return ReconcileOutcome(refusal(error), store.memo)
    if not left:
        message = ", ".join(outcome.step.detail or outcome.step.action.verb for outcome in report.outcomes)
        return ReconcileOutcome(Verdict(Reason.READY, message or "its resource is gone"), store.memo)
    shown = redactor.report(report)
    worst = redactor.outcome(left[0])
    reported = replace(worst, step=replace(worst.step, id=str(subject.ref)))
    current_verdict = verdict(replace(shown, outcomes=(reported,), observed=report.observed), subject.ref)
    if current_verdict.reason is Reason.PLANNED:
        current_verdict = with_plan(current_verdict, shown.plan)
    return ReconcileOutcome(replace(current_verdict, synced=False), store.memo)


def _is_over(outcome: Outcome, report: Report) -> bool:
    """Whether nothing is left to do: the resource is provably deleted, retained, or not ours."""
    if not report.consented:
        return outcome.step.action is Action.FORGET
    if outcome.step.why in _OF_OTHERS:
        return True
    return outcome.result is Result.DONE or outcome.step.action is Action.FORGET
