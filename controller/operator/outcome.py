"""The verdict of a pass: one value, from which status, events and the next requeue are derived."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.core.cloud import CloudError, Fault
from controller.core.phase import Action, Phase
from controller.core.reason import RECONCILE_STATES, Reason
from controller.core.ref import Ref
from controller.engine.plan import Plan, Step
from controller.engine.report import Outcome, Report, Result
from controller.engine.sensitive import body_patterns
from controller.output.plan_text import plan_text
from controller.output.terminal import Style
from controller.runtime.redaction import MASK, without_texts
from controller.schema.contract import contract
from controller.schema.names import to_camel
from controller.schema.secret_references import references, with_values
from controller.schema.sensitive import mask_sensitive, texts_at

_LONGEST = 1024
_REQUEUE_REASONS = "AWS throttles this operation: it is tried by one object at a time, and this one is queued"
_BIG = 32_768  # characters of a value; larger ones, such as definitions, are left out

_FAULTS = {
    Fault.THROTTLED: Reason.THROTTLED,
    Fault.BUSY: Reason.BUSY,
    Fault.DENIED: Reason.DENIED,
    Fault.LIMIT: Reason.LIMIT_EXCEEDED,
    Fault.INVALID: Reason.REJECTED,
    Fault.UNSUPPORTED: Reason.REJECTED,
    Fault.REFERENCE: Reason.REJECTED,
    Fault.MISSING: Reason.RETRYING,
    Fault.EXISTS: Reason.RETRYING,
    Fault.UNKNOWN: Reason.RETRYING,
    Fault.UNANSWERED: Reason.RETRYING,
}
# The condition's reason for several reasons of steps that are equivalent for an object.
_SUMMARY = {
    Reason.NOT_OWNED: Reason.FOREIGN_OWNER,
    Reason.NOT_IN_INVENTORY: Reason.FOREIGN_OWNER,
    Reason.STILL_USED: Reason.IMMUTABLE,
    Reason.DEPENDENCY_BLOCKED: Reason.RETRYING,
}


@dataclass(frozen=True)
class ObservedResource:
    """The observed parts of the status."""

    name: str = ""
    arn: str = ""
    status: str = ""
    outputs: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Verdict:
    """The state of an object.

    ``seen`` is None if AWS was not read, so that the former status stays. ``synced`` is whether AWS has the spec; None
    if unknown. ``soon`` requests another pass at once; ``pause`` one after some seconds, before which nothing is
    reported. ``retry`` are the seconds after which a throttled call may be made again.
    """

    reason: Reason
    message: str = ""
    synced: bool | None = None
    seen: ObservedResource | None = None
    plan: Mapping[str, str] | None = None
    fingerprint: str = ""
    soon: bool = False
    pause: float | None = None
    retry: float | None = None


def refusal(error: CloudError) -> Verdict:
    """The verdict if AWS refused before a decision was possible."""
    reason = _FAULTS[error.fault]
    return Verdict(reason, _with_requeue_reason(reason, str(error))[:_LONGEST])


def _with_requeue_reason(reason: Reason, message: str) -> str:
    return f"{message}; {_REQUEUE_REASONS}" if reason is Reason.THROTTLED else message


def verdict_of_exception(error: Exception) -> Verdict:
    """The verdict after an unexpected exception, whose text may contain secrets."""
    message = f"the operator failed on this object ({type(error).__name__}); the rest is in its log"
    return Verdict(Reason.UNREADABLE, message)


def verdict(report: Report, ref: Ref) -> Verdict:
    """The verdict of a report about its document."""
    outcome = next(outcome for outcome in report.outcomes if outcome.step.id == str(ref))
    reason, soon = _reason(outcome, report, ref)
    message = "; ".join([_message(outcome, reason, report, ref), *_left_behind(report, ref)])
    synced = reason is Reason.READY or (outcome.step.action is Action.WAIT and not outcome.step.changes)
    return Verdict(reason, message[:_LONGEST], synced, _observed_parts(outcome, report, ref), soon=soon)


def _reason(outcome: Outcome, report: Report, ref: Ref) -> tuple[Reason, bool]:
    """The reason, and whether another pass follows at once."""
    if outcome.step.why is Reason.UNREADABLE:
        return _unreadable_reason(report, ref), False
    if outcome.step.withheld or (not report.consented and outcome.step.action.acts):
        return Reason.PLANNED, False
    if outcome.fault is not None:
        return _FAULTS[outcome.fault], False
    reason = _SUMMARY.get(outcome.step.why, outcome.step.why)
    return (reason, False) if reason in RECONCILE_STATES else _by_result(outcome)


def _unreadable_reason(report: Report, ref: Ref) -> Reason:
    error = report.observed.errors.get(ref) if report.observed else None
    known = error is not None and error.fault in (Fault.DENIED, Fault.THROTTLED)
    return _FAULTS[error.fault] if error and known else Reason.UNREADABLE


def _by_result(outcome: Outcome) -> tuple[Reason, bool]:
    if outcome.result is Result.STARTED:
        return Reason.IN_TRANSITION, False
    if outcome.result is Result.DONE:
        return (Reason.READY, False) if is_complete(outcome) else (Reason.CHANGED, True)
    if outcome.result is Result.UNCHANGED:
        return Reason.READY, False
    if outcome.result is Result.SKIPPED and outcome.step.action is Action.REPLACE:
        return Reason.IMMUTABLE, False
    return (Reason.STILL_USED if outcome.used else Reason.RETRYING), False


def is_complete(outcome: Outcome) -> bool:
    """Whether the step is complete, so that no read is needed to confirm it."""
    made = outcome.step.action in (Action.CREATE, Action.CREATE_BEFORE_DELETE) and not outcome.step.gradual
    return made and outcome.result is Result.DONE


def _message(outcome: Outcome, reason: Reason, report: Report, ref: Ref) -> str:
    if reason is Reason.READY:
        return outcome.step.detail or "AWS matches the spec"
    if reason is Reason.PLANNED:
        return f"the plan is to {outcome.step.action.verb} it; approve status.fingerprint to allow it"
    if outcome.result is Result.STARTED:
        return f"{', '.join(call.operation for call in outcome.step.calls)} was accepted, waiting for AWS"
    error = report.observed.errors.get(ref) if report.observed else None
    message = outcome.message or outcome.step.detail or (str(error) if error else outcome.step.why.value)
    return _with_requeue_reason(reason, message)


def _left_behind(report: Report, ref: Ref) -> list[str]:
    """The texts about resources under former names of the object, which are deleted only with the object."""
    steps = (outcome.step for outcome in report.outcomes)
    return [
        f"'{step.name}' exists under the previous name, until it or this object is deleted"
        for step in steps
        if step.why is Reason.PREVIOUS_NAME and step.ref == ref
    ]


def _observed_parts(outcome: Outcome, report: Report, ref: Ref) -> ObservedResource:
    """The observed parts from the live body if unchanged; else from the step, and no outputs."""
    live = report.observed.live.get(ref) if report.observed else None
    step = outcome.step
    if live is not None and not outcome.calls:
        return ObservedResource(live.name, live.arn, live.status, _outputs(step, live.body, live.phase))
    name = step.name if isinstance(step.name, str) else ""
    return ObservedResource(name, step.arn, step.status)


def _outputs(step: Step, body: Mapping[str, Any], phase: Phase) -> Mapping[str, Any] | None:
    """The live body without members that the model or the document marks as sensitive."""
    if phase is not Phase.READY:
        return None
    kind_contract = contract(step.ref.kind)
    shown = {name: value for name, value in body.items() if name in kind_contract.body.members}
    hidden = {path: MASK for path, _ in references(shown, kind_contract.referable)}
    patterns = body_patterns(body, kind_contract, frozenset(step.secrets))
    marked = patterns - frozenset(kind_contract.secrets)  # secret references
    camel = to_camel(
        mask_sensitive(with_values(shown, hidden), kind_contract.body, patterns=patterns), kind_contract.body
    )
    repeated = texts_at(body, marked)
    plain: Mapping[str, Any] = {
        name: value
        for name, each in camel.items()
        if len(str(value := _remove_texts(_plain_data(each), repeated))) < _BIG
    }
    return plain


def _remove_texts(value: Any, texts: frozenset[str]) -> Any:
    """A value without sensitive strings, such as a marked name inside an ARN."""
    if isinstance(value, Mapping):
        return {name: _remove_texts(each, texts) for name, each in value.items()}
    if isinstance(value, list):
        return [_remove_texts(each, texts) for each in value]
    return without_texts(value, texts) if isinstance(value, str) else value


def _plain_data(value: Any) -> Any:
    from controller.output.values import plain_response

    return plain_response(value)


def with_plan(of: Verdict, plan: Plan) -> Verdict:
    """The verdict with the plan, which ``Redactor.plan`` must have redacted."""
    text = plan_text(plan, Style())
    action = plan.acting[0].action if plan.acting else Action.NOOP
    fields = {
        "action": action.verb,
        "summary": text.rstrip().rsplit("\n", 1)[-1],
        "text": text,
        "content": plan.content,
    }
    return replace(of, plan=fields, fingerprint=plan.fingerprint)
