"""MonitoringSchedule: every change passes through Pending; the configuration is replaced as a whole."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.job_definition import (
    DEFINITIONS,
    INPUTS,
    MAX_RUNTIME,
    check_input,
    definition_arn,
    filled_input,
    filled_outputs,
)
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import LifecycleStep, Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

CONFIG = "MonitoringScheduleConfig"
STATUS = "MonitoringScheduleStatus"
LAST = "LastMonitoringExecutionSummary"
INLINE, NAMED, TYPE = "MonitoringJobDefinition", "MonitoringJobDefinitionName", "MonitoringType"
_WINDOW = ("DataAnalysisStartTime", "DataAnalysisEndTime")


def _is_valid(request: OperationRequest) -> None:
    """Refuse a configuration without a definition, or with one that does not exist; the messages are unverified."""
    config = request.params.get(CONFIG, {})
    if not config:
        return
    if (INLINE in config) == (NAMED in config):
        raise invalid(f"InvalidParameter: exactly one of {INLINE} and {NAMED} must be specified.")
    times = config.get("ScheduleConfig", {})
    if times.get("ScheduleExpression") == "NOW" and not all(member in times for member in _WINDOW):
        raise invalid(
            f"InvalidParameter: {' and '.join(_WINDOW)} are required when ScheduleExpression is NOW."
        )
    if INLINE in config:
        check_input(request, config[INLINE]["MonitoringInputs"][0], "MonitoringInputs")
        return
    if TYPE not in config:
        raise invalid(f"InvalidParameter: {TYPE} is required when {NAMED} is specified.")
    arn = definition_arn(request, config[TYPE], config[NAMED])
    if request.find(arn) is None:
        raise DEFINITIONS[config[TYPE]].missing.refusal(arn=arn, name=config[NAMED])


def _with_defaults(config: Json) -> Json:
    """The configuration with the service's additions: cdk-real-drift#1578."""
    made: Json = {"ScheduleConfig": {"ScheduleExpression": "cron(0 0 ? * * *)"}} | config
    if INLINE in config:
        given = config[INLINE]
        made[INLINE] = (
            {"StoppingCondition": {"MaxRuntimeInSeconds": MAX_RUNTIME}}
            | given
            | {
                "MonitoringInputs": [
                    {member: value for member, value in filled_input(one).items() if member in INPUTS}
                    for one in given["MonitoringInputs"]
                ],
                "MonitoringOutputConfig": filled_outputs(given["MonitoringOutputConfig"]),
            }
        )
        made.setdefault(TYPE, "DataQuality")
    return made


def _config_members(request: OperationRequest) -> Json:
    """The members of Describe that come from the configuration."""
    config = _with_defaults(request.params[CONFIG])
    if INLINE in config:
        source = config[INLINE]["MonitoringInputs"][0]
    else:
        row = request.find(definition_arn(request, config[TYPE], config[NAMED]))
        source = row.body[f"{config[TYPE]}JobInput"] if row else {}
    return {
        CONFIG: config,
        TYPE: config[TYPE],
        "EndpointName": source.get("EndpointInput", {}).get("EndpointName"),
    }


def _end_steps(request: OperationRequest, name: str, end: str) -> tuple[LifecycleStep, ...]:
    """The end of a change, after which an execution begins if the knob is set."""
    pending, lasts = request.knobs.monitoring_schedule_pending, request.knobs.monitoring_execution
    steps = [request.step_after(pending, {STATUS: end})]
    if lasts > 0 and end == "Scheduled":
        begun = steps[0].at
        summary = {
            "MonitoringScheduleName": name,
            "ScheduledTime": begun,
            "CreationTime": begun,
            "LastModifiedTime": begun,
        }
        steps[0] = replace(
            steps[0], put=steps[0].put | {LAST: summary | {"MonitoringExecutionStatus": "InProgress"}}
        )
        steps.append(
            request.step_after(pending + lasts, {LAST: summary | {"MonitoringExecutionStatus": "Completed"}})
        )
    return tuple(steps)


def _grow(request: OperationRequest, row: Row) -> Row:
    fails = request.effect.fails is not None
    due = _failure_steps(request) if fails else _end_steps(request, row.name, "Scheduled")
    return replace(row, body=row.body | {STATUS: "Pending"}, due=due)


