"""The turn of an object that is to go: those that need it first, then its resource, then our finalizer."""

import logging
import time
from dataclasses import replace
from datetime import datetime

from controller.core.phase import Action
from controller.engine.advice import OBJECT
from controller.engine.plan import Why
from controller.engine.reconcile import Order, reconcile
from controller.engine.report import Outcome, Report, Result
from controller.engine.scope import Choice
from controller.manifests.bundle import Bundle
from controller.manifests.document import Deletion, Mode
from controller.operator.accounts import Fenced
from controller.operator.cached_object import Item
from controller.operator.constants import RELEASE
from controller.operator.context import Desk
from controller.operator.deletion_consent import Hold
from controller.operator.object_bundle import Compiled, compiled, needs_it
from controller.operator.object_inventory import ObjectMemory, entry_of
from controller.operator.object_patcher import Subject
from controller.operator.outcome import Verdict, refusal, verdict
from controller.operator.plan_status import planned
from controller.operator.reasons import Reason
from controller.operator.resource_reconciler import Ended, consent, guarded, memory_of
from controller.operator.secrets import NamespaceSecrets
from controller.output.redact import Redactor

_log = logging.getLogger("sagectl.farewell")
_NOTHING = Bundle({}, ())
_REFUSED = frozenset({Reason.DENIED, Reason.FORBIDDEN})  # role or account are gone, or have no rights for us


def farewell(subject: Subject, desk: Desk, turn: str) -> Ended | None:
    """Do what can be done now for an object's end; None when nothing keeps it any more.

    Raises:
        ApiError: the object moved while it was worked on, or the API server refused.

    """
    item = subject.item
    memo = item.status.get("memory")
    if not item.held:
        return None
    hold = _hold(item, desk)
    if hold.retain or not memo:
        _stays(subject, desk)
        return None
    if hold.why or hold.settles:
        return Ended(Verdict(Reason.HELD, hold.why, pause=hold.settles or None), memo)
    user = _user(subject, desk)
    if user:
        return Ended(Verdict(Reason.USED, f"{user} needs it and goes first"), memo)
    if item.policy.get("mode") == Mode.OFF.value:
        return Ended(Verdict(Reason.OFF, "policy.mode is Off; its resource can't be deleted"), memo)
    return _told(subject, desk, guarded(subject, desk, turn, lambda cloud: _destroyed(subject, desk, cloud)))


def _hold(item: Item, desk: Desk) -> Hold:
    """Whether the object's resource is to stay in AWS, or its deletion has to wait for a person."""
    if RELEASE in item.annotations or desk.deletion(item) is Deletion.RETAIN:
        return Hold(retain=True)
    return desk.deletions.hold(item) if desk.deletes_unasked(item) else Hold()


def _stays(subject: Subject, desk: Desk) -> None:
    """Let an object go without its resource."""
    memo = subject.item.status.get("memory")
    _release(subject, desk, "its resource in AWS stays" if memo else "it had none in AWS")
    if memo:
        _tell_left(subject.item, desk)
    else:
        left = "nothing is remembered of it, so nothing was deleted in AWS; what it may have made stays there"
        desk.teller.tell(
            subject.item, "Released", left, desk.now(), warning=bool(subject.item.status.get("arn"))
        )


def _told(subject: Subject, desk: Desk, end: Ended) -> Ended | None:
    """What is still to be told of an object; None when it was let go, with its resource or without."""
    if end.verdict.reason is Reason.READY:
        _release(subject, desk, end.verdict.message)
        desk.deletions.over(subject.item)
        return None
    if end.verdict.reason in _REFUSED and _is_overdue(subject.item, desk):
        _release(subject, desk, f"its account refuses us for too long: {end.verdict.message}")
        _tell_left(subject.item, desk)
        return None
    return end


def _is_overdue(item: Item, desk: Desk) -> bool:
    """Whether an object was to go so long ago that whoever runs the operator has it go without AWS."""
    after = desk.rules.release_after
    asked = datetime.fromisoformat(item.metadata["deletionTimestamp"])
    return after is not None and (datetime.fromisoformat(desk.now()) - asked).total_seconds() >= after


