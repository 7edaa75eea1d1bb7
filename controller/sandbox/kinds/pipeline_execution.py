"""PipelineExecution: a run of a pipeline's definition at the time of its start."""

import hashlib
import json
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence, Verb
from controller.sandbox.kinds import pipeline_definition as definitions
from controller.sandbox.kinds import pipeline_steps
from controller.sandbox.kinds.pipeline import PIPELINE, requested_version
from controller.sandbox.kinds.pipeline_run import SLOTS, retry_execution, start_execution, stop_execution
from controller.sandbox.listing import page
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

JOBS = {  # the member of a step's metadata, and the resource that a step of that type starts
    "Training": ("TrainingJob", "training-job"),
    "Processing": ("ProcessingJob", "processing-job"),
    "Transform": ("TransformJob", "transform-job"),
    "Tuning": ("TuningJob", "hyper-parameter-tuning-job"),
}


def _pipeline(request: OperationRequest) -> Row:
    arn = PIPELINE.arn(request.account, request.knobs, request.params["PipelineName"])
    row = request.find(arn)
    if row is None or row.kind != "Pipeline":
        raise PIPELINE.missing.refusal(arn=arn, name=request.params["PipelineName"])
    return row


def _pipeline_exists(request: OperationRequest) -> None:
    _pipeline(request)


def _pipeline_runs(request: OperationRequest) -> None:
    row = _pipeline(request)
    if row.body["PipelineStatus"] == "Deleting":
        raise PIPELINE.busy.refusal(arn=row.arn, name=row.name)


def _pipeline_definition(request: OperationRequest) -> Json:
    parsed: Json = json.loads(requested_version(request, _pipeline(request))["definition"])
    return parsed


def _parameters_are_valid(request: OperationRequest) -> None:
    definitions.parameters_of(
        _pipeline_definition(request), request.params.get("PipelineParameters", []), all_of_them=True
    )


def _selection_is_valid(request: OperationRequest) -> None:
    chosen = request.params.get("SelectiveExecutionConfig")
    if chosen is None:
        return
    source = chosen.get("SourcePipelineExecutionArn")
    if source is not None and request.find(source) is None:
        raise EXECUTION.missing.refusal(arn=source, name="")
    names = definitions.names_of(_pipeline_definition(request))
    if foreign := [one["StepName"] for one in chosen["SelectedSteps"] if one["StepName"] not in names]:
        raise invalid(f"Selected steps [{', '.join(foreign)}] are not steps of the pipeline.")


def _identify(request: OperationRequest) -> tuple[str, str]:
    pipeline = _pipeline(request).arn
    number = request.state.count(f"executions of {pipeline}")
    name = hashlib.sha256(f"{pipeline}/{number}".encode()).hexdigest()[:12]
    return f"{pipeline}/execution/{name}", name


def _address(request: OperationRequest) -> str:
    if "PipelineExecutionArn" in request.params:
        return str(request.params["PipelineExecutionArn"])
    return PIPELINE.arn(request.account, request.knobs, request.params.get("PipelineName", "*"))


def _initial(request: OperationRequest) -> Json:
    row = _pipeline(request)
    made: Json = {
        "PipelineArn": row.arn,
        "PipelineExecutionDisplayName": f"execution-{int(request.now * 1000)}",
        "PipelineVersionId": requested_version(request, row)["PipelineVersionId"],
        "CreatedBy": request.creator,
        "LastModifiedBy": request.creator,
    }
    if SLOTS in row.body:
        made[SLOTS] = row.body[SLOTS]
    if "MlflowExperimentName" in request.params:
        made["MLflowConfig"] = {"MlflowExperimentName": request.params["MlflowExperimentName"]}
    return made | {
        key: request.params[key] for key in (SLOTS, "PipelineExecutionDisplayName") if key in request.params
    }


def _keep(request: OperationRequest) -> Json:
    definition, row = _pipeline_definition(request), _pipeline(request)
    given = request.params.get("PipelineParameters", [])
    listed = definitions.parameters_of(definition, given, all_of_them=request.knobs.defaults_listed)
    chosen = request.params.get("SelectiveExecutionConfig", {}).get("SelectedSteps")
    return {
        "pipeline": row.arn,
        "definition": requested_version(request, row)["definition"],
        "parameters": listed,
        "values": definitions.parameters_of(definition, given, all_of_them=True),
        "selected": None if chosen is None else [one["StepName"] for one in chosen],
        "tokens": [],
        "untagged": True,
    }


