"""App: created, deleted, never changed; a deleted one is still described and listed."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.space import space_arn
from controller.sandbox.kinds.studio_settings import domain_of, names_what_exists
from controller.sandbox.kinds.user_profile import profile_arn
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

_OWNERS = ("UserProfileName", "SpaceName")
_CLASSIC = frozenset({"JupyterServer", "KernelGateway"})


def _address(request: OperationRequest) -> str:
    given = request.params
    owner = next((given[member] for member in _OWNERS if member in given), "")
    return request.account.arn(f"app/{given['DomainId']}/{owner}/{given['AppType']}/{given['AppName']}")


def _owner_is_there(request: OperationRequest) -> None:
    domain_of(request)
    given = [member for member in _OWNERS if member in request.params]
    if len(given) != 1:
        raise invalid(f"Exactly one of {' and '.join(_OWNERS)} must be provided.")
    arns = {"UserProfileName": profile_arn, "SpaceName": space_arn}
    arn = arns[given[0]](request, request.params[given[0]])
    owner = request.find(arn)
    if owner is None or owner.body["Status"] != "InService":
        raise invalid(f"Unable to create App [{_address(request)}] because [{arn}] is not in InService.")
    if request.params["AppType"] in _CLASSIC and not request.knobs.studio_classic:
        raise invalid("Studio Classic is closed to new apps.")


def _initial(request: OperationRequest) -> Json:
    given = request.params.get("ResourceSpec", {})
    if not request.knobs.studio_settings_are_filled:
        return {}
    return {"ResourceSpec": {"InstanceType": "ml.t3.medium"} | given}


def _recreate_failed(request: OperationRequest, row: Row) -> Row:
    """Create an app again if it has failed; refuse it otherwise."""
    if row.body["Status"] != "Failed":
        raise APP.exists.refusal(arn=row.arn, name=row.name)
    up = request.step_after(request.knobs.app_pending, {"Status": "InService"})
    body = {name: value for name, value in row.body.items() if name != "FailureReason"}
    return replace(row, body=body | {"Status": "Pending"}, due=(up,))


def _may_go(_: OperationRequest, row: Row) -> None:
    # Both as the Terraform provider's source has them.
    if row.body["Status"] == "Deleted":
        raise invalid(f"App [{row.arn}] has already been deleted.")
    if row.body["Status"] == "Failed":
        raise invalid(f"App [{row.arn}] previously failed and was automatically deleted.")


APP = SandboxKind(
    name="App",
    path="app",
    # All three are unverified.
    missing=Phrase("ResourceNotFound", "App [{arn}] does not exist."),
    exists=Phrase("ResourceInUse", "App [{arn}] already exists."),
    busy=Phrase("ResourceInUse", "App [{arn}] is being created or deleted."),
    listing=ListDefaults(key="Apps", page=10),
    modified=None,
    life=StateSequence(
        status="Status",
        growth=(("Pending", lambda request: request.knobs.app_pending),),
        stable="InService",
        deletion_seconds=lambda request: request.knobs.app_deleting,
        deleted="Deleted",
        busy=frozenset({"Pending", "Deleting"}),
    ),
    address=_address,
    identify=lambda request: (_address(request), request.params["AppName"]),
    guards=(_owner_is_there, names_what_exists("ResourceSpec")),
    delete_guards=(_may_go,),
    initial=_initial,
    again=_recreate_failed,
)
