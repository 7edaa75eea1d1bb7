"""EndpointConfig: which models on which instances. Immutable, so a change is a new generation."""

from collections.abc import Iterator
from types import MappingProxyType

from controller.kinds.columns import Generations, Link
from controller.kinds.defaults import ServiceValue
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Count, Excludes, If, InRange, Requires, Rule, SumLimit, Unique

_VARIANTS = ("ProductionVariants", "ShadowProductionVariants")
_EXCLUSIONS = "developer guide, Serverless Inference: feature exclusions"
_SHADOWS = "API reference, CreateEndpointConfig: ShadowProductionVariants"
_NOT_SHADOWED = "developer guide, Shadow variants: features that do not support them"
_SERVERLESS = If("ProductionVariants[].ServerlessConfig")
_ASYNC = If("AsyncInferenceConfig")
_ROUTING = "RoutingConfig.PrefixAwareRoutingConfig"
_STRATEGY = "RoutingConfig.RoutingStrategy"


def _of_variant(within: str) -> Iterator[Rule]:
    reference = "API reference, ProductionVariant"
    serverless = If("ServerlessConfig")
    where = f"{reference}: a serverless endpoint configuration instead of an instance-based one"
    yield Choice(
        ("InstanceType", "InstancePools", "ServerlessConfig"), most=3, within=within, source=reference
    )
    for member in ("InstanceType", "InitialInstanceCount", "InstancePools", "ManagedInstanceScaling"):
        yield Excludes(member, (serverless,), within=within, source=where)
    instances = (If("InstanceType"), If("ManagedInstanceScaling", holds=False))
    yield Requires("InitialInstanceCount", instances, within=within, source=reference)
    memory = "API reference, ProductionVariantServerlessConfig: 1024, 2048, 3072, 4096, 5120 or 6144"
    yield InRange("MemorySizeInMB", 1024, 6144, 1024, within=f"{within}.ServerlessConfig", source=memory)
    at_most = "API reference, ProductionVariantServerlessConfig: less than or equal to MaxConcurrency"
    concurrency = f"{within}.ServerlessConfig"
    yield SumLimit(("ProvisionedConcurrency",), "MaxConcurrency", within=concurrency, source=at_most)
    scaling = f"{within}.ManagedInstanceScaling"
    omitted = "that the one is at most the other is unverified"
    yield SumLimit(("MinInstanceCount",), "MaxInstanceCount", within=scaling, source=omitted, doubtful=True)
    routing = "API reference, RoutingConfig and PrefixAwareRoutingConfig"
    for member in ("PrefixLength", "ConcurrencyThreshold"):
        aware = (If(_STRATEGY, ("PREFIX_AWARE",)),)
        yield Requires(f"{_ROUTING}.{member}", aware, within=within, source=routing)
    unaware = (If(_STRATEGY, ("PREFIX_AWARE",), holds=False),)
    yield Excludes(_ROUTING, unaware, within=within, source=routing)


_RULES = (
    *(rule for member in _VARIANTS for rule in _of_variant(f"{member}[]")),
    Unique(_VARIANTS, "VariantName", source="API reference, ProductionVariant: VariantName"),
    Count("ProductionVariants", 1, (If("ShadowProductionVariants"),), source=_SHADOWS),
    Count("ShadowProductionVariants", 1, source=_SHADOWS),
    Count("ProductionVariants", 1, (_SERVERLESS,), source=f"{_EXCLUSIONS}: multiple production variants"),
    Excludes("ShadowProductionVariants", (_SERVERLESS,), source=_NOT_SHADOWED),
    Excludes("ShadowProductionVariants", (_ASYNC,), source=_NOT_SHADOWED),
    Excludes(
        "AsyncInferenceConfig", (_SERVERLESS,), source="developer guide, Asynchronous Inference: instances"
    ),
    # Documented as unsupported; whether they are refused or ignored is not known.
    Excludes("DataCaptureConfig", (_SERVERLESS,), source=f"{_EXCLUSIONS}: data capture", doubtful=True),
    Excludes("VpcConfig", (_SERVERLESS,), source=f"{_EXCLUSIONS}: VPC configuration", doubtful=True),
    *(
        Excludes("CrossRegionTrafficConfig", (when,), source="API reference, CrossRegionTrafficConfig")
        for when in (_SERVERLESS, _ASYNC)
    ),
)

ENDPOINT_CONFIG = Kind(
    name="EndpointConfig",
    identity=KindIdentity(
        links=(
            Link("ProductionVariants[].ModelName", "Model"),
            Link("ShadowProductionVariants[].ModelName", "Model"),
        ),
    ),
    compare=Compare(
        unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets", "DataCaptureConfig.CaptureOptions"),
        keyed=MappingProxyType(
            {"ProductionVariants": "VariantName", "ShadowProductionVariants": "VariantName"}
        ),
        # API reference, ProductionVariant (weight 1.0) and DataCaptureConfig (defaults to enabled); a serverless
        # variant gets a volume (unverified), and the header has a default.
        defaults=MappingProxyType(
            {
                "EnableNetworkIsolation": False,
                "ProductionVariants[].InitialVariantWeight": 1.0,
                "ProductionVariants[].VolumeSizeInGB": ServiceValue.CHOSEN,
                "ShadowProductionVariants[].InitialVariantWeight": 1.0,
                "ShadowProductionVariants[].VolumeSizeInGB": ServiceValue.CHOSEN,
                "DataCaptureConfig.EnableCapture": True,
                "DataCaptureConfig.CaptureContentTypeHeader": ServiceValue.CHOSEN,
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
