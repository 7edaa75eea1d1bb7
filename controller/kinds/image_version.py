"""ImageVersion: a container image of ECR as a version of an Image, numbered by the service."""

from types import MappingProxyType
from typing import Any

from controller.kinds.columns import AssignedIdentity, Body, Delta, Generations, Link
from controller.kinds.display import DisplayColumn
from controller.kinds.image import IMAGE_PHASES
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write


def _image_name(body: Body) -> Any:
    """Describe shows the image by its ARN."""
    arn = body.get("ImageArn")
    return arn.rsplit("/", 1)[-1] if isinstance(arn, str) else None


IMAGE_VERSION = Kind(
    name="ImageVersion",
    identity=KindIdentity(
        arn_parts=("ImageName", "Version"),
        # Settings may use a version by its number, or the latest one, so no old version is deleted automatically.
        found_by=AssignedIdentity(when="ImageName", generations=Generations(hashed=False, sweep=False)),
        links=(Link("ImageName", "Image"),),
    ),
    compare=Compare(
        reads=MappingProxyType({"ImageName": _image_name}),
        further=MappingProxyType({"Aliases": "ListAliases"}),
        unordered=("Aliases",),
        # The default of VendorGuidance in the model; the Terraform provider sends Horovod only if it is true.
        defaults=MappingProxyType({"VendorGuidance": "NOT_PROVIDED", "Horovod": False}),
    ),
    write=Write(
        deltas=MappingProxyType({"Aliases": Delta(add="AliasesToAdd", remove="AliasesToDelete")}),
    ),
    lifecycle=Lifecycle(status_phases=IMAGE_PHASES),
    display=Display(columns=(DisplayColumn("Version"), DisplayColumn("BaseImage"))),
)
