"""InferenceExperiment: a shadow test that begins and ends by its schedule, or by Start and Stop.

The model declares the error codes of its refusals; the messages are not published, and those here are our own.
"""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.kinds.endpoint_config import ENDPOINT_CONFIG
from controller.sandbox.kinds.model import MODEL
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import LifecycleStep, Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

_HOUR, _LONGEST = 3600.0, 30 * 24 * 3600.0  # Developer Guide, "Create a shadow test": from an hour to 30 days
_BUSY = frozenset({"Creating", "Updating", "Starting", "Stopping"})
_UPDATABLE = ("Schedule", "Description", "ModelVariants", "DataStorageConfig", "ShadowModeConfig")


def _named_variants(params: Json) -> None:
    """Refuse a shadow mode whose variants are not among those of the experiment."""
    names = [one["VariantName"] for one in params["ModelVariants"]]
    shadow = params["ShadowModeConfig"]
    named = [
        shadow["SourceModelVariantName"],
        *(one["ShadowModelVariantName"] for one in shadow["ShadowModelVariants"]),
    ]
    unknown = [name for name in named if name not in names]
    if unknown or len(set(names)) != len(names):
        raise invalid(f"ShadowModeConfig names {', '.join(unknown)}; the variants are {', '.join(names)}.")


def _schedule_fits(schedule: Json) -> None:
    if "StartTime" not in schedule or "EndTime" not in schedule:
        return
    if not _HOUR <= schedule["EndTime"] - schedule["StartTime"] <= _LONGEST:
        raise invalid("The duration of an inference experiment is between 1 hour and 30 days.")


def _models_exist(request: OperationRequest, variants: list[Json]) -> None:
    for one in variants:
        if request.find(arn := MODEL.arn(request.account, request.knobs, one["ModelName"])) is None:
            raise MODEL.missing.refusal(arn=arn, name=one["ModelName"])


def _is_valid(request: OperationRequest) -> None:
    _named_variants(request.params)
    _schedule_fits(request.params.get("Schedule", {}))
    _models_exist(request, request.params["ModelVariants"])


def _endpoint_takes_it(request: OperationRequest) -> None:
    """Refuse an endpoint that is not in service, that has another mode, or that already has a test."""
    name = request.params["EndpointName"]
    arn = ENDPOINT.arn(request.account, request.knobs, name)
    endpoint = request.find(arn)
    if endpoint is None:
        raise ENDPOINT.missing.refusal(arn=arn, name=name)
    if endpoint.body["EndpointStatus"] != "InService":
        raise invalid(f'Endpoint "{arn}" is not InService.')
    config = request.state.find(
        ENDPOINT_CONFIG.arn(request.account, request.knobs, endpoint.body["EndpointConfigName"]), request.now
    )
    shown = config.body if config else {}
    # Developer Guide, "Shadow tests": not with serverless or asynchronous inference
    if "AsyncInferenceConfig" in shown or any(
        "ServerlessConfig" in one for one in shown["ProductionVariants"]
    ):
        raise invalid(f'Endpoint "{arn}" does not support inference experiments.')
    others = (one for one in request.rows_of("InferenceExperiment") if one.keep["endpoint"] == name)
    if active := [one.name for one in others if one.body["Status"] not in ("Completed", "Cancelled")]:
        raise ServiceError("ResourceInUse", f'Endpoint "{arn}" is used by inference experiment {active[0]}.')


def _schedule_with_defaults(request: OperationRequest, given: Json, begins: float) -> Json:
    """A schedule with the service's defaults: at once, and for seven days."""
    start = given.get("StartTime", begins)
    return {
        "StartTime": start,
        "EndTime": given.get("EndTime", request.time_after(request.knobs.experiment_lasts, start)),
    }


def _initial(request: OperationRequest) -> Json:
    return {
        "Schedule": _schedule_with_defaults(request, request.params.get("Schedule", {}), request.now),
        "ModelVariants": _variants(request.params["ModelVariants"], {}, "Creating"),
    }


