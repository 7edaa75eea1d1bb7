"""Image: created, updated and deleted in a few seconds; its versions are deleted with it."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.studio_lifecycle_config import texts
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.service_error import Phrase, ServiceError, invalid

UNDER_WAY = frozenset({"CREATING", "UPDATING", "DELETING"})
_STATUS = "ImageStatus"


def _change(request: OperationRequest, row: Row) -> Row:
    gone = set(request.params.get("DeleteProperties", ()))
    if both := sorted(gone & set(request.params)):
        raise invalid(f"{both[0]} cannot be set and deleted in one request.")
    body = {name: value for name, value in (row.body | request.params).items() if name not in gone}
    body.pop("DeleteProperties", None)
    done = {_STATUS: "CREATED"} if request.effect.fails is None else {_STATUS: "UPDATE_FAILED"}
    if request.effect.fails is not None:
        done["FailureReason"] = request.effect.fails
        body = row.body
    return replace(
        row, body=body | {_STATUS: "UPDATING"}, due=(request.step_after(request.knobs.image_updating, done),)
    )


def _versions(request: OperationRequest, row: Row) -> list[Row]:
    return [one for one in request.rows_of("ImageVersion") if one.body.get("ImageArn") == row.arn]


def _check_unused(request: OperationRequest, row: Row) -> None:
    """Refuse a deletion while settings name it, if the knob is set."""
    users = (one for kind in ("Domain", "UserProfile", "Space", "App") for one in request.rows_of(kind))
    if request.knobs.image_is_kept_while_used and any(
        {row.arn, row.name} & set(texts(one.body)) for one in users
    ):
        raise ServiceError("ResourceInUse", f"Image {row.arn} is in use.")


IMAGE = SandboxKind(
    name="Image",
    path="image",
    # The first as the Terraform provider's source has it; the second is quoted in
    # aws-samples/sagemaker-studio-custom-image-samples#17; the third is unverified.
    missing=Phrase("ResourceNotFound", "Image '{name}' does not exist."),
    exists=Phrase(
        "ResourceInUse", "The Image with ImageName {name} already exists. Please use a different ImageName."
    ),
    busy=Phrase("ResourceInUse", "Image {arn} is being created, updated or deleted."),
    listing=ListDefaults(key="Images", order="Descending", page=10),
    life=StateSequence(
        status=_STATUS,
        growth=(("CREATING", lambda request: request.knobs.image_creating),),
        stable="CREATED",
        failed="CREATE_FAILED",
        deleting="DELETING",
        deletion_seconds=lambda request: request.knobs.image_deleting,
        delete_failed="DELETE_FAILED",
        busy=UNDER_WAY,
    ),
    instructions=frozenset({"DeleteProperties"}),
    delete_guards=(_check_unused,),
    along=_versions,
    change=_change,
)
