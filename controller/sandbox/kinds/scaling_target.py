"""Scalable targets of Application Auto Scaling, with their scaling policies and scheduled actions."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, Verb
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.kinds.endpoint_config import ENDPOINT_CONFIG
from controller.sandbox.kinds.variants import parts, rescaled
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid
from controller.sandbox.tags import given_tags

SERVICE = "application-autoscaling"
KEY = ("ServiceNamespace", "ResourceId", "ScalableDimension")
VARIANT = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
COMPONENT = re.compile(r"inference-component/([^/]+)")
INSTANCES, CONCURRENCY = (
    "sagemaker:variant:DesiredInstanceCount",
    "sagemaker:variant:DesiredProvisionedConcurrency",
)
COPIES = "sagemaker:inference-component:DesiredCopyCount"
FORMS = {INSTANCES: VARIANT, CONCURRENCY: VARIANT, COPIES: COMPONENT}
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
SUSPENDED = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
ROLE = "aws-service-role/sagemaker.application-autoscaling.amazonaws.com"
ROLE_NAME = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"


def _named(params: Json) -> str:
    """Return how the service names a target in its refusals."""
    return "service namespace: {}, resource ID: {}, scalable dimension: {}".format(
        *(params[one] for one in KEY)
    )


def _target(ask: OperationRequest) -> Row | None:
    mine = tuple(ask.params[one] for one in KEY)
    rows = ask.others("ScalingTarget")
    return next((row for row in rows if tuple(row.body[one] for one in KEY) == mine), None)


def _registered(ask: OperationRequest) -> str:
    row = _target(ask)
    if row is None:
        # moto's text; the code is botocore's, for DeregisterScalableTarget declares ObjectNotFoundException
        raise ServiceError("ObjectNotFoundException", f"No scalable target found for {_named(ask.params)}")
    return row.arn


def _identify(ask: OperationRequest) -> tuple[str, str]:
    row = _target(ask)
    if row is not None:
        return row.arn, row.name
    return _arn(ask, ask.world.count("scalable-targets")), ask.params["ResourceId"]


def _arn(ask: OperationRequest, number: int) -> str:
    opaque = hashlib.sha256(f"{ask.account.account}/{number}".encode()).hexdigest()[:36]
    return ask.account.arn(f"scalable-target/{opaque}", SERVICE)


def _fits(ask: OperationRequest) -> None:
    form = FORMS.get(ask.params["ScalableDimension"])
    if (
        ask.params["ServiceNamespace"] != "sagemaker"
        or form is None
        or not form.fullmatch(ask.params["ResourceId"])
    ):
        raise invalid("Unsupported service namespace, resource type or scalable dimension")  # moto's text


def _exists(ask: OperationRequest) -> None:
    """Refuse what is not there or can't be scaled. But for that of burstable types the words are ours."""
    resource, dimension = ask.params["ResourceId"], ask.params["ScalableDimension"]
    if dimension == COPIES:
        if ask.find(ask.account.arn(resource)) is None:
            raise invalid(f"Could not find inference component: {resource}")
        return
    variant = _variant(ask, resource)
    if dimension == CONCURRENCY and "ProvisionedConcurrency" not in variant.get("ServerlessConfig", {}):
        raise invalid(f"The variant has no provisioned concurrency: {resource}")
    kind = variant.get("InstanceType", "")
    if kind.startswith("ml.t"):
        raise invalid(
            f"You cannot register a variant with {kind} instance type as a scalable target. This is because the "
            "burstable performance of these instances can lead to unpredictable behavior with Auto Scaling."
        )


def _endpoint(ask: OperationRequest, resource: str) -> Row | None:
    found = VARIANT.fullmatch(resource)
    return ask.find(ENDPOINT.arn(ask.account, ask.knobs, found[1])) if found else None


