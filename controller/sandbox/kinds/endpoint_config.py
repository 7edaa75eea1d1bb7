"""EndpointConfig, and the rules of its variants."""

from collections.abc import Iterator

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds.model import MODEL
from controller.sandbox.request import OperationRequest
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

PRODUCTION, SHADOW = "ProductionVariants", "ShadowProductionVariants"
OF_INSTANCES = ("InstanceType", "InitialInstanceCount", "InstancePools", "ManagedInstanceScaling")
MEMORY_STEP = 1024
PREFIX = "PREFIX_AWARE"


def all_variants(request: OperationRequest) -> Iterator[Json]:
    """Yield the variants of both lists."""
    for member in (PRODUCTION, SHADOW):
        yield from request.params.get(member, ())


def names_differ(request: OperationRequest) -> None:
    """Refuse two variants with the same name."""
    names = [variant["VariantName"] for variant in all_variants(request)]
    if len(set(names)) != len(names):
        raise invalid("Variant names must be unique within an endpoint configuration.")


def variants_are_valid(request: OperationRequest) -> None:
    """Refuse a variant whose members contradict each other."""
    for variant in all_variants(request):
        _capacity(variant)
        _serverless(variant)
        _check_routing(variant)
        scaling = variant.get("ManagedInstanceScaling", {})
        least, most = scaling.get("MinInstanceCount"), scaling.get("MaxInstanceCount")
        if request.knobs.unsupported_is_refused and None not in (least, most) and least > most:
            raise invalid("MinInstanceCount cannot be greater than MaxInstanceCount.")


def _capacity(variant: Json) -> None:
    name = variant["VariantName"]
    if "ServerlessConfig" in variant:
        given = [member for member in OF_INSTANCES if member in variant]
        if given:
            raise invalid(f"Variant {name} has a ServerlessConfig and cannot have {', '.join(given)}.")
    elif "InstanceType" not in variant and not variant.get("InstancePools"):
        raise invalid(f"Variant {name} must have an InstanceType or a ServerlessConfig.")
    elif "InstanceType" in variant and not {"InitialInstanceCount", "ManagedInstanceScaling"} & set(variant):
        raise invalid(f"Variant {name} must have an InitialInstanceCount.")


def _serverless(variant: Json) -> None:
    config = variant.get("ServerlessConfig", {})
    memory = config.get("MemorySizeInMB", MEMORY_STEP)
    if memory % MEMORY_STEP:
        sizes = "1024 MB, 2048 MB, 3072 MB, 4096 MB, 5120 MB, or 6144 MB"
        raise invalid(f"MemorySizeInMB is {memory}, but must be one of {sizes}.")
    if config.get("ProvisionedConcurrency", 0) > config.get("MaxConcurrency", 0):
        raise invalid("ProvisionedConcurrency must be less than or equal to MaxConcurrency.")


def _check_routing(variant: Json) -> None:
    routing = variant.get("RoutingConfig", {})
    prefix = routing.get("PrefixAwareRoutingConfig")
    if routing.get("RoutingStrategy") != PREFIX:
        if prefix is not None:
            raise invalid(f"PrefixAwareRoutingConfig requires RoutingStrategy {PREFIX}.")
        return
    for member in ("PrefixLength", "ConcurrencyThreshold"):
        if member not in (prefix or {}):
            raise invalid(f"{member} is required when RoutingStrategy is {PREFIX}.")


def features_fit(request: OperationRequest) -> None:
    """Refuse features that can't be combined with serverless, shadow or asynchronous inference."""
    given, serverless = request.params, any("ServerlessConfig" in one for one in request.params[PRODUCTION])
    asynchronous = "AsyncInferenceConfig" in given
    if given.get(SHADOW) and (len(given[PRODUCTION]) > 1 or len(given[SHADOW]) > 1):
        raise invalid(f"With {SHADOW} there can be only one production and one shadow variant.")
    if serverless and len(given[PRODUCTION]) > 1:
        raise invalid("An endpoint configuration with a serverless variant can have only one variant.")
    if given.get(SHADOW) and (serverless or asynchronous):
        raise invalid("Shadow variants are not supported with serverless or asynchronous inference.")
    if serverless and asynchronous:
        raise invalid("AsyncInferenceConfig is not supported with serverless variants.")
    if "CrossRegionTrafficConfig" in given and (serverless or asynchronous):
        raise invalid("CrossRegionTrafficConfig is not supported with serverless or asynchronous inference.")
    unsupported = [member for member in ("DataCaptureConfig", "VpcConfig") if member in given]
    if serverless and unsupported and request.knobs.unsupported_is_refused:
        raise invalid(f"{unsupported[0]} is not supported with serverless variants.")


VARIANTS = (PRODUCTION, SHADOW)
SERVERLESS_VOLUME = 5


def _models_exist(request: OperationRequest) -> None:
    for variant in all_variants(request):
        if "ModelName" in variant:
            arn = MODEL.arn(request.account, request.knobs, variant["ModelName"])
            if request.find(arn) is None:
                raise invalid(f'Could not find model "{arn}".')


def _with_defaults(variant: Json, *, serverless_volume: bool) -> Json:
    made: Json = {"InitialVariantWeight": 1.0} | variant
    if serverless_volume and "ServerlessConfig" in variant:
        made.setdefault("VolumeSizeInGB", SERVERLESS_VOLUME)
    return made


def _initial(request: OperationRequest) -> Json:
    volume = request.knobs.serverless_volume
    made: Json = {"EnableNetworkIsolation": request.params.get("EnableNetworkIsolation", False)}
    for member in VARIANTS:
        if member in request.params:
            made[member] = [_with_defaults(one, serverless_volume=volume) for one in request.params[member]]
    if "DataCaptureConfig" in request.params:
        made["DataCaptureConfig"] = {"EnableCapture": True} | request.params["DataCaptureConfig"]
    return made


ENDPOINT_CONFIG = SandboxKind(
    name="EndpointConfig",
    path="endpoint-config",
    missing=Phrase("ValidationException", 'Could not find endpoint configuration "{arn}".'),
    exists=Phrase("ValidationException", 'Cannot create already existing endpoint configuration "{arn}".'),
    busy=Phrase("ValidationException", 'Cannot delete endpoint configuration "{arn}": it is in use.'),
    listing=ListDefaults(key="EndpointConfigs", order="Descending"),
    modified=None,
    guards=(names_differ, variants_are_valid, features_fit, _models_exist),
    initial=_initial,
)
