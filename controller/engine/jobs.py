"""Jobs and pipeline executions ("runs"): started once for each spec, followed to their end, stopped if not desired."""

from dataclasses import replace

from controller.core.path import dotted_path
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.engine.adoption import may_not_be_deleted, not_found_note
from controller.engine.decision_input import DecisionInput
from controller.engine.diff import diff
from controller.engine.known_values import same_immutable
from controller.engine.observed import Live
from controller.engine.plan import Change, Step
from controller.engine.preconditions import alternative_to_replacement, before_adoption, replacement_loss
from controller.engine.removed_members import dropped_since
from controller.engine.requests import delete_call, run_call, stop_call
from controller.engine.secret_references import hidden_changes
from controller.engine.step_builder import (
    awaited_step,
    blocked_by_owner,
    changes_of,
    creation_calls,
    is_known,
    replaced_tags,
    step_of,
    transition_text,
    update_step,
)
from controller.inventory.model import UNPROVED
from controller.kinds import JobRun
from controller.manifests.document import Replace
from controller.manifests.resolve import Resolved, unknowns
from controller.schema.names import camel_path

RUNNING = "Running"  # the desired state of a job in progress


def decide_run(case: DecisionInput) -> Step:
    """The step of a document that declares a job."""
    live = case.live
    if live is None:
        return _step_if_unstarted(case)
    if live.phase is Phase.DELETING:
        return step_of(case, Action.WAIT, Reason.IN_TRANSITION, "its record is being deleted")
    foreign = blocked_by_owner(case, live)
    if foreign is not None:
        return _record_unproved(case, live) or _ran_before(foreign, case, live)
    if case.resolved.unknown:
        return _before_its_inputs(case, live)
    if _is_another_run(case, live):
        return _replace_run(case, live)
    return _step_if_running(case, live) if live.phase is Phase.CHANGING else _step_if_ended(case, live)


def _ran_before(blocking: Step, case: DecisionInput, live: Live) -> Step:
    """The step of a job that already ran with this spec, even if the inventory no longer holds it.

    Its record stays in AWS when another spec has run since, or the tree was destroyed. The record is not changed here,
    so a change that only an update of an ended job could make stays blocked. A kind without tags shows no owner, so
    only the name with the spec's hash identifies it.
    """
    ended = live.phase is Phase.READY and case.resolved.has_hashed_name
    untracked = Reason.NOT_IN_INVENTORY if case.resource.contract.taggable else Reason.NOT_OWNED
    if blocking.why is not untracked or not ended:
        return blocking
    brought = update_step(case, live, _applicable_changes(case, live))
    if brought.calls:
        return replace(blocking, changes=brought.changes)
    return step_of(case, Action.NOOP, Reason.ALREADY_RAN, "a run of this spec has ended; it is not run again")


def _record_unproved(case: DecisionInput, live: Live) -> Step | None:
    """The step for an ended job that only an untrusted inventory names: it is left alone, which needs no proof."""
    if (
        case.entry.instance != UNPROVED
        or not case.resolved.has_assigned_identity
        or live.phase is Phase.CHANGING
    ):
        return None
    if case.resolved.unknown or _applicable_changes(case, live):
        return None
    if _is_another_run(case, live):
        return _replace_run(case, live)
    if live.phase is Phase.FAILED:
        step = _step_if_ended(case, live)
        return None if step.action.acts else step
    return step_of(case, Action.NOOP, Reason.READY, "")


def _step_if_unstarted(case: DecisionInput) -> Step:
    if is_stop_desired(case.resolved):
        return step_of(case, Action.NOOP, Reason.NOT_STARTED, "not started: desired state is stopped")
    if case.entry.was_made and _same_run(case):
        return step_of(
            case, Action.NOOP, Reason.ALREADY_RAN, "it ran once, and its record is gone; it is not run again"
        )
    olds = case.observed.old.get(case.resource.ref, ())
    calls = creation_calls(case)
    if not olds:
        return step_of(case, Action.CREATE, Reason.ABSENT, not_found_note(case), calls=calls)
    changes = (
        *diff(case.resolved, olds[-1].body, ()),
        *dropped_since(case, olds[-1]),
        *hidden_changes(case),
        *replaced_tags(case, olds[-1]),
    )
    detail = f"{olds[-1].name} cannot be changed, so it runs again"
    return step_of(
        case, Action.CREATE_BEFORE_DELETE, Reason.CANNOT_UPDATE, detail, calls=calls, changes=changes
    )


