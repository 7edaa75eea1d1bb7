"""Scaling policies and scheduled actions of a scalable target, which are deleted with it."""

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

# Metrics from botocore's documentation of MetricType; their dimensions from the Application Auto Scaling User Guide.
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


def _find_target(request: OperationRequest) -> Row:
    row = target_of(request)
    if row is None or request.now - row.created < request.knobs.scalable_target_consistency:
        # ansible/ansible#40237
        raise ServiceError(
            "ObjectNotFoundException", f"No scalable target registered for {key_text(request.params)}"
        )
    return row


def _has_target(request: OperationRequest) -> None:
    _find_target(request)


def _part(request: OperationRequest, member: str, path: str, named: str) -> tuple[str, str]:
    name, target = request.params[member], _find_target(request)
    rows = request.rows_of("ScalingPolicy" if member == "PolicyName" else "ScheduledAction")
    held = next((row for row in rows if row.keep["target"] == target.arn and row.name == name), None)
    if held is not None:
        return held.arn, held.name
    opaque = hashlib.sha256(f"{target.arn}/{name}".encode()).hexdigest()[:32]
    resource = f"{path}:{opaque}:resource/sagemaker/{request.params['ResourceId']}:{named}/{name}"
    return request.account.arn(resource, "autoscaling"), name


def _policy(request: OperationRequest) -> tuple[str, str]:
    return _part(request, "PolicyName", "scalingPolicy", "policyName")


def _action(request: OperationRequest) -> tuple[str, str]:
    return _part(request, "ScheduledActionName", "scheduledAction", "scheduledActionName")


def _policy_in(request: OperationRequest) -> str:
    arn, name = _policy(request)
    if request.state.find(arn, request.now) is None:
        message = (
            f"No scaling policy found for {key_text(request.params)}, policy name: {name}"  # moto's message
        )
        raise ServiceError("ObjectNotFoundException", message)
    return arn


def _action_in(request: OperationRequest) -> str:
    arn, name = _action(request)
    if request.state.find(arn, request.now) is None:
        message = f"No scheduled action found for {key_text(request.params)}, scheduled action name: {name}"
        raise ServiceError("ObjectNotFoundException", message)
    return arn


CONFIGS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}
METRIC_MEMBERS = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")


def _policy_is_valid(request: OperationRequest) -> None:
    """Refuse a policy of another type than its configuration; the message is our own."""
    held = target_of(request) and request.state.find(_policy(request)[0], request.now)
    word = request.params.get("PolicyType", held.body["PolicyType"] if held else None)
    if word is None:
        raise invalid("PolicyType must be specified for a new scaling policy")
    given = [member for member in request.params if member.endswith("PolicyConfiguration")]
    if word not in CONFIGS or given != [CONFIGS[word]]:
        raise invalid(
            f"A scaling policy for SageMaker of type {word} must have the configuration of its type only"
        )
    tracking = request.params.get("TargetTrackingScalingPolicyConfiguration")
    if tracking is not None and sum(member in tracking for member in METRIC_MEMBERS) != 1:
        raise invalid("A target tracking policy must have either a predefined or a customized metric")


def _metric_fits(request: OperationRequest) -> None:
    config = request.params.get("TargetTrackingScalingPolicyConfiguration", {})
    metric = config.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    dimension = request.params["ScalableDimension"]
    known = METRICS.get(dimension, frozenset())
    if metric is not None and metric not in known:
        # aws/aws-cdk#29065
        raise invalid(
            f"Scalable dimension {dimension} only supports the following predefined metric types: "
            f"{', '.join(sorted(known))}"
        )


def _policy_initial(request: OperationRequest) -> Json:
    ends = ("AlarmHigh", "AlarmLow") if request.params.get("PolicyType") == "TargetTrackingScaling" else ()
    names = [f"TargetTracking-{request.params['ResourceId']}-{end}" for end in ends]
    alarm = request.account.arn("alarm", "cloudwatch")
    return {
        "PolicyARN": _policy(request)[0],
        "Alarms": [{"AlarmName": name, "AlarmARN": f"{alarm}:{name}"} for name in names],
    }


def _put_policy(request: OperationRequest, row: Row) -> Row:
    """Return a policy after a repeated Put: it is replaced."""
    kept = {name: row.body[name] for name in ("CreationTime", "PolicyType")}
    return replace(row, body=kept | request.params | _policy_initial(request))


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
    guards=(_policy_is_valid, _has_target, _metric_fits),
    identify=_policy,
    address=_policy_in,
    initial=_policy_initial,
    keep=lambda request: {"target": _find_target(request).arn, "untagged": True},
    again=_put_policy,
)


def _action_initial(request: OperationRequest) -> Json:
    return {"ScheduledActionARN": _action(request)[0], "Timezone": request.params.get("Timezone", "UTC")}


def _put_action(request: OperationRequest, row: Row) -> Row:
    """Return an action after a repeated Put: omitted members keep their values, except times, which are removed."""
    times = {"StartTime", "EndTime"}
    return replace(
        row, body={name: value for name, value in row.body.items() if name not in times} | request.params
    )


def _schedule_given(request: OperationRequest) -> None:
    held = target_of(request) and request.state.find(_action(request)[0], request.now)
    if "Schedule" not in request.params and not held:
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
    initial=_action_initial,
    keep=lambda request: {"target": _find_target(request).arn, "untagged": True},
    again=_put_action,
)
