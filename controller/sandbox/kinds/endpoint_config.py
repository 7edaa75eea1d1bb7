"""EndpointConfig: immutable and synchronous; its models must exist when it is made."""

from controller.sandbox.kind import Kind, Listing
from controller.sandbox.kinds.endpoint_config_rules import (
    PRODUCTION,
    SHADOW,
    all_variants,
    features_fit,
    names_differ,
    variants_are_sound,
)
from controller.sandbox.kinds.model import MODEL
from controller.sandbox.request import Ask
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

VARIANTS = (PRODUCTION, SHADOW)
SERVERLESS_VOLUME = 5


def _models_exist(ask: Ask) -> None:
    for variant in all_variants(ask):
        if "ModelName" in variant:
            arn = MODEL.arn(ask.account, ask.knobs, variant["ModelName"])
            if ask.find(arn) is None:
                raise invalid(f'Could not find model "{arn}".')


def _filled(variant: Json, *, serverless_volume: bool) -> Json:
    made: Json = {"InitialVariantWeight": 1.0} | variant
    if serverless_volume and "ServerlessConfig" in variant:
        made.setdefault("VolumeSizeInGB", SERVERLESS_VOLUME)
    return made


def _birth(ask: Ask) -> Json:
    volume = ask.knobs.serverless_volume
    made: Json = {"EnableNetworkIsolation": ask.params.get("EnableNetworkIsolation", False)}
    for member in VARIANTS:
        if member in ask.params:
            made[member] = [_filled(one, serverless_volume=volume) for one in ask.params[member]]
    if "DataCaptureConfig" in ask.params:
        made["DataCaptureConfig"] = {"EnableCapture": True} | ask.params["DataCaptureConfig"]
    return made


ENDPOINT_CONFIG = Kind(
    name="EndpointConfig",
    path="endpoint-config",
    missing=Phrase("ValidationException", 'Could not find endpoint configuration "{arn}".'),
    exists=Phrase("ValidationException", 'Cannot create already existing endpoint configuration "{arn}".'),
    busy=Phrase("ValidationException", 'Cannot delete endpoint configuration "{arn}": it is in use.'),
    listing=Listing(key="EndpointConfigs", order="Descending"),
    modified=None,
    guards=(names_differ, variants_are_sound, features_fit, _models_exist),
    birth=_birth,
)