def _variant(ask: OperationRequest, resource: str) -> Json:
    """Return the variant as its endpoint's configuration has it."""
    row, name = _endpoint(ask, resource), resource.rpartition("/")[2]
    if row is None:
        raise invalid(f"Could not find endpoint variant: {resource}")
    config = ask.world.find(
        ENDPOINT_CONFIG.arn(ask.account, ask.knobs, row.body["EndpointConfigName"]), ask.now
    )
    shown = config.body.get("ProductionVariants", ()) if config else row.body.get("ProductionVariants", ())
    found = next((one for one in shown if one["VariantName"] == name), None)
    if found is None:
        raise invalid(f"Could not find endpoint variant: {resource}")
    return dict(found)


def _limits(ask: OperationRequest) -> None:
    row = _target(ask)
    held: Json = row.body if row else {}
    least, most = (ask.params.get(one, held.get(one)) for one in ("MinCapacity", "MaxCapacity"))
    if least is None or most is None:
        raise invalid(
            "MinCapacity and MaxCapacity must be specified when a new scalable target is registered"
        )
    if least < (0 if ask.knobs.scalable_target_minimum_zero else 1) or least > most:
        raise invalid("Maximum capacity cannot be less than minimum capacity, and neither can be negative")
    if row is not None and ask.params.get("Tags"):
        # hashicorp/terraform-provider-aws#31839
        raise invalid(
            "The scalable target that you tried to tag already exists. To update tags on an existing scalable target, "
            "use the TagResource API."
        )


def _birth(ask: OperationRequest) -> Json:
    role = f"arn:{ask.account.partition}:iam::{ask.account.account}:role/{ROLE}/{ROLE_NAME}"
    return {
        "RoleARN": role,  # one that is sent is ignored: SageMaker has the service-linked role
        "SuspendedState": dict.fromkeys(SUSPENDED, False) | ask.params.get("SuspendedState", {}),
        "ScalableTargetARN": _arn(ask, ask.world.counters["scalable-targets"]),
    }


def _again(ask: OperationRequest, row: Row) -> Row:
    """Return a target that was registered once more: what was left out stays."""
    sent = {name: ask.params[name] for name in ("MinCapacity", "MaxCapacity") if name in ask.params}
    suspended = row.body["SuspendedState"] | ask.params.get("SuspendedState", {})
    after = replace(row, body=row.body | sent | {"SuspendedState": suspended})
    _clamp(ask, after)
    return after


def _clamp(ask: OperationRequest, row: Row) -> None:
    """Move a variant's instance count into the limits of its target, as a registration does at once."""
    endpoint = _endpoint(ask, row.body["ResourceId"])
    if (
        row.body["ScalableDimension"] != INSTANCES
        or endpoint is None
        or endpoint.body["EndpointStatus"] != "InService"
    ):
        return
    name, running = row.body["ResourceId"].rpartition("/")[2], endpoint.body.get("ProductionVariants", [])
    count = next((one.get("DesiredInstanceCount") for one in running if one["VariantName"] == name), None)
    wanted = None if count is None else min(max(count, row.body["MinCapacity"]), row.body["MaxCapacity"])
    if wanted in (None, count):
        return
    change: dict[str, Json] = {name: {"DesiredInstanceCount": wanted}}
    done = {
        "EndpointStatus": "InService",
        "ProductionVariants": rescaled(running, change, ("Desired", "Current")),
    }
    soon = {"EndpointStatus": "Updating", "ProductionVariants": rescaled(running, change, ("Desired",))}
    step = ask.after(ask.knobs.endpoint_rescaling, done)
    ask.commit(endpoint, replace(endpoint, body=endpoint.body | soon, due=(step,)))


def _selected(ask: OperationRequest, row: Row) -> bool:
    wanted = ask.params.get("ResourceIds") or [ask.params.get("ResourceId", row.body["ResourceId"])]
    names = ask.params.get("PolicyNames") or ask.params.get("ScheduledActionNames")
    return (
        row.body["ServiceNamespace"] == ask.params["ServiceNamespace"]
        and row.body["ResourceId"] in wanted
        and row.body["ScalableDimension"]
        == ask.params.get("ScalableDimension", row.body["ScalableDimension"])
        and (not names or row.name in names)
    )


