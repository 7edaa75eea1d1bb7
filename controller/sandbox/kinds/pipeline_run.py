"""The course of an execution: how it grows, is stopped and is tried again."""

import json
import math
from dataclasses import replace

from controller.sandbox.kinds import pipeline_definition as definitions
from controller.sandbox.kinds import pipeline_steps
from controller.sandbox.kinds.pipeline_conditions import outcome as condition_outcome
from controller.sandbox.kinds.pipeline_conditions import typed_values
from controller.sandbox.kinds.pipeline_definition import StepPlan
from controller.sandbox.kinds.pipeline_version import versions
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row, Step
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Refusal

STEPS_FAILED = "Step failure: One or multiple steps failed."  # as executions in AWS say
QUICK = frozenset({"Condition", "Fail"})
SLOTS = "ParallelismConfiguration"


def _experiment(definition: Json, row: Row) -> Json:
    """Return the experiment and the trial that AWS makes: the pipeline and the execution, if not named."""
    config = definition.get("PipelineExperimentConfig", {})
    if config is None:
        return {}
    named = {key: value for key, value in config.items() if isinstance(value, str)}
    pipeline = row.keep["pipeline"].rpartition("/")[2]
    return {"PipelineExperimentConfig": {"ExperimentName": pipeline, "TrialName": row.name} | named}


def begun(ask: Ask, row: Row) -> Row:
    """Return a new execution with all that will happen to it."""
    _note_run(ask, row)
    row = replace(row, body=row.body | _experiment(json.loads(row.keep["definition"]), row))
    return _running(ask, row, frozenset())


def _note_run(ask: Ask, row: Row) -> None:
    """Let the pipeline and its version know their last run."""
    pipeline = ask.world.rows[row.keep["pipeline"]]
    number = str(row.body["PipelineVersionId"])
    held = versions(pipeline)
    held[number] = held[number] | {"LastExecutionPipelineExecutionArn": row.arn}
    ran = {"LastRunTime": ask.now, "LastExecutionTime": ask.now}  # Describe's word, and List's
    ask.commit(pipeline, replace(pipeline, body=pipeline.body | ran, keep=pipeline.keep | {"versions": held}))


def _running(ask: Ask, row: Row, done: frozenset[str]) -> Row:
    """Return the execution as it begins, or begins again with what is done already."""
    knobs, definition = ask.knobs, json.loads(row.keep["definition"])
    plans = definitions.steps_of(definition, _outcome(ask, definition, row))
    selected = row.keep["selected"]
    skipped = frozenset(one.name for one in plans if selected is not None and one.name not in selected)
    schedule = pipeline_steps.scheduled(
        plans,
        start=ask.now + knobs.execution_starting / knobs.pace,
        seconds=lambda plan: (knobs.quick_step if plan.type in QUICK else knobs.pipeline_step) / knobs.pace,
        fails=_fate(ask, row),
        slots=row.body.get(SLOTS, {}).get("MaxParallelExecutionSteps", math.inf),
        done=done | skipped,
    )
    before = [step for step in row.keep.get("steps", []) if step["StepName"] in done]
    steps = before + _counted(schedule.steps, row.keep.get("steps", []))
    last: Json = {"PipelineExecutionStatus": "Succeeded"}
    if schedule.failed or ask.fate.fails is not None:
        last = {"PipelineExecutionStatus": "Failed", "FailureReason": ask.fate.fails or STEPS_FAILED}
    end = Step(at=schedule.end, put=last | {"LastModifiedTime": schedule.end})
    body = {key: value for key, value in row.body.items() if key != "FailureReason"}
    body |= {"PipelineExecutionStatus": "Executing"}
    return replace(row, body=body, keep=row.keep | {"steps": steps}, due=(end,))


def _outcome(ask: Ask, definition: Json, row: Row) -> definitions.Outcome:
    """Return how the Condition steps come out: by the parameters, or by the knob where these do not settle it."""
    values = typed_values(definition, row.keep["values"])

    def holds(step: Json) -> bool:
        found = condition_outcome(step, values)
        return ask.knobs.conditions_hold if found is None else found

    return holds


def _counted(steps: list[Json], before: list[Json]) -> list[Json]:
    attempts = {step["StepName"]: step["AttemptCount"] for step in before}
    return [step | {"AttemptCount": attempts.get(step["StepName"], 0) + 1} for step in steps]


def _fate(ask: Ask, row: Row) -> pipeline_steps.Outcome:
    """Tell which steps fail: those of type Fail, and the first one if a fault was injected."""
    unlucky = ask.fate.fails

    def reason(plan: StepPlan) -> str | None:
        nonlocal unlucky
        if unlucky is not None:
            injected, unlucky = unlucky, None
            return injected
        if plan.type != "Fail":
            return None
        message = plan.spec.get("Arguments", {}).get("ErrorMessage", "")
        return message if isinstance(message, str) else f"The step {plan.name} of {row.arn} failed."

    return reason


def _used(ask: Ask, row: Row) -> bool:
    """Whether the token of this request was used for this execution before."""
    return ask.params["ClientRequestToken"] in row.keep["tokens"]


def _noted(ask: Ask, row: Row) -> Row:
    return replace(row, keep=row.keep | {"tokens": [*row.keep["tokens"], ask.params["ClientRequestToken"]]})


def halted(ask: Ask, row: Row) -> Row:
    """Return the execution as StopPipelineExecution leaves it."""
    if _used(ask, row):
        return row
    status = row.body["PipelineExecutionStatus"]
    if status != "Executing":
        # The model declares the conflict; its text is not published.
        raise Refusal(
            "ConflictException", f"Pipeline execution '{row.arn}' is {status} and cannot be stopped."
        )
    stopped = ask.after(ask.knobs.execution_stopping, {"PipelineExecutionStatus": "Stopped"})
    if ask.fate.fails is not None:
        failed = {"PipelineExecutionStatus": "Failed", "FailureReason": ask.fate.fails}
        stopped = replace(stopped, put=failed)
    stopped = replace(stopped, put=stopped.put | {"LastModifiedTime": stopped.at})
    steps = pipeline_steps.halted(row.keep["steps"], ask.now, stopped.at)
    body = row.body | {"PipelineExecutionStatus": "Stopping"}
    return _noted(ask, replace(row, body=body, keep=row.keep | {"steps": steps}, due=(stopped,)))


def retried(ask: Ask, row: Row) -> Row:
    """Return the execution as RetryPipelineExecution leaves it: what succeeded is not run again."""
    if _used(ask, row):
        return row
    status = row.body["PipelineExecutionStatus"]
    if status not in {"Failed", "Stopped"}:
        raise Refusal(
            "ConflictException", f"Pipeline execution '{row.arn}' is {status} and cannot be retried."
        )
    done = frozenset(one["StepName"] for one in row.keep["steps"] if one["last"] == "Succeeded")
    body = row.body | {key: ask.params[key] for key in (SLOTS,) if key in ask.params}
    return _noted(ask, _running(ask, replace(row, body=body), done))
