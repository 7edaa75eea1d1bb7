"""PartnerApp: numbered by the service; an update that fails leaves it as it was.

No words of its refusals are published but the codes that the model declares; those here are ours.
"""

import hashlib
from dataclasses import replace

from controller.sandbox.kind import Life, ListDefaults, SandboxKind
from controller.sandbox.kinds.mlflow_app import DELETED
from controller.sandbox.lifecycle import Stage, says, walked
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid
from controller.sandbox.tags import given_tags

PAGE = 10  # API reference, ListPartnerApps: MaxResults
_INSTRUCTIONS = frozenset({"Arn", "AppVersion", "ClientToken", "Tags"})


def _identify(ask: OperationRequest) -> tuple[str, str]:
    text = f"{ask.account.region}/{ask.world.count('partner apps')}"
    number = hashlib.sha256(text.encode()).hexdigest()[:12].upper()
    return ask.account.arn(f"partner-app/app-{number}"), ask.params["Name"]


def _name_is_free(ask: OperationRequest) -> None:
    name = ask.params["Name"]
    if any(one.name == name and one.body["Status"] != DELETED for one in ask.others("PartnerApp")):
        raise ServiceError("ConflictException", f"Partner app with name {name} already exists.")


def _identity_center_is_named(ask: OperationRequest, row: Row | None = None) -> None:
    held = row.body if row else {}
    kind = ask.params.get("AuthType", held.get("AuthType"))
    if kind == "IDC" and "IdcConfig" not in {**held, **ask.params}:
        raise invalid("IdcConfig must be specified for the AuthType IDC.")
    if held.get("AuthType") == "IDC" and kind == "IAM":
        raise invalid("AuthType cannot be changed from IDC to IAM.")


def _upgrade_is_there(ask: OperationRequest, row: Row) -> None:
    """Refuse another version than the present one: the sandbox has no upgrades."""
    wanted = ask.params.get("AppVersion")
    if wanted is not None and not row.body["Version"].startswith(f"{wanted}."):
        raise invalid(f"Version {wanted} is not available for partner app {row.arn}.")


def _configured(ask: OperationRequest, arn: str) -> Json:
    """The Identity Center's configuration with the application that the service makes in it."""
    config = ask.params.get("IdcConfig")
    if config is None:
        return {}
    instance = config["InstanceArn"].rpartition("/")[2]
    number = arn.rpartition("-")[2].lower().ljust(16, "0")
    application = f"arn:aws:sso::{ask.account.account}:application/{instance}/apl-{number}"
    return {"IdcConfig": {**config, "ApplicationArn": application}}


def _birth(ask: OperationRequest) -> Json:
    filled: Json = {
        "EnableAutoMinorVersionUpgrade": False,
        "EnableIamSessionBasedIdentity": False,
        "MaintenanceConfig": {"MaintenanceWindowStart": "Tue:03:30"},
    }
    return {name: ask.params.get(name, value) for name, value in filled.items()} | _configured(ask, "")


def _made(ask: OperationRequest, body: Json) -> tuple[Json, tuple[str, ...]]:
    app = body["Arn"].rpartition("/")[2].lower()
    return {
        "BaseUrl": f"https://{app}.{ask.account.region}.partner-apps.sagemaker.aws",
        "Version": "1.0.0",
    }, ()


def _change(ask: OperationRequest, row: Row) -> Row:
    sent = {name: value for name, value in ask.params.items() if name not in _INSTRUCTIONS}
    done: Json = {"Status": "Available"} | sent | _configured(ask, row.arn)
    if ask.fate.fails is not None:
        done = {"Status": "UpdateFailed", "Error": {"Code": "InternalError", "Reason": ask.fate.fails}}
    tags = {**(row.tags or {}), **given_tags(ask.params.get("Tags"))}
    stages = [
        Stage(put=says({"Status": "Updating"}), seconds=ask.knobs.partner_app_changing, drop=("Error",)),
        Stage(put=says(done)),
    ]
    return walked(ask, replace(row, tags=tags or None), stages, "LastModifiedTime")


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
        sieve=lambda ask, row: ask.knobs.deleted_ml_apps_listed or bool(row.body["Status"] != DELETED),
    ),
    life=Life(
        status="Status",
        growth=(("Creating", lambda ask: ask.knobs.partner_app_changing),),
        stable="Available",
        failure_members=lambda reason: {"Error": {"Code": "InternalError", "Reason": reason}},
        deleted=DELETED,
        death=lambda ask: ask.knobs.partner_app_changing,
        busy=frozenset({"Creating", "Updating", "Deleting", DELETED}),
    ),
    unkept=frozenset({"ClientToken"}),
    token=lambda ask: ask.params.get("ClientToken"),
    guards=(_identity_center_is_named, _name_is_free),
    update_guards=(_identity_center_is_named, _upgrade_is_there),
    identify=_identify,
    address=lambda ask: str(ask.params["Arn"]),
    birth=_birth,
    settle=_made,
    change=_change,
)
