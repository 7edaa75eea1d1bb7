"""NotebookInstance: can be changed and deleted only while it is stopped."""

from collections.abc import Collection
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.code_repository import CODE_REPOSITORY
from controller.sandbox.lifecycle import Stage, constant, enter_stages, stop
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

CONFIG = "NotebookInstanceLifecycleConfigName"
_STATUS = "NotebookInstanceStatus"
# Members of Update that remove another one (API reference, UpdateNotebookInstance).
_SWITCHES = {
    "LifecycleConfigName": "DisassociateLifecycleConfig",
    "AcceleratorTypes": "DisassociateAcceleratorTypes",
    "DefaultCodeRepository": "DisassociateDefaultCodeRepository",
    "AdditionalCodeRepositories": "DisassociateAdditionalCodeRepositories",
}
_SHOWN = {"LifecycleConfigName": CONFIG, "SecurityGroupIds": "SecurityGroups"}  # their names in Describe
_FILLED: Json = {
    "VolumeSizeInGB": 5,
    "RootAccess": "Enabled",
    "DirectInternetAccess": "Enabled",
    "IpAddressType": "ipv4",
    "PlatformIdentifier": "notebook-al2023-v1",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
}


def _names_exist(request: OperationRequest) -> None:
    """Refuse unknown configurations and repositories; the messages are unverified."""
    name = request.params.get("LifecycleConfigName")
    arn = request.account.arn(f"notebook-instance-lifecycle-config/{name}")
    if name is not None and request.find(arn) is None:
        raise invalid(f"Unable to find Notebook Instance Lifecycle Config '{arn}'.")
    default = request.params.get("DefaultCodeRepository")
    for repository in [
        *([default] if default else []),
        *request.params.get("AdditionalCodeRepositories", ()),
    ]:
        arn = CODE_REPOSITORY.arn(request.account, request.knobs, repository)
        if "://" not in repository and request.find(arn) is None:
            raise CODE_REPOSITORY.missing.refusal(arn=arn, name=repository)


def _network_fits(request: OperationRequest) -> None:
    """Refuse an instance without a network; API reference, CreateNotebookInstance: DirectInternetAccess."""
    if request.params.get("DirectInternetAccess") == "Disabled" and "SubnetId" not in request.params:
        raise invalid("SubnetId must be specified if DirectInternetAccess is Disabled.")


def _is_in(row: Row, states: Collection[str], to: str) -> None:
    """Refuse a transition from another state, with the message that issues quote."""
    status = row.body[_STATUS]
    if status not in states:
        raise invalid(
            f"Status ({status}) not in ([{', '.join(states)}]). Unable to transition to ({to}) for "
            f"Notebook Instance ({row.arn})."
        )


def _is_deletable(_: OperationRequest, row: Row) -> None:
    _is_in(row, ("Stopped", "Failed"), "Deleting")


def _is_updatable(request: OperationRequest, row: Row) -> None:
    failed = ("Failed",) if request.knobs.failed_notebook_is_updated else ()
    _is_in(row, ("Stopped", *failed), "Updating")
    _names_exist(request)
    if request.params.get("VolumeSizeInGB", row.body["VolumeSizeInGB"]) < row.body["VolumeSizeInGB"]:
        raise invalid("The volume size of a notebook instance cannot be decreased.")
    both = [m for m, switch in _SWITCHES.items() if m in request.params and request.params.get(switch)]
    if both and not request.knobs.notebook_takes_switch_and_value:
        raise invalid(f"{both[0]} and {_SWITCHES[both[0]]} cannot be specified together.")


def _described_names(params: Json) -> Json:
    """Members with their names in Describe."""
    return {_SHOWN.get(name, name): value for name, value in params.items()}


def _initial(request: OperationRequest) -> Json:
    name, given = request.params["NotebookInstanceName"], _described_names(request.params)
    made: Json = dict.fromkeys(_SHOWN) | {_SHOWN[member]: given.get(_SHOWN[member]) for member in _SHOWN}
    if "SubnetId" in given:
        made["SecurityGroups"] = given.get("SecurityGroups", ["sg-default"])
        made["NetworkInterfaceId"] = "eni-sandbox"
    url = f"{name.lower()}.notebook.{request.account.region}.sagemaker.aws"
    return made | {member: given.get(member, value) for member, value in _FILLED.items()} | {"Url": url}


def _change(request: OperationRequest, row: Row) -> Row:
    gone = {_SHOWN.get(m, m) for m, switch in _SWITCHES.items() if request.params.get(switch)}
    sent = {name: value for name, value in request.params.items() if name not in _SWITCHES.values()}
    body = {name: value for name, value in (row.body | _described_names(sent)).items() if name not in gone}
    return _begin_transition(
        request, replace(row, body=body), "Updating", request.knobs.notebook_instance_updating, "Stopped"
    )


def _stop(request: OperationRequest, row: Row) -> Row:
    _is_in(row, ("InService",), "Stopping")
    return _begin_transition(request, row, "Stopping", request.knobs.notebook_instance_stopping, "Stopped")


def _start(request: OperationRequest, row: Row) -> Row:
    _is_in(row, ("Stopped", "Failed"), "Pending")
    return _begin_transition(request, row, "Pending", request.knobs.notebook_instance_pending, "InService")


def _start_response(request: OperationRequest) -> Json:
    return stop(NOTEBOOK_INSTANCE, _start, request)


def _begin_transition(request: OperationRequest, row: Row, passing: str, seconds: float, end: str) -> Row:
    """The row in a transition, at whose end it is in the next state or failed."""
    fails = request.effect.fails
    last: Json = {_STATUS: end} if fails is None else {_STATUS: "Failed", "FailureReason": fails}
    stages = [
        Stage(put=constant({_STATUS: passing}), seconds=seconds, drop=("FailureReason",)),
        Stage(put=constant(last)),
    ]
    return enter_stages(request, row, stages, "LastModifiedTime")


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    body, desired = row.body, request.params
    return (
        str(desired.get(f"{CONFIG}Contains", "")) in str(body.get(CONFIG, ""))
        and str(desired.get("DefaultCodeRepositoryContains", ""))
        in str(body.get("DefaultCodeRepository", ""))
        and desired.get("AdditionalCodeRepositoryEquals")
        in (None, *body.get("AdditionalCodeRepositories", ()))
    )


NOTEBOOK_INSTANCE = SandboxKind(
    name="NotebookInstance",
    path="notebook-instance",
    # Terraform and ACK match the beginning of the first; the second is moto's.
    missing=Phrase("ValidationException", "RecordNotFound"),
    exists=Phrase("ValidationException", "Cannot create a duplicate Notebook Instance ({arn})"),
    busy=Phrase("ValidationException", "Notebook Instance ({arn}) is being deleted."),
    listing=ListDefaults(
        key="NotebookInstances",
        sort="Name",
        row_filter=_matches_filters,
        filtered=frozenset(
            {f"{CONFIG}Contains", "DefaultCodeRepositoryContains", "AdditionalCodeRepositoryEquals"}
        ),
    ),
    life=StateSequence(
        status=_STATUS,
        growth=(("Pending", lambda request: request.knobs.notebook_instance_pending),),
        stable="InService",
        deletion_seconds=lambda request: request.knobs.notebook_instance_deleting,
    ),
    guards=(_names_exist, _network_fits),
    update_guards=(_is_updatable,),
    delete_guards=(_is_deletable,),
    initial=_initial,
    change=_change,
    stop=_stop,
    acts={"StartNotebookInstance": _start_response},
)