def _release(subject: Subject, desk: Desk, message: str) -> None:
    item = subject.item
    subject.let_go()
    desk.sights.drop(item.ref)
    desk.signer.forget(item.uid)
    _log.info("released", extra={"told": {"object": str(item.ref), "because": message}})


def _tell_left(item: Item, desk: Desk) -> None:
    """Say in an Event what nobody looks after any more, for the object that knew it is gone."""
    left = item.status.get("arn") or item.status.get("awsName") or "what it may have made"
    desk.teller.tell(item, "Released", f"{left} stays in AWS", desk.now())


def _user(subject: Subject, desk: Desk) -> str:
    """An object that needs this one and may have a resource on it; the cluster is asked, for a watch may have a gap."""
    for user in desk.store.users(subject.item):
        if user.held and needs_it(user, subject.ref, desk.store, across=desk.across):
            still = desk.fresh(user.ref, own=False)
            if still is not None and still.item.held:
                return str(user.ref)
    return ""


def _destroyed(subject: Subject, desk: Desk, cloud: Fenced) -> Ended:
    found = _document(subject, desk)
    memory = memory_of(subject, desk, found)
    secrets = NamespaceSecrets(desk.api, subject.ref.namespace)
    order = Order(
        set=desk.rules.set,
        destroy=True,
        choice=Choice(frozenset({subject.ref}), alone=True),
        concurrency=desk.rules.threads,
        secrets=secrets,
        advice=OBJECT,
        restrictions=desk.grant(subject.ref.namespace).restrictions,
        now=time.time(),
    )
    known = desk.sights.of(found.neighbours, found.bundle) if found else None
    desk.sights.drop(subject.ref)
    bundle = found.bundle if found else _NOTHING
    asking = desk.deletion(subject.item) is Deletion.CONFIRM
    agreed = consent(subject, desk, asking=asking)
    report = reconcile(bundle, replace(cloud, before=memory.secure), memory, agreed, order, known=known)
    redactor = Redactor(secrets.known)
    end = _ended(subject, report, memory, redactor)
    for outcome in redactor.report(report).outcomes if end.verdict.reason is Reason.READY else ():
        if outcome.step.why in (Why.FOREIGN, Why.UNREMEMBERED):
            left = f"{outcome.step.arn or outcome.step.name} stays in AWS: {outcome.step.detail}"
            desk.teller.tell(subject.item, "Released", left, desk.now())
    return end


def _document(subject: Subject, desk: Desk) -> Compiled | None:
    """What the object says, where only that can find its resource: what we remember is enough in all other cases."""
    if entry_of(subject.item).name:
        return None
    found = compiled(subject.item, desk.store, across=desk.across)
    return found if isinstance(found, Compiled) else None


def _ended(subject: Subject, report: Report, memory: ObjectMemory, redactor: Redactor) -> Ended:
    left = [outcome for outcome in report.outcomes if not _is_over(outcome, report)]
    error = report.world.errors.get(subject.ref) if report.world else None
    if not left and error is not None:
        return Ended(refusal(error), memory.memo)
    if not left:
        said = ", ".join(
            outcome.step.detail or outcome.step.action.name.lower() for outcome in report.outcomes
        )
        return Ended(Verdict(Reason.READY, said or "its resource is gone"), memory.memo)
    shown = redactor.report(report)
    worst = redactor.outcome(left[0])
    mine = replace(worst, step=replace(worst.step, id=str(subject.ref)))
    told = verdict(replace(shown, outcomes=(mine,), world=report.world), subject.ref)
    if told.reason is Reason.PLANNED:
        told = planned(told, shown.plan)
    return Ended(replace(told, synced=False), memory.memo)


def _is_over(outcome: Outcome, report: Report) -> bool:
    """Whether nothing is left to do: deleted for sure, left on purpose, or not ours at all."""
    if not report.consented:
        return outcome.step.action is Action.FORGET
    if outcome.step.why in (Why.FOREIGN, Why.OTHER_OWNER, Why.UNREMEMBERED):
        return True
    return outcome.result is Result.DONE or outcome.step.action is Action.FORGET