def _failure_steps(request: OperationRequest) -> tuple[LifecycleStep, ...]:
    failed = {STATUS: "Failed", "FailureReason": request.effect.fails}
    return (request.step_after(request.knobs.monitoring_schedule_pending, failed),)


def _change(request: OperationRequest, row: Row) -> Row:
    """Replace the configuration; whether that starts a stopped schedule is not documented."""
    stopped = row.body[STATUS] == "Stopped" and not request.knobs.update_starts_schedule
    body = {name: value for name, value in row.body.items() if name != "FailureReason"}
    if request.effect.fails is not None:
        return replace(row, body=body | {STATUS: "Pending"}, due=_failure_steps(request))
    due = _end_steps(request, row.name, "Stopped" if stopped else "Scheduled")
    return replace(row, body=body | _config_members(request) | {STATUS: "Pending"}, due=due)


def _start_or_stop(request: OperationRequest, row: Row) -> Row:
    end = "Scheduled" if request.operation.startswith("Start") else "Stopped"
    if request.effect.fails is not None:
        return replace(row, body=row.body | {STATUS: "Pending"}, due=_failure_steps(request))
    return replace(row, body=row.body | {STATUS: "Pending"}, due=_end_steps(request, row.name, end))


def _update_is_valid(request: OperationRequest, _: Row) -> None:
    _is_valid(request)


def _nothing_runs(request: OperationRequest, row: Row) -> None:
    """Refuse an update or a deletion during an execution: the rule of ACK's controller; its message is our own."""
    status = row.body.get(LAST, {}).get("MonitoringExecutionStatus")
    if status == "InProgress" and not request.operation.startswith(("Start", "Stop")):
        raise invalid(f"Monitoring schedule {row.name} has an execution in status {status}.")


def _item(row: Row) -> Json:
    return {NAMED: row.body[CONFIG].get(NAMED), TYPE: row.body[TYPE]}


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    shown = row.body | _item(row)
    return all(
        request.params.get(member, shown.get(member)) == shown.get(member)
        for member in ("EndpointName", NAMED)
    )


def _executions(request: OperationRequest) -> Json:
    """The last execution of each schedule, or of one; the sandbox keeps no earlier ones."""
    if unknown := set(request.params) - {"MonitoringScheduleName", "MaxResults", "NextToken"}:
        raise ServiceError(
            "SandboxNotImplemented", f"The sandbox has no filter {min(unknown)} of ListMonitoringExecutions."
        )
    rows = [row for row in request.rows_of("MonitoringSchedule") if LAST in row.body]
    desired = request.params.get("MonitoringScheduleName")
    return {"MonitoringExecutionSummaries": [row.body[LAST] for row in rows if desired in (None, row.name)]}


MONITORING_SCHEDULE = SandboxKind(
    name="MonitoringSchedule",
    path="monitoring-schedule",
    # The codes are the model's; the messages of the first two are unverified. The beginning of the third was reported
    # of DeleteMonitoringSchedule (amazon-sagemaker-examples#2342).
    missing=Phrase("ResourceNotFound", "Could not find monitoring schedule '{name}'."),
    exists=Phrase("ResourceInUse", "A monitoring schedule with the name {name} already exists."),
    busy=Phrase("ValidationException", "Monitoring schedule in status Pending cannot be changed: {arn}"),
    listing=ListDefaults(
        key="MonitoringScheduleSummaries",
        order="Descending",
        row_filter=_matches_filters,
        filtered=frozenset({"EndpointName", NAMED}),
        item=_item,
    ),
    life=StateSequence(
        status=STATUS,
        growth=(("Pending", lambda request: request.knobs.monitoring_schedule_pending),),
        stable="Scheduled",
        deleting="Pending",
        deletion_seconds=lambda request: request.knobs.monitoring_schedule_deleting,
        busy=frozenset({"Pending"}),
    ),
    guards=(_is_valid,),
    update_guards=(_nothing_runs, _update_is_valid),
    delete_guards=(_nothing_runs,),
    initial=_config_members,
    grow=_grow,
    change=_change,
    changes={"StartMonitoringSchedule": _start_or_stop, "StopMonitoringSchedule": _start_or_stop},
    reads={"ListMonitoringExecutions": _executions},
)
