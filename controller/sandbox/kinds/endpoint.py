"""Endpoint: all changes are asynchronous; a failed update leaves it InService on the previous configuration."""

from collections.abc import Mapping
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds import variants
from controller.sandbox.kinds.endpoint_config import ENDPOINT_CONFIG
from controller.sandbox.kinds.variants import plan_maintenance
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import LifecycleStep, Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

INSTRUCTIONS = frozenset({"DeploymentConfig", "RetainAllVariantProperties", "RetainDeploymentConfig"})
HALF = 50
PENDING = "PendingDeploymentSummary"
SERVED = ("ProductionVariants", "ShadowProductionVariants")
COPIED = ("AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig")
_TESTED = frozenset({"Starting", "Running", "Updating", "Stopping"})  # statuses of an inference experiment


def _config(request: OperationRequest) -> Row:
    arn = ENDPOINT_CONFIG.arn(request.account, request.knobs, request.params["EndpointConfigName"])
    row = request.find(arn)
    if row is None:
        raise ENDPOINT_CONFIG.missing.refusal(arn=arn, name=request.params["EndpointConfigName"])
    return row


def _config_exists(request: OperationRequest) -> None:
    _config(request)


def _one_policy(request: OperationRequest) -> None:
    given = request.params.get("DeploymentConfig", {})
    if "BlueGreenUpdatePolicy" in given and "RollingUpdatePolicy" in given:
        raise invalid("Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be specified.")
    _steps_fit(given)
    if given and request.params.get("RetainDeploymentConfig"):
        raise invalid("RetainDeploymentConfig cannot be true when DeploymentConfig is specified.")


def _steps_fit(given: Json) -> None:
    """Enforce the API reference's rules on sizes and times of a deployment; the messages are our own."""
    policy, rolling = given.get("BlueGreenUpdatePolicy", {}), given.get("RollingUpdatePolicy", {})
    routing = policy.get("TrafficRoutingConfiguration", {})
    for word, member in (("CANARY", "CanarySize"), ("LINEAR", "LinearStepSize")):
        if routing.get("Type") == word and member not in routing:
            raise invalid(f"{member} must be specified when the traffic routing type is {word}.")
    for config, member, least in (
        (routing, "CanarySize", 1),
        (routing, "LinearStepSize", 10),
        (rolling, "MaximumBatchSize", 5),
    ):
        size = config.get(member, {})
        if size.get("Type") == "CAPACITY_PERCENT" and not least <= size["Value"] <= HALF:
            raise invalid(f"{member} must be between {least}% and {HALF}% of the total instance count.")
    waits = policy.get("TerminationWaitInSeconds", 0) + routing.get("WaitIntervalInSeconds", 0)
    if waits >= policy.get("MaximumExecutionTimeoutInSeconds", waits + 1):
        raise invalid(
            "MaximumExecutionTimeoutInSeconds must be larger than the total waiting time of "
            "TerminationWaitInSeconds and WaitIntervalInSeconds."
        )


def _not_failed(_: OperationRequest, row: Row) -> None:
    if row.body["EndpointStatus"] == "Failed":
        raise invalid(f'Cannot update failed endpoint "{row.arn}"; only DeleteEndpoint is allowed.')


def _alarms(policy: Json | None) -> list[str]:
    """Return the names of the alarms that an update watches."""
    alarms = (policy or {}).get("AutoRollbackConfiguration", {}).get("Alarms", ())
    return [one["AlarmName"] for one in alarms]


def _alarms_exist(request: OperationRequest) -> None:
    """Refuse missing alarms; the message is our own, and whether AWS refuses them is not documented."""
    gone = [
        name
        for name in _alarms(request.params.get("DeploymentConfig"))
        if name in request.knobs.missing_alarms
    ]
    if gone and request.knobs.missing_alarm_is_refused:
        raise invalid(f"The CloudWatch alarm(s) {', '.join(gone)} in AutoRollbackConfiguration do not exist.")


