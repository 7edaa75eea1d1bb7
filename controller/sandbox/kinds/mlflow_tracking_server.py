"""MlflowTrackingServer: half an hour for each operation, which the status names."""

from collections.abc import Collection
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.lifecycle import Stage, constant, enter_stages, stop
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

_STATUS = "TrackingServerStatus"
_CHANGING = frozenset({"Creating", "Updating", "Deleting", "Stopping", "Starting", "MaintenanceInProgress"})
_VERSION = "2.16.2"
_WINDOW = "Tue:03:30"


def _initial(request: OperationRequest) -> Json:
    version = request.params.get("MlflowVersion", _VERSION)
    filled: Json = {
        "TrackingServerSize": "Small",
        "AutomaticModelRegistration": False,
        "WeeklyMaintenanceWindowStart": _WINDOW,
        "S3BucketOwnerAccountId": request.account.account,
        "S3BucketOwnerVerification": True,
    }
    return {name: request.params.get(name, value) for name, value in filled.items()} | {
        # hashicorp/terraform-provider-aws#42276: 2.16 is returned with its patch release
        "MlflowVersion": f"{version}.2" if version.count(".") == 1 else version,
        "IsActive": "Active",
        "CreatedBy": request.creator,
        "LastModifiedBy": request.creator,
        "TrackingServerUrl": f"https://sandbox.{request.account.region}.experiments.sagemaker.aws",
    }


def _is_updatable(request: OperationRequest, row: Row) -> None:
    """Refuse an update in a wrong state; the code is modelled, the messages are unverified."""
    status = row.body[_STATUS]
    if status in _CHANGING or (status == "Stopped" and not request.knobs.stopped_tracking_server_is_updated):
        raise ServiceError(
            "ConflictException",
            f"Tracking Server with ARN {row.arn} is currently in status {status.upper()}.",
        )


def _is_deletable(_: OperationRequest, row: Row) -> None:
    status = row.body[_STATUS]
    if status in _CHANGING:  # the message of aws/amazon-sagemaker-feedback#104
        raise invalid(
            f"Tracking Server is in un-deletable state ({status.upper()}), so it cannot be deleted."
        )


def _change(request: OperationRequest, row: Row) -> Row:
    registers = request.params.get("AutomaticModelRegistration", False)  # an update without it sets False
    body = (
        row.body
        | request.params
        | {"AutomaticModelRegistration": registers, "LastModifiedBy": request.creator}
    )
    stopped = row.body[_STATUS] == "Stopped"
    end = "Stopped" if stopped else "Updated"
    return _begin_transition(
        request, replace(row, body=body), ("Updating", end, "UpdateFailed"), active=not stopped
    )


def _stop(request: OperationRequest, row: Row) -> Row:
    _is_not(row, {*_CHANGING, "Stopped"}, "stopped")
    return _begin_transition(request, row, ("Stopping", "Stopped", "StopFailed"), active=False)


def _start(request: OperationRequest, row: Row) -> Row:
    _is_not(row, (_CHANGING | {"Created", "Updated", "Started", "MaintenanceComplete"}), "started")
    return _begin_transition(request, row, ("Starting", "Started", "StartFailed"), active=True)


def _is_not(row: Row, states: Collection[str], what: str) -> None:
    status = row.body[_STATUS]
    if status in states:  # the message of aws/amazon-sagemaker-feedback#104
        raise invalid(
            f"Tracking Server with ARN {row.arn} is currently in status {status.upper()}, can't be {what}."
        )


def _begin_transition(
    request: OperationRequest, row: Row, states: tuple[str, str, str], *, active: bool
) -> Row:
    """The row in a transition, at whose end it is in the next state or in the failure's state."""
    passing, end, failed = states
    last: Json = {_STATUS: end, "IsActive": "Active" if active else "Inactive"}
    if request.effect.fails is not None:
        last = {_STATUS: failed}
    stages = [
        Stage(put=constant({_STATUS: passing}), seconds=request.knobs.tracking_server_changing),
        Stage(put=constant(last)),
    ]
    return enter_stages(request, row, stages, "LastModifiedTime")


def _start_response(request: OperationRequest) -> Json:
    return stop(MLFLOW_TRACKING_SERVER, _start, request)


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    return all(
        request.params.get(member) in (None, row.body[member]) for member in (_STATUS, "MlflowVersion")
    )


MLFLOW_TRACKING_SERVER = SandboxKind(
    name="MlflowTrackingServer",
    path="mlflow-tracking-server",
    name_member="TrackingServerName",
    arn_member="TrackingServerArn",
    # The first code is modelled; the messages of these three are not known.
    missing=Phrase("ResourceNotFound", "MLflow tracking server {arn} does not exist."),
    exists=Phrase("ConflictException", "Tracking Server with ARN {arn} already exists."),
    busy=Phrase("ConflictException", "Tracking Server with ARN {arn} is being deleted."),
    # API reference, ListMlflowTrackingServers: the newest first.
    listing=ListDefaults(
        key="TrackingServerSummaries",
        order="Descending",
        row_filter=_matches_filters,
        filtered=frozenset({_STATUS, "MlflowVersion"}),
    ),
    life=StateSequence(
        status=_STATUS,
        growth=(("Creating", lambda request: request.knobs.tracking_server_creating),),
        stable="Created",
        failed="CreateFailed",
        failure_members=lambda _: {},  # a failed server has no reason
        deletion_seconds=lambda request: request.knobs.tracking_server_changing,
        delete_failed="DeleteFailed",
    ),
    initial=_initial,
    update_guards=(_is_updatable,),
    delete_guards=(_is_deletable,),
    change=_change,
    stop=_stop,
    acts={"StartMlflowTrackingServer": _start_response},
)
