"""Space: of one user or shared; its volume is deleted with it, and a running app prevents its deletion."""

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.studio_settings import (
    LIVE_APPS,
    UNDER_WAY,
    begin_update,
    domain_of,
    held_by,
    merge_settings,
    names_what_exists,
    rows_of_domain,
    update_settings,
)
from controller.sandbox.kinds.user_profile import profile_arn
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

_SETTINGS = "SpaceSettings"
_VOLUME: Json = {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 5}}}


def space_arn(request: OperationRequest, name: str) -> str:
    """Return the ARN of a space in the domain of a request."""
    return request.account.arn(f"space/{request.params['DomainId']}/{name}")


def _address(request: OperationRequest) -> str:
    return space_arn(request, request.params["SpaceName"])


def _owner_is_there(request: OperationRequest) -> None:
    domain_of(request)
    arn, given = _address(request), request.params
    sharing = given.get("SpaceSharingSettings", {}).get("SharingType")
    if sharing == "Private" and _SETTINGS not in given:
        # quoted in terraform-provider-aws#38370
        raise invalid(f"SpaceSettings must be provided for creating private space [{arn}]")
    name = given.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    if name is None:
        return
    owner = request.find(profile_arn(request, name))
    if owner is None or owner.body["Status"] != "InService":
        raise invalid(f"Unable to create Space [{arn}] because UserProfile [{name}] is not in InService.")


def _initial(request: OperationRequest) -> Json:
    url = f"https://{request.params['DomainId']}.studio.{request.account.region}.sagemaker.aws/{request.params['SpaceName']}"
    filled = _VOLUME if request.knobs.studio_settings_are_filled else {}
    settings = merge_settings(filled, request.params.get(_SETTINGS, {}))
    return {"Url": url} | ({_SETTINGS: settings} if settings else {})


def _may_change(request: OperationRequest, row: Row) -> None:
    settings, held = request.params.get(_SETTINGS, {}), row.body.get(_SETTINGS, {})
    same = not request.knobs.unchanged_app_type_is_refused and settings.get("AppType") == held.get("AppType")
    if "AppType" in settings and not same:
        # Quoted in terraform-provider-aws#38370.
        raise invalid("Updating AppType for Space is not supported.")
    now, desired = (_size(each) for each in (held, merge_settings(held, settings)))
    if desired < now:
        raise invalid(f"The volume of Space [{row.arn}] cannot shrink.")  # the message is unverified


def _size(settings: Json) -> int:
    storage = settings.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    return int(storage.get("EbsVolumeSizeInGb", 0))


def _change(request: OperationRequest, row: Row) -> Row:
    shown = {name: value for name, value in request.params.items() if name == "SpaceDisplayName"}
    held: Json = row.body.get(_SETTINGS, {})
    settings = (
        update_settings(request, held, request.params[_SETTINGS]) if _SETTINGS in request.params else held
    )
    return begin_update(request, row, row.body | shown | {_SETTINGS: settings})


def _empty(request: OperationRequest, row: Row) -> None:
    apps = rows_of_domain(request, "App", DomainId=row.body["DomainId"], SpaceName=row.body["SpaceName"])
    if any(one.body["Status"] in LIVE_APPS for one in apps):
        raise held_by(row, "Space", "App")


def _item(row: Row) -> Json:
    settings = row.body.get(_SETTINGS, {})
    summary = {name: settings[name] for name in ("AppType", "SpaceStorageSettings") if name in settings}
    return {
        "SpaceSettingsSummary": summary,
        "SpaceSharingSettingsSummary": row.body.get("SpaceSharingSettings", {}),
        "OwnershipSettingsSummary": row.body.get("OwnershipSettings", {}),
    }


SPACE = SandboxKind(
    name="Space",
    path="space",
    # The first is one of the two forms that the Terraform provider matches; the others are unverified.
    missing=Phrase("ResourceNotFound", "Space [{arn}] does not exist."),
    exists=Phrase("ResourceInUse", "Space [{arn}] already exists."),
    busy=Phrase("ValidationException", "Space [{arn}] is being created, updated or deleted."),
    listing=ListDefaults(key="Spaces", page=10, item=_item),
    life=StateSequence(
        status="Status",
        growth=(("Pending", lambda request: request.knobs.space_pending),),
        stable="InService",
        delete_failed="Delete_Failed",
        deletion_seconds=lambda request: request.knobs.space_deleting,
        busy=UNDER_WAY,
    ),
    address=_address,
    identify=lambda request: (_address(request), request.params["SpaceName"]),
    guards=(_owner_is_there, names_what_exists(_SETTINGS)),
    update_guards=(_may_change, names_what_exists(_SETTINGS)),
    delete_guards=(_empty,),
    initial=_initial,
    change=_change,
)
