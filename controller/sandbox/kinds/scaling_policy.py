"""Scaling policies and scheduled actions of a scalable target, which end with it."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from controller.sandbox.kind import SandboxKind, Verb
from controller.sandbox.kinds.scaling_target import (
    CONCURRENCY,
    COPIES,
    INSTANCES,
    SERVICE,
    key_text,
    listing_of,
    target_of,
)
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

# botocore's documentation of MetricType; which dimension takes which: Application Auto Scaling User Guide.
METRICS: Mapping[str, frozenset[str]] = {
    INSTANCES: frozenset(
        {"SageMakerVariantInvocationsPerInstance", "SageMakerVariantConcurrentRequestsPerModelHighResolution"}
    ),
    CONCURRENCY: frozenset({"SageMakerVariantProvisionedConcurrencyUtilization"}),
    COPIES: frozenset(
        {
            "SageMakerInferenceComponentInvocationsPerCopy",
            "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
        }
    ),
}


def _held(ask: OperationRequest) -> Row:
    row = target_of(ask)
    if row is None or ask.now - row.created < ask.knobs.scalable_target_consistency:
        # ansible/ansible#40237
        raise ServiceError(
            "ObjectNotFoundException", f"No scalable target registered for {key_text(ask.params)}"
        )
    return row


def _has_target(ask: OperationRequest) -> None:
    _held(ask)


def _part(ask: OperationRequest, member: str, path: str, named: str) -> tuple[str, str]:
    name, target = ask.params[member], _held(ask)
    rows = ask.others("ScalingPolicy" if member == "PolicyName" else "ScheduledAction")
    held = next((row for row in rows if row.keep["target"] == target.arn and row.name == name), None)
    if held is not None:
        return held.arn, held.name
    opaque = hashlib.sha256(f"{target.arn}/{name}".encode()).hexdigest()[:32]
    resource = f"{path}:{opaque}:resource/sagemaker/{ask.params['ResourceId']}:{named}/{name}"
    return ask.account.arn(resource, "autoscaling"), name


def _policy(ask: OperationRequest) -> tuple[str, str]:
    return _part(ask, "PolicyName", "scalingPolicy", "policyName")


def _action(ask: OperationRequest) -> tuple[str, str]:
    return _part(ask, "ScheduledActionName", "scheduledAction", "scheduledActionName")


def _policy_in(ask: OperationRequest) -> str:
    arn, name = _policy(ask)
    if ask.world.find(arn, ask.now) is None:
        message = f"No scaling policy found for {key_text(ask.params)}, policy name: {name}"  # moto's text
        raise ServiceError("ObjectNotFoundException", message)
    return arn


def _action_in(ask: OperationRequest) -> str:
    arn, name = _action(ask)
    if ask.world.find(arn, ask.now) is None:
        message = f"No scheduled action found for {key_text(ask.params)}, scheduled action name: {name}"
        raise ServiceError("ObjectNotFoundException", message)
    return arn


CONFIGS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}
METRIC_MEMBERS = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")


def _policy_is_sound(ask: OperationRequest) -> None:
    """Refuse a policy of another type than its configuration; the words are ours."""
    held = target_of(ask) and ask.world.find(_policy(ask)[0], ask.now)
    word = ask.params.get("PolicyType", held.body["PolicyType"] if held else None)
    if word is None:
        raise invalid("PolicyType must be specified for a new scaling policy")
    given = [member for member in ask.params if member.endswith("PolicyConfiguration")]
    if word not in CONFIGS or given != [CONFIGS[word]]:
        raise invalid(
            f"A scaling policy for SageMaker of type {word} must have the configuration of its type only"
        )
    tracking = ask.params.get("TargetTrackingScalingPolicyConfiguration")
    if tracking is not None and sum(member in tracking for member in METRIC_MEMBERS) != 1:
        raise invalid("A target tracking policy must have either a predefined or a customized metric")


def _metric_fits(ask: OperationRequest) -> None:
    config = ask.params.get("TargetTrackingScalingPolicyConfiguration", {})
    metric = config.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    dimension = ask.params["ScalableDimension"]
    known = METRICS.get(dimension, frozenset())
    if metric is not None and metric not in known:
        # aws/aws-cdk#29065
        raise invalid(
            f"Scalable dimension {dimension} only supports the following predefined metric types: "
            f"{', '.join(sorted(known))}"
        )


def _policy_birth(ask: OperationRequest) -> Json:
    ends = ("AlarmHigh", "AlarmLow") if ask.params.get("PolicyType") == "TargetTrackingScaling" else ()
    names = [f"TargetTracking-{ask.params['ResourceId']}-{end}" for end in ends]
    alarm = ask.account.arn("alarm", "cloudwatch")
    return {
        "PolicyARN": _policy(ask)[0],
        "Alarms": [{"AlarmName": name, "AlarmARN": f"{alarm}:{name}"} for name in names],
    }


def _put_policy(ask: OperationRequest, row: Row) -> Row:
    """Return a policy that was put once more: it is replaced."""
    kept = {name: row.body[name] for name in ("CreationTime", "PolicyType")}
    return replace(row, body=kept | ask.params | _policy_birth(ask))


SCALING_POLICY = SandboxKind(
    name="ScalingPolicy",
    path="scalingPolicy",
    service=SERVICE,
    missing=Phrase("ObjectNotFoundException", "No scaling policy found for {name}"),
    exists=Phrase("ValidationException", "The scaling policy {name} already exists."),
    busy=Phrase(
        "ConcurrentUpdateException", "The scaling policy {name} is being changed by another request."
    ),
    listing=listing_of("ScalingPolicies", 10),
    modified=None,
    called={
        Verb.CREATE: "PutScalingPolicy",
        Verb.DELETE: "DeleteScalingPolicy",
        Verb.LIST: "DescribeScalingPolicies",
        Verb.DESCRIBE: None,
    },
    guards=(_policy_is_sound, _has_target, _metric_fits),
    identify=_policy,
    address=_policy_in,
    birth=_policy_birth,
    keep=lambda ask: {"target": _held(ask).arn, "untagged": True},
    again=_put_policy,
)


def _action_birth(ask: OperationRequest) -> Json:
    return {"ScheduledActionARN": _action(ask)[0], "Timezone": ask.params.get("Timezone", "UTC")}


def _put_action(ask: OperationRequest, row: Row) -> Row:
    """Return an action that was put once more: what was left out stays, but for its times, which are erased."""
    times = {"StartTime", "EndTime"}
    return replace(
        row, body={name: value for name, value in row.body.items() if name not in times} | ask.params
    )


def _schedule_given(ask: OperationRequest) -> None:
    held = target_of(ask) and ask.world.find(_action(ask)[0], ask.now)
    if "Schedule" not in ask.params and not held:
        raise invalid("Schedule must be specified for a new scheduled action")


SCHEDULED_ACTION = SandboxKind(
    name="ScheduledAction",
    path="scheduledAction",
    service=SERVICE,
    missing=Phrase("ObjectNotFoundException", "No scheduled action found for {name}"),
    exists=Phrase("ValidationException", "The scheduled action {name} already exists."),
    busy=Phrase(
        "ConcurrentUpdateException", "The scheduled action {name} is being changed by another request."
    ),
    listing=listing_of("ScheduledActions", 50),
    modified=None,
    called={
        Verb.CREATE: "PutScheduledAction",
        Verb.DELETE: "DeleteScheduledAction",
        Verb.LIST: "DescribeScheduledActions",
        Verb.DESCRIBE: None,
    },
    guards=(_schedule_given, _has_target),
    identify=_action,
    address=_action_in,
    birth=_action_birth,
    keep=lambda ask: {"target": _held(ask).arn, "untagged": True},
    again=_put_action,
)
