"""InferenceComponent: copies of a model on an endpoint's instances; a failed update ends InService on the old ones."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from controller.core.phase import Action
from controller.kinds.columns import Body, Link
from controller.kinds.defaults import Default, DerivedFrom, ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rollout import ALARMS
from controller.kinds.rule import Choice, Excludes, If, Requires, Rule, Unique

_ONE, _MANY = "Specification", "Specifications"
_SPECIFICATIONS = (_ONE, f"{_MANY}[]")
_BASE = "BaseInferenceComponentName"
_FREQUENCY = "Container.ContainerMetricsConfig.MetricsEndpoints[].MetricPublishFrequencyInSeconds"
_REFERENCE = "API reference, InferenceComponentSpecification"
_ADAPTERS = "hashicorp/terraform-provider-aws#48894, whose author tried adapters"


def _submitted_specification(specification: Body) -> Body:
    """A specification as Create takes it: Describe shows the image within ``DeployedImage``."""
    container = specification.get("Container")
    if not isinstance(container, Mapping) or "DeployedImage" not in container:
        return specification
    deployed = container["DeployedImage"]
    others = {name: value for name, value in container.items() if name != "DeployedImage"}
    return {**specification, "Container": {"Image": deployed.get("SpecifiedImage"), **others}}


def specification(body: Body) -> Any:
    """The specification for all instance types."""
    shown = body.get(_ONE)
    return _submitted_specification(shown) if isinstance(shown, Mapping) else shown


def specifications(body: Body) -> Any:
    """The specifications by instance type."""
    shown = body.get(_MANY)
    return [_submitted_specification(each) for each in shown] if isinstance(shown, list) else shown


def copies(body: Body) -> Any:
    """The runtime configuration: Describe shows the desired and the current number of copies."""
    desired = body.get("RuntimeConfig", {}).get("DesiredCopyCount")
    return None if desired is None else {"CopyCount": desired}


def _copies_shown(live: Body) -> str:
    """The number of copies; both numbers if the current one differs from the desired one."""
    now, desired = live.get("CurrentCopyCount", 0), live.get("DesiredCopyCount")
    return f"{now} copies" if desired in (None, now) else f"{now}/{desired} copies"


_READS: Mapping[str, Callable[[Body], Any]] = MappingProxyType(
    {_ONE: specification, _MANY: specifications, "RuntimeConfig": copies}
)


def _rules() -> Iterator[Rule]:
    yield Choice((_ONE, _MANY), source="API reference, CreateInferenceComponent: Specifications")
    yield Unique(
        (_MANY,), "InstanceType", source="API reference, CreateInferenceComponent: one per instance type"
    )
    yield Requires(
        "InstanceType",
        within=f"{_MANY}[]",
        source=f"{_REFERENCE}: required with several entries",
        doubtful=True,
    )
    yield Requires(
        "VariantName",
        tuple(If(f"{within}.{_BASE}", holds=False) for within in _SPECIFICATIONS),
        source=_ADAPTERS,
    )
    for within in _SPECIFICATIONS:
        yield Excludes("VariantName", (If(f"{within}.{_BASE}"),), source=_ADAPTERS)
        omitted = f"{_REFERENCE}: the one or the other; that both or neither are refused is unverified"
        yield Choice(("ModelName", "Container"), within=within, source=omitted, doubtful=True)
        yield Excludes(
            "ComputeResourceRequirements", (If(_BASE),), within=within, source=f"{_REFERENCE}: adapters"
        )


def _defaults() -> Iterator[tuple[str, Default]]:
    # An adapter takes the variant and the resources of its base component (Terraform provider, #48894).
    yield "VariantName", DerivedFrom(f"{_ONE}.{_BASE}")
    # The default number of copies is not documented.
    yield "RuntimeConfig.CopyCount", ServiceValue.CHOSEN
    for within in _SPECIFICATIONS:
        yield f"{within}.ComputeResourceRequirements", DerivedFrom(_BASE)
        # Computed in the Terraform provider: on where the instances have accelerators.
        yield f"{within}.DataCacheConfig.EnableCaching", ServiceValue.CHOSEN
        yield f"{within}.{_FREQUENCY}", 60  # API reference, MetricsEndpoint
        # API reference, InferenceComponentAvailabilityZoneBalance
        yield f"{within}.SchedulingConfig.AvailabilityZoneBalance.MaxImbalance", 0


INFERENCE_COMPONENT = Kind(
    name="InferenceComponent",
    identity=KindIdentity(
        links=(
            Link("EndpointName", "Endpoint"),
            *(Link(f"{within}.ModelName", "Model") for within in _SPECIFICATIONS),
            *(Link(f"{within}.{_BASE}", "InferenceComponent") for within in _SPECIFICATIONS),
        ),
    ),
    compare=Compare(
        reads=_READS,
        keyed=MappingProxyType({_MANY: "InstanceType"}),
        defaults=MappingProxyType(dict(_defaults())),
        # Application Auto Scaling sets the copies of one that is a scalable target (Developer Guide, Auto scaling
        # policies for inference components), and people do with UpdateInferenceComponentRuntimeConfig.
        rewritten=MappingProxyType({"RuntimeConfig": ""}),
    ),
    write=Write(
        # UpdateInferenceComponent takes it, Create does not; one alone is refused (Terraform provider, #48894).
        added=MappingProxyType(
            {
                "DeploymentConfig": {
                    "type": "structure",
                    "required": ["RollingUpdatePolicy"],
                    "members": {
                        "RollingUpdatePolicy": "InferenceComponentRollingUpdatePolicy",
                        "AutoRollbackConfiguration": "AutoRollbackConfig",
                    },
                }
            }
        ),
        write_only=("DeploymentConfig",),
        rules=tuple(_rules()),
    ),
    lifecycle=Lifecycle(
        # SageMaker's guide to inference components: about six minutes for a small language model
        usual_seconds=360,
        watched=(ALARMS,),
        consequences=(
            Consequence(
                frozenset({Action.UPDATE, Action.ADOPT}),
                Impact.SHIFTS,
                "its copies are replaced by those of the new specification, as many at a time as deploymentConfig says",
                members=(_ONE, _MANY),
            ),
            Consequence(ENDS, Impact.INTERRUPTS, "this component will stop serving requests"),
        ),
    ),
    display=Display(
        columns=(
            DisplayColumn("EndpointName"),
            DisplayColumn("VariantName"),
            DisplayColumn("RuntimeConfig", _copies_shown),
        ),
    ),
)
