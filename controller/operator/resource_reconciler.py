"""One pass of one object: read it, compile it with its dependencies, run the engine, report.

Read this module first. Every step returns a value; only ``publish`` writes a status.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from controller.core.cloud import CloudError
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.advice import OBJECT
from controller.engine.converge import PlanMoved, later_consent
from controller.engine.observed import REBUILD, PriorReads, as_map
from controller.engine.order import Order
from controller.engine.plan import Plan
from controller.engine.rebuilding_inventory import RebuildingInventory
from controller.engine.reconcile import reconcile
from controller.engine.report import Report, Result
from controller.engine.scope import TargetSelection
from controller.inventory.model import InventoryError, InventoryStore
from controller.manifests.document import Mode
from controller.operator.accounts import FencedCloud
from controller.operator.cached_object import Item
from controller.operator.conditions import status_of
from controller.operator.constants import APPROVE
from controller.operator.context import OperatorContext
from controller.operator.object_bundle import (
    Compiled,
    compile_object,
    prefetch,
    unique_conflict,
    unmet_dependency,
)
from controller.operator.object_inventory import Memo, ObjectInventoryStore, is_proof
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.outcome import Verdict, is_complete, refusal, verdict, with_plan
from controller.operator.secrets import NamespaceSecrets
from controller.output.redact import Redactor
from controller.runtime.log import object_fields
from controller.runtime.throttling import CallerPriority

_JUDGED = frozenset({Reason.IMMUTABLE.value})  # independent of the dependencies
_MAY_COME = frozenset({Reason.DEPENDENCY_NOT_READY, Reason.DEPENDENCY_MISSING})
_FOREIGN = (
    "status.memory has the signature of another operator and is not trusted: another operator works on"
    " this object too (compare --selector, --namespace and --name of both), or this one has a new key or set"
)
_log = logging.getLogger("sagectl.status")


@dataclass(frozen=True)
class ReconcileOutcome:
    """The result of a pass: the verdict for the status, and the memory to keep."""

    verdict: Verdict
    memo: Memo | None


def converge(subject: ObjectPatcher, context: OperatorContext, reconcile_id: str) -> ReconcileOutcome:
    """Do what can be done now to make an object's resource equal to its spec.

    Raises:
        ApiError: the object changed meanwhile, or the API server refused.

    """
    end = _converge(subject, context, reconcile_id)
    left = context.rules.timeout - context.store.age(subject.ref)
    if left <= 0 or subject.item.status or end.verdict.reason not in _MAY_COME:
        return end
    return replace(end, verdict=replace(end.verdict, pause=left))


def _converge(subject: ObjectPatcher, context: OperatorContext, reconcile_id: str) -> ReconcileOutcome:
    item, memo = subject.item, subject.item.status.get("memory")
    if item.policy.get("mode") == Mode.OFF.value:
        return ReconcileOutcome(Verdict(Reason.OFF, "policy.mode is Off"), memo)
    restrictions = context.grant(item.ref.namespace).restrictions
    found = compile_object(item, context.store, across=context.across_namespaces, restrictions=restrictions)
    if isinstance(found, Verdict):
        return ReconcileOutcome(found, memo)
    waits = unmet_dependency(item, found, context.store) or _expected_object(item, found, context)
    if waits is None:
        return run_in_account(
            subject, context, reconcile_id, lambda cloud: _execute(subject, context, cloud, found)
        )
    prefetch(item, found, context, reconcile_id)
    if memo and (item.status.get("observedGeneration") != item.generation or item.reason in _JUDGED):
        judged = run_in_account(
            subject, context, reconcile_id, lambda cloud: _plan_only(subject, context, cloud, found)
        )
        return judged if judged.verdict.reason.value in _JUDGED else ReconcileOutcome(waits, memo)
    return ReconcileOutcome(waits, memo)


def _plan_only(
    subject: ObjectPatcher, context: OperatorContext, cloud: FencedCloud, found: Compiled
) -> ReconcileOutcome:
    """The outcome of the plan of an object that waits for dependencies; nothing is changed or recorded.

    A blocker that is independent of the dependencies is reported at once. This is done when the spec has changed, and
    while the blocker remains.
    """
    secrets = NamespaceSecrets(context.api, subject.ref.namespace)
    store = inventory_store_of(subject, context, found)
    ready = tuple(each for each in found.related if each.is_settled)
    known = context.observed.for_object(
        subject.item, context.rules.trusted, context.observed.of(ready, found.bundle)
    )
    order = replace(_order(subject, context, cloud, secrets), preflight=False, sweep=False)
    report = reconcile(found.bundle, cloud, store, lambda _: False, order, known=known)
    return replace(
        outcome_of(subject, report, store, Redactor(secrets.known)), memo=subject.item.status.get("memory")
    )


def _expected_object(item: Item, found: Compiled, context: OperatorContext) -> Verdict | None:
    """The verdict if a new object names a resource whose object may still be created: AWS is not read yet."""
    if item.status or context.store.age(item.ref) >= context.rules.timeout:
        return None
    links = found.bundle.resources[item.ref].links
    single = sorted({each.text for each in links if each.target is None and not each.text.startswith("arn:")})
    return Verdict(Reason.DEPENDENCY_NOT_READY, f"waits for {', '.join(single)}") if single else None


def run_in_account(
    subject: ObjectPatcher,
    context: OperatorContext,
    reconcile_id: str,
    work: Callable[[FencedCloud], ReconcileOutcome],
) -> ReconcileOutcome:
    """Open the account and run a function in it; errors become a verdict."""
    memo = subject.item.status.get("memory")
    try:
        cloud = context.cloud(subject.ref.namespace, reconcile_id, CallerPriority(str(subject.ref)))
        if cloud is None:
            message = f"no role is configured for the namespace {subject.ref.namespace}"
            return ReconcileOutcome(Verdict(Reason.NAMESPACE_NOT_ALLOWED, message), memo)
        end = work(cloud)
        return replace(end, verdict=replace(end.verdict, retry=max(cloud.waits))) if cloud.waits else end
    except CloudError as error:
        refused = replace(refusal(error), retry=error.retry_after)
        return ReconcileOutcome(refused, subject.item.status.get("memory"))
    except InventoryError as error:
        return ReconcileOutcome(Verdict(Reason.UNREADABLE, str(error)), memo)


def _same_resource_object(
    subject: ObjectPatcher, context: OperatorContext, cloud: FencedCloud
) -> Verdict | None:
    """The verdict if another object has the resource that is unique in the account (column ``unique``)."""

    def holds(item: Item) -> bool | None:
        if not context.intake.serves(item) or not context.accounts.uses_account(
            item.ref.namespace, cloud.identity
        ):
            return None
        return is_proof(item, context.signer, context.rules.set, cloud.identity)

    return unique_conflict(subject.item, context.store, holds, across=context.across_namespaces)


def _execute(
    subject: ObjectPatcher, context: OperatorContext, cloud: FencedCloud, found: Compiled
) -> ReconcileOutcome:
    same_resource_object = _same_resource_object(subject, context, cloud)
    if same_resource_object is not None:
        return ReconcileOutcome(same_resource_object, subject.item.status.get("memory"))
    secrets = NamespaceSecrets(context.api, subject.ref.namespace)
    store = inventory_store_of(subject, context, found)
    related = context.observed.of(found.related, found.bundle)
    known = context.observed.for_object(subject.item, context.rules.trusted, related)
    order = _order(subject, context, cloud, secrets)
    secured = replace(cloud, before=store.write_entry)
    kept = _memory_store(subject, context, cloud, found, store)
    with store.recorded():
        report = reconcile(found.bundle, secured, kept, consent(subject, context), order, known=known)
    _report_foreign_signature(store, context)
    _remember(subject, context, found, report, known)
    if report.observed and store.entry.name and all(is_complete(outcome) for outcome in report.outcomes):
        context.observed.make(subject.item, store.entry, report.observed.resolved[subject.ref])
    if store.entry.arn and (tags := _creation_tags(report, subject.ref)):
        context.observed.record_tags(subject.item, store.entry.arn, tags)
    _requeue_deleted(context, found, report, cloud.reconcile_id)
    if store.memo and not subject.item.has_finalizer:
        subject.add_finalizer()
    return outcome_of(subject, report, store, Redactor(secrets.known))


def _order(
    subject: ObjectPatcher, context: OperatorContext, cloud: FencedCloud, secrets: NamespaceSecrets
) -> Order:
    """The engine's options for the object."""
    return Order(
        set=context.rules.set,
        choice=TargetSelection(frozenset({subject.ref}), alone=True),
        sweep=_may_sweep(subject, context),
        concurrency=context.rules.threads,
        secrets=secrets,
        advice=OBJECT,
        now=context.clock.wall(),
        restrictions=context.grant(subject.ref.namespace).restrictions,
        reads=context.accounts.reads(cloud.identity),
        preflight=context.rules.preflight,
    )


