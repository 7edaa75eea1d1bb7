"""UserProfile: identified by its domain and its name, without case."""

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.studio_settings import (
    FILLED,
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
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

_SSO = ("SingleSignOnUserIdentifier", "SingleSignOnUserValue")
_FIRST_UID = 200000


def profile_arn(request: OperationRequest, name: str) -> str:
    """Return the ARN of a profile in the domain of a request."""
    return request.account.arn(f"user-profile/{request.params['DomainId']}/{name}")


def _address(request: OperationRequest) -> str:
    return profile_arn(request, request.params["UserProfileName"])


def _domain_takes_it(request: OperationRequest) -> None:
    domain, given = domain_of(request), [member for member in _SSO if member in request.params]
    if domain.body["AuthMode"] == "SSO" and len(given) < len(_SSO):
        raise invalid(f"{' and '.join(_SSO)} are required for domains with AuthMode SSO.")
    if domain.body["AuthMode"] == "IAM" and given:
        raise invalid(f"{given[0]} cannot be specified for domains with AuthMode IAM.")


def _initial(request: OperationRequest) -> Json:
    made: Json = {"HomeEfsFileSystemUid": str(_FIRST_UID + request.state.count("profiles"))}
    storage = {name: value for name, value in FILLED.items() if name == "SpaceStorageSettings"}
    filled = storage if request.knobs.studio_settings_are_filled else {}
    settings = merge_settings(filled, request.params.get("UserSettings", {}))
    return made | ({"UserSettings": settings} if settings else {})


def _change(request: OperationRequest, row: Row) -> Row:
    held: Json = row.body.get("UserSettings", {})
    settings = (
        update_settings(request, held, request.params["UserSettings"])
        if "UserSettings" in request.params
        else held
    )
    return begin_update(request, row, row.body | {"UserSettings": settings})


def _empty(request: OperationRequest, row: Row) -> None:
    domain, name = row.body["DomainId"], row.body["UserProfileName"]
    apps = rows_of_domain(request, "App", DomainId=domain, UserProfileName=name)
    if any(one.body["Status"] in LIVE_APPS for one in apps):
        raise held_by(row, "UserProfile", "App")
    for one in rows_of_domain(request, "Space", DomainId=domain):
        owner = one.body.get("OwnershipSettings", {}).get("OwnerUserProfileName", "")
        if owner.lower() == name.lower():
            raise held_by(row, "UserProfile", "Space")


USER_PROFILE = SandboxKind(
    name="UserProfile",
    path="user-profile",
    # All three are unverified.
    missing=Phrase("ResourceNotFound", "UserProfile [{arn}] does not exist."),
    exists=Phrase("ResourceInUse", "UserProfile [{arn}] already exists."),
    busy=Phrase("ResourceInUse", "UserProfile [{arn}] is being created, updated or deleted."),
    listing=ListDefaults(key="UserProfiles", page=10),
    life=StateSequence(
        status="Status",
        growth=(("Pending", lambda request: request.knobs.user_profile_pending),),
        stable="InService",
        delete_failed="Delete_Failed",
        deletion_seconds=lambda request: request.knobs.user_profile_deleting,
        busy=UNDER_WAY,
    ),
    address=_address,
    identify=lambda request: (_address(request), request.params["UserProfileName"]),
    guards=(_domain_takes_it, names_what_exists("UserSettings")),
    update_guards=(names_what_exists("UserSettings"),),
    delete_guards=(_empty,),
    initial=_initial,
    change=_change,
)
