"""ImageVersion: numbered within its image; one change at a time, and aliases that only ListAliases shows."""

from dataclasses import replace

from controller.sandbox.kind import Life, ListDefaults, SandboxKind
from controller.sandbox.kinds.image import UNDER_WAY
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

_ALIASES, _STATUS = "Aliases", "ImageVersionStatus"
_INSTRUCTIONS = frozenset({"ClientToken", "ImageName", "Alias", "AliasesToAdd", "AliasesToDelete"})


def _image(ask: OperationRequest) -> str:
    return ask.world.spelled(ask.account.arn(f"image/{ask.params['ImageName']}"))


def _versions(ask: OperationRequest) -> list[Row]:
    return [one for one in ask.others("ImageVersion") if one.body["ImageArn"] == _image(ask)]


def _arn(ask: OperationRequest, number: int) -> str:
    return ask.account.arn(f"image-version/{ask.params['ImageName'].lower()}/{number}")


def _address(ask: OperationRequest) -> str:
    """Return the ARN of a version: by number, by alias, or of the latest."""
    given, versions = ask.params, _versions(ask)
    if "Version" in given:
        return _arn(ask, given["Version"])
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
    return _arn(ask, max(numbers))


def _image_takes_it(ask: OperationRequest, _: Row | None = None) -> None:
    name, image = ask.params["ImageName"], ask.find(_image(ask))
    if image is None:
        raise ServiceError("ResourceNotFound", f"Image '{name}' does not exist.")
    if image.body["ImageStatus"] != "CREATED":
        # quoted in aws-samples/sagemaker-studio-custom-image-samples#17
        raise invalid(f"Image {name} is in an invalid state.")


def _one_at_a_time(ask: OperationRequest, row: Row | None = None) -> None:
    """Refuse a change while another version is being made or deleted (terraform-provider-aws#44693)."""
    if any(one.body[_STATUS] in UNDER_WAY and one != row for one in _versions(ask)):
        raise ServiceError("ResourceInUse", "Resource was modified concurrently")


def _identify(ask: OperationRequest) -> tuple[str, str]:
    number = ask.world.count(f"versions of {_image(ask)}")
    return _arn(ask, number), f"{ask.params['ImageName']}/{number}"


def _birth(ask: OperationRequest) -> Json:
    number = ask.world.counters[f"versions of {_image(ask)}"]
    return {"ImageArn": _image(ask), "Version": number, "ContainerImage": ask.params["BaseImage"]}


def _take_aliases(ask: OperationRequest, row: Row) -> None:
    """Take the aliases of a version off the others: an alias is of one version (whether it moves is unverified)."""
    mine = set(row.body.get(_ALIASES, ()))
    for one in _versions(ask):
        held = one.body.get(_ALIASES, [])
        if one.arn != row.arn and mine & set(held):
            left = [alias for alias in held if alias not in mine]
            ask.commit(one, replace(one, body=one.body | {_ALIASES: left}))


def _change(ask: OperationRequest, row: Row) -> Row:
    given = {name: value for name, value in ask.params.items() if name not in _INSTRUCTIONS}
    held = [one for one in row.body.get(_ALIASES, []) if one not in ask.params.get("AliasesToDelete", ())]
    held += [one for one in ask.params.get("AliasesToAdd", ()) if one not in held]
    changed = replace(row, body=row.body | given | {_ALIASES: held})
    _take_aliases(ask, changed)
    return changed


def _list_aliases(ask: OperationRequest) -> Json:
    versions = _versions(ask)
    if "Version" in ask.params:
        versions = [one for one in versions if one.body["Version"] == ask.params["Version"]]
    found = sorted(alias for one in versions for alias in one.body.get(_ALIASES, ()))
    return {"SageMakerImageVersionAliases": found}


def _of_image(ask: OperationRequest, row: Row) -> bool:
    return bool(row.body["ImageArn"] == _image(ask))


def _image_is_there(ask: OperationRequest) -> None:
    if ask.world.find(_image(ask), ask.now) is None:
        raise ServiceError("ResourceNotFound", f"Image '{ask.params['ImageName']}' does not exist.")


IMAGE_VERSION = SandboxKind(
    name="ImageVersion",
    path="image-version",
    # The first as the Terraform provider knows it; the others are unverified.
    missing=Phrase("ResourceNotFound", "ImageVersion {arn} does not exist."),
    exists=Phrase("ResourceInUse", "ImageVersion {arn} already exists."),
    busy=Phrase("ResourceInUse", "ImageVersion ({arn}) is being created or deleted"),
    listing=ListDefaults(
        key="ImageVersions",
        order="Descending",
        page=10,
        sieve=_of_image,
        sieved=frozenset({"ImageName"}),
        guards=(_image_is_there,),
    ),
    life=Life(
        status=_STATUS,
        growth=(("CREATING", lambda ask: ask.knobs.image_version_creating),),
        stable="CREATED",
        failed="CREATE_FAILED",
        deleting="DELETING",
        death=lambda ask: ask.knobs.image_version_deleting,
        delete_failed="DELETE_FAILED",
        busy=UNDER_WAY,
    ),
    unkept=frozenset({"ClientToken", "ImageName"}),
    token=lambda ask: ask.params.get("ClientToken"),
    guards=(_image_takes_it, _one_at_a_time),
    delete_guards=(_one_at_a_time,),
    identify=_identify,
    address=_address,
    birth=_birth,
    keep=lambda _: {"untagged": True},
    follows=(_take_aliases,),
    change=_change,
    reads={"ListAliases": _list_aliases},
)
