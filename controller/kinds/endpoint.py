"""Endpoint: serves models. Asynchronous; a failed update ends InService on the old configuration."""

from typing import Any

from controller.core.phase import Action
from controller.kinds.columns import Body, CopiedMember, DeleteBlocker, Link
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import ENDS, Consequence, Fleet, Impact
from controller.kinds.kind import Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rollout import ALARMS, PRESETS, stages
from controller.kinds.rule import Choice, If, InRange, Requires, SumLimit

_POLICY = "DeploymentConfig.BlueGreenUpdatePolicy"
_ROUTING = f"{_POLICY}.TrafficRoutingConfiguration"
_ROLLING = "DeploymentConfig.RollingUpdatePolicy"
_PERCENT = (If("Type", ("CAPACITY_PERCENT",)),)
_RULES = (
    Choice(
        ("BlueGreenUpdatePolicy", "RollingUpdatePolicy"),
        least=0,
        within="DeploymentConfig",
        source="API reference, DeploymentConfig: only one update policy should be used",
    ),
    Requires(
        "CanarySize",
        (If("Type", ("CANARY",)),),
        within=_ROUTING,
        source="API reference, TrafficRoutingConfig",
    ),
    Requires(
        "LinearStepSize",
        (If("Type", ("LINEAR",)),),
        within=_ROUTING,
        source="API reference, TrafficRoutingConfig",
    ),
    InRange("Value", 1, 50, 1, _PERCENT, within=f"{_ROUTING}.CanarySize", source="API reference, CanarySize"),
    InRange(
        "Value",
        10,
        50,
        1,
        _PERCENT,
        within=f"{_ROUTING}.LinearStepSize",
        source="API reference, LinearStepSize",
    ),
    InRange(
        "Value",
        5,
        50,
        1,
        _PERCENT,
        within=f"{_ROLLING}.MaximumBatchSize",
        source="API reference, MaximumBatchSize",
    ),
    SumLimit(
        ("TerminationWaitInSeconds", "TrafficRoutingConfiguration.WaitIntervalInSeconds"),
        "MaximumExecutionTimeoutInSeconds",
        below=True,
        within=_POLICY,
        source="API reference, BlueGreenUpdatePolicy: the timeout is larger than both waits together",
    ),
)

_CAPACITY = (("InitialInstanceCount", "DesiredInstanceCount"), ("InitialVariantWeight", "DesiredWeight"))


def _variants(config: Body) -> dict[str, Body]:
    return {variant["VariantName"]: variant for variant in config.get("ProductionVariants", ())}


def keep_live_capacity(params: Body, now: Body, desired: Body) -> Body:
    """Leave instance counts and weights to the autoscaler, unless the new configuration changes them.

    UpdateEndpoint resets both to the configuration's Initial* values by default
    (API reference, UpdateEndpoint: RetainAllVariantProperties).
    """
    before = _variants(now.get("EndpointConfigName", {}))
    after = _variants(desired.get("EndpointConfigName", {}))
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


def _variant(live: Body) -> str:
    """A variant's weight and instances; both numbers if the current one differs from the desired one."""
    parts = [
        f"{word} {_on_its_way(live[f'Current{member}'], live.get(f'Desired{member}'))}"
        for word, member in (("weight", "Weight"), ("instances", "InstanceCount"))
        if f"Current{member}" in live
    ]
    return f"{live.get('VariantName', '?')}: {', '.join(parts) or 'no numbers yet'}"


def _on_its_way(now: float, desired: float | None) -> str:
    return f"{now:g}" if desired in (None, now) else f"{now:g}/{desired:g}"


ENDPOINT = Kind(
    name="Endpoint",
    identity=KindIdentity(
        links=(
            Link(
                "EndpointConfigName", "EndpointConfig", held=("PendingDeploymentSummary.EndpointConfigName",)
            ),
        ),
    ),
    write=Write(
        write_only=("DeploymentConfig",),
        rules=_RULES,
        amend=keep_live_capacity,
        presets=PRESETS,
    ),
    lifecycle=Lifecycle(
        # "If you delete the EndpointConfig of an endpoint that is active or being created or updated you may lose
        # visibility into the instance type the endpoint is using" (API reference, DeleteEndpointConfig), and an
        # endpoint keeps the model that it deployed when that is deleted (DeleteModel): neither is copied. Instances
        # hold what UpdateEndpoint deployed. DeployedImages: "SpecifiedImage: The image path you specified when you
        # created the model" (DeployedImage). LastModifiedTime changes with scaling as well, so it can hide a recreated
        # resource.
        snapshots=(
            CopiedMember(("EndpointConfigName",)),
            *(
                CopiedMember(
                    ("EndpointConfigName", f"{variants}[].ModelName"),
                    running=f"{variants}[].DeployedImages[].SpecifiedImage",
                    source=("PrimaryContainer.Image", "Containers[].Image"),
                )
                for variants in ("ProductionVariants", "ShadowProductionVariants")
            ),
        ),
        # Reports contradict each other: DeleteEndpoint is refused, or accepted and leaves components that stay
        # InService (aws/amazon-sagemaker-feedback#143).
        delete_blockers=(DeleteBlocker("ListInferenceComponents", by="EndpointNameEquals"),),
        # An alarm rolls an update back, with or without a FailureReason (hashicorp/terraform-provider-aws#48997).
        # Developer guide, Deployment guardrails: the stages of an update are shown at its new variants
        progress=("PendingDeploymentSummary.ProductionVariants[].VariantStatus[].Status",),
        watched=(ALARMS,),
        consequences=(
            Consequence(
                frozenset({Action.UPDATE, Action.ADOPT}),
                Impact.SHIFTS,
                "traffic moves to the new configuration once its instances are healthy",
                members=("EndpointConfigName",),
                stages=stages,
            ),
            Consequence(
                frozenset({Action.UPDATE, Action.ADOPT}),
                Impact.RESETS,
                "what the endpoint was scaled to is set back to the configuration's: {sent}",
                sent="ExcludeRetainedVariantProperties",
            ),
            Consequence(ENDS, Impact.INTERRUPTS, "this endpoint will stop serving requests"),
        ),
        fleets=tuple(
            Fleet(
                f"{variants}[]",
                "InitialInstanceCount",
                through="EndpointConfigName",
                named="VariantName",
                desired="DesiredInstanceCount",
            )
            for variants in ("ProductionVariants", "ShadowProductionVariants")
        ),
    ),
    display=Display(
        columns=(
            DisplayColumn("EndpointConfigName"),
            DisplayColumn("ProductionVariants", _variant),
            DisplayColumn("ShadowProductionVariants", _variant),
        ),
    ),
)
