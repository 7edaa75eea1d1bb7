"""InferenceRouter: its targets are replaced as a whole, and its destinations need not exist."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

TARGETS = "RoutingTargets"
ASYNC = "AsyncInferenceConfig"


def _are_valid(request: OperationRequest) -> None:
    """Refuse duplicate names and destinations, and modes that do not fit; the messages are unverified."""
    targets = request.params[TARGETS]
    names = [target["Name"] for target in targets]
    if len(set(names)) != len(names):
        raise invalid("Routing target names must be unique within an inference router.")
    for target in targets:
        arns = [destination["ResourceArn"] for destination in target["Destinations"]]
        if len(set(arns)) != len(arns):
            raise invalid(f"Each destination of routing target {target['Name']} must be unique.")
        if target.get("RoutingPreference") == "InstancePoolOrder" and ASYNC not in target:
            raise invalid("InstancePoolOrder is supported only for asynchronous routing targets.")
        for arn in arns:
            row = request.find(arn)
            if row is not None and row.kind == ENDPOINT.name and (ASYNC in row.body) != (ASYNC in target):
                raise invalid(f"The inference mode of {arn} does not match routing target {target['Name']}.")


def _describe_response(request: OperationRequest, row: Row) -> Json:
    """The response of Describe, with the state of each destination."""
    targets = [
        target
        | {"Destinations": [one | {"RoutingStatus": _status(request, one)} for one in target["Destinations"]]}
        for target in row.body[TARGETS]
    ]
    return row.body | {TARGETS: targets}


def _status(request: OperationRequest, destination: Json) -> str:
    arn = destination["ResourceArn"]
    if request.is_foreign(arn) or arn.split(":")[3] != request.account.region:
        return "Unknown"
    row = request.find(arn)
    return "Routable" if row is not None and "InService" in row.body.values() else "Unroutable"


def _targets(request: OperationRequest) -> Json:
    """The targets with the service's additions; a status in the request is ignored."""
    filled = []
    for target in request.params[TARGETS]:
        made = {"RoutingPreference": "LocalRegionFirst"} | target
        made["Destinations"] = [{"ResourceArn": one["ResourceArn"]} for one in target["Destinations"]]
        if ASYNC in target:
            client = {"MaxTimeInBacklogSeconds": 900} | target[ASYNC].get("ClientConfig", {})
            made[ASYNC] = target[ASYNC] | {"ClientConfig": client}
        filled.append(made)
    return {TARGETS: filled}


def _change(request: OperationRequest, row: Row) -> Row:
    """Replace all targets; a failed update is assumed to leave the router Failed (unverified)."""
    seconds, done = request.knobs.router_updating, {"Status": "InService"} | _targets(request)
    if request.effect.fails is not None:
        done = {"Status": "Failed", "StatusReason": request.effect.fails}
    return replace(
        row,
        body=row.body | {"Status": "Updating"},
        due=(request.step_after(seconds, done, ("StatusReason",)),),
    )


def _update_is_valid(request: OperationRequest, _: Row) -> None:
    _are_valid(request)


INFERENCE_ROUTER = SandboxKind(
    name="InferenceRouter",
    path="inference-router",
    # The codes are the model's; the messages are unverified.
    missing=Phrase("ResourceNotFound", "Could not find inference router '{name}'."),
    exists=Phrase("ResourceAlreadyExists", "Inference router {arn} already exists."),
    busy=Phrase("ConflictException", "Inference router {arn} is being changed by another request."),
    listing=ListDefaults(key="InferenceRouters"),
    life=StateSequence(
        status="Status",
        growth=(("Creating", lambda request: request.knobs.router_creating),),
        stable="InService",
        failure="StatusReason",
        deletion_seconds=lambda request: request.knobs.router_deleting,
        busy=frozenset({"Creating", "Updating", "Deleting"}),
    ),
    instructions=frozenset({"ClientToken"}),
    token=lambda request: request.params.get("ClientToken"),
    guards=(_are_valid,),
    update_guards=(_update_is_valid,),
    initial=_targets,
    shown=_describe_response,
    change=_change,
)
