"""Endpoint: what serves. Asynchronous; an update that failed ends InService on the old configuration."""

from typing import Any

from controller.kinds.kind import Body, Kind, Link

_CAPACITY = (("InitialInstanceCount", "DesiredInstanceCount"), ("InitialVariantWeight", "DesiredWeight"))


def _variants(config: Body) -> dict[str, Body]:
    return {variant["VariantName"]: variant for variant in config.get("ProductionVariants", ())}


def keep_live_capacity(params: Body, now: Body, wanted: Body) -> Body:
    """Leave instance counts and weights to the autoscaler, unless the new configuration changes them.

    UpdateEndpoint resets both to the configuration's Initial* values by default
    (API reference, UpdateEndpoint: RetainAllVariantProperties).
    """
    before = _variants(now.get("EndpointConfigName", {}))
    after = _variants(wanted.get("EndpointConfigName", {}))
    changed: list[Any] = [
        {"VariantPropertyType": live}
        for initial, live in _CAPACITY
        if any(
            variant.get(initial) is not None and before[name].get(initial) not in (None, variant.get(initial))
            for name, variant in after.items()
            if name in before
        )
    ]
    kept = {**params, "RetainAllVariantProperties": True}
    return {**kept, "ExcludeRetainedVariantProperties": changed} if changed else kept


ENDPOINT = Kind(
    name="Endpoint",
    plural="Endpoints",
    links=(
        Link("EndpointConfigName", "EndpointConfig", held=("PendingDeploymentSummary.EndpointConfigName",)),
    ),
    carried=("DeploymentConfig",),
    amend=keep_live_capacity,
)
