"""Scalable targets of Application Auto Scaling."""

import hashlib
import re
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, Verb
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.kinds.endpoint_config import ENDPOINT_CONFIG
from controller.sandbox.kinds.variants import parts, with_capacity
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
    """Return a target's name in the service's messages."""
    return "service namespace: {}, resource ID: {}, scalable dimension: {}".format(
        *(params[one] for one in KEY)
    )


def target_of(request: OperationRequest) -> Row | None:
    """Return the target that a request addresses."""
    own_key = tuple(request.params[one] for one in KEY)
    rows = request.rows_of("ScalingTarget")
    return next((row for row in rows if tuple(row.body[one] for one in KEY) == own_key), None)


def _registered_arn(request: OperationRequest) -> str:
    row = target_of(request)
    if row is None:
        # moto's message; the code is botocore's, because DeregisterScalableTarget declares ObjectNotFoundException
        raise ServiceError(
            "ObjectNotFoundException", f"No scalable target found for {key_text(request.params)}"
        )
    return row.arn


def _identify(request: OperationRequest) -> tuple[str, str]:
    row = target_of(request)
    if row is not None:
        return row.arn, row.name
    return _target_arn(request, request.state.count("scalable-targets")), request.params["ResourceId"]


def _target_arn(request: OperationRequest, number: int) -> str:
    opaque = hashlib.sha256(f"{request.account.account}/{number}".encode()).hexdigest()[:36]
    return request.account.arn(f"scalable-target/{opaque}", SERVICE)


def _fits(request: OperationRequest) -> None:
    form = FORMS.get(request.params["ScalableDimension"])
    if (
        request.params["ServiceNamespace"] != "sagemaker"
        or form is None
        or not form.fullmatch(request.params["ResourceId"])
    ):
        raise invalid("Unsupported service namespace, resource type or scalable dimension")  # moto's message


def _exists(request: OperationRequest) -> None:
    """Refuse missing and unscalable resources. Except for burstable instance types the messages are our own."""
    resource, dimension = request.params["ResourceId"], request.params["ScalableDimension"]
    if dimension == COPIES:
        if request.find(request.account.arn(resource)) is None:
            raise invalid(f"Could not find inference component: {resource}")
        return
    variant = _variant(request, resource)
    if dimension == CONCURRENCY and "ProvisionedConcurrency" not in variant.get("ServerlessConfig", {}):
        raise invalid(f"The variant has no provisioned concurrency: {resource}")
    kind = variant.get("InstanceType", "")
    if kind.startswith("ml.t"):
        raise invalid(
            f"You cannot register a variant with {kind} instance type as a scalable target. This is because the "
            "burstable performance of these instances can lead to unpredictable behavior with Auto Scaling."
        )


def _endpoint(request: OperationRequest, resource: str) -> Row | None:
    found = VARIANT.fullmatch(resource)
    return request.find(ENDPOINT.arn(request.account, request.knobs, found[1])) if found else None


def _variant(request: OperationRequest, resource: str) -> Json:
    """Return the variant in its endpoint's configuration."""
    row, name = _endpoint(request, resource), resource.rpartition("/")[2]
    if row is None:
        raise invalid(f"Could not find endpoint variant: {resource}")
    config = request.state.find(
        ENDPOINT_CONFIG.arn(request.account, request.knobs, row.body["EndpointConfigName"]), request.now
    )
    shown = config.body.get("ProductionVariants", ()) if config else row.body.get("ProductionVariants", ())
    found = next((one for one in shown if one["VariantName"] == name), None)
    if found is None:
        raise invalid(f"Could not find endpoint variant: {resource}")
    return dict(found)


def _limits(request: OperationRequest) -> None:
    row = target_of(request)
    held: Json = row.body if row else {}
    least, most = (request.params.get(one, held.get(one)) for one in ("MinCapacity", "MaxCapacity"))
    if least is None or most is None:
        raise invalid(
            "MinCapacity and MaxCapacity must be specified when a new scalable target is registered"
        )
    if least < (0 if request.knobs.scalable_target_minimum_zero else 1) or least > most:
        raise invalid("Maximum capacity cannot be less than minimum capacity, and neither can be negative")
    if row is not None and request.params.get("Tags"):
        # hashicorp/terraform-provider-aws#31839
        raise invalid(
            "The scalable target that you tried to tag already exists. To update tags on an existing scalable target, "
            "use the TagResource API."
        )


def _initial(request: OperationRequest) -> Json:
    role = f"arn:{request.account.partition}:iam::{request.account.account}:role/{ROLE}/{ROLE_NAME}"
    return {
        "RoleARN": role,  # a given one is ignored: SageMaker uses the service-linked role
        "SuspendedState": dict.fromkeys(SUSPENDED, False) | request.params.get("SuspendedState", {}),
        "ScalableTargetARN": _target_arn(request, request.state.counters["scalable-targets"]),
    }


