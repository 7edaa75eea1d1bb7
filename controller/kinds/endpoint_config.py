"""EndpointConfig: which models on which machines. Immutable, so a change is a new generation."""

from types import MappingProxyType

from controller.kinds.kind import Kind, Link, Succession

ENDPOINT_CONFIG = Kind(
    name="EndpointConfig",
    plural="EndpointConfigs",
    links=(
        Link("ProductionVariants[].ModelName", "Model"),
        Link("ShadowProductionVariants[].ModelName", "Model"),
    ),
    unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets", "DataCaptureConfig.CaptureOptions"),
    keyed=MappingProxyType({"ProductionVariants": "VariantName", "ShadowProductionVariants": "VariantName"}),
    succession=Succession(),
)
