"""The run of a pipeline's steps, and the evaluation of its conditions.

The grammar is that of the pipeline definition's JSON schema, version 2020-12-01: Equals, GreaterThan(OrEqualTo),
LessThan(OrEqualTo), In, Not and Or; all Conditions of a step must hold.
"""

import json
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from controller.sandbox.kinds import pipeline_definition as definitions
from controller.sandbox.kinds import pipeline_steps
from controller.sandbox.kinds.pipeline import versions
from controller.sandbox.kinds.pipeline_definition import StepPlan
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import LifecycleStep, Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError

ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
PARAMETER = "Parameters."
Values = Mapping[str, Any]


class UnknownValue(Exception):  # noqa: N818 - it is an outcome, not a mistake
    """A value that is not known here: a property of a step or of the execution, or the content of a file."""


def outcome(step: Json, values: Values) -> bool | None:
    """Return the result of the conditions of a step; None if it depends on more than parameters."""
    return _all_hold(step.get("Arguments", {}).get("Conditions", ()), values)


def typed_values(definition: Json, parameters: Sequence[Json]) -> dict[str, Any]:
    """Return the values of an execution's parameters with their declared types."""
    types = {one["Name"]: one.get("Type", "String") for one in definition.get("Parameters", [])}
    return {one["Name"]: _parameter_value(types[one["Name"]], one["Value"]) for one in parameters}


def _parameter_value(kind: str, value: str) -> Any:
    if kind == "Boolean":
        return value.lower() == "true"
    try:
        return {"Integer": int, "Float": float}.get(kind, str)(value)
    except ValueError:  # a default of another type than the declared one
        return value


def _all_hold(conditions: Iterable[Json], values: Values) -> bool | None:
    found = [_holds(one, values) for one in conditions]
    return False if False in found else None if None in found or not found else True


def _holds(condition: Json, values: Values) -> bool | None:
    kind = condition.get("Type")
    if kind == "Not":
        inner = _holds(condition.get("Expression", {}), values)
        return None if inner is None else not inner
    if kind == "Or":
        found = [_holds(one, values) for one in condition.get("Conditions", ())]
        return True if True in found else None if None in found or not found else False
    try:
        return _compare(condition, values)
    except (UnknownValue, KeyError, TypeError):
        return None


def _compare(condition: Json, values: Values) -> bool | None:
    kind = condition["Type"]
    if kind == "In":
        requested = _value(condition["QueryValue"], values)
        return any(_same(requested, _value(one, values)) for one in condition["Values"])
    left, right = _value(condition["LeftValue"], values), _value(condition["RightValue"], values)
    if kind == "Equals":
        return _same(left, right)
    return ORDERED[kind](left, right)


