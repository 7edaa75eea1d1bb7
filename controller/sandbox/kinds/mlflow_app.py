"""MlflowApp: its ID is assigned, and changes take minutes; an update enables model registration by itself."""

import hashlib
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.domain import DOMAIN
from controller.sandbox.lifecycle import Stage, constant, enter_stages
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

_REGISTERS, _DEFAULT, _DOMAINS = "ModelRegistrationMode", "AccountDefaultStatus", "DefaultDomainIdList"
_CHANGING = frozenset({"Creating", "Updating", "Deleting"})
DELETED = "Deleted"


def _identify(request: OperationRequest) -> tuple[str, str]:
    text = f"{request.account.region}/{request.state.count('MLflow apps')}"
    number = hashlib.sha256(text.encode()).hexdigest()[:12].upper()  # its length is unverified
    return request.account.arn(f"mlflow-app/app-{number}"), request.params["Name"]


def _other_apps(request: OperationRequest, arn: str = "") -> list[Row]:
    return [row for row in request.rows_of("MlflowApp") if row.arn != arn and row.body["Status"] != DELETED]


def _quota_is_left(request: OperationRequest) -> None:
    limit = request.knobs.mlflow_apps_limit  # the message is unverified
    if len(_other_apps(request)) >= limit:
        text = f"The account-level service limit 'MLflow apps' is {limit} Apps."
        raise ServiceError("ResourceLimitExceeded", text)


def _fits(request: OperationRequest, row: Row | None = None) -> None:
    """Refuse a name that is taken, if names are unique, and missing domains; the messages are our own."""
    others = _other_apps(request, row.arn if row else "")
    name = request.params.get("Name")
    if request.knobs.mlflow_app_names_are_unique and any(one.name == name for one in others):
        raise ServiceError("ConflictException", f"MLflow app with name {name} already exists.")
    for domain in request.params.get(_DOMAINS, ()):
        if request.find(request.account.arn(f"{DOMAIN.path}/{domain}")) is None:
            raise invalid(f"Domain {domain} does not exist.")


def _is_updatable(_: OperationRequest, row: Row) -> None:
    """Refuse an update in a wrong state; the code is modelled, the message is unverified."""
    if row.body["Status"] in _CHANGING:
        raise ServiceError("ConflictException", f"MLflow app {row.arn} is in status {row.body['Status']}.")


def _is_deletable(_: OperationRequest, row: Row) -> None:
    """DeleteMlflowApp declares only ResourceNotFound: its refusal of an app in transition is our own."""
    if row.body["Status"] in _CHANGING:
        raise invalid(f"MLflow app {row.arn} is in status {row.body['Status']}, so it cannot be deleted.")


def _initial(request: OperationRequest) -> Json:
    filled: Json = {
        _REGISTERS: "AutoModelRegistrationDisabled",
        "WeeklyMaintenanceWindowStart": "Tue:03:30",
        _DEFAULT: "DISABLED",
    }
    return {name: request.params.get(name, value) for name, value in filled.items()} | {
        "MlflowVersion": "3.4.0",
        "CreatedBy": request.creator,
        "LastModifiedBy": request.creator,
    }


def _take_default(request: OperationRequest, row: Row) -> None:
    """Remove the account's default from the other apps; whether the service does so is unverified."""
    if row.body[_DEFAULT] != "ENABLED" or not request.knobs.account_default_moves:
        return
    for one in _other_apps(request, row.arn):
        if one.body[_DEFAULT] == "ENABLED":
            request.commit(one, replace(one, body=one.body | {_DEFAULT: "DISABLED"}))


def _change(request: OperationRequest, row: Row) -> Row:
    sent = {name: value for name, value in request.params.items() if name != "Arn"}
    on = {_REGISTERS: request.params.get(_REGISTERS, "AutoModelRegistrationEnabled")}
    body = row.body | sent | on | {"LastModifiedBy": request.creator}
    changed = replace(row, body=body, name=body["Name"])
    _take_default(request, changed)
    stages = [
        Stage(put=constant({"Status": "Updating"}), seconds=request.knobs.mlflow_app_changing),
        Stage(put=constant({"Status": "Updated" if request.effect.fails is None else "UpdateFailed"})),
    ]
    return enter_stages(request, changed, stages, "LastModifiedTime")


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    body, given = row.body, request.params
    return (
        all(given.get(name) in (None, body[name]) for name in ("Status", "MlflowVersion", _DEFAULT))
        and given.get("DefaultForDomainId") in (None, *body.get(_DOMAINS, ()))
        and (request.knobs.deleted_ml_apps_listed or bool(body["Status"] != DELETED))
    )


MLFLOW_APP = SandboxKind(
    name="MlflowApp",
    path="mlflow-app",
    name_member="Name",
    arn_member="Arn",
    # The first code is modelled; the messages of these three are our own.
    missing=Phrase("ResourceNotFound", "MLflow app {arn} does not exist."),
    exists=Phrase("ConflictException", "MLflow app {arn} already exists."),
    busy=Phrase("ValidationException", "MLflow app {arn} is deleted."),
    # API reference, ListMlflowApps: the newest first.
    listing=ListDefaults(
        key="Summaries",
        order="Descending",
        row_filter=_matches_filters,
        filtered=frozenset({"Status", "MlflowVersion", _DEFAULT, "DefaultForDomainId"}),
    ),
    life=StateSequence(
        status="Status",
        growth=(("Creating", lambda request: request.knobs.mlflow_app_changing),),
        stable="Created",
        failed="CreateFailed",
        failure_members=lambda _: {},  # Describe has no member for a reason
        deleted=DELETED,
        deletion_seconds=lambda request: request.knobs.mlflow_app_changing,
        delete_failed="DeleteFailed",
        busy=frozenset({DELETED}),
    ),
    identify=_identify,
    address=lambda request: str(request.params["Arn"]),
    guards=(_quota_is_left, _fits),
    update_guards=(_is_updatable, _fits),
    delete_guards=(_is_deletable,),
    initial=_initial,
    follows=(_take_default,),
    change=_change,
)
