"""PartnerApp: its ID is assigned; a failed update leaves it unchanged.

The model declares the error codes of its refusals; the messages are not published, and those here are our own.
"""

import hashlib
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.mlflow_app import DELETED
from controller.sandbox.lifecycle import Stage, constant, enter_stages
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid
from controller.sandbox.tags import given_tags

PAGE = 10  # API reference, ListPartnerApps: MaxResults
_INSTRUCTIONS = frozenset({"Arn", "AppVersion", "ClientToken", "Tags"})


def _identify(request: OperationRequest) -> tuple[str, str]:
    text = f"{request.account.region}/{request.state.count('partner apps')}"
    number = hashlib.sha256(text.encode()).hexdigest()[:12].upper()
    return request.account.arn(f"partner-app/app-{number}"), request.params["Name"]


def _name_is_free(request: OperationRequest) -> None:
    name = request.params["Name"]
    if any(one.name == name and one.body["Status"] != DELETED for one in request.rows_of("PartnerApp")):
        raise ServiceError("ConflictException", f"Partner app with name {name} already exists.")


def _identity_center_is_named(request: OperationRequest, row: Row | None = None) -> None:
    held = row.body if row else {}
    kind = request.params.get("AuthType", held.get("AuthType"))
    if kind == "IDC" and "IdcConfig" not in {**held, **request.params}:
        raise invalid("IdcConfig must be specified for the AuthType IDC.")
    if held.get("AuthType") == "IDC" and kind == "IAM":
        raise invalid("AuthType cannot be changed from IDC to IAM.")


def _upgrade_is_there(request: OperationRequest, row: Row) -> None:
    """Refuse any version except the available upgrade (API reference, UpdatePartnerApp: AppVersion)."""
    desired, version = request.params.get("AppVersion"), row.body["Version"]
    if desired is not None and desired != _upgrade(request, row) and not version.startswith(f"{desired}."):
        raise invalid(f"Version {desired} is not available for partner app {row.arn}.")


def _upgrade(request: OperationRequest, row: Row) -> str | None:
    """The version to which an app can be upgraded: here the next minor one; in AWS the vendor decides."""
    if not request.knobs.partner_app_upgrades:
        return None
    major, minor, _ = row.body["Version"].split(".")
    return f"{major}.{int(minor) + 1}"


def _describe_response(request: OperationRequest, row: Row) -> Json:
    upgrade = _upgrade(request, row) if "Version" in row.body else None
    if not request.params.get("IncludeAvailableUpgrade") or upgrade is None:
        return row.body
    return row.body | {"AvailableUpgrade": {"Version": upgrade, "ReleaseNotes": ["Smaller fixes."]}}


def _identity_center_config(request: OperationRequest, arn: str) -> Json:
    """The Identity Center's configuration with the application that the service creates in it."""
    config = request.params.get("IdcConfig")
    if config is None:
        return {}
    instance = config["InstanceArn"].rpartition("/")[2]
    number = arn.rpartition("-")[2].lower().ljust(16, "0")
    application = f"arn:aws:sso::{request.account.account}:application/{instance}/apl-{number}"
    return {"IdcConfig": {**config, "ApplicationArn": application}}


def _initial(request: OperationRequest) -> Json:
    filled: Json = {
        "EnableAutoMinorVersionUpgrade": False,
        "EnableIamSessionBasedIdentity": False,
        "MaintenanceConfig": {"MaintenanceWindowStart": "Tue:03:30"},
    }
    return {
        name: request.params.get(name, value) for name, value in filled.items()
    } | _identity_center_config(request, "")


def _creation_members(request: OperationRequest, body: Json) -> tuple[Json, tuple[str, ...]]:
    app = body["Arn"].rpartition("/")[2].lower()
    return {
        "BaseUrl": f"https://{app}.{request.account.region}.partner-apps.sagemaker.aws",
        "Version": "1.0.0",
    }, ()


def _change(request: OperationRequest, row: Row) -> Row:
    sent = {name: value for name, value in request.params.items() if name not in _INSTRUCTIONS}
    upgraded = request.params.get("AppVersion")
    version = {"Version": f"{upgraded}.0"} if upgraded and upgraded == _upgrade(request, row) else {}
    done: Json = {"Status": "Available"} | sent | version | _identity_center_config(request, row.arn)
    if request.effect.fails is not None:
        done = {"Status": "UpdateFailed", "Error": {"Code": "InternalError", "Reason": request.effect.fails}}
    tags = {**(row.tags or {}), **given_tags(request.params.get("Tags"))}
    stages = [
        Stage(
            put=constant({"Status": "Updating"}), seconds=request.knobs.partner_app_changing, drop=("Error",)
        ),
        Stage(put=constant(done)),
    ]
    return enter_stages(request, replace(row, tags=tags or None), stages, "LastModifiedTime")


PARTNER_APP = SandboxKind(
    name="PartnerApp",
    path="partner-app",
    name_member="Name",
    arn_member="Arn",
    missing=Phrase("ResourceNotFound", "Partner app {arn} does not exist."),
    exists=Phrase("ConflictException", "Partner app {arn} already exists."),
    busy=Phrase("ConflictException", "Partner app {arn} is being created, updated or deleted."),
    listing=ListDefaults(
        key="Summaries",
        page=PAGE,
        row_filter=lambda request, row: (
            request.knobs.deleted_ml_apps_listed or bool(row.body["Status"] != DELETED)
        ),
    ),
    life=StateSequence(
        status="Status",
        growth=(("Creating", lambda request: request.knobs.partner_app_changing),),
        stable="Available",
        failure_members=lambda reason: {"Error": {"Code": "InternalError", "Reason": reason}},
        deleted=DELETED,
        deletion_seconds=lambda request: request.knobs.partner_app_changing,
        busy=frozenset({"Creating", "Updating", "Deleting", DELETED}),
    ),
    instructions=frozenset({"ClientToken"}),
    token=lambda request: request.params.get("ClientToken"),
    guards=(_identity_center_is_named, _name_is_free),
    update_guards=(_identity_center_is_named, _upgrade_is_there),
    identify=_identify,
    address=lambda request: str(request.params["Arn"]),
    initial=_initial,
    settle=_creation_members,
    shown=_describe_response,
    change=_change,
)
