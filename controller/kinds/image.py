"""Image: a container image for Studio apps; its versions name the images of ECR."""

from types import MappingProxyType
from typing import Any

from controller.core.phase import Phase
from controller.kinds.columns import Body
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Kind, Lifecycle, Write

_LIFTED = ("DisplayName", "Description")

# Botocore's model, ImageStatus and ImageVersionStatus.
IMAGE_PHASES = MappingProxyType(
    {
        "CREATING": Phase.CHANGING,
        "UPDATING": Phase.CHANGING,
        "DELETING": Phase.DELETING,
        "CREATED": Phase.READY,
        "CREATE_FAILED": Phase.FAILED,
        "UPDATE_FAILED": Phase.FAILED,
        "DELETE_FAILED": Phase.FAILED,
    }
)


def lift_by_name(params: Body, _now: Body, _desired: Body) -> Body:
    """Name the members that are removed in DeleteProperties (API reference, UpdateImage)."""
    removed = [member for member in _LIFTED if params.get(member) == ""]
    kept: dict[str, Any] = {name: value for name, value in params.items() if name not in removed}
    return {**kept, "DeleteProperties": removed} if removed else kept


IMAGE = Kind(
    name="Image",
    write=Write(
        cleared=MappingProxyType(dict.fromkeys(_LIFTED, "")),
        amend=lift_by_name,
    ),
    lifecycle=Lifecycle(
        status_phases=IMAGE_PHASES,
        unguarded=True,  # undocumented whether settings that name it block a deletion
        consequences=(
            Consequence(
                ENDS,
                Impact.LOSES,
                "all versions of the image are deleted, with their numbers; the container images stay in ECR",
            ),
        ),
    ),
)