def _report_foreign_signature(store: ObjectInventoryStore, context: OperatorContext) -> None:
    """Report a memory with a foreign signature: two operators may reconcile the object."""
    item, signature = store.item, store.foreign_signature
    if not signature or context.foreign_signatures.get(item.uid) == signature:
        return
    context.foreign_signatures[item.uid] = signature
    _log.warning("another operator's memory", extra={"fields": {**object_fields(item.ref)}})
    context.recorder.record(item, Reason.OTHER_OPERATOR, _FOREIGN, context.now(), warning=True)


def _memory_store(
    subject: ObjectPatcher,
    context: OperatorContext,
    cloud: FencedCloud,
    found: Compiled,
    store: ObjectInventoryStore,
) -> InventoryStore:
    """The memory to keep; for an object without one that is annotated with its set it is rebuilt from AWS."""
    lost = (
        not subject.item.status.get("memory") and subject.item.annotations.get(REBUILD) == context.rules.set
    )
    if not lost:
        return store
    return RebuildingInventory(store, found.bundle, cloud, context.rules.threads, frozenset({subject.ref}))


def _creation_tags(report: Report, ref: Ref) -> Mapping[str, str]:
    """The tags of the creation that this pass began, if any."""
    made = (Action.CREATE, Action.CREATE_BEFORE_DELETE)
    outcome = next(outcome for outcome in report.outcomes if outcome.step.id == str(ref))
    if outcome.result is not Result.STARTED or outcome.step.action not in made:
        return {}
    tags = outcome.step.calls[0].params.get("Tags", [])
    return tags if isinstance(tags, Mapping) else as_map(tags)


