"""Texts about actions: the header of a step, and the words of the summary line."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.plan import Step
from controller.schema.contract import contract

_LABELS: Mapping[Action, str] = MappingProxyType(
    {
        Action.NOOP: "is unchanged",
        Action.CREATE: "will be created",
        Action.UPDATE: "will be updated in place",
        Action.CREATE_BEFORE_DELETE: "will be replaced by a new generation",
        Action.REPLACE: "must be replaced",
        Action.DELETE: "will be destroyed",
        Action.STOP: "will be stopped",
        Action.ADOPT: "will be adopted",
        Action.FORGET: "will be removed from the inventory, and stays in the account",
        Action.WAIT: "is waiting",
        Action.BLOCKED: "is blocked",
    }
)
LEGEND: Mapping[Action, str] = MappingProxyType(
    {
        Action.CREATE: "create",
        Action.UPDATE: "update in place",
        Action.CREATE_BEFORE_DELETE: "replace (create before delete)",
        Action.REPLACE: "replace (delete, then create)",
        Action.DELETE: "delete",
        Action.STOP: "stop",
        Action.ADOPT: "adopt",
        Action.FORGET: "remove from the inventory",
        Action.WAIT: "wait for AWS",
        Action.BLOCKED: "blocked, needs manual action",
    }
)
COUNTED: Mapping[Action, str] = MappingProxyType(
    {
        Action.CREATE: "to create",
        Action.UPDATE: "to update",
        Action.REPLACE: "to replace",
        Action.CREATE_BEFORE_DELETE: "to replace (create before delete)",
        Action.DELETE: "to delete",
        Action.STOP: "to stop",
        Action.ADOPT: "to adopt",
    }
)
DONE: Mapping[Action, str] = MappingProxyType(
    {
        Action.CREATE: "created",
        Action.UPDATE: "updated",
        Action.REPLACE: "replaced",
        Action.CREATE_BEFORE_DELETE: "replaced (create before delete)",
        Action.DELETE: "deleted",
        Action.STOP: "stopped",
        Action.ADOPT: "adopted",
    }
)
DOING: Mapping[Action, str] = MappingProxyType(
    {
        Action.CREATE: "creating",
        Action.UPDATE: "updating",
        Action.REPLACE: "replacing",
        Action.CREATE_BEFORE_DELETE: "creating the new generation",
        Action.DELETE: "deleting",
        Action.STOP: "stopping",
        Action.ADOPT: "adopting",
    }
)
# The first word of a plan's ``action_reason``.
_VERBS: Mapping[Action, str] = MappingProxyType(
    {
        **{each: each.verb for each in Action},
        Action.NOOP: "left",
    }
)


def action_reason(action: Action, reason: Reason) -> str:
    """The code of an action and its reason, as Terraform writes them: ``create_because_absent``.

    For a step whose inputs are not known yet the action is wait.
    """
    verb = _VERBS[Action.WAIT if reason is Reason.DEPENDENCY_NOT_READY else action]
    return f"{verb}_because_{reason.name.lower()}"


_QUIET = frozenset({Reason.READY, Reason.OFF})
_NEVER = frozenset({Reason.OUT_OF_SCOPE})


def is_shown(step: Step) -> bool:
    """Whether a plan mentions the step at all."""
    if step.why in _NEVER:
        return False
    return step.action is not Action.NOOP or step.why not in _QUIET or bool(step.detail)


def header(step: Step) -> str:
    """The action of the step as a line of text."""
    label = _LABELS[step.action]
    if step.why is Reason.DELETED_OUTSIDE and step.action is Action.CREATE:
        label = "will be created again"
    elif step.why is Reason.DELETED_OUTSIDE:
        label = "no longer exists, and will be removed from the inventory"
    if step.action is Action.STOP and step.why is Reason.SUPERSEDED:
        label = "(an earlier run) will be stopped"
    if step.action is Action.CREATE_BEFORE_DELETE and contract(step.ref.kind).kind.lifecycle.runs:
        label = "will run again"
    elif step.action is Action.CREATE_BEFORE_DELETE:
        label = (
            "will be replaced by a new version" if step.numbered else f"{label} {_new_name(step)}".rstrip()
        )
    if step.action is Action.DELETE and step.why is Reason.SUPERSEDED:
        label = "(an old generation) will be destroyed"
    if step.withheld and step.action.acts:
        label = f"{label.replace('will be', 'would be').replace('must be', 'would be')} ({step.withheld})"
    return f"{step.id} {label}"


def _new_name(step: Step) -> str:
    """The name of the new generation; empty while its inputs are unknown."""
    return str(step.name) if step.calls else ""


def forcing_note(step: Step) -> str:
    """The note about a change that no update can make."""
    if step.action is not Action.CREATE_BEFORE_DELETE:
        return "forces replacement"
    return "forces a new run" if contract(step.ref.kind).kind.lifecycle.runs else "forces a new generation"


def calls_of(step: Step) -> str:
    """The names of the step's calls, or of the future calls if inputs are not known yet."""
    if step.calls:
        return ", ".join(call.operation for call in step.calls)
    of = contract(step.ref.kind)
    if step.action.creates:
        deletes = f"{of.deletes.name}, " if step.action is Action.REPLACE and of.deletes else ""
        return f"{deletes}{of.creates.name}, once its inputs are known"
    return "not known until its inputs are"