def _register_again(request: OperationRequest, row: Row) -> Row:
    """Return a target after a repeated registration: omitted members keep their values."""
    sent = {name: request.params[name] for name in ("MinCapacity", "MaxCapacity") if name in request.params}
    suspended = row.body["SuspendedState"] | request.params.get("SuspendedState", {})
    after = replace(row, body=row.body | sent | {"SuspendedState": suspended})
    _clamp(request, after)
    return after


def _clamp(request: OperationRequest, row: Row) -> None:
    """Move a variant's instance count into the limits of its target, as a registration does immediately."""
    endpoint = _endpoint(request, row.body["ResourceId"])
    if row.body["ScalableDimension"] == COPIES:
        _clamp_copies(request, row)
    if (
        row.body["ScalableDimension"] != INSTANCES
        or endpoint is None
        or endpoint.body["EndpointStatus"] != "InService"
    ):
        return
    name, running = row.body["ResourceId"].rpartition("/")[2], endpoint.body.get("ProductionVariants", [])
    count = next((one.get("DesiredInstanceCount") for one in running if one["VariantName"] == name), None)
    desired = None if count is None else min(max(count, row.body["MinCapacity"]), row.body["MaxCapacity"])
    if desired in (None, count):
        return
    change: dict[str, Json] = {name: {"DesiredInstanceCount": desired}}
    done = {
        "EndpointStatus": "InService",
        "ProductionVariants": with_capacity(running, change, ("Desired", "Current")),
    }
    soon = {"EndpointStatus": "Updating", "ProductionVariants": with_capacity(running, change, ("Desired",))}
    step = request.step_after(request.knobs.endpoint_rescaling, done)
    request.commit(endpoint, replace(endpoint, body=endpoint.body | soon, due=(step,)))


def _clamp_copies(request: OperationRequest, row: Row) -> None:
    """Move the copies of an inference component into the limits of its target."""
    component = request.find(request.account.arn(row.body["ResourceId"]))
    if component is None or component.body["InferenceComponentStatus"] != "InService":
        return
    now = component.body["RuntimeConfig"]
    desired = min(max(now["DesiredCopyCount"], row.body["MinCapacity"]), row.body["MaxCapacity"])
    if desired == now["DesiredCopyCount"]:
        return
    done = {"DesiredCopyCount": desired, "CurrentCopyCount": desired}
    step = request.step_after(
        request.knobs.component_updating, {"InferenceComponentStatus": "InService", "RuntimeConfig": done}
    )
    soon = {"InferenceComponentStatus": "Updating", "RuntimeConfig": now | {"DesiredCopyCount": desired}}
    after = replace(
        component, body=component.body | soon, keep={**component.keep, "scaled": True}, due=(step,)
    )
    request.commit(component, after)


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    desired = request.params.get("ResourceIds") or [request.params.get("ResourceId", row.body["ResourceId"])]
    names = request.params.get("PolicyNames") or request.params.get("ScheduledActionNames")
    return (
        row.body["ServiceNamespace"] == request.params["ServiceNamespace"]
        and row.body["ResourceId"] in desired
        and row.body["ScalableDimension"]
        == request.params.get("ScalableDimension", row.body["ScalableDimension"])
        and (not names or row.name in names)
    )


def _dimension_of_something(request: OperationRequest) -> None:
    if "ScalableDimension" in request.params and not {"ResourceIds", "ResourceId"} & set(request.params):
        raise invalid("If you specify a scalable dimension, you must also specify a resource ID")


def listing_of(key: str, page: int) -> ListDefaults:
    """Return the List settings of this service."""
    filtered = frozenset({*KEY, "ResourceIds", "PolicyNames", "ScheduledActionNames"})
    return ListDefaults(
        key=key, page=page, row_filter=_matches_filters, filtered=filtered, guards=(_dimension_of_something,)
    )


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
    address=_registered_arn,
    initial=_initial,
    again=_register_again,
    follows=(_clamp,),
    along=parts,
)


def _find_tagged(request: OperationRequest) -> Row:
    row = request.state.find(request.params["ResourceARN"], request.now)
    if row is None or row.kind != SCALING_TARGET.name:
        message = f"The specified resource does not exist: {request.params['ResourceARN']}"  # our own message
        raise ServiceError("ResourceNotFoundException", message)
    return row


def tag_target(request: OperationRequest) -> Json:
    """Add or overwrite tags."""
    row = _find_tagged(request)
    request.commit(row, replace(row, tags={**(row.tags or {}), **given_tags(request.params["Tags"])}))
    return {}


def untag_target(request: OperationRequest) -> Json:
    """Remove tags by key; unknown keys are no error."""
    row, gone = _find_tagged(request), set(request.params["TagKeys"])
    request.commit(
        row, replace(row, tags={key: value for key, value in (row.tags or {}).items() if key not in gone})
    )
    return {}


def list_target_tags(request: OperationRequest) -> Json:
    """All tags of a target, as a map."""
    return {"Tags": dict(_find_tagged(request).tags or {})}
