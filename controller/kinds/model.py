"""Model: containers and a role. Immutable, so a change is a new generation."""

from collections.abc import Iterator
from types import MappingProxyType

from controller.kinds.columns import BY_PIPELINE, Generations, Link
from controller.kinds.defaults import DerivedFrom
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Excludes, If, Requires, Rule, Uniform, Unique

_CONTAINERS = ("PrimaryContainer", "Containers[]")
_MODE = "ImageConfig.RepositoryAccessMode"
_HOSTNAME = "API reference, ContainerDefinition: ContainerHostname"


def _of_container(within: str) -> Iterator[Rule]:
    yield Choice(
        ("Image", "ModelPackageName"), most=2, within=within, source="SageMaker SDK, Model and ModelPackage"
    )
    inference = (If("InferenceSpecificationName"),)
    yield Requires("ModelPackageName", inference, within=within, source="API reference, ContainerDefinition")
    private = If(_MODE, ("Vpc",), holds=False)
    yield Excludes(
        "ImageConfig.RepositoryAuthConfig", (private,), within=within, source="API reference, ImageConfig"
    )


_RULES = (
    Choice(
        ("PrimaryContainer", "Containers"),
        source="SageMaker SDK, and what the service says of both and neither",
    ),
    *(rule for within in _CONTAINERS for rule in _of_container(within)),
    *(
        Requires(
            "VpcConfig",
            (If(f"{within}.{_MODE}", ("Vpc",)),),
            source="developer guide, Use a private Docker registry for real-time inference containers",
        )
        for within in _CONTAINERS
    ),
    Uniform("Containers", "ContainerHostname", source=_HOSTNAME),
    Unique(("Containers",), "ContainerHostname", source=_HOSTNAME),
)

MODEL = Kind(
    name="Model",
    identity=KindIdentity(
        links=(
            Link("PrimaryContainer.ModelPackageName", "ModelPackage"),
            Link("Containers[].ModelPackageName", "ModelPackage"),
        ),
        made=(BY_PIPELINE,),
    ),
    compare=Compare(
        unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets"),
        # ACK and the Terraform provider treat these as computed: ModelDataUrl comes back as ModelDataSource as well.
        defaults=MappingProxyType(
            {
                "EnableNetworkIsolation": False,
                "PrimaryContainer.Mode": "SingleModel",
                "PrimaryContainer.ModelDataSource": DerivedFrom("ModelDataUrl"),
                "Containers[].Mode": "SingleModel",
                "Containers[].ModelDataSource": DerivedFrom("ModelDataUrl"),
            }
        ),
    ),
    write=Write(
        rules=_RULES,
    ),
    lifecycle=Lifecycle(
        generations=Generations(),
    ),
)
