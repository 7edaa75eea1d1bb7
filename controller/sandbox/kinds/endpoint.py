"""Endpoint: asynchronous in all it does; a failed update leaves it InService on what it was."""

from collections.abc import Mapping
from dataclasses import replace

from controller.sandbox.kind import Life, ListDefaults, SandboxKind
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


def _config(ask: OperationRequest) -> Row:
    arn = ENDPOINT_CONFIG.arn(ask.account, ask.knobs, ask.params["EndpointConfigName"])
    row = ask.find(arn)
    if row is None:
        raise ENDPOINT_CONFIG.missing.refusal(arn=arn, name=ask.params["EndpointConfigName"])
    return row


def _config_exists(ask: OperationRequest) -> None:
    _config(ask)


def _one_policy(ask: OperationRequest) -> None:
    given = ask.params.get("DeploymentConfig", {})
    if "BlueGreenUpdatePolicy" in given and "RollingUpdatePolicy" in given:
        raise invalid("Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be specified.")
    _steps_fit(given)
    if given and ask.params.get("RetainDeploymentConfig"):
        raise invalid("RetainDeploymentConfig cannot be true when DeploymentConfig is specified.")


def _steps_fit(given: Json) -> None:
    """Hold what the reference says of the sizes and times of a deployment; the words are ours."""
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


def _alarms_exist(ask: OperationRequest) -> None:
    """Refuse alarms that do not exist; the words are ours, and whether AWS refuses them is not documented."""
    gone = [name for name in _alarms(ask.params.get("DeploymentConfig")) if name in ask.knobs.missing_alarms]
    if gone:
        raise invalid(f"The CloudWatch alarm(s) {', '.join(gone)} in AutoRollbackConfiguration do not exist.")


def _update_is_sound(ask: OperationRequest, row: Row) -> None:
    if ask.operation != "UpdateEndpoint":
        return
    _one_policy(ask)
    _alarms_exist(ask)
    _config(ask)
    _targets_stay(ask, row)
    same = ask.params["EndpointConfigName"] == row.body["EndpointConfigName"]
    if same and not ask.knobs.same_config_update:
        raise invalid(f'Cannot update endpoint "{row.arn}" to the configuration that it uses.')


def _targets_stay(ask: OperationRequest, row: Row) -> None:
    """Refuse to remove a variant that is a scalable target, or to change its instance type.

    Source: SageMaker Developer Guide, "Update or delete endpoints that use automatic scaling"; the words are ours.
    """
    if not ask.knobs.scalable_target_guards_update:
        return
    now, then = (
        _types(ask, name) for name in (row.body["EndpointConfigName"], ask.params["EndpointConfigName"])
    )
    scaled = {target.body["ResourceId"].rpartition("/")[2] for target in variants.targets(ask, row.name)}
    stuck = [name for name in sorted(scaled & now.keys()) if now[name] != then.get(name)]
    if stuck:
        raise invalid(
            f'Cannot update endpoint "{row.arn}": the variant(s) {", ".join(stuck)} are registered as scalable targets '
            "with Application Auto Scaling and would be removed or get another instance type. Deregister them first."
        )


def _types(ask: OperationRequest, config: str) -> dict[str, str]:
    """Return the instance type of each variant of a configuration."""
    row = ask.world.find(ENDPOINT_CONFIG.arn(ask.account, ask.knobs, config), ask.now)
    shown = row.body.get("ProductionVariants", ()) if row else ()
    return {one["VariantName"]: one.get("InstanceType", "") for one in shown}


def _may_deregister(ask: OperationRequest, row: Row) -> None:
    if variants.targets(ask, row.name) and not ask.knobs.endpoint_deletion_deregisters:
        raise invalid(
            "An Application AutoScaling scalable target exists for a variant being deleted, and the IAM identity used "
            "to invoke DeleteEndpoint does not have application-autoscaling:DeregisterScalableTarget permission to "
            "deregister the scalable target."
        )