def _requeue_deleted(context: OperatorContext, found: Compiled, report: Report, reconcile_id: str) -> None:
    """Request a pass of settled dependencies whose resource no longer exists."""
    gone = [
        each
        for each in found.related
        if each.is_settled and report.observed and each.ref not in report.observed.live
    ]
    for each in gone:
        context.intake.enqueue_item(each, reconcile_id)


def inventory_store_of(
    subject: ObjectPatcher, context: OperatorContext, found: Compiled | None
) -> ObjectInventoryStore:
    """The inventory store of a pass."""
    related = found.related if found else ()
    return ObjectInventoryStore(
        subject.item, related, context.rules.set, context.key, context.signer, subject.note
    )


def consent(
    subject: ObjectPatcher, context: OperatorContext, *, needs_approval: bool = False
) -> Callable[[Plan], bool]:
    """The consent: everything; if policy or namespace requires approval, the approved plan and its later passes."""
    item, fingerprint = subject.item, subject.item.annotations.get(APPROVE, "")
    planned = needs_approval or context.accounts.tenants.requires_approval(subject.ref.namespace)
    if not planned and item.policy.get("mode") != Mode.PLAN.value:
        return lambda _: True

    def approved(plan: Plan) -> bool:
        if not plan.acting:
            return True
        if plan.fingerprint == fingerprint:
            context.approved[item.uid] = fingerprint, later_consent(plan)
        known = context.approved.get(item.uid)
        try:
            return known is not None and known[0] == fingerprint and known[1](plan)
        except PlanMoved:
            return False

    return approved


def outcome_of(
    subject: ObjectPatcher, report: Report, store: ObjectInventoryStore, redactor: Redactor
) -> ReconcileOutcome:
    """The result of a report for the object."""
    current_verdict = verdict(
        redactor.report(report) if report.observed is None else _redacted_report(report, redactor),
        subject.ref,
    )
    if current_verdict.seen and not current_verdict.seen.arn and store.memo:
        entry = store.memo["entry"]
        name = current_verdict.seen.name or entry.get("name", "")
        current_verdict = replace(
            current_verdict, seen=replace(current_verdict.seen, name=name, arn=entry.get("arn", ""))
        )
    if current_verdict.reason is Reason.PLANNED:
        current_verdict = with_plan(current_verdict, redactor.plan(report.plan))
    return ReconcileOutcome(current_verdict, store.memo)


def _redacted_report(report: Report, redactor: Redactor) -> Report:
    """The report without secrets, as far as the status uses it."""
    return replace(redactor.report(report), observed=report.observed)


def _may_sweep(subject: ObjectPatcher, context: OperatorContext) -> bool:
    """Whether no dependent uses an old generation any more, as far as their objects show."""
    return all(user.is_settled and not user.old_generations for user in context.store.users(subject.item))


def _remember(
    subject: ObjectPatcher, context: OperatorContext, found: Compiled, report: Report, known: PriorReads
) -> None:
    """Keep what was seen of resources that stayed as they were."""
    if report.observed is None:
        return
    live = report.observed.live.get(subject.ref)
    context.observed.drop(subject.ref, in_transition=live is not None and live.phase is Phase.CHANGING)
    quiet = not any(outcome.calls for outcome in report.outcomes)
    context.waits.note(subject.item, live if quiet else None)
    if quiet:
        context.observed.record_pass(subject.item, report.observed)
    for each in found.related:
        if each.ref not in known.live and each.is_settled:
            context.observed.record_pass(each, report.observed)


def publish(subject: ObjectPatcher, context: OperatorContext, end: ReconcileOutcome) -> Verdict:
    """Write the status if it changed, and record transitions; returns the object afterwards.

    Raises:
        ApiError: the object was recreated, or the API server refused.

    """
    if end.verdict.pause is not None:
        return end.verdict
    if not context.is_leader():  # the renewal may be slow: the next pass reports it
        return Verdict(Reason.BUSY, "leadership is not certain")
    now, before = context.now(), subject.item
    if subject.write_status(status_of(before, end.verdict, end.memo, now)):
        context.metrics.record_status_write()
        if end.memo and end.memo != before.status.get("memory"):  # else somebody else may have written it
            context.signer.note_written(before.uid, end.memo["serial"])
        fields = {**object_fields(before.ref), "reason": end.verdict.reason.value}
        _log.info("status", extra={"fields": fields})
        context.recorder.record_warnings(before, now)
        context.recorder.record_transition(before, end.verdict.reason, end.verdict.message, now)
    return end.verdict