def _dimension_of_something(ask: OperationRequest) -> None:
    if "ScalableDimension" in ask.params and not {"ResourceIds", "ResourceId"} & set(ask.params):
        raise invalid("If you specify a scalable dimension, you must also specify a resource ID")


def _listing(key: str, page: int) -> ListDefaults:
    sieved = frozenset({*KEY, "ResourceIds", "PolicyNames", "ScheduledActionNames"})
    return ListDefaults(key=key, page=page, sieve=_selected, sieved=sieved, guards=(_dimension_of_something,))


SCALING_TARGET = SandboxKind(
    name="ScalingTarget",
    path="scalable-target",
    service=SERVICE,
    missing=Phrase("ObjectNotFoundException", "No scalable target found for {name}"),
    exists=Phrase("ValidationException", "The scalable target {name} already exists."),
    busy=Phrase(
        "ConcurrentUpdateException", "The scalable target {name} is being changed by another request."
    ),
    listing=_listing("ScalableTargets", 50),
    modified=None,
    called={
        Verb.CREATE: "RegisterScalableTarget",
        Verb.DELETE: "DeregisterScalableTarget",
        Verb.LIST: "DescribeScalableTargets",
        Verb.DESCRIBE: None,
    },
    guards=(_fits, _limits, _exists),
    identify=_identify,
    address=_registered,
    birth=_birth,
    again=_again,
    follows=(_clamp,),
    along=parts,
)


def _held(ask: OperationRequest) -> Row:
    row = _target(ask)
    if row is None or ask.now - row.created < ask.knobs.scalable_target_consistency:
        # ansible/ansible#40237
        raise ServiceError(
            "ObjectNotFoundException", f"No scalable target registered for {_named(ask.params)}"
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
        message = f"No scaling policy found for {_named(ask.params)}, policy name: {name}"  # moto's text
        raise ServiceError("ObjectNotFoundException", message)
    return arn


def _action_in(ask: OperationRequest) -> str:
    arn, name = _action(ask)
    if ask.world.find(arn, ask.now) is None:
        message = f"No scheduled action found for {_named(ask.params)}, scheduled action name: {name}"
        raise ServiceError("ObjectNotFoundException", message)
    return arn


CONFIGS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}
METRIC_MEMBERS = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")


def _policy_is_sound(ask: OperationRequest) -> None:
    """Refuse a policy of another type than its configuration; the words are ours."""
    held = _target(ask) and ask.world.find(_policy(ask)[0], ask.now)
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
    listing=_listing("ScalingPolicies", 10),
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
    held = _target(ask) and ask.world.find(_action(ask)[0], ask.now)
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
    listing=_listing("ScheduledActions", 50),
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


def _tagged(ask: OperationRequest) -> Row:
    row = ask.world.find(ask.params["ResourceARN"], ask.now)
    if row is None or row.kind != SCALING_TARGET.name:
        message = f"The specified resource does not exist: {ask.params['ResourceARN']}"  # the words are ours
        raise ServiceError("ResourceNotFoundException", message)
    return row


def tag_target(ask: OperationRequest) -> Json:
    """Add or overwrite tags."""
    row = _tagged(ask)
    ask.commit(row, replace(row, tags={**(row.tags or {}), **given_tags(ask.params["Tags"])}))
    return {}


def untag_target(ask: OperationRequest) -> Json:
    """Remove tags by key; unknown keys are no error."""
    row, gone = _tagged(ask), set(ask.params["TagKeys"])
    ask.commit(
        row, replace(row, tags={key: value for key, value in (row.tags or {}).items() if key not in gone})
    )
    return {}


def list_target_tags(ask: OperationRequest) -> Json:
    """All tags of a target, as a map."""
    return {"Tags": dict(_tagged(ask).tags or {})}
