"""NotebookInstanceLifecycleConfig: synchronous; an Update sets both hooks, and removes an omitted one."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds.notebook_instance import CONFIG
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

_HOOKS = ("OnCreate", "OnStart")


def _change(request: OperationRequest, row: Row) -> Row:
    stays = request.knobs.absent_hook_stays
    replaced = {hook for hook in _HOOKS if hook in request.params or not stays}
    body = {name: value for name, value in row.body.items() if name not in replaced}
    return replace(
        row, body=body | {hook: request.params[hook] for hook in _HOOKS if request.params.get(hook)}
    )


def _initial(request: OperationRequest) -> Json:
    """The hooks without empty ones."""
    return {hook: None for hook in _HOOKS if not request.params.get(hook)}


def _check_unused(request: OperationRequest, row: Row) -> None:
    """Refuse a deletion while an instance names it; the message is unverified."""
    kept = request.knobs.attached_notebook_config_is_kept
    if kept and any(row.name == one.body.get(CONFIG) for one in request.rows_of("NotebookInstance")):
        raise invalid(
            f"Unable to delete Notebook Instance Lifecycle Config '{row.arn}'. (Details: It is in use.)"
        )


NOTEBOOK_INSTANCE_LIFECYCLE_CONFIG = SandboxKind(
    name="NotebookInstanceLifecycleConfig",
    path="notebook-instance-lifecycle-config",
    # The beginning of the first is known from ACK and the Terraform provider. Details are moto's, the third is
    # unverified.
    missing=Phrase(
        "ValidationException",
        "Unable to describe Notebook Instance Lifecycle Config '{arn}'. (Details: Notebook Instance Lifecycle Config "
        "does not exist.)",
    ),
    exists=Phrase(
        "ValidationException",
        "Unable to create Notebook Instance Lifecycle Config '{arn}'. (Details: Notebook Instance Lifecycle Config "
        "already exists.)",
    ),
    busy=Phrase(
        "ConflictException", "Notebook Instance Lifecycle Config {arn} is being changed by another request."
    ),
    listing=ListDefaults(key="NotebookInstanceLifecycleConfigs"),
    initial=_initial,
    change=_change,
    delete_guards=(_check_unused,),
)
