"""The decision about one document: what was observed of it becomes one step. No calls are made here."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from controller.core.path import Path, dotted_path, expand
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.engine.absence import OUTSIDE
from controller.engine.adoption import may_not_be_deleted, not_found_note
from controller.engine.contention import contended_changes
from controller.engine.decision_input import DecisionInput
from controller.engine.diff import diff, not_updatable
from controller.engine.jobs import decide_run
from controller.engine.lookup import updates_over_time
from controller.engine.observed import DIGEST, Live
from controller.engine.plan import Change, Step
from controller.engine.preconditions import alternative_to_replacement, before_adoption, replacement_loss
from controller.engine.removed_members import dropped_since
from controller.engine.requests import delete_call, deletion_calls
from controller.engine.secret_references import unreadable_members
from controller.engine.step_builder import (
    attempt_digest,
    awaited_step,
    blocked_by_owner,
    changes_of,
    creation_calls,
    is_known,
    replaced_tags,
    step_of,
    transition_text,
    undecidable_step,
    update_again,
    update_step,
    with_tag_changes,
)
from controller.inventory.model import DELETION, Inventory, PendingChange
from controller.kinds.display import CREATE_FAILED, UNDELETED
from controller.manifests.document import Mode, Replace
from controller.manifests.resolve import Unknown
from controller.schema.contract import Contract
from controller.schema.names import camel_path

BACKOFF = 3600  # seconds until a repeating run retries a failed deletion


def is_update_attempt(attempt: PendingChange | None) -> bool:
    """Whether an attempt is a creation or update, and no deletion."""
    return attempt is not None and attempt.digest != DELETION


def with_deletion_backoff(
    steps: Iterable[Step], inventory: Inventory, now: float | None, *, continued: bool
) -> list[Step]:
    """The steps, with failed deletions blocked for an hour.

    Args:
        steps: the plan's steps.
        inventory: the inventory, which records attempts.
        now: the time, for a run that repeats. A command retries a failed deletion once in each run.
        continued: whether an earlier pass of this run has tried it.

    """
    return [_in_backoff(step, inventory, now, continued=continued) for step in steps]


def _in_backoff(step: Step, inventory: Inventory, now: float | None, *, continued: bool) -> Step:
    entry = inventory.of(step.ref)
    tried = entry.attempt
    if step.action is not Action.DELETE or step.phase is not Phase.FAILED or entry.name != step.name:
        return step
    if tried is None or tried.digest != DELETION:
        return step
    failed = step.status in UNDELETED or (step.modified, step.reason) != (tried.modified, tried.reason)
    again = not continued if now is None else now - tried.at >= BACKOFF
    if not failed or again:
        return step
    when = "the next run tries it again" if now is None else "it is tried again an hour after the last time"
    reason = step.reason or "SageMaker gave no reason"
    detail = f"its deletion failed ({step.status}): {reason}; mend the cause, and {when}"
    return replace(step, action=Action.BLOCKED, why=Reason.FAILED, detail=detail, calls=())


_AGAIN = "change the spec, or give policy.retry another text, such as today's date, to try it once more"


def decide(case: DecisionInput) -> Step:
    """What is to be done about one document."""
    step = _without_contended(_decide(case), case)
    mode = case.resource.policy.mode
    if mode is Mode.OFF:
        return replace(
            step, action=Action.NOOP, why=Reason.OFF, calls=(), changes=(), detail="policy.mode is Off"
        )
    withheld = "policy.mode is Plan" if mode is Mode.PLAN and step.changes_account else ""
    notes = (*step.notes, *unreadable_members(case))
    return replace(step, withheld=withheld, notes=notes) if withheld or notes else step


def _without_contended(step: Step, case: DecisionInput) -> Step:
    """The step, with a note of its contended fields; without changes if nothing else differs."""
    lines = contended_changes(case, case.live) if case.contended else ()
    if not lines:
        return step
    if step.action is Action.NOOP and step.why is Reason.READY:
        return replace(step, why=Reason.CONTENDED, detail="; ".join(lines), contended=lines)
    return replace(step, notes=(*step.notes, *lines), contended=lines)


def _decide(case: DecisionInput) -> Step:
    blocking = undecidable_step(case)
    if blocking is not None:
        return blocking
    return (
        decide_run(case) if case.resource.contract.kind.lifecycle.runs else _decide_resource(case, case.live)
    )


def _decide_resource(case: DecisionInput, live: Live | None) -> Step:
    if live is None:
        return _step_if_absent(case)
    if live.phase is Phase.DELETING:
        gone = "it is being deleted; it will be created again afterwards"
        return step_of(case, Action.WAIT, Reason.IN_TRANSITION, gone)
    foreign = blocked_by_owner(case, live)
    if foreign is not None:
        return foreign
    if live.phase is Phase.CHANGING:
        then = diff(case.resolved, live.body, case.ignored_paths)
        return step_of(case, Action.WAIT, Reason.IN_TRANSITION, transition_text(case, live), changes=then)
    return _step_if_present(case, live)


def _step_if_absent(case: DecisionInput) -> Step:
    entry, resolved = case.entry, case.resolved
    doubted = _await_absence(case)
    if doubted is not None:
        return doubted
    olds = case.observed.old.get(case.resource.ref, ())
    calls = creation_calls(case)
    if olds and resolved.has_hashed_name:
        changes = (
            *diff(resolved, olds[-1].body, ()),
            *dropped_since(case, olds[-1]),
            *replaced_tags(case, olds[-1]),
        )
        detail = f"{olds[-1].name} is immutable, so a new generation replaces the resource"
        return step_of(
            case, Action.CREATE_BEFORE_DELETE, Reason.CANNOT_UPDATE, detail, calls=calls, changes=changes
        )
    gone = bool(entry.arn or entry.made) and not olds and entry.name not in entry.leaving
    why, detail = (Reason.DELETED_OUTSIDE, OUTSIDE) if gone else (Reason.ABSENT, not_found_note(case))
    return step_of(case, Action.CREATE, why, detail, calls=calls)


def _await_absence(case: DecisionInput) -> Step | None:
    """The step that waits before a resource with a generated identifier is created again, to avoid a duplicate.

    For other resources the creation itself proves the absence, because the service refuses a name that is taken.
    """
    entry, lost = case.entry, case.observed.missing.get(case.resource.ref, ())
    lost_one = next((each for each in lost if each.name == entry.name != ""), None)
    if lost_one is None or not case.resolved.has_assigned_identity or entry.name in entry.leaving:
        return None
    if lost_one.doubt:
        return step_of(case, Action.BLOCKED, Reason.UNREADABLE, f"it is not created again: {lost_one.doubt}")
    if lost_one.agreed and entry.name in entry.missed:
        return None
    detail = f"it seems that {OUTSIDE}; it is created again if the next pass does not find it either"
    return step_of(case, Action.WAIT, Reason.NOT_FOUND_ONCE, detail)


def _step_if_present(case: DecisionInput, live: Live) -> Step:
    resolved = case.resolved
    changes = changes_of(case, live)
    rolled = _rolled_back(case, live, changes)
    if rolled:
        return with_tag_changes(
            step_of(case, Action.BLOCKED, Reason.ROLLED_BACK, rolled, changes=changes), case, live
        )
    if live.phase is Phase.FAILED and (broken := _step_if_failed(case, live, changes)):
        return broken
    frozen = tuple(change for change in changes if change.forces)
    sure = tuple(each for each in frozen if _names_new_generation(each, case) or is_known(each, case))
    if resolved.unknown and sure and not resolved.has_hashed_name:
        return awaited_step(_replace_or_block(case, live, changes, sure))
    if resolved.unknown:  # also without a change: an identity may name another parent than before
        action = Action.CREATE_BEFORE_DELETE if resolved.has_hashed_name else Action.UPDATE
        return step_of(case, action, Reason.DEPENDENCY_NOT_READY, "waiting for its inputs", changes=changes)
    if frozen:
        return _replace_or_block(case, live, changes, frozen)
    return _retry_failed(update_step(case, live, changes), case, live)


def _retry_failed(step: Step, case: DecisionInput, live: Live) -> Step:
    """The step; for a failed resource without a change, one that repeats the failed update, or a blocked one."""
    if live.phase is not Phase.FAILED or (step.action.acts and step.gradual) or step.action is Action.ADOPT:
        return step
    reason = f"{live.status}: {live.reason or 'SageMaker gave no reason'}"
    never_came = live.status in CREATE_FAILED and not case.resource.contract.stops_to_change
    calls = () if never_came else update_again(case, live)
    if calls:
        sent, detail = (*step.calls, *calls), f"{reason}; an update with all of its spec is sent"
        return step_of(
            case, Action.UPDATE, Reason.SPEC_CHANGED, detail, calls=sent, changes=step.changes, gradual=True
        )
    stays = (
        "it carries the protection tag" if may_not_be_deleted(case, live) else "nothing of its spec differs"
    )
    detail = f"{reason}; {stays}, so nothing is sent: mend the cause in AWS"
    return with_tag_changes(
        step_of(case, Action.BLOCKED, Reason.FAILED, detail, changes=step.changes), case, live
    )


def _names_new_generation(change: Change, case: DecisionInput) -> bool:
    """Whether a value that is not known yet is certainly a change, because it will name a new generation."""
    if not isinstance(change.after, Unknown):
        return False
    ref, observed = change.after.after, case.observed
    linked = any(link.target == ref and link.path == change.path for link in case.resource.links)
    return linked and ref in observed.old and ref not in observed.live


def _rolled_back(case: DecisionInput, live: Live, changes: tuple[Change, ...]) -> str:
    """Why an update that AWS accepted was rolled back; empty if none failed."""
    # The state member is set by a call of its own.
    mine, state = (attempt_digest(case), case.resource.contract.state_member)
    for attempt in (case.entry.attempt, case.entry.failed):
        if attempt is None or attempt.digest != mine or not mine or live.phase is not Phase.READY:
            continue
        if case.resource.contract.applies_spec(attempt.then):
            continue  # it was only stopped so far
        pending = attempt is case.entry.attempt
        if pending and _is_kept_by_aws(attempt, case, live):
            continue
        fails_anew = pending and live.reason not in ("", attempt.reason)
        # a Cluster has no time of its last change, but a reason of the rollback
        finished = not pending or live.modified != attempt.modified or fails_anew
        # Then a further change may still be outstanding.
        single = case.resource.contract.kind.write.one_change_per_update
        still = not pending and live.reason == attempt.reason != ""
        rolled_back = (
            any(not (change.stays or change.path[0] == state) for change in changes)
            and (still or not single)
            and not (pending and case.entry.applied != case.as_recorded)  # AWS may not have accepted it
        )
        if finished and case.entry.arn and (rolled_back or fails_anew):
            reason = _reason(live.reason or attempt.reason, case)
            return f"the update was rolled back and is not retried automatically: {reason}; {_AGAIN}"
    return ""


def _is_kept_by_aws(attempt: PendingChange, case: DecisionInput, live: Live) -> bool:
    """Whether AWS can't have rolled an attempt back, so that any difference was made by somebody since.

    A creation has no earlier state, and a synchronous update has ended with its response. A kind without a time of its
    last change, as Cluster, lacks it in both.
    """
    created = not attempt.modified and live.modified != ""
    return created or not updates_over_time(case.resource.contract)


def _reason(reason: str, case: DecisionInput) -> str:
    """Why an update was rolled back, with the alarms that may have caused it where SageMaker does not name one."""
    patterns = case.resource.contract.kind.lifecycle.watched
    names = [str(name) for pattern in patterns for _, name in expand(case.resolved.spec, pattern)]
    text = reason or "SageMaker gave no reason"
    return (
        text
        if not names or any(name in reason for name in names)
        else f"{text}; it watched {', '.join(names)}"
    )


def _step_if_failed(case: DecisionInput, live: Live, changes: tuple[Change, ...]) -> Step | None:
    """The step of a resource whose creation failed: blocked until its spec changes, then recreated."""
    mine, spec = attempt_digest(case), case.resolved.digest or ""
    remembered = next(
        (each for each in (case.entry.failed, case.entry.attempt) if is_update_attempt(each)), None
    )
    tag = (live.tags or {}).get(DIGEST, "")
    same = (
        (remembered.digest or mine) == mine
        if remembered
        else spec.startswith(tag) or case.resolved.written.startswith(tag)
    )
    reason = f"{live.status}: {live.reason or 'SageMaker gave no reason'}"
    if live.status in UNDELETED:
        detail = f"{reason}; its deletion failed, and nothing but that can be tried again"
        return step_of(case, Action.BLOCKED, Reason.FAILED, detail, changes=changes)
    if same or not spec:
        detail = f"{reason}; it is not retried automatically: {_AGAIN}"
        return with_tag_changes(
            step_of(case, Action.BLOCKED, Reason.FAILED, detail, changes=changes), case, live
        )
    stays = case.resource.contract.stops_to_change  # it may have run before, and hold people's data
    if live.status in CREATE_FAILED and not stays and not may_not_be_deleted(case, live):
        calls = (delete_call(case.resource.contract, live.name, case.owner), *creation_calls(case))
        changes = (*changes, *replaced_tags(case, live))
        return step_of(
            case, Action.REPLACE, Reason.CREATION_FAILED, reason, changes=changes, calls=calls, at_once=1
        )
    return None


def _fixed_paths(frozen: tuple[Change, ...], contract: Contract) -> Iterator[Path]:
    """The paths that no update changes: of a member that Update takes in part, those of the rest."""
    for change in frozen:
        yield from not_updatable(change.path, change.after, contract) or (change.path,)


def _replace_or_block(
    case: DecisionInput, live: Live, changes: tuple[Change, ...], frozen: tuple[Change, ...]
) -> Step:
    contract = case.resource.contract
    names = ", ".join(
        dict.fromkeys(dotted_path(camel_path(path, contract.spec)) for path in _fixed_paths(frozen, contract))
    )
    if (
        case.resolved.has_assigned_identity
        and contract.kind.identity.found_by
        and contract.kind.identity.found_by.generations
    ):
        calls, changes = creation_calls(case), (*changes, *replaced_tags(case, live))
        detail = f"{names} is immutable, so a new version replaces it and the old one stays"
        return step_of(
            case, Action.CREATE_BEFORE_DELETE, Reason.CANNOT_UPDATE, detail, changes=changes, calls=calls
        )
    if case.resolved.has_hashed_name and live.name != case.resolved.generation:
        detail = f"{names} cannot be changed; {before_adoption(live.name)}"
        return step_of(case, Action.BLOCKED, Reason.IMMUTABLE, detail, changes=changes)
    lasting = contract.kind.lifecycle.irreplaceable
    if lasting:
        detail = f"{names} cannot be changed; it is never deleted and created again: {lasting}"
        blocked = step_of(case, Action.BLOCKED, Reason.IMMUTABLE, detail, changes=changes)
        return with_tag_changes(blocked, case, live)
    if case.resource.policy.replace is Replace.FORBID:
        way = alternative_to_replacement(contract, live.name, fixed=not case.resolved.has_hashed_name)
        detail = f"{names} cannot be changed; {way}. {replacement_loss(contract, live.name)}"
        blocked = step_of(case, Action.BLOCKED, Reason.IMMUTABLE, detail, changes=changes)
        return with_tag_changes(blocked, case, live)
    if may_not_be_deleted(case, live):
        return step_of(
            case, Action.BLOCKED, Reason.PROTECTED, "it carries the protection tag", changes=changes
        )
    both = (*deletion_calls(contract, live, case.owner), *creation_calls(case))
    changes = (*changes, *replaced_tags(case, live))
    return step_of(
        case, Action.REPLACE, Reason.CANNOT_UPDATE, f"{names} cannot be changed", changes=changes, calls=both
    )