def _variants(variants: list[Json], statuses: Json, usual: str) -> list[Json]:
    """The variants as Describe returns them, each with its status."""
    return [one | {"Status": statuses.get(one["VariantName"], usual)} for one in variants]


def _step(at: float, body: Json, status: str, statuses: Json, usual: str, **more: object) -> LifecycleStep:
    shown = _variants(body["ModelVariants"], statuses, usual)
    return LifecycleStep(
        at=at, put={"Status": status, "ModelVariants": shown, "LastModifiedTime": at, **more}
    )


def _from(request: OperationRequest, body: Json, status: str, at: float) -> tuple[LifecycleStep, ...]:
    """The steps after a status is reached: the test begins and ends by its schedule."""
    knobs, schedule = request.knobs, body["Schedule"]
    steps: list[LifecycleStep] = []
    if status == "Created":
        steps.append(_step(at, body, "Created", {}, "Creating"))
        at, status = max(at, schedule["StartTime"]), "Starting"
    if status == "Starting":
        steps.append(_step(at, body, "Starting", {}, "Creating"))
        at = request.time_after(knobs.experiment_starting, at)
    steps.append(_step(at, body, "Running", {}, "InService"))
    ends = max(at, schedule["EndTime"])
    return (*steps, *_stop_steps(request, body, ends, _as_before(body), "Completed"))


def _as_before(body: Json) -> Json:
    source = body["ShadowModeConfig"]["SourceModelVariantName"]
    return {
        one["VariantName"]: "Retain" if one["VariantName"] == source else "Remove"
        for one in body["ModelVariants"]
    }


def _stop_steps(
    request: OperationRequest, body: Json, at: float, actions: Json, end: str, **more: object
) -> tuple[LifecycleStep, ...]:
    """The stop of a test, with the action for each variant."""
    done = request.time_after(request.knobs.experiment_stopping, at)
    removed = [name for name, action in actions.items() if action == "Remove"]
    return (
        _step(at, body, "Stopping", dict.fromkeys(removed, "Deleting"), "InService"),
        _step(done, body, end, dict.fromkeys(removed, "Deleted"), "InService", CompletionTime=done, **more),
    )


def _grow(request: OperationRequest, row: Row) -> Row:
    at = request.time_after(request.knobs.experiment_creating)
    if request.effect.fails is None:
        due = _from(request, row.body, "Created", at)
    else:
        reason = {"StatusReason": request.effect.fails, "CompletionTime": at}
        due = (_step(at, row.body, "Cancelled", {}, "Deleted", **reason),)
    return replace(row, body=row.body | {"Status": "Creating"}, due=due)


def _is_updatable(request: OperationRequest, row: Row) -> None:
    """Refuse updates of an ended test, and of a running one except of description, share and end."""
    status = row.body["Status"]
    if status not in ("Created", "Running"):
        raise INFERENCE_EXPERIMENT.busy.refusal(arn=row.arn, name=row.name)
    after = _updated_body(request, row)
    _named_variants(after)
    _schedule_fits(after["Schedule"])
    _models_exist(request, after["ModelVariants"])
    # Developer Guide, "View, monitor, and edit shadow tests"
    if status == "Running" and _immutable_members(after) != _immutable_members(row.body):
        raise invalid(
            f"Inference experiment {row.name} is Running: only its description, the end of its schedule and the "
            "percentage of its shadow variant can be updated."
        )


def _immutable_members(body: Json) -> Json:
    """The members that can't change while the test runs."""
    shadow = body["ShadowModeConfig"]
    return {
        "start": body["Schedule"]["StartTime"],
        "variants": [{k: v for k, v in one.items() if k != "Status"} for one in body["ModelVariants"]],
        "stored": body.get("DataStorageConfig"),
        "source": shadow["SourceModelVariantName"],
        "shadow": [one["ShadowModelVariantName"] for one in shadow["ShadowModelVariants"]],
    }


