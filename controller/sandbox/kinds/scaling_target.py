"""Scalable targets of Application Auto Scaling."""

import hashlib
import re
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
SUSPENDED = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
ROLE = "aws-service-role/sagemaker.application-autoscaling.amazonaws.com"
ROLE_NAME = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"


def key_text(params: Json) -> str:
    """Return how the service names a target in its refusals."""
    return "service namespace: {}, resource ID: {}, scalable dimension: {}".format(
        *(params[one] for one in KEY)
    )


def target_of(ask: OperationRequest) -> Row | None:
    """Return the target that a request is about."""
    mine = tuple(ask.params[one] for one in KEY)
    rows = ask.others("ScalingTarget")
    return next((row for row in rows if tuple(row.body[one] for one in KEY) == mine), None)


def _registered(ask: OperationRequest) -> str:
    row = target_of(ask)
    if row is None:
        # moto's text; the code is botocore's, for DeregisterScalableTarget declares ObjectNotFoundException
        raise ServiceError("ObjectNotFoundException", f"No scalable target found for {key_text(ask.params)}")
    return row.arn


def _identify(ask: OperationRequest) -> tuple[str, str]:
    row = target_of(ask)
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
    row = target_of(ask)
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
    if row.body["ScalableDimension"] == COPIES:
        _clamp_copies(ask, row)
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


def _clamp_copies(ask: OperationRequest, row: Row) -> None:
    """Move the copies of an inference component into the limits of its target."""
    component = ask.find(ask.account.arn(row.body["ResourceId"]))
    if component is None or component.body["InferenceComponentStatus"] != "InService":
        return
    now = component.body["RuntimeConfig"]
    wanted = min(max(now["DesiredCopyCount"], row.body["MinCapacity"]), row.body["MaxCapacity"])
    if wanted == now["DesiredCopyCount"]:
        return
    done = {"DesiredCopyCount": wanted, "CurrentCopyCount": wanted}
    step = ask.after(
        ask.knobs.component_updating, {"InferenceComponentStatus": "InService", "RuntimeConfig": done}
    )
    soon = {"InferenceComponentStatus": "Updating", "RuntimeConfig": now | {"DesiredCopyCount": wanted}}
    after = replace(
        component, body=component.body | soon, keep={**component.keep, "scaled": True}, due=(step,)
    )
    ask.commit(component, after)


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


def listing_of(key: str, page: int) -> ListDefaults:
    """Return how a List of this service answers."""
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
    listing=listing_of("ScalableTargets", 50),
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