def _hosts_no_components(ask: OperationRequest, row: Row) -> None:
    """Refuse to delete an endpoint that hosts inference components, as some report and others do not."""
    hosts = any(one.body["EndpointArn"] == row.arn for one in ask.others("InferenceComponent"))
    if hosts and ask.knobs.components_keep_endpoint:
        raise invalid(f'Cannot delete "{row.arn}": Endpoint has inference components attached.')


def _ended(ask: OperationRequest, row: Row) -> list[Row]:
    """Return what ends with an endpoint, silently: its scalable targets and its policy."""
    policy = ask.world.find(variants.policy_arn(row.arn), ask.now)
    scaling = [
        one for target in variants.targets(ask, row.name) for one in (target, *variants.parts(ask, target))
    ]
    return [*scaling, *([policy] if policy else [])]


def _variants_are_known(ask: OperationRequest, row: Row) -> None:
    known = {one["VariantName"] for one in row.body.get("ProductionVariants", ())}
    requested = [one["VariantName"] for one in ask.params.get("DesiredWeightsAndCapacities", ())]
    for name in requested:
        if requested.count(name) > 1:
            raise invalid(f'The variant name "{name}" was non-unique within the request.')
    unknown = [name for name in requested if name not in known]
    if unknown:
        raise invalid(
            f'The variant name(s) "{", ".join(unknown)}" is/are not present within endpoint configuration '
            f'"{row.body["EndpointConfigName"]}".'
        )


