"""ScalingTarget: what Application Auto Scaling scales of an endpoint or an inference component, and how.

A scalable target of another service, with its scaling policies and scheduled actions in one document.
"""

from types import MappingProxyType

from controller.kinds.columns import ChildList, Link, UpdateHold, Verbs
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Excludes, Form, If, Requires

_SUSPENDED = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
_TRACKING = "ScalingPolicies[].TargetTrackingScalingPolicyConfiguration"
_METRIC = f"{_TRACKING}.CustomizedMetricSpecification"
_ONE_TYPE = "API reference, PutScalingPolicy: the configuration of the policy's type"
_ONE_METRIC = "API reference, TargetTrackingScalingPolicyConfiguration: a predefined or a customized metric"

SCALING_TARGET = Kind(
    name="ScalingTarget",
    identity=KindIdentity(
        verbs=Verbs(
            create="RegisterScalableTarget",
            describe="DescribeScalableTargets",
            update="RegisterScalableTarget",
            delete="DeregisterScalableTarget",
            list="DescribeScalableTargets",
        ),
        arn_member="ScalableTargetARN",
        key=("ServiceNamespace", "ResourceId", "ScalableDimension"),
        # The Service Authorization Reference has resource types for some of these operations only, and their ARN
        # holds an identifier that is known after the registration.
        arns=("",),
        # API reference, RegisterScalableTarget: ResourceId.
        links=(
            Link("ResourceId", "Endpoint", within="endpoint/{}/variant/*"),
            Link("ResourceId", "InferenceComponent", within="inference-component/{}"),
        ),
        fixed=MappingProxyType({"ServiceNamespace": "sagemaker"}),
    ),
    compare=Compare(
        keyed=MappingProxyType({"ScalingPolicies": "PolicyName", "ScheduledActions": "ScheduledActionName"}),
        unordered=(
            "ScalingPolicies[].StepScalingPolicyConfiguration.StepAdjustments",
            f"{_METRIC}.Dimensions",
            f"{_METRIC}.Metrics[].MetricStat.Metric.Dimensions",
        ),
        # All three of SuspendedState are shown: its example in the API reference, RegisterScalableTarget.
        defaults=MappingProxyType(
            {
                "RoleARN": ServiceValue.MADE,
                **{f"SuspendedState.{member}": False for member in _SUSPENDED},
                "ScheduledActions[].Timezone": "UTC",  # API reference, PutScheduledAction
            }
        ),
        # User Guide, Scheduled scaling: an action that runs sets both limits of the target.
        rewritten=MappingProxyType(
            {
                limit: f"ScheduledActions[].ScalableTargetAction.{limit}"
                for limit in ("MinCapacity", "MaxCapacity")
            }
        ),
    ),
    write=Write(
        # For SageMaker the service-linked role is used and shown, whatever was sent. Source: the API reference of
        # RegisterScalableTarget, RoleARN.
        write_only=("RoleARN",),
        children=MappingProxyType(
            {
                "ScalingPolicies": ChildList(
                    "PutScalingPolicy", "DeleteScalingPolicy", "DescribeScalingPolicies", "PolicyName"
                ),
                "ScheduledActions": ChildList(
                    "PutScheduledAction",
                    "DeleteScheduledAction",
                    "DescribeScheduledActions",
                    "ScheduledActionName",
                ),
            }
        ),
        # API reference, RegisterScalableTarget: parameters that are left out stay as they are.
        cleared=MappingProxyType(
            {
                "SuspendedState": MappingProxyType(dict.fromkeys(_SUSPENDED, False)),
                **{f"SuspendedState.{member}": False for member in _SUSPENDED},
            }
        ),
        # API reference, PutScheduledAction: all but the times stay where they are left out.
        kept=(
            "ScheduledActions[].Schedule",
            "ScheduledActions[].Timezone",
            "ScheduledActions[].ScalableTargetAction",
        ),
        rules=(
            Form(
                "ServiceNamespace",
                "sagemaker",
                "be sagemaker",
                source="API reference, RegisterScalableTarget: ServiceNamespace",
            ),
            Requires(
                "MinCapacity", source="API reference, RegisterScalableTarget: required for a new target"
            ),
            Requires(
                "MaxCapacity", source="API reference, RegisterScalableTarget: required for a new target"
            ),
            Form(
                "ScalableDimension",
                "sagemaker:.*",
                "be one of SageMaker's",
                source="API reference, RegisterScalableTarget: ScalableDimension",
            ),
            Requires(
                "PolicyType",
                within="ScalingPolicies[]",
                source="API reference, PutScalingPolicy: required for a new policy",
            ),
            Choice(
                ("TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration"),
                within="ScalingPolicies[]",
                source=_ONE_TYPE,
            ),
            *(
                Form(
                    "PolicyType",
                    word,
                    f"be {word}",
                    when=(If(f"{word}PolicyConfiguration"),),
                    within="ScalingPolicies[]",
                    source=_ONE_TYPE,
                )
                for word in ("TargetTrackingScaling", "StepScaling")
            ),
            Excludes(
                "PredictiveScalingPolicyConfiguration",
                (If("PolicyType"),),
                within="ScalingPolicies[]",
                source="API reference, PutScalingPolicy: predictive scaling is for Amazon ECS",
            ),
            Excludes(
                "CustomizedMetricSpecification",
                (If("PredefinedMetricSpecification"),),
                within=_TRACKING,
                source=_ONE_METRIC,
            ),
            Requires(
                "PredefinedMetricSpecification",
                (If("CustomizedMetricSpecification", holds=False),),
                within=_TRACKING,
                source=_ONE_METRIC,
            ),
            Requires(
                "Schedule",
                within="ScheduledActions[]",
                source="API reference, PutScheduledAction: required for a new action",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        # SageMaker Developer Guide, "Update or delete endpoints that use automatic scaling".
        holds=(
            UpdateHold(
                "ResourceId", "EndpointConfigName", "ProductionVariants", "VariantName", ("InstanceType",)
            ),
        ),
    ),
    display=Display(
        columns=(
            DisplayColumn("ResourceId"),
            DisplayColumn("MinCapacity"),
            DisplayColumn("MaxCapacity"),
        ),
    ),
)
