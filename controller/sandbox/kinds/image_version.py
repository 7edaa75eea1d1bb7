"""ImageVersion: numbered within its image; one change at a time, and aliases that only ListAliases returns."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.image import UNDER_WAY
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

_ALIASES, _STATUS = "Aliases", "ImageVersionStatus"
_INSTRUCTIONS = frozenset({"ClientToken", "ImageName", "Alias", "AliasesToAdd", "AliasesToDelete"})


def _image(request: OperationRequest) -> str:
    return request.state.existing_arn(request.account.arn(f"image/{request.params['ImageName']}"))


def _versions(request: OperationRequest) -> list[Row]:
    return [one for one in request.rows_of("ImageVersion") if one.body["ImageArn"] == _image(request)]


def _version_arn(request: OperationRequest, number: int) -> str:
    return request.account.arn(f"image-version/{request.params['ImageName'].lower()}/{number}")


def _address(request: OperationRequest) -> str:
    """Return the ARN of a version: by number, by alias, or of the latest."""
    given, versions = request.params, _versions(request)
    if "Version" in given:
        return _version_arn(request, given["Version"])
    if "Alias" in given:
        versions = [one for one in versions if given["Alias"] in one.body.get(_ALIASES, ())]
    numbers = [one.body["Version"] for one in versions if one.body[_STATUS] != "DELETING"]
    if not numbers:
        # quoted in aws-samples/sagemaker-studio-custom-image-samples#17
        name = given["ImageName"]
        raise ServiceError(
            "ResourceNotFound",
            f"Latest ImageVersion with ImageName {name} does not exist. Please provide a valid ImageName.",
        )
    return _version_arn(request, max(numbers))


def _image_takes_it(request: OperationRequest, _: Row | None = None) -> None:
    name, image = request.params["ImageName"], request.find(_image(request))
    if image is None:
        raise ServiceError("ResourceNotFound", f"Image '{name}' does not exist.")
    if image.body["ImageStatus"] != "CREATED":
        # quoted in aws-samples/sagemaker-studio-custom-image-samples#17
        raise invalid(f"Image {name} is in an invalid state.")


def _one_at_a_time(request: OperationRequest, row: Row | None = None) -> None:
    """Refuse a change while another version is being created or deleted (terraform-provider-aws#44693)."""
    if any(one.body[_STATUS] in UNDER_WAY and one != row for one in _versions(request)):
        raise ServiceError("ResourceInUse", "Resource was modified concurrently")


def _identify(request: OperationRequest) -> tuple[str, str]:
    number = request.state.count(f"versions of {_image(request)}")
    return _version_arn(request, number), f"{request.params['ImageName']}/{number}"


def _initial(request: OperationRequest) -> Json:
    number = request.state.counters[f"versions of {_image(request)}"]
    return {"ImageArn": _image(request), "Version": number, "ContainerImage": request.params["BaseImage"]}


def _take_aliases(request: OperationRequest, row: Row) -> None:
    """Remove the aliases of a version from the others: an alias belongs to one version (unverified that it moves)."""
    aliases = set(row.body.get(_ALIASES, ()))
    for one in _versions(request):
        held = one.body.get(_ALIASES, [])
        if one.arn != row.arn and aliases & set(held):
            left = [alias for alias in held if alias not in aliases]
            request.commit(one, replace(one, body=one.body | {_ALIASES: left}))


def _change(request: OperationRequest, row: Row) -> Row:
    given = {name: value for name, value in request.params.items() if name not in _INSTRUCTIONS}
    held = [one for one in row.body.get(_ALIASES, []) if one not in request.params.get("AliasesToDelete", ())]
    held += [one for one in request.params.get("AliasesToAdd", ()) if one not in held]
    changed = replace(row, body=row.body | given | {_ALIASES: held})
    _take_aliases(request, changed)
    return changed


def _list_aliases(request: OperationRequest) -> Json:
    versions = _versions(request)
    if "Version" in request.params:
        versions = [one for one in versions if one.body["Version"] == request.params["Version"]]
    found = sorted(alias for one in versions for alias in one.body.get(_ALIASES, ()))
    return {"SageMakerImageVersionAliases": found}


def _of_image(request: OperationRequest, row: Row) -> bool:
    return bool(row.body["ImageArn"] == _image(request))


def _image_is_there(request: OperationRequest) -> None:
    if request.state.find(_image(request), request.now) is None:
        raise ServiceError("ResourceNotFound", f"Image '{request.params['ImageName']}' does not exist.")


IMAGE_VERSION = SandboxKind(
    name="ImageVersion",
    path="image-version",
    # The first as the Terraform provider's source has it; the others are unverified.
    missing=Phrase("ResourceNotFound", "ImageVersion {arn} does not exist."),
    exists=Phrase("ResourceInUse", "ImageVersion {arn} already exists."),
    busy=Phrase("ResourceInUse", "ImageVersion ({arn}) is being created or deleted"),
    listing=ListDefaults(
        key="ImageVersions",
        order="Descending",
        page=10,
        row_filter=_of_image,
        filtered=frozenset({"ImageName"}),
        guards=(_image_is_there,),
    ),
    life=StateSequence(
        status=_STATUS,
        growth=(("CREATING", lambda request: request.knobs.image_version_creating),),
        stable="CREATED",
        failed="CREATE_FAILED",
        deleting="DELETING",
        deletion_seconds=lambda request: request.knobs.image_version_deleting,
        delete_failed="DELETE_FAILED",
        busy=UNDER_WAY,
    ),
    instructions=frozenset({"ClientToken", "ImageName"}),
    token=lambda request: request.params.get("ClientToken"),
    guards=(_image_takes_it, _one_at_a_time),
    delete_guards=(_one_at_a_time,),
    identify=_identify,
    address=_address,
    initial=_initial,
    keep=lambda _: {"untagged": True},
    follows=(_take_aliases,),
    change=_change,
    reads={"ListAliases": _list_aliases},
)