def _serving(ask: OperationRequest, config: Row, kept: Mapping[str, Json]) -> Json:
    """Return the members of Describe that come from the configuration once it is in service."""
    made: Json = {"EndpointConfigName": config.name}
    for member in SERVED:
        if member in config.body:
            summaries = [
                variants.summary(ask, one, kept.get(one["VariantName"], {})) for one in config.body[member]
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


def _pending(ask: OperationRequest, serving: Json, status: str) -> Json:
    shown = {name: variants.marked(serving[name], status, ask.now) for name in SERVED if name in serving}
    return {"EndpointConfigName": serving["EndpointConfigName"], "StartTime": ask.now} | shown


def _birth(ask: OperationRequest) -> Json:
    made: Json = {PENDING: _pending(ask, _serving(ask, _config(ask), {}), "Creating")}
    if "DeploymentConfig" in ask.params:
        made["LastDeploymentConfig"] = ask.params["DeploymentConfig"]
    return made


def _settle(ask: OperationRequest, _: Json) -> tuple[Json, tuple[str, ...]]:
    return _serving(ask, _config(ask), {}), (PENDING,)


def _update(ask: OperationRequest, row: Row) -> Row:
    kept = variants.retained(ask, row.body.get("ProductionVariants", ()))
    serving = _serving(ask, _config(ask), kept)
    policy = row.body.get("LastDeploymentConfig") if ask.params.get("RetainDeploymentConfig") else None
    policy = ask.params.get("DeploymentConfig", policy)
    body = row.body | {"EndpointStatus": "Updating", PENDING: _pending(ask, serving, "Creating")}
    if ask.knobs.updating_shows_new_config:
        body["EndpointConfigName"] = serving["EndpointConfigName"]
    shown = {one: variants.marked(body[one], "Updating", ask.now) for one in SERVED if one in body}
    reason = _rolled_back_by(ask, policy)
    steps = (
        _failed_update(ask, row, policy, reason)
        if reason is not None
        else _good_update(ask, row, serving, policy)
    )
    return replace(row, body=body | shown, due=steps)


def _good_update(
    ask: OperationRequest, row: Row, serving: Json, policy: Json | None
) -> tuple[LifecycleStep, ...]:
    done: Json = {"EndpointStatus": "InService"} | serving
    if policy is not None:
        done["LastDeploymentConfig"] = policy
    old = tuple(
        name for name in (*SERVED, *COPIED, "DataCaptureConfig") if name in row.body and name not in serving
    )
    forgotten = () if policy is not None else ("LastDeploymentConfig",)
    return (_at(ask, ask.knobs.endpoint_updating, done, (PENDING, "FailureReason", *old, *forgotten)),)


def _rolled_back_by(ask: OperationRequest, policy: Json | None) -> str | None:
    """Return why an update ends on the old configuration; None where it does not."""
    firing = [name for name in _alarms(policy) if name in ask.knobs.firing_alarms]
    if ask.fate.fails is not None or not firing:
        return ask.fate.fails
    return f"Alarm(s) {', '.join(firing)} went off." if ask.knobs.alarm_rollback_has_reason else ""


def _failed_update(
    ask: OperationRequest, row: Row, policy: Json | None, why: str
) -> tuple[LifecycleStep, ...]:
    """Back on the old configuration, or stuck between the two if a rolling update was made to fail."""
    reason = {"FailureReason": why} if why else {}
    was = {name: row.body[name] for name in (*SERVED, "EndpointConfigName") if name in row.body}
    seconds = ask.knobs.endpoint_updating
    if ask.fate.rollback_fails and policy is not None and "RollingUpdatePolicy" in policy:
        return (_at(ask, seconds, was | reason | {"EndpointStatus": "UpdateRollbackFailed"}, (PENDING,)),)
    if ask.knobs.endpoint_rolling_back > 0:
        later = seconds + ask.knobs.endpoint_rolling_back
        rolling = _at(ask, seconds, {"EndpointStatus": "RollingBack"}, ())
        return rolling, _at(ask, later, was | reason | {"EndpointStatus": "InService"}, (PENDING,))
    return (_at(ask, seconds, was | reason | {"EndpointStatus": "InService"}, (PENDING,)),)


def _rescale(ask: OperationRequest, row: Row) -> Row:
    wanted = {one["VariantName"]: one for one in ask.params["DesiredWeightsAndCapacities"]}
    running = row.body.get("ProductionVariants", [])
    soon = variants.marked(variants.rescaled(running, wanted, ("Desired",)), "Updating", ask.now)
    done = running if ask.fate.fails else variants.rescaled(running, wanted, ("Desired", "Current"))
    reason = {"FailureReason": ask.fate.fails} if ask.fate.fails else {}
    step = _at(
        ask,
        ask.knobs.endpoint_rescaling,
        {"EndpointStatus": "InService", "ProductionVariants": done} | reason,
    )
    return replace(
        row, body=row.body | {"EndpointStatus": "Updating", "ProductionVariants": soon}, due=(step,)
    )


def _at(ask: OperationRequest, seconds: float, put: Json, drop: tuple[str, ...] = ()) -> LifecycleStep:
    step = ask.after(seconds, put, drop)
    return replace(step, put=put | {"LastModifiedTime": step.at})


ENDPOINT = SandboxKind(
    name="Endpoint",
    path="endpoint",
    missing=Phrase("ValidationException", 'Could not find endpoint "{arn}".'),
    exists=Phrase("ValidationException", 'Cannot create already existing endpoint "{arn}".'),
    busy=Phrase("ValidationException", 'Cannot update in-progress endpoint "{arn}".'),
    listing=ListDefaults(key="Endpoints", order="Descending", page=10),
    life=Life(
        status="EndpointStatus",
        growth=(("Creating", lambda ask: ask.knobs.endpoint_creating),),
        stable="InService",
        death=lambda ask: ask.knobs.endpoint_deleting,
        busy=frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}),
    ),
    unkept=INSTRUCTIONS,
    guards=(_one_policy, _config_exists),
    update_guards=(_not_failed, _update_is_sound, _variants_are_known),
    birth=_birth,
    settle=_settle,
    change=_update,
    changes={"UpdateEndpointWeightsAndCapacities": _rescale},
    follows=(plan_maintenance,),
    delete_guards=(_hosts_no_components, _may_deregister),
    along=_ended,
)