def _update_is_valid(request: OperationRequest, row: Row) -> None:
    if request.operation != "UpdateEndpoint":
        return
    _one_policy(request)
    _alarms_exist(request)
    _config(request)
    _targets_stay(request, row)
    same = request.params["EndpointConfigName"] == row.body["EndpointConfigName"]
    if same and not request.knobs.same_config_update:
        raise invalid(f'Cannot update endpoint "{row.arn}" to the configuration that it uses.')


def _targets_stay(request: OperationRequest, row: Row) -> None:
    """Refuse to remove a variant that is a scalable target, or to change its instance type.

    Source: SageMaker Developer Guide, "Update or delete endpoints that use automatic scaling"; the message is our own.
    """
    if not request.knobs.scalable_target_guards_update:
        return
    now, then = (
        _types(request, name)
        for name in (row.body["EndpointConfigName"], request.params["EndpointConfigName"])
    )
    scaled = {target.body["ResourceId"].rpartition("/")[2] for target in variants.targets(request, row.name)}
    stuck = [name for name in sorted(scaled & now.keys()) if now[name] != then.get(name)]
    if stuck:
        raise invalid(
            f'Cannot update endpoint "{row.arn}": the variant(s) {", ".join(stuck)} are registered as scalable targets '
            "with Application Auto Scaling and would be removed or get another instance type. Deregister them first."
        )


def _types(request: OperationRequest, config: str) -> dict[str, str]:
    """Return the instance type of each variant of a configuration."""
    row = request.state.find(ENDPOINT_CONFIG.arn(request.account, request.knobs, config), request.now)
    shown = row.body.get("ProductionVariants", ()) if row else ()
    return {one["VariantName"]: one.get("InstanceType", "") for one in shown}


def _may_deregister(request: OperationRequest, row: Row) -> None:
    if variants.targets(request, row.name) and not request.knobs.endpoint_deletion_deregisters:
        raise invalid(
            "An Application AutoScaling scalable target exists for a variant being deleted, and the IAM identity used "
            "to invoke DeleteEndpoint does not have application-autoscaling:DeregisterScalableTarget permission to "
            "deregister the scalable target."
        )


def _hosts_no_components(request: OperationRequest, row: Row) -> None:
    """Refuse to delete an endpoint with inference components; reports about the service differ."""
    hosts = any(one.body["EndpointArn"] == row.arn for one in request.rows_of("InferenceComponent"))
    if hosts and request.knobs.components_keep_endpoint:
        raise invalid(f'Cannot delete "{row.arn}": Endpoint has inference components attached.')


def _is_not_tested(request: OperationRequest, row: Row) -> None:
    """Refuse to delete an endpoint under an active shadow test; whether the service does so is unverified."""
    tests = (one for one in request.rows_of("InferenceExperiment") if one.keep["endpoint"] == row.name)
    active = next((one.name for one in tests if one.body["Status"] in _TESTED), "")
    if active and request.knobs.experiment_keeps_endpoint:
        raise invalid(f'Cannot delete "{row.arn}": inference experiment {active} is in progress.')


def _rows_deleted_with(request: OperationRequest, row: Row) -> list[Row]:
    """Return the rows that are deleted with an endpoint: its scalable targets and its policy."""
    policy = request.state.find(variants.policy_arn(row.arn), request.now)
    scaling = [
        one
        for target in variants.targets(request, row.name)
        for one in (target, *variants.parts(request, target))
    ]
    return [*scaling, *([policy] if policy else [])]


def _variants_are_known(request: OperationRequest, row: Row) -> None:
    known = {one["VariantName"] for one in row.body.get("ProductionVariants", ())}
    requested = [one["VariantName"] for one in request.params.get("DesiredWeightsAndCapacities", ())]
    for name in requested:
        if requested.count(name) > 1:
            raise invalid(f'The variant name "{name}" was non-unique within the request.')
    unknown = [name for name in requested if name not in known]
    if unknown:
        raise invalid(
            f'The variant name(s) "{", ".join(unknown)}" is/are not present within endpoint configuration '
            f'"{row.body["EndpointConfigName"]}".'
        )


