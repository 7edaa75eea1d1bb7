"""Domain: its ID is assigned; it goes only when no profile and no space is in it."""

import hashlib

from controller.sandbox.kind import Life, ListDefaults, SandboxKind
from controller.sandbox.kinds.studio_settings import (
    FILLED,
    UNDER_WAY,
    held_by,
    merged,
    names_what_exists,
    updating,
    within,
)
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

_RSTUDIO = "RStudioServerProDomainSettings"
_SETTINGS = ("DefaultUserSettings", "DefaultSpaceSettings")


def _identify(ask: OperationRequest) -> tuple[str, str]:
    ask.world.count("domains")
    return ask.account.arn(f"domain/{_id(ask)}"), ask.params["DomainName"]


def _id(ask: OperationRequest) -> str:
    seed = f"{ask.account.region}/{ask.world.counters['domains']}"
    return f"d-{hashlib.sha256(seed.encode()).hexdigest()[:12]}"


def _address(ask: OperationRequest) -> str:
    return ask.account.arn(f"domain/{ask.params['DomainId']}")


def _name_is_free(ask: OperationRequest) -> None:
    name = ask.params["DomainName"]
    for one in ask.others("Domain"):
        if ask.knobs.domain_names_are_unique and one.name == name:
            raise ServiceError("ResourceInUse", f"Domain with name {name} already exists.")


def _network_is_whole(ask: OperationRequest, _: Row | None = None) -> None:
    """Refuse VpcOnly without its network (the text is quoted in terraform-provider-aws#45528)."""
    given = ask.params
    if given.get("AppNetworkAccessType") == "VpcOnly" and not {"VpcId", "SubnetIds"} <= set(given):
        raise invalid("VpcId and Subnet IDs are required for updating domains to VpcOnly mode.")


def _birth(ask: OperationRequest) -> Json:
    ident = _id(ask)
    given = ask.params
    return {
        "DomainId": ident,
        "Url": f"https://{ident}.studio.{ask.account.region}.sagemaker.aws",
        "HomeEfsFileSystemId": f"fs-{ident[2:]}",
        "AppNetworkAccessType": given.get("AppNetworkAccessType", "PublicInternetOnly"),
        "TagPropagation": given.get("TagPropagation", "DISABLED"),
        "DefaultUserSettings": merged(
            FILLED if ask.knobs.studio_settings_are_filled else {}, given["DefaultUserSettings"]
        ),
    }


def _may_change(ask: OperationRequest, row: Row) -> None:
    given = ask.params
    if "AppSecurityGroupManagement" in given and _RSTUDIO not in row.body.get("DomainSettings", {}):
        raise invalid("AppSecurityGroupManagement can only be set for Rstudio enabled domains.")
    held: list[str] = row.body.get("SubnetIds", [])
    gone = set(held) - set(given.get("SubnetIds", held))
    access = given.get("AppNetworkAccessType", row.body["AppNetworkAccessType"])
    if not gone and access == row.body["AppNetworkAccessType"]:
        return
    if any(one.body["Status"] == "InService" for one in within(ask, "App", DomainId=row.body["DomainId"])):
        raise invalid(
            f"Unable to update Domain [{row.arn}] with InService App. Delete all InService apps in the domain including"
            " shared Apps for [domain-shared] User Profile, and try again."
        )


def _change(ask: OperationRequest, row: Row) -> Row:
    given = {name: value for name, value in ask.params.items() if name != "DomainId"}
    body = dict(row.body)
    for name in _SETTINGS:
        if name in given:
            body[name] = merged(body.get(name, {}), given.pop(name))
    if "DomainSettingsForUpdate" in given:
        settings = dict(given.pop("DomainSettingsForUpdate"))
        if f"{_RSTUDIO}ForUpdate" in settings:
            settings[_RSTUDIO] = settings.pop(f"{_RSTUDIO}ForUpdate")
        body["DomainSettings"] = merged(body.get("DomainSettings", {}), settings)
    return updating(ask, row, body | given)


def _empty(ask: OperationRequest, row: Row) -> None:
    for kind in ("UserProfile", "Space"):
        if within(ask, kind, DomainId=row.body["DomainId"]):
            raise held_by(row, "Domain", kind)


DOMAIN = SandboxKind(
    name="Domain",
    path="domain",
    # All three are unverified.
    missing=Phrase("ResourceNotFound", "Domain [{arn}] does not exist."),
    exists=Phrase("ResourceInUse", "Domain [{arn}] already exists."),
    busy=Phrase("ResourceInUse", "Domain [{arn}] is being created, updated or deleted."),
    listing=ListDefaults(key="Domains", page=10),
    life=Life(
        status="Status",
        growth=(("Pending", lambda ask: ask.knobs.domain_pending),),
        stable="InService",
        delete_failed="Delete_Failed",
        death=lambda ask: ask.knobs.domain_deleting,
        busy=UNDER_WAY,
    ),
    identify=_identify,
    address=_address,
    guards=(_name_is_free, _network_is_whole, names_what_exists(*_SETTINGS, "DomainSettings")),
    update_guards=(_network_is_whole, _may_change, names_what_exists(*_SETTINGS, "DomainSettingsForUpdate")),
    delete_guards=(_empty,),
    unkept=frozenset({"RetentionPolicy"}),
    birth=_birth,
    change=_change,
)
