"""Model: containers and a role. Immutable, so a change is a new generation."""

from controller.kinds.kind import Kind, Link, Succession

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
)
