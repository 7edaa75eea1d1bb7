"""Domain: its ID is assigned; it can be deleted only without profiles and spaces."""

import hashlib

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.studio_settings import (
    FILLED,
    UNDER_WAY,
    begin_update,
    held_by,
    merge_settings,
    names_what_exists,
    rows_of_domain,
    update_settings,
)
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

_RSTUDIO = "RStudioServerProDomainSettings"
_SETTINGS = ("DefaultUserSettings", "DefaultSpaceSettings")


def _identify(request: OperationRequest) -> tuple[str, str]:
    request.state.count("domains")
    return request.account.arn(f"domain/{_id(request)}"), request.params["DomainName"]


def _id(request: OperationRequest) -> str:
    seed = f"{request.account.region}/{request.state.counters['domains']}"
    return f"d-{hashlib.sha256(seed.encode()).hexdigest()[:12]}"


def _address(request: OperationRequest) -> str:
    return request.account.arn(f"domain/{request.params['DomainId']}")


def _name_is_free(request: OperationRequest) -> None:
    name = request.params["DomainName"]
    for one in request.rows_of("Domain"):
        if request.knobs.domain_names_are_unique and one.name == name:
            raise ServiceError("ResourceInUse", f"Domain with name {name} already exists.")


def _network_is_whole(request: OperationRequest, _: Row | None = None) -> None:
    """Refuse VpcOnly without its network (the message is quoted in terraform-provider-aws#45528)."""
    given = request.params
    if given.get("AppNetworkAccessType") == "VpcOnly" and not {"VpcId", "SubnetIds"} <= set(given):
        raise invalid("VpcId and Subnet IDs are required for updating domains to VpcOnly mode.")


def _initial(request: OperationRequest) -> Json:
    ident = _id(request)
    given = request.params
    return {
        "DomainId": ident,
        "Url": f"https://{ident}.studio.{request.account.region}.sagemaker.aws",
        "HomeEfsFileSystemId": f"fs-{ident[2:]}",
        "AppNetworkAccessType": given.get("AppNetworkAccessType", "PublicInternetOnly"),
        "TagPropagation": given.get("TagPropagation", "DISABLED"),
        "DefaultUserSettings": merge_settings(
            FILLED if request.knobs.studio_settings_are_filled else {}, given["DefaultUserSettings"]
        ),
    }


def _may_change(request: OperationRequest, row: Row) -> None:
    given = request.params
    if "AppSecurityGroupManagement" in given and _RSTUDIO not in row.body.get("DomainSettings", {}):
        raise invalid("AppSecurityGroupManagement can only be set for Rstudio enabled domains.")
    held: list[str] = row.body.get("SubnetIds", [])
    gone = set(held) - set(given.get("SubnetIds", held))
    access = given.get("AppNetworkAccessType", row.body["AppNetworkAccessType"])
    if not gone and access == row.body["AppNetworkAccessType"]:
        return
    if any(
        one.body["Status"] == "InService"
        for one in rows_of_domain(request, "App", DomainId=row.body["DomainId"])
    ):
        raise invalid(
            f"Unable to update Domain [{row.arn}] with InService App. Delete all InService apps in the domain including"
            " shared Apps for [domain-shared] User Profile, and try again."
        )


def _change(request: OperationRequest, row: Row) -> Row:
    given = {name: value for name, value in request.params.items() if name != "DomainId"}
    body = dict(row.body)
    for name in _SETTINGS:
        if name in given:
            body[name] = update_settings(request, body.get(name, {}), given.pop(name))
    if "DomainSettingsForUpdate" in given:
        settings = dict(given.pop("DomainSettingsForUpdate"))
        if f"{_RSTUDIO}ForUpdate" in settings:
            settings[_RSTUDIO] = settings.pop(f"{_RSTUDIO}ForUpdate")
        body["DomainSettings"] = update_settings(request, body.get("DomainSettings", {}), settings)
    return begin_update(request, row, body | given)


def _empty(request: OperationRequest, row: Row) -> None:
    for kind in ("UserProfile", "Space"):
        if rows_of_domain(request, kind, DomainId=row.body["DomainId"]):
            raise held_by(row, "Domain", kind)


DOMAIN = SandboxKind(
    name="Domain",
    path="domain",
    # All three are unverified.
    missing=Phrase("ResourceNotFound", "Domain [{arn}] does not exist."),
    exists=Phrase("ResourceInUse", "Domain [{arn}] already exists."),
    busy=Phrase("ResourceInUse", "Domain [{arn}] is being created, updated or deleted."),
    listing=ListDefaults(key="Domains", page=10),
    life=StateSequence(
        status="Status",
        growth=(("Pending", lambda request: request.knobs.domain_pending),),
        stable="InService",
        delete_failed="Delete_Failed",
        deletion_seconds=lambda request: request.knobs.domain_deleting,
        busy=UNDER_WAY,
    ),
    identify=_identify,
    address=_address,
    guards=(_name_is_free, _network_is_whole, names_what_exists(*_SETTINGS, "DomainSettings")),
    update_guards=(_network_is_whole, _may_change, names_what_exists(*_SETTINGS, "DomainSettingsForUpdate")),
    delete_guards=(_empty,),
    instructions=frozenset({"RetentionPolicy"}),
    initial=_initial,
    change=_change,
)
