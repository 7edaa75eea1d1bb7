"""FlowDefinition: becomes Active, and cannot be changed."""

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.labeling_job import AWS_OWNED_UIS, HUMAN_TASK_UI, PRIVATE
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

_TIME_LIMIT = 3600  # API reference, HumanLoopConfig


def _team_and_ui_exist(request: OperationRequest) -> None:
    config = request.params.get("HumanLoopConfig")
    if config is None:
        return
    team, ui = config["WorkteamArn"], config["HumanTaskUiArn"]
    if PRIVATE in team and request.find(team) is None:  # vendor and public teams are in other accounts
        raise invalid(f"The specified Workteam '{team}' does not exist or you do not have access to it.")
    if ui.split(":")[4] != AWS_OWNED_UIS and request.find(ui) is None:
        raise HUMAN_TASK_UI.missing.refusal(arn=ui, name=ui.rpartition("/")[2])


def _both_or_none(request: OperationRequest) -> None:
    """Refuse conditions without a source of requests, and the reverse; the message is unverified."""
    if ("HumanLoopRequestSource" in request.params) != ("HumanLoopActivationConfig" in request.params):
        raise invalid("HumanLoopRequestSource and HumanLoopActivationConfig must be specified together.")


def _initial(request: OperationRequest) -> Json:
    config = request.params.get("HumanLoopConfig")
    if config is None:
        return {}
    return {"HumanLoopConfig": {"TaskTimeLimitInSeconds": _TIME_LIMIT} | config}


def _no_loops(request: OperationRequest, row: Row) -> None:
    if request.knobs.human_loops_run:
        raise ServiceError("ResourceInUse", f"Flow definition {row.arn} has human loops in progress.")


FLOW_DEFINITION = SandboxKind(
    name="FlowDefinition",
    path="flow-definition",
    # The codes are modelled; no public source has the messages of any of these three.
    missing=Phrase("ResourceNotFound", "Could not find flow definition '{name}'."),
    exists=Phrase("ResourceInUse", "Flow definition {arn} already exists."),
    busy=Phrase("ResourceInUse", "Flow definition {arn} is being created or deleted."),
    listing=ListDefaults(key="FlowDefinitionSummaries"),
    life=StateSequence(
        status="FlowDefinitionStatus",
        growth=(("Initializing", lambda request: request.knobs.flow_definition_initializing),),
        stable="Active",
        deletion_seconds=lambda request: request.knobs.flow_definition_deleting,
        busy=frozenset({"Deleting"}),
        running=frozenset({"Initializing"}),
    ),
    modified=None,
    guards=(_team_and_ui_exist, _both_or_none),
    delete_guards=(_no_loops,),
    initial=_initial,
)
