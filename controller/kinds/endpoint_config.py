"""EndpointConfig: which models on which machines. Immutable, so a change is a new generation."""

from types import MappingProxyType

from controller.kinds.filled import Filled
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
    # API reference, ProductionVariant (weight 1.0) and DataCaptureConfig (defaults to enabled); a serverless
    # variant gets a volume (unverified), and the header is filled.
    defaults=MappingProxyType(
        {
            "EnableNetworkIsolation": False,
            "ProductionVariants[].InitialVariantWeight": 1.0,
            "ProductionVariants[].VolumeSizeInGB": Filled.CHOSEN,
            "ShadowProductionVariants[].InitialVariantWeight": 1.0,
            "ShadowProductionVariants[].VolumeSizeInGB": Filled.CHOSEN,
            "DataCaptureConfig.EnableCapture": True,
            "DataCaptureConfig.CaptureContentTypeHeader": Filled.CHOSEN,
        }
    ),
)
