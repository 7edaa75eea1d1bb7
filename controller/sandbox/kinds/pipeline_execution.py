"""PipelineExecution: a run of a pipeline's definition as it was when the run began."""

import hashlib
import json
from dataclasses import replace

from controller.sandbox.kind import Life, ListDefaults, SandboxKind, Verb
from controller.sandbox.kinds import pipeline_definition as definitions
from controller.sandbox.kinds import pipeline_steps
from controller.sandbox.kinds.pipeline import PIPELINE, requested_version
from controller.sandbox.kinds.pipeline_run import SLOTS, begun, halted, retried
from controller.sandbox.listing import page
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

JOBS = {  # the member of a step's metadata and the resource that a step of that type starts
    "Training": ("TrainingJob", "training-job"),
    "Processing": ("ProcessingJob", "processing-job"),
    "Transform": ("TransformJob", "transform-job"),
    "Tuning": ("TuningJob", "hyper-parameter-tuning-job"),
}


def _pipeline(ask: OperationRequest) -> Row:
    arn = PIPELINE.arn(ask.account, ask.knobs, ask.params["PipelineName"])
    row = ask.find(arn)
    if row is None or row.kind != "Pipeline":
        raise PIPELINE.missing.refusal(arn=arn, name=ask.params["PipelineName"])
    return row


def _pipeline_exists(ask: OperationRequest) -> None:
    _pipeline(ask)


def _pipeline_runs(ask: OperationRequest) -> None:
    row = _pipeline(ask)
    if row.body["PipelineStatus"] == "Deleting":
        raise PIPELINE.busy.refusal(arn=row.arn, name=row.name)


def _definition(ask: OperationRequest) -> Json:
    parsed: Json = json.loads(requested_version(ask, _pipeline(ask))["definition"])
    return parsed


def _sound_parameters(ask: OperationRequest) -> None:
    definitions.parameters_of(_definition(ask), ask.params.get("PipelineParameters", []), all_of_them=True)


def _sound_selection(ask: OperationRequest) -> None:
    chosen = ask.params.get("SelectiveExecutionConfig")
    if chosen is None:
        return
    source = chosen.get("SourcePipelineExecutionArn")
    if source is not None and ask.find(source) is None:
        raise EXECUTION.missing.refusal(arn=source, name="")
    names = definitions.names_of(_definition(ask))
    if strangers := [one["StepName"] for one in chosen["SelectedSteps"] if one["StepName"] not in names]:
        raise invalid(f"Selected steps [{', '.join(strangers)}] are not steps of the pipeline.")


def _identify(ask: OperationRequest) -> tuple[str, str]:
    pipeline = _pipeline(ask).arn
    number = ask.world.count(f"executions of {pipeline}")
    name = hashlib.sha256(f"{pipeline}/{number}".encode()).hexdigest()[:12]
    return f"{pipeline}/execution/{name}", name


def _address(ask: OperationRequest) -> str:
    if "PipelineExecutionArn" in ask.params:
        return str(ask.params["PipelineExecutionArn"])
    return PIPELINE.arn(ask.account, ask.knobs, ask.params.get("PipelineName", "*"))


def _birth(ask: OperationRequest) -> Json:
    row = _pipeline(ask)
    made: Json = {
        "PipelineArn": row.arn,
        "PipelineExecutionDisplayName": f"execution-{int(ask.now * 1000)}",
        "PipelineVersionId": requested_version(ask, row)["PipelineVersionId"],
        "CreatedBy": ask.creator,
        "LastModifiedBy": ask.creator,
    }
    if SLOTS in row.body:
        made[SLOTS] = row.body[SLOTS]
    if "MlflowExperimentName" in ask.params:
        made["MLflowConfig"] = {"MlflowExperimentName": ask.params["MlflowExperimentName"]}
    return made | {
        key: ask.params[key] for key in (SLOTS, "PipelineExecutionDisplayName") if key in ask.params
    }


def _keep(ask: OperationRequest) -> Json:
    definition, row = _definition(ask), _pipeline(ask)
    given = ask.params.get("PipelineParameters", [])
    listed = definitions.parameters_of(definition, given, all_of_them=ask.knobs.defaults_listed)
    chosen = ask.params.get("SelectiveExecutionConfig", {}).get("SelectedSteps")
    return {
        "pipeline": row.arn,
        "definition": requested_version(ask, row)["definition"],
        "parameters": listed,
        "values": definitions.parameters_of(definition, given, all_of_them=True),
        "selected": None if chosen is None else [one["StepName"] for one in chosen],
        "tokens": [],
        "untagged": True,
    }