def _serving_members(request: OperationRequest, config: Row, kept: Mapping[str, Json]) -> Json:
    """Return the members of Describe that come from the configuration once it is in service."""
    made: Json = {"EndpointConfigName": config.name}
    for member in SERVED:
        if member in config.body:
            summaries = [
                variants.summary(request, one, kept.get(one["VariantName"], {}))
                for one in config.body[member]
            ]
            made[member] = summaries
    made |= {member: config.body[member] for member in COPIED if member in config.body}
    capture = config.body.get("DataCaptureConfig")
    if capture is not None:
        made["DataCaptureConfig"] = {
            "EnableCapture": capture["EnableCapture"],
            "CaptureStatus": "Started" if capture["EnableCapture"] else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    return made


def _pending_summary(request: OperationRequest, serving: Json, status: str) -> Json:
    shown = {
        name: variants.with_status(serving[name], status, request.now) for name in SERVED if name in serving
    }
    return {"EndpointConfigName": serving["EndpointConfigName"], "StartTime": request.now} | shown


def _initial(request: OperationRequest) -> Json:
    made: Json = {
        PENDING: _pending_summary(request, _serving_members(request, _config(request), {}), "Creating")
    }
    if "DeploymentConfig" in request.params:
        made["LastDeploymentConfig"] = request.params["DeploymentConfig"]
    return made


def _settle(request: OperationRequest, _: Json) -> tuple[Json, tuple[str, ...]]:
    return _serving_members(request, _config(request), {}), (PENDING,)


def _update(request: OperationRequest, row: Row) -> Row:
    kept = variants.retained_members(request, row.body.get("ProductionVariants", ()))
    serving = _serving_members(request, _config(request), kept)
    policy = row.body.get("LastDeploymentConfig") if request.params.get("RetainDeploymentConfig") else None
    policy = request.params.get("DeploymentConfig", policy)
    body = row.body | {"EndpointStatus": "Updating", PENDING: _pending_summary(request, serving, "Creating")}
    if request.knobs.updating_shows_new_config:
        body["EndpointConfigName"] = serving["EndpointConfigName"]
    shown = {one: variants.with_status(body[one], "Updating", request.now) for one in SERVED if one in body}
    reason = _rolled_back_by(request, policy)
    steps = (
        _failed_update(request, row, policy, reason)
        if reason is not None
        else _good_update(request, row, serving, policy)
    )
    return replace(row, body=body | shown, due=steps)


def _good_update(
    request: OperationRequest, row: Row, serving: Json, policy: Json | None
) -> tuple[LifecycleStep, ...]:
    done: Json = {"EndpointStatus": "InService"} | serving
    if policy is not None:
        done["LastDeploymentConfig"] = policy
    old = tuple(
        name for name in (*SERVED, *COPIED, "DataCaptureConfig") if name in row.body and name not in serving
    )
    forgotten = () if policy is not None else ("LastDeploymentConfig",)
    # Which parts of the time the stages take is our choice; their names are those of the developer guide
    stages = (("ActivatingTraffic", 0.4), ("Baking", 0.5)) if policy is not None else ()
    seconds = request.knobs.endpoint_updating
    return (
        *(
            _modification_step(
                request, seconds * part, {PENDING: _pending_summary(request, serving, word)}, ()
            )
            for word, part in stages
        ),
        _modification_step(request, seconds, done, (PENDING, "FailureReason", *old, *forgotten)),
    )


def _rolled_back_by(request: OperationRequest, policy: Json | None) -> str | None:
    """Return why an update rolls back to the old configuration; None if it does not."""
    firing = [name for name in _alarms(policy) if name in request.knobs.firing_alarms]
    if request.effect.fails is not None or not firing:
        return request.effect.fails
    return f"Alarm(s) {', '.join(firing)} went off." if request.knobs.alarm_rollback_has_reason else ""


def _failed_update(
    request: OperationRequest, row: Row, policy: Json | None, why: str
) -> tuple[LifecycleStep, ...]:
    """The steps back to the old configuration; with both configurations in use if a rolling update was made to fail."""
    reason = {"FailureReason": why} if why else {}
    was = {name: row.body[name] for name in (*SERVED, "EndpointConfigName") if name in row.body}
    seconds = request.knobs.endpoint_updating
    if request.effect.rollback_fails and policy is not None and "RollingUpdatePolicy" in policy:
        return (
            _modification_step(
                request, seconds, was | reason | {"EndpointStatus": "UpdateRollbackFailed"}, (PENDING,)
            ),
        )
    if request.knobs.endpoint_rolling_back > 0:
        later = seconds + request.knobs.endpoint_rolling_back
        rolling = _modification_step(request, seconds, {"EndpointStatus": "RollingBack"}, ())
        return rolling, _modification_step(
            request, later, was | reason | {"EndpointStatus": "InService"}, (PENDING,)
        )
    return (_modification_step(request, seconds, was | reason | {"EndpointStatus": "InService"}, (PENDING,)),)


def _rescale(request: OperationRequest, row: Row) -> Row:
    desired = {one["VariantName"]: one for one in request.params["DesiredWeightsAndCapacities"]}
    running = row.body.get("ProductionVariants", [])
    soon = variants.with_status(
        variants.with_capacity(running, desired, ("Desired",)), "Updating", request.now
    )
    done = (
        running if request.effect.fails else variants.with_capacity(running, desired, ("Desired", "Current"))
    )
    reason = {"FailureReason": request.effect.fails} if request.effect.fails else {}
    step = _modification_step(
        request,
        request.knobs.endpoint_rescaling,
        {"EndpointStatus": "InService", "ProductionVariants": done} | reason,
    )
    return replace(
        row, body=row.body | {"EndpointStatus": "Updating", "ProductionVariants": soon}, due=(step,)
    )


def _modification_step(
    request: OperationRequest, seconds: float, put: Json, drop: tuple[str, ...] = ()
) -> LifecycleStep:
    step = request.step_after(seconds, put, drop)
    return replace(step, put=put | {"LastModifiedTime": step.at})


def _describe_response(request: OperationRequest, row: Row) -> Json:
    """The response of Describe; during a shadow test with a configuration name of the service's (Developer Guide)."""
    tests = request.rows_of("InferenceExperiment") if request.knobs.experiment_runs_own_config else []
    running = [each for each in tests if each.keep["endpoint"] == row.name and each.body["Status"] in _TESTED]
    return row.body | {"EndpointConfigName": f"{running[0].name}-shadow-test"} if running else row.body


ENDPOINT = SandboxKind(
    name="Endpoint",
    path="endpoint",
    missing=Phrase("ValidationException", 'Could not find endpoint "{arn}".'),
    exists=Phrase("ValidationException", 'Cannot create already existing endpoint "{arn}".'),
    busy=Phrase("ValidationException", 'Cannot update in-progress endpoint "{arn}".'),
    listing=ListDefaults(key="Endpoints", order="Descending", page=10),
    life=StateSequence(
        status="EndpointStatus",
        growth=(("Creating", lambda request: request.knobs.endpoint_creating),),
        stable="InService",
        deletion_seconds=lambda request: request.knobs.endpoint_deleting,
        busy=frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}),
    ),
    instructions=INSTRUCTIONS,
    guards=(_one_policy, _config_exists),
    update_guards=(_not_failed, _update_is_valid, _variants_are_known),
    initial=_initial,
    settle=_settle,
    change=_update,
    changes={"UpdateEndpointWeightsAndCapacities": _rescale},
    follows=(plan_maintenance,),
    delete_guards=(_hosts_no_components, _is_not_tested, _may_deregister),
    along=_rows_deleted_with,
    shown=_describe_response,
)