def _change(request: OperationRequest, row: Row) -> Row:
    sent = {key: value for key, value in request.params.items() if key != "PipelineExecutionArn"}
    return replace(row, body=row.body | sent | {"LastModifiedBy": request.creator})


def _find_execution(request: OperationRequest) -> Row:
    arn = request.params.get("PipelineExecutionArn")
    if arn is None:
        raise invalid("PipelineExecutionArn must be specified.")
    row = request.state.described_row(arn, request.now)
    if row is None or row.kind != "PipelineExecution":
        raise EXECUTION.missing.refusal(arn=arn, name="")
    return row


def _list_steps(request: OperationRequest) -> Json:
    row = _find_execution(request)
    seen = pipeline_steps.visible_steps(
        row.keep["steps"], request.now, request.knobs.step_starting / request.knobs.pace
    )
    shown, token = page(
        [(number, step) for number, step in enumerate(seen)],
        key=lambda one: (one[1]["StartTime"], one[0]),
        size=request.params.get("MaxResults", 100),
        token=request.params.get("NextToken"),
        question=[row.arn, request.params.get("SortOrder")],
        backwards=request.params.get("SortOrder", "Descending") == "Descending",
    )
    steps = [step | {"Metadata": _metadata(request, row, step)} for _, step in shown]
    return {"PipelineExecutionSteps": steps, "NextToken": token}


def _metadata(request: OperationRequest, row: Row, step: Json) -> Json | None:
    """Return the metadata of a step. The jobs that steps name are not created in the sandbox."""
    if step["type"] in JOBS and request.knobs.step_jobs_named:
        member, path = JOBS[step["type"]]
        return {member: {"Arn": request.account.arn(f"{path}/pipelines-{row.name}-{step['StepName']}")}}
    if step["type"] == "Condition" and step["StepStatus"] == "Succeeded":
        return {"Condition": {"Outcome": "True" if step["outcome"] else "False"}}
    if step["type"] == "Fail" and "FailureReason" in step:
        return {"Fail": {"ErrorMessage": step["FailureReason"]}}
    return None


def _list_parameters(request: OperationRequest) -> Json:
    row = _find_execution(request)
    shown, token = page(
        list(enumerate(row.keep["parameters"])),
        key=lambda one: one[0],
        size=request.params.get("MaxResults", 100),
        token=request.params.get("NextToken"),
        question=row.arn,
    )
    return {"PipelineParameters": [one for _, one in shown], "NextToken": token}


def _definition_used(request: OperationRequest) -> Json:
    row = _find_execution(request)
    return {"PipelineDefinition": row.keep["definition"], "CreationTime": row.created}


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    pipeline = _pipeline(request)
    if "PipelineVersionAlias" in request.params:
        version = requested_version(request, pipeline)["PipelineVersionId"]
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
        row_filter=_matches_filters,
        filtered=frozenset({"PipelineName", "PipelineVersionAlias"}),
        item=_item,
        guards=(_pipeline_exists,),
    ),
    life=StateSequence(status="PipelineExecutionStatus", stable="Succeeded"),
    instructions=frozenset(
        {"PipelineName", "ClientRequestToken", "PipelineParameters", "MlflowExperimentName", "RoleArn"}
    ),
    token=lambda request: request.params["ClientRequestToken"],
    called={Verb.CREATE: "StartPipelineExecution", Verb.DELETE: None},
    guards=(_pipeline_runs, _parameters_are_valid, _selection_is_valid),
    identify=_identify,
    address=_address,
    initial=_initial,
    keep=_keep,
    grow=start_execution,
    change=_change,
    stop=stop_execution,
    changes={"RetryPipelineExecution": retry_execution},
    reads={
        "ListPipelineExecutionSteps": _list_steps,
        "ListPipelineParametersForExecution": _list_parameters,
        "DescribePipelineDefinitionForExecution": _definition_used,
    },
)