def _updated_body(request: OperationRequest, row: Row) -> Json:
    """The body after an update; omitted members of a schedule keep their values."""
    sent = {name: request.params[name] for name in _UPDATABLE if name in request.params}
    statuses = {one["VariantName"]: one["Status"] for one in row.body["ModelVariants"]}
    if "ModelVariants" in sent:
        sent["ModelVariants"] = _variants(sent["ModelVariants"], statuses, "Creating")
    return row.body | sent | {"Schedule": row.body["Schedule"] | sent.get("Schedule", {})}


def _change(request: OperationRequest, row: Row) -> Row:
    body, before = _updated_body(request, row), row.body["Status"]
    due = _from(request, body, before, request.time_after(request.knobs.experiment_updating))
    return replace(row, body=body | {"Status": "Updating"}, due=due)


def _start(request: OperationRequest, row: Row) -> Row:
    if row.body["Status"] != "Created":
        raise INFERENCE_EXPERIMENT.busy.refusal(arn=row.arn, name=row.name)
    first, *later = _from(request, row.body, "Starting", request.now)
    return replace(row, body=row.body | first.put, due=tuple(later))


def _stop(request: OperationRequest, row: Row) -> Row:
    """End a test, with an action for each variant; one that did not begin becomes Cancelled."""
    status, actions = row.body["Status"], request.params["ModelVariantActions"]
    if status not in ("Created", "Running"):
        raise INFERENCE_EXPERIMENT.busy.refusal(arn=row.arn, name=row.name)
    source = row.body["ShadowModeConfig"]["SourceModelVariantName"]
    names = {one["VariantName"] for one in row.body["ModelVariants"]}
    if set(actions) != names or actions.get(source) == "Promote":
        raise invalid(
            f"ModelVariantActions must have an action for each of {', '.join(sorted(names))}, and only a shadow "
            "variant can be promoted."
        )
    desired = {one["VariantName"]: one for one in request.params.get("DesiredModelVariants", ())}
    variants = [one | desired.get(one["VariantName"], {}) for one in row.body["ModelVariants"]]
    reason = {"StatusReason": request.params["Reason"]} if "Reason" in request.params else {}
    end = request.params.get("DesiredState", "Cancelled") if status == "Running" else "Cancelled"
    steps = _stop_steps(request, row.body | {"ModelVariants": variants}, request.now, actions, end, **reason)
    return replace(row, body=row.body | steps[0].put, due=steps[1:])


def _describe_response(request: OperationRequest, row: Row) -> Json:
    """The response of Describe, with the current endpoint."""
    name = row.keep["endpoint"]
    endpoint = request.state.find(ENDPOINT.arn(request.account, request.knobs, name), request.now)
    members = ("EndpointConfigName", "EndpointStatus", "FailureReason")
    seen = {key: endpoint.body[key] for key in members if key in endpoint.body} if endpoint else {}
    return row.body | {"EndpointMetadata": {"EndpointName": name, **seen}}


INFERENCE_EXPERIMENT = SandboxKind(
    name="InferenceExperiment",
    path="inference-experiment",
    name_member="Name",
    arn_member="Arn",
    missing=Phrase("ResourceNotFound", "Could not find inference experiment '{name}'."),
    exists=Phrase("ResourceInUse", "Inference experiment {arn} already exists."),
    busy=Phrase("ConflictException", "The status of inference experiment {name} does not allow this."),
    listing=ListDefaults(
        key="InferenceExperiments",
        row_filter=lambda request, row: request.params.get("Type", row.body["Type"]) == row.body["Type"],
        filtered=frozenset({"Type"}),
    ),
    # Whether a running one can be deleted is unverified.
    life=StateSequence(
        status="Status", stable="Completed", busy=_BUSY, running=frozenset({"Created", "Running"})
    ),
    instructions=frozenset({"EndpointName"}),
    guards=(_is_valid, _endpoint_takes_it),
    update_guards=(_is_updatable,),
    initial=_initial,
    keep=lambda request: {"endpoint": request.params["EndpointName"]},
    grow=_grow,
    shown=_describe_response,
    change=_change,
    changes={"StartInferenceExperiment": _start},
    stop=_stop,
)
