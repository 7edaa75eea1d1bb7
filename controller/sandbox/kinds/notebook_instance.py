"""NotebookInstance: as much of it as shows what uses a lifecycle configuration: created, listed, stopped, deleted."""

from dataclasses import replace

from controller.sandbox.kind import Life, ListDefaults, SandboxKind
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

CONFIG = "NotebookInstanceLifecycleConfigName"
_STATUS = "NotebookInstanceStatus"


def _config(ask: OperationRequest) -> None:
    name = ask.params.get("LifecycleConfigName")
    arn = ask.account.arn(f"notebook-instance-lifecycle-config/{name}")
    if name is not None and ask.find(arn) is None:
        raise invalid(f"Unable to find Notebook Instance Lifecycle Config '{arn}'.")


def _birth(ask: OperationRequest) -> Json:
    return {CONFIG: ask.params.get("LifecycleConfigName"), "LifecycleConfigName": None}


def _stop(ask: OperationRequest, row: Row) -> Row:
    if row.body[_STATUS] != "InService":
        raise invalid(
            f"Status ({row.body[_STATUS]}) not in ([InService]). Unable to transition to (Stopping)."
        )
    stopped = ask.after(ask.knobs.notebook_instance_stopping, {_STATUS: "Stopped"})
    return replace(row, body=row.body | {_STATUS: "Stopping"}, due=(stopped,))


def _filtered(ask: OperationRequest, row: Row) -> bool:
    return str(ask.params.get(f"{CONFIG}Contains", "")) in str(row.body.get(CONFIG, ""))


NOTEBOOK_INSTANCE = SandboxKind(
    name="NotebookInstance",
    path="notebook-instance",
    missing=Phrase("ValidationException", "RecordNotFound"),
    exists=Phrase("ValidationException", "Cannot create a duplicate Notebook Instance ({arn})"),
    busy=Phrase(
        "ValidationException",
        "Status of {arn} not in ([Failed, Stopped]). Unable to transition to (Deleting).",
    ),
    listing=ListDefaults(
        key="NotebookInstances",
        sort="Name",
        sieve=_filtered,
        sieved=frozenset(
            {f"{CONFIG}Contains", "DefaultCodeRepositoryContains", "AdditionalCodeRepositoryEquals"}
        ),
    ),
    life=Life(
        status=_STATUS,
        growth=(("Pending", lambda ask: ask.knobs.notebook_instance_pending),),
        stable="InService",
        death=lambda ask: ask.knobs.notebook_instance_deleting,
        busy=frozenset({"Pending", "InService", "Stopping", "Deleting"}),
    ),
    guards=(_config,),
    birth=_birth,
    stop=_stop,
)
