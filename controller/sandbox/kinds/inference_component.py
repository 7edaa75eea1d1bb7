"""InferenceComponent: copies of a model on the instances of an endpoint; a failed update leaves it as it was."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.kinds.endpoint_config import ENDPOINT_CONFIG
from controller.sandbox.kinds.model import MODEL
from controller.sandbox.kinds.scaling_target import COPIES
from controller.sandbox.kinds.variants import parts, resolved_image
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

_STATUS = "InferenceComponentStatus"
_ONE, _MANY = "Specification", "Specifications"
_BASE = "BaseInferenceComponentName"
_RUNTIME = "RuntimeConfig"
# hashicorp/terraform-provider-aws#40644
_UNSUPPORTED = (
    "Inference Components are not supported in this Endpoint. Please make sure this endpoint can deploy inference "
    "components."
)


def _requested_specifications(request: OperationRequest) -> list[Json]:
    """The specifications of a request."""
    return [request.params[_ONE]] if _ONE in request.params else list(request.params.get(_MANY, ()))


def _one_form(request: OperationRequest) -> None:
    """Refuse both forms of the specification, and neither; all messages below without a source are our own."""
    if (_ONE in request.params) == (_MANY in request.params):
        raise invalid("Exactly one of Specification and Specifications must be provided.")


def _are_valid(request: OperationRequest) -> None:
    types = [one["InstanceType"] for one in request.params.get(_MANY, ()) if "InstanceType" in one]
    if len(set(types)) != len(types):
        raise invalid("Each of the Specifications must have another InstanceType.")
    for one in _requested_specifications(request):
        if _BASE in one and "ComputeResourceRequirements" in one:
            raise invalid(
                "ComputeResourceRequirements cannot be specified for an adapter inference component."
            )
        if request.knobs.unsupported_is_refused and ("ModelName" in one) == ("Container" in one):
            raise invalid("Exactly one of ModelName and Container must be specified.")
    if request.knobs.unsupported_is_refused and len(types) < len(request.params.get(_MANY, ())):
        raise invalid("InstanceType is required in each of the Specifications.")


def _models_exist(request: OperationRequest) -> None:
    for one in _requested_specifications(request):
        arn = MODEL.arn(request.account, request.knobs, one.get("ModelName", ""))
        if "ModelName" in one and request.find(arn) is None:
            raise invalid(f'Could not find model "{arn}".')


def _endpoint(request: OperationRequest) -> Row:
    arn = ENDPOINT.arn(request.account, request.knobs, request.params["EndpointName"])
    row = request.find(arn)
    if row is None:
        raise ENDPOINT.missing.refusal(arn=arn, name=request.params["EndpointName"])
    if row.body["EndpointStatus"] != "InService":
        raise invalid(f'Endpoint "{arn}" is not InService.')
    return row


def _base(request: OperationRequest) -> Row | None:
    """The base component of an adapter; None for a component that is no adapter."""
    names = [one[_BASE] for one in _requested_specifications(request) if _BASE in one]
    if not names:
        return None
    row = request.find(INFERENCE_COMPONENT.arn(request.account, request.knobs, names[0]))
    if row is None:
        raise INFERENCE_COMPONENT.missing.refusal(
            arn=INFERENCE_COMPONENT.arn(request.account, request.knobs, names[0]), name=names[0]
        )
    return row


def _variant_fits(request: OperationRequest) -> None:
    adapter = any(_BASE in one for one in _requested_specifications(request))
    if adapter and "VariantName" in request.params:
        raise invalid("VariantName cannot be specified for an adapter inference component.")
    if not adapter and "VariantName" not in request.params:
        raise invalid("VariantName is required unless BaseInferenceComponentName is specified.")


def _can_host(request: OperationRequest) -> None:
    """Refuse an endpoint or a variant that takes no components, and an adapter on another endpoint than its base."""
    endpoint, base = _endpoint(request), _base(request)
    if base is not None:
        if base.body["EndpointName"] != endpoint.name or base.body[_STATUS] != "InService":
            raise invalid(
                f'Base inference component "{base.arn}" is not InService on endpoint "{endpoint.arn}".'
            )
        return
    config = request.state.find(
        ENDPOINT_CONFIG.arn(request.account, request.knobs, endpoint.body["EndpointConfigName"]), request.now
    )
    variants = config.body["ProductionVariants"] if config else ()
    variant = next((one for one in variants if one["VariantName"] == request.params["VariantName"]), None)
    if variant is None:
        raise invalid(
            f'Could not find variant "{request.params["VariantName"]}" of endpoint "{endpoint.arn}".'
        )
    if "ModelName" in variant or config is None or "ExecutionRoleArn" not in config.body:
        raise invalid(_UNSUPPORTED)


def _described_specification(request: OperationRequest, specification: Json, base: Row | None) -> Json:
    """A specification as Describe returns it: the image with its digest, and with the service's additions."""
    made = dict(specification)
    container = specification.get("Container", {})
    if "Image" in container:
        others = {name: value for name, value in container.items() if name != "Image"}
        made["Container"] = {"DeployedImage": resolved_image(request, container["Image"]), **others}
    if base is not None:
        held = base.body.get(_ONE) or base.body[_MANY][0]
        made |= {name: held[name] for name in ("ComputeResourceRequirements",) if name in held}
    elif specification.get("ComputeResourceRequirements", {}).get("NumberOfAcceleratorDevicesRequired"):
        made.setdefault("DataCacheConfig", {"EnableCaching": True})
    return made


def _specification_members(request: OperationRequest, base: Row | None) -> Json:
    if _ONE in request.params:
        return {_ONE: _described_specification(request, request.params[_ONE], base)}
    return (
        {_MANY: [_described_specification(request, one, base) for one in request.params[_MANY]]}
        if _MANY in request.params
        else {}
    )