def _change(ask: OperationRequest, row: Row) -> Row:
    sent = {key: value for key, value in ask.params.items() if key != "PipelineExecutionArn"}
    return replace(row, body=row.body | sent | {"LastModifiedBy": ask.creator})


def _described(ask: OperationRequest) -> Row:
    arn = ask.params.get("PipelineExecutionArn")
    if arn is None:
        raise invalid("PipelineExecutionArn must be specified.")
    row = ask.world.described(arn, ask.now)
    if row is None or row.kind != "PipelineExecution":
        raise EXECUTION.missing.refusal(arn=arn, name="")
    return row


def _list_steps(ask: OperationRequest) -> Json:
    row = _described(ask)
    seen = pipeline_steps.seen(row.keep["steps"], ask.now, ask.knobs.step_starting / ask.knobs.pace)
    shown, token = page(
        [(number, step) for number, step in enumerate(seen)],
        key=lambda one: (one[1]["StartTime"], one[0]),
        size=ask.params.get("MaxResults", 100),
        token=ask.params.get("NextToken"),
        question=[row.arn, ask.params.get("SortOrder")],
        backwards=ask.params.get("SortOrder", "Descending") == "Descending",
    )
    steps = [step | {"Metadata": _metadata(ask, row, step)} for _, step in shown]
    return {"PipelineExecutionSteps": steps, "NextToken": token}


def _metadata(ask: OperationRequest, row: Row, step: Json) -> Json | None:
    """Say what a step is about. The jobs that steps name are not born in the sandbox."""
    if step["type"] in JOBS and ask.knobs.step_jobs_named:
        member, path = JOBS[step["type"]]
        return {member: {"Arn": ask.account.arn(f"{path}/pipelines-{row.name}-{step['StepName']}")}}
    if step["type"] == "Condition" and step["StepStatus"] == "Succeeded":
        return {"Condition": {"Outcome": "True" if step["outcome"] else "False"}}
    if step["type"] == "Fail" and "FailureReason" in step:
        return {"Fail": {"ErrorMessage": step["FailureReason"]}}
    return None


def _list_parameters(ask: OperationRequest) -> Json:
    row = _described(ask)
    shown, token = page(
        list(enumerate(row.keep["parameters"])),
        key=lambda one: one[0],
        size=ask.params.get("MaxResults", 100),
        token=ask.params.get("NextToken"),
        question=row.arn,
    )
    return {"PipelineParameters": [one for _, one in shown], "NextToken": token}


def _definition_used(ask: OperationRequest) -> Json:
    row = _described(ask)
    return {"PipelineDefinition": row.keep["definition"], "CreationTime": row.created}


def _wanted(ask: OperationRequest, row: Row) -> bool:
    pipeline = _pipeline(ask)
    if "PipelineVersionAlias" in ask.params:
        version = requested_version(ask, pipeline)["PipelineVersionId"]
        return bool(row.keep["pipeline"] == pipeline.arn and row.body["PipelineVersionId"] == version)
    return bool(row.keep["pipeline"] == pipeline.arn)


def _item(row: Row) -> Json:
    return {"StartTime": row.created, "PipelineExecutionFailureReason": row.body.get("FailureReason")}


EXECUTION = SandboxKind(
    name="PipelineExecution",
    path="pipeline",
    missing=Phrase("ResourceNotFound", "Pipeline execution '{arn}' does not exist."),
    exists=Phrase("ValidationException", "Pipeline execution '{arn}' already exists."),
    busy=Phrase("ConflictException", "Pipeline execution '{arn}' is being changed by another request."),
    listing=ListDefaults(
        key="PipelineExecutionSummaries",
        order="Descending",
        sieve=_wanted,
        sieved=frozenset({"PipelineName", "PipelineVersionAlias"}),
        item=_item,
        guards=(_pipeline_exists,),
    ),
    life=Life(status="PipelineExecutionStatus", stable="Succeeded"),
    unkept=frozenset(
        {"PipelineName", "ClientRequestToken", "PipelineParameters", "MlflowExperimentName", "RoleArn"}
    ),
    token=lambda ask: ask.params["ClientRequestToken"],
    called={Verb.CREATE: "StartPipelineExecution", Verb.DELETE: None},
    guards=(_pipeline_runs, _sound_parameters, _sound_selection),
    identify=_identify,
    address=_address,
    birth=_birth,
    keep=_keep,
    grow=begun,
    change=_change,
    stop=halted,
    changes={"RetryPipelineExecution": retried},
    reads={
        "ListPipelineExecutionSteps": _list_steps,
        "ListPipelineParametersForExecution": _list_parameters,
        "DescribePipelineDefinitionForExecution": _definition_used,
    },
)
