"""Hub: a private hub of models. It is deleted only when it is empty."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.kind import Compare, Kind, Lifecycle, Write

HUB = Kind(
    name="Hub",
    # Terraform, aws_sagemaker_hub: a set.
    compare=Compare(unordered=("HubSearchKeywords",)),
    # Terraform sends both so; their least lengths are 0.
    write=Write(cleared=MappingProxyType({"HubDisplayName": "", "HubSearchKeywords": ()})),
    lifecycle=Lifecycle(
        status_phases=MappingProxyType({"CreateFailed": Phase.FAILED, "UpdateFailed": Phase.FAILED}),
    ),
)