def _copies(desired: int, present: int) -> Json:
    return {_RUNTIME: {"DesiredCopyCount": desired, "CurrentCopyCount": present}}


def _initial(request: OperationRequest) -> Json:
    base = _base(request)
    variant = {"VariantName": base.body["VariantName"]} if base else {}
    desired = request.params.get(_RUNTIME, {}).get("CopyCount", 1)
    return {
        "EndpointArn": _endpoint(request).arn,
        **variant,
        **_specification_members(request, base),
        **_copies(desired, 0),
    }


def _settle(_: OperationRequest, body: Json) -> tuple[Json, tuple[str, ...]]:
    desired = body[_RUNTIME]["DesiredCopyCount"]
    return _copies(desired, desired), ()


def _busy(request: OperationRequest, row: Row) -> None:
    """Refuse changes during a transition, with messages seen in public code and in the Terraform provider."""
    scaled = row.keep.get("scaled", False)
    states = {
        "Creating": "CREATE_IN_PROGRESS",
        "Updating": "UPDATE_RC_IN_PROGRESS" if scaled else "UPDATE_IN_PROGRESS",
        "Deleting": "DELETE_IN_PROGRESS",
    }
    state = states.get(row.body[_STATUS])
    if state is not None:
        verb = "delete" if request.operation.startswith("Delete") else "update"
        raise invalid(f'Cannot {verb} inference component "{row.arn}" while it is in state {state}.')


def _is_updatable(request: OperationRequest, row: Row) -> None:
    _busy(request, row)
    if row.body[_STATUS] == "Failed":
        raise invalid(f'Cannot update failed inference component "{row.arn}"; only deletion is allowed.')
    if request.operation != "UpdateInferenceComponent":
        return
    if not {_ONE, _MANY, _RUNTIME} & set(request.params):
        raise invalid("At least one of Specification, Specifications and RuntimeConfig must be provided.")
    if {_ONE, _MANY} & set(request.params):
        _one_form(request)
        _are_valid(request)
        _models_exist(request)


def _has_no_adapters(request: OperationRequest, row: Row) -> None:
    held = (one.body.get(_ONE) or one.body[_MANY][0] for one in request.rows_of(INFERENCE_COMPONENT.name))
    if any(one.get(_BASE) == row.name for one in held):
        raise invalid(  # the middle part is from the Terraform provider, the rest is our own
            f'Cannot delete "{row.arn}": it is a base inference component for one or more associated adapters.'
        )


def _update(request: OperationRequest, row: Row) -> Row:
    """Replace the specification as a whole (unverified), the number of copies, or both."""
    now, done = row.body[_RUNTIME], _specification_members(request, _base(request))
    runtime = request.params.get(_RUNTIME) or request.params.get("DesiredRuntimeConfig") or {}
    desired = runtime.get("CopyCount", now["DesiredCopyCount"])
    if "DeploymentConfig" in request.params:
        done["LastDeploymentConfig"] = request.params["DeploymentConfig"]
    stale = () if request.knobs.component_failure_reason_stays else ("FailureReason",)
    dropped = tuple({_ONE, _MANY} - done.keys()) if {_ONE, _MANY} & done.keys() else ()
    end: Json = {_STATUS: "InService", **done, **_copies(desired, desired)}
    if request.effect.fails is not None:
        end, dropped, stale = (
            {_STATUS: "InService", "FailureReason": request.effect.fails, _RUNTIME: now},
            (),
            (),
        )
    step = request.step_after(request.knobs.component_updating, end, (*dropped, *stale))
    step = replace(step, put=step.put | {"LastModifiedTime": step.at})
    soon = {_STATUS: "Updating", **_copies(desired, now["CurrentCopyCount"])}
    scaled = not {_ONE, _MANY} & done.keys()
    return replace(row, body=row.body | soon, keep={**row.keep, "scaled": scaled}, due=(step,))


def _rows_deleted_with(request: OperationRequest, row: Row) -> list[Row]:
    """The rows that are deleted with a component: its scalable target, if the knob is set."""
    targets = [
        target
        for target in request.rows_of("ScalingTarget")
        if target.body["ScalableDimension"] == COPIES
        and target.body["ResourceId"] == f"{INFERENCE_COMPONENT.path}/{row.name}"
    ]
    ends = request.knobs.component_deletion_deregisters
    return [one for target in targets for one in (target, *parts(request, target))] if ends else []


INFERENCE_COMPONENT = SandboxKind(
    name="InferenceComponent",
    path="inference-component",
    # The beginning of the first is known from ACK, Terraform and the SDK; the ARN in it, and the second, are
    # unverified.
    missing=Phrase("ValidationException", 'Could not find inference component "{arn}".'),
    exists=Phrase("ValidationException", 'Cannot create already existing inference component "{arn}".'),
    busy=Phrase(
        "ValidationException", 'Cannot update inference component "{arn}" while it is in state UNKNOWN.'
    ),
    listing=ListDefaults(key="InferenceComponents", order="Descending", page=10),
    life=StateSequence(
        status=_STATUS,
        growth=(("Creating", lambda request: request.knobs.component_creating),),
        stable="InService",
        deletion_seconds=lambda request: request.knobs.component_deleting,
    ),
    instructions=frozenset({_ONE, _MANY, _RUNTIME, "DeploymentConfig"}),
    guards=(_one_form, _are_valid, _variant_fits, _can_host, _models_exist),
    update_guards=(_is_updatable,),
    delete_guards=(_busy, _has_no_adapters),
    initial=_initial,
    settle=_settle,
    change=_update,
    changes={"UpdateInferenceComponentRuntimeConfig": _update},
    along=_rows_deleted_with,
)
