"""The case of ScalingTarget."""

from tests.journeys.documents import config, endpoint, model
from tests.kinds.case import Case

_TRACKING = (
    "{policyName: %s, policyType: TargetTrackingScaling, targetTrackingScalingPolicyConfiguration: {targetValue: %s, "
    "predefinedMetricSpecification: {predefinedMetricType: SageMakerVariantInvocationsPerInstance}}}"
)
_LOAD, _PEAK = _TRACKING % ("load", "%s"), _TRACKING % ("peak", 90)
_NIGHT = (
    "{scheduledActionName: night, schedule: 'cron(0 22 * * ? *)', scalableTargetAction: {minCapacity: %s}}"
)

SCALING_TARGET = Case(
    "fraud-main",
    """
serviceNamespace: sagemaker
resourceId: endpoint/fraud/variant/main
scalableDimension: sagemaker:variant:DesiredInstanceCount
""",
    changes={
        "MinCapacity": ("minCapacity: 1\nmaxCapacity: 4", "minCapacity: 2\nmaxCapacity: 4"),
        "MaxCapacity": ("minCapacity: 1\nmaxCapacity: 4", "minCapacity: 1\nmaxCapacity: 6"),
        "SuspendedState": (
            "minCapacity: 1\nmaxCapacity: 4\nsuspendedState: {dynamicScalingInSuspended: true}",
            "minCapacity: 1\nmaxCapacity: 4\nsuspendedState: {dynamicScalingOutSuspended: true}",
        ),
        "ScalingPolicies": (
            f"minCapacity: 1\nmaxCapacity: 4\nscalingPolicies: [{_LOAD % 70}, {_PEAK}]",
            f"minCapacity: 1\nmaxCapacity: 4\nscalingPolicies: [{_LOAD % 50}, {_PEAK}]",
        ),
        "ScheduledActions": (
            f"minCapacity: 1\nmaxCapacity: 4\nscheduledActions: [{_NIGHT % 1}]",
            f"minCapacity: 1\nmaxCapacity: 4\nscheduledActions: [{_NIGHT % 2}]",
        ),
    },
    needs=(model(), config(), endpoint()),
)