def _same_run(case: DecisionInput) -> bool:
    """Whether the last applied spec describes the same job as the desired one."""
    return same_immutable(case.resolved, case.entry.applied, case.as_recorded)


def _is_another_run(case: DecisionInput, live: Live) -> bool:
    """Whether the live job is not of this spec; a name with the spec's hash proves that it is."""
    called = case.resource.contract.link_name(live.name)
    if case.resolved.has_hashed_name and called == case.resolved.generation:
        return False
    if case.entry.applied is not None:
        return not _same_run(case)
    return any(change.forces for change in diff(case.resolved, live.body, case.ignored_paths))


def _before_its_inputs(case: DecisionInput, live: Live) -> Step:
    """The step of a job while some inputs of its spec are not known yet."""
    if not case.resolved.has_hashed_name and _is_known_other_run(case, live):
        return awaited_step(_replace_run(case, live))
    detail = "it runs again if its inputs have changed"
    return step_of(case, Action.CREATE_BEFORE_DELETE, Reason.DEPENDENCY_NOT_READY, detail)


def _is_known_other_run(case: DecisionInput, live: Live) -> bool:
    """Whether the live job is not of this spec, whatever the unknown inputs will be."""
    before = case.entry.applied
    if before is None:
        found = diff(case.resolved, live.body, case.ignored_paths)
        return any(change.forces and is_known(change, case) for change in found)
    awaits = {name for name, value in case.resolved.spec.items() if unknowns(value)}
    known = [
        {name: value for name, value in each.items() if name not in awaits}
        for each in (before, case.as_recorded)
    ]
    return not same_immutable(case.resolved, *known)


def _replace_run(case: DecisionInput, live: Live) -> Step:
    """Start another job: beside the old one where the service numbers them, else instead of it."""
    contract, changes = case.resource.contract, changes_of(case, live)
    if case.resolved.has_assigned_identity:
        detail = "a run cannot be changed, so it runs again"
        return step_of(
            case,
            Action.CREATE_BEFORE_DELETE,
            Reason.CANNOT_UPDATE,
            detail,
            changes=changes,
            calls=creation_calls(case),
        )
    if case.resolved.has_hashed_name:
        detail = f"'{live.name}' has run with another spec; {before_adoption(live.name)}"
        return step_of(case, Action.BLOCKED, Reason.IMMUTABLE, detail, changes=changes)
    if case.resource.policy.replace is Replace.FORBID or contract.deletes is None:
        loses = f". {replacement_loss(contract, live.name)}" if contract.deletes else ""
        instead = alternative_to_replacement(contract, live.name)
        detail = f"'{live.name}' has run with another spec and keeps its name; {instead}{loses}"
        return step_of(case, Action.BLOCKED, Reason.IMMUTABLE, detail, changes=changes)
    if may_not_be_deleted(case, live):
        return step_of(
            case, Action.BLOCKED, Reason.PROTECTED, "it carries the protection tag", changes=changes
        )
    if live.phase is Phase.CHANGING:
        return step_of(case, Action.WAIT, Reason.IN_TRANSITION, transition_text(case, live), changes=changes)
    both = (delete_call(contract, live.name, case.owner), *creation_calls(case))
    changes = (*changes, *replaced_tags(case, live))
    detail = "its record is deleted and it runs again"
    return step_of(case, Action.REPLACE, Reason.CANNOT_UPDATE, detail, changes=changes, calls=both)