def _same(left: Any, right: Any) -> bool:
    """Return whether two values are equal; in Python `True == 1`, in JSON it is not."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _value(term: Any, values: Values) -> Any:
    """Return the value of a term of a condition: a literal, a parameter, or joined strings."""
    if not isinstance(term, dict):
        return term
    if "Std:Join" in term:
        join = term["Std:Join"]
        return str(join["On"]).join(_as_text(_value(one, values)) for one in join["Values"])
    path = term.get("Get")
    if not isinstance(path, str) or not path.startswith(PARAMETER):
        raise UnknownValue
    return values[path.removeprefix(PARAMETER)]


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


STEPS_FAILED = "Step failure: One or multiple steps failed."  # the message of executions in AWS
QUICK = frozenset({"Condition", "Fail"})
SLOTS = "ParallelismConfiguration"


def _experiment(definition: Json, row: Row) -> Json:
    """Return the experiment and the trial that AWS creates: by default named like the pipeline and the execution."""
    config = definition.get("PipelineExperimentConfig", {})
    if config is None:
        return {}
    named = {key: value for key, value in config.items() if isinstance(value, str)}
    pipeline = row.keep["pipeline"].rpartition("/")[2]
    return {"PipelineExperimentConfig": {"ExperimentName": pipeline, "TrialName": row.name} | named}


def start_execution(request: OperationRequest, row: Row) -> Row:
    """Return a new execution with all its scheduled steps."""
    _note_run(request, row)
    row = replace(row, body=row.body | _experiment(json.loads(row.keep["definition"]), row))
    return _run_steps(request, row, frozenset())


def _note_run(request: OperationRequest, row: Row) -> None:
    """Record the last run in the pipeline and its version."""
    pipeline = request.state.rows[row.keep["pipeline"]]
    number = str(row.body["PipelineVersionId"])
    held = versions(pipeline)
    held[number] = held[number] | {"LastExecutionPipelineExecutionArn": row.arn}
    ran = {"LastRunTime": request.now, "LastExecutionTime": request.now}  # as in Describe and in List
    request.commit(
        pipeline, replace(pipeline, body=pipeline.body | ran, keep=pipeline.keep | {"versions": held})
    )


def _run_steps(request: OperationRequest, row: Row, done: frozenset[str]) -> Row:
    """Return the execution at its start or restart, with the steps that are done already."""
    knobs, definition = request.knobs, json.loads(row.keep["definition"])
    plans = definitions.steps_of(definition, _outcome(request, definition, row))
    selected = row.keep["selected"]
    skipped = frozenset(one.name for one in plans if selected is not None and one.name not in selected)
    schedule = pipeline_steps.schedule_steps(
        plans,
        start=request.now + knobs.execution_starting / knobs.pace,
        seconds=lambda plan: (knobs.quick_step if plan.type in QUICK else knobs.pipeline_step) / knobs.pace,
        fails=_injected_effect(request, row),
        slots=row.body.get(SLOTS, {}).get("MaxParallelExecutionSteps", math.inf),
        done=done | skipped,
    )
    before = [step for step in row.keep.get("steps", []) if step["StepName"] in done]
    steps = before + _with_attempt_counts(schedule.steps, row.keep.get("steps", []))
    last: Json = {"PipelineExecutionStatus": "Succeeded"}
    if schedule.failed or request.effect.fails is not None:
        last = {"PipelineExecutionStatus": "Failed", "FailureReason": request.effect.fails or STEPS_FAILED}
    end = LifecycleStep(at=schedule.end, put=last | {"LastModifiedTime": schedule.end})
    body = {key: value for key, value in row.body.items() if key != "FailureReason"}
    body |= {"PipelineExecutionStatus": "Executing"}
    return replace(row, body=body, keep=row.keep | {"steps": steps}, due=(end,))


def _outcome(request: OperationRequest, definition: Json, row: Row) -> definitions.Outcome:
    """Return the outcomes of Condition steps: by the parameters, or by the knob if these do not decide."""
    values = typed_values(definition, row.keep["values"])

    def holds(step: Json) -> bool:
        found = outcome(step, values)
        return request.knobs.conditions_hold if found is None else found

    return holds


def _with_attempt_counts(steps: list[Json], before: list[Json]) -> list[Json]:
    attempts = {step["StepName"]: step["AttemptCount"] for step in before}
    return [step | {"AttemptCount": attempts.get(step["StepName"], 0) + 1} for step in steps]


def _injected_effect(request: OperationRequest, row: Row) -> pipeline_steps.Outcome:
    """Return the failing steps: those of type Fail, and the first one if a fault was injected."""
    will_fail = request.effect.fails

    def reason(plan: StepPlan) -> str | None:
        nonlocal will_fail
        if will_fail is not None:
            injected, will_fail = will_fail, None
            return injected
        if plan.type != "Fail":
            return None
        message = plan.spec.get("Arguments", {}).get("ErrorMessage", "")
        return message if isinstance(message, str) else f"The step {plan.name} of {row.arn} failed."

    return reason


def _is_token_used(request: OperationRequest, row: Row) -> bool:
    """Whether the client token of this request was used for this execution before."""
    return request.params["ClientRequestToken"] in row.keep["tokens"]


def _with_token(request: OperationRequest, row: Row) -> Row:
    return replace(
        row, keep=row.keep | {"tokens": [*row.keep["tokens"], request.params["ClientRequestToken"]]}
    )


def stop_execution(request: OperationRequest, row: Row) -> Row:
    """Return the execution after StopPipelineExecution."""
    if _is_token_used(request, row):
        return row
    status = row.body["PipelineExecutionStatus"]
    if status != "Executing":
        # The model declares the conflict; its message is not published.
        raise ServiceError(
            "ConflictException", f"Pipeline execution '{row.arn}' is {status} and cannot be stopped."
        )
    stopped = request.step_after(request.knobs.execution_stopping, {"PipelineExecutionStatus": "Stopped"})
    if request.effect.fails is not None:
        failed = {"PipelineExecutionStatus": "Failed", "FailureReason": request.effect.fails}
        stopped = replace(stopped, put=failed)
    stopped = replace(stopped, put=stopped.put | {"LastModifiedTime": stopped.at})
    steps = pipeline_steps.stop_steps(row.keep["steps"], request.now, stopped.at)
    body = row.body | {"PipelineExecutionStatus": "Stopping"}
    return _with_token(request, replace(row, body=body, keep=row.keep | {"steps": steps}, due=(stopped,)))


def retry_execution(request: OperationRequest, row: Row) -> Row:
    """Return the execution after RetryPipelineExecution: steps that succeeded do not run again."""
    if _is_token_used(request, row):
        return row
    status = row.body["PipelineExecutionStatus"]
    if status not in {"Failed", "Stopped"}:
        raise ServiceError(
            "ConflictException", f"Pipeline execution '{row.arn}' is {status} and cannot be retried."
        )
    done = frozenset(one["StepName"] for one in row.keep["steps"] if one["last"] == "Succeeded")
    body = row.body | {key: request.params[key] for key in (SLOTS,) if key in request.params}
    return _with_token(request, _run_steps(request, replace(row, body=body), done))
