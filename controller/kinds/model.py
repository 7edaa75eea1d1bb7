"""Model: containers and a role. Immutable, so a change is a new generation."""

from types import MappingProxyType

from controller.kinds.filled import Echo
from controller.kinds.kind import BY_PIPELINE, Kind, Link, Succession

MODEL = Kind(
    name="Model",
    plural="Models",
    links=(
        Link("PrimaryContainer.ModelPackageName", "ModelPackage"),
        Link("Containers[].ModelPackageName", "ModelPackage"),
    ),
    unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets"),
    at_most_one_of=(("PrimaryContainer", "Containers"),),
    succession=Succession(),
    # ACK and the Terraform provider treat these as computed: ModelDataUrl comes back as ModelDataSource as well.
    defaults=MappingProxyType(
        {
            "EnableNetworkIsolation": False,
            "PrimaryContainer.Mode": "SingleModel",
            "PrimaryContainer.ModelDataSource": Echo("ModelDataUrl"),
            "Containers[].Mode": "SingleModel",
            "Containers[].ModelDataSource": Echo("ModelDataUrl"),
        }
    ),
    made=(BY_PIPELINE,),
)