def _step_if_running(case: DecisionInput, live: Live) -> Step:
    if is_stop_desired(case.resolved) and not is_stopping(live):
        calls = (stop_call(case.resource.contract, live, case.owner, case.resolved.spec),)
        changes = (_desired_state_change(case, RUNNING),)
        return step_of(
            case, Action.UPDATE, Reason.SPEC_CHANGED, "it is stopped", changes=changes, calls=calls
        )
    if _is_early_start_desired(case, live):
        calls = (run_call(case.resource.contract, _runs(case).start, live.name, case.owner),)
        detail, changes = "it is started before its time", (_desired_state_change(case, live.status),)
        return step_of(case, Action.UPDATE, Reason.SPEC_CHANGED, detail, changes=changes, calls=calls)
    step = update_step(case, live, _applicable_changes(case, live))
    if step.action.acts:
        return step
    return step_of(case, Action.WAIT, Reason.IN_TRANSITION, transition_text(case, live))


def _step_if_ended(case: DecisionInput, live: Live) -> Step:
    runs, before = _runs(case), case.entry.applied or {}
    stopped = live.status in runs.stopped
    requested = stopped and bool(runs.state) and before.get(runs.state) == live.status
    if requested and not is_stop_desired(case.resolved) and runs.resume:
        calls = (run_call(case.resource.contract, runs.resume, live.name, case.owner),)
        detail, changes = "it goes on where it was stopped", (_desired_state_change(case, live.status),)
        return step_of(case, Action.UPDATE, Reason.SPEC_CHANGED, detail, changes=changes, calls=calls)
    another_end = stopped and case.resolved.spec.get(runs.state) != live.status
    if live.phase is Phase.FAILED and (another_end or not is_stop_desired(case.resolved)):
        reason = live.reason or ("it was stopped" if stopped else "SageMaker gave no reason")
        detail = f"{live.status}: {reason}; another spec, or another trigger, runs it again"
        return step_of(case, Action.BLOCKED, Reason.FAILED, detail)
    step, late = update_step(case, live, _applicable_changes(case, live)), _late_members(case, live)
    if not late or (step.action, step.why) != (Action.NOOP, Reason.READY):
        return step
    differ = "differs" if len(late) == 1 else "differ"
    detail = f"{', '.join(late)} {differ}, which only a run in progress takes; another trigger runs it again"
    return replace(step, detail=detail)


def _late_members(case: DecisionInput, live: Live) -> list[str]:
    """The members that differ and that an update could have changed only before this job ended."""
    updatable, spec = case.resource.contract.kind.write.updatable_in_phase, case.resource.contract.spec
    late = (
        change.path[:1]
        for change in changes_of(case, live)
        if updatable.get(str(change.path[0])) is Phase.CHANGING is not live.phase
    )
    return [dotted_path(camel_path(path, spec)) for path in sorted(set(late))]


def _applicable_changes(case: DecisionInput, live: Live) -> tuple[Change, ...]:
    """The changes that an update of this job can make now."""
    updatable = case.resource.contract.kind.write.updatable_in_phase
    return tuple(
        change
        for change in changes_of(case, live)
        if not change.forces and updatable.get(str(change.path[0]), live.phase) is live.phase
    )


def _desired_state_change(case: DecisionInput, before: str) -> Change:
    """The change of the desired state, as a plan shows it."""
    state = _runs(case).state
    return Change((state,), before, case.resolved.spec.get(state, RUNNING))


def is_stop_desired(resolved: Resolved) -> bool:
    """Whether a document requests its job to be stopped, or not to start."""
    runs = resolved.resource.contract.kind.lifecycle.runs
    return runs is not None and bool(runs.state) and resolved.spec.get(runs.state) in runs.stopped


def _is_early_start_desired(case: DecisionInput, live: Live) -> bool:
    """Whether a job waits for its scheduled time although its document requests it to run."""
    runs = _runs(case)
    return live.status == runs.scheduled and case.resolved.spec.get(runs.state) == RUNNING


def is_stopping(live: Live) -> bool:
    """Whether a run is on its way to a stop."""
    return live.status.casefold() == "stopping"


def _runs(case: DecisionInput) -> JobRun:
    runs = case.resource.contract.kind.lifecycle.runs
    if runs is None:
        raise TypeError(f"{case.resource.ref.kind} is not a run")
    return runs
