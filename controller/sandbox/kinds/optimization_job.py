"""OptimizationJob: optimizes a model for inference; its states are in upper case, and its record can be deleted.

DeleteOptimizationJob declares only ResourceNotFound: its refusal of a running job is a knob, with a message of our own.
"""

from dataclasses import replace
from typing import Any

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds.job_lifecycle import JobLifecycle, JobStates, check_stopping_condition
from controller.sandbox.kinds.model import MODEL
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

PAGE = 50  # API reference, ListOptimizationJobs: MaxResults
RUNTIME = 86400
TYPES = {
    "ModelQuantizationConfig": "Quantization",
    "ModelCompilationConfig": "Compilation",
    "ModelShardingConfig": "Sharding",
    "ModelSpeculativeDecodingConfig": "SpeculativeDecoding",
}
# The registry of the Deep Learning Containers, from image_uri_config/djl-lmi.json of the SageMaker SDK for Python.
REGISTRY = "763104351884"


def _one_source(request: OperationRequest) -> None:
    if len(request.params["ModelSource"]) != 1:
        raise invalid("Exactly one of S3 and SageMakerModel must be specified in ModelSource.")


def _one_technique_each(request: OperationRequest) -> None:
    for one in request.params["OptimizationConfigs"]:
        if len(one) != 1:
            raise invalid(f"Exactly one of {', '.join(TYPES)} must be specified in an OptimizationConfig.")


def _limits_fit(request: OperationRequest) -> None:
    check_stopping_condition(request.params["StoppingCondition"])


def _model_exists(request: OperationRequest) -> None:
    name = request.params["ModelSource"].get("SageMakerModel", {}).get("ModelName")
    if name is not None and request.find(arn := MODEL.arn(request.account, request.knobs, name)) is None:
        raise invalid(f'Could not find model "{arn}".')


def _is_over(request: OperationRequest, row: Row) -> None:
    states = RUN.states
    running = row.body[RUN.status] in {states.queued, states.active, states.stopping}
    if running and request.knobs.running_optimization_is_kept:
        raise OPTIMIZATION_JOB.busy.refusal(arn=row.arn, name=row.name)


def _initial(request: OperationRequest) -> Json:
    return {"StoppingCondition": {"MaxRuntimeInSeconds": RUNTIME} | request.params["StoppingCondition"]}


def _marks(request: OperationRequest, word: str, _at: float, _body: Json) -> Json:
    if word != RUN.states.completed:
        return {}
    host = f"{REGISTRY}.dkr.ecr.{request.account.region}.amazonaws.com"
    return {
        "OptimizationOutput": {"RecommendedInferenceImage": f"{host}/djl-inference:0.32.0-lmi14.0.0-cu126"}
    }


def _types(row: Row) -> list[str]:
    return [TYPES[name] for one in row.body["OptimizationConfigs"] for name in one]


def _has_type(request: OperationRequest, row: Row) -> bool:
    desired: Any = request.params.get("OptimizationContains")
    return desired is None or any(desired.lower() in name.lower() for name in _types(row))


RUN = JobLifecycle(
    noun="optimization job",
    status="OptimizationJobStatus",
    course=lambda run, request: run.simple(request, request.knobs.job_starting, request.knobs.job_working),
    halt=lambda request: request.knobs.job_stopping,
    began="OptimizationStartTime",
    ended="OptimizationEndTime",
    states=JobStates("STARTING", "INPROGRESS", "COMPLETED", "FAILED", "STOPPING", "STOPPED"),
    marks=_marks,
)
OPTIMIZATION_JOB = SandboxKind(
    name="OptimizationJob",
    path="optimization-job",
    # No messages of these three are published.
    missing=Phrase("ResourceNotFound", "Could not find optimization job '{name}'."),
    exists=Phrase("ResourceInUse", "Optimization job {arn} already exists."),
    busy=Phrase("ValidationException", "Optimization job {arn} cannot be deleted while it is in progress."),
    listing=ListDefaults(
        key="OptimizationJobSummaries",
        page=PAGE,
        row_filter=_has_type,
        filtered=frozenset({"OptimizationContains"}),
        item=lambda row: {"OptimizationTypes": _types(row)},
    ),
    life=replace(RUN.life, running=frozenset()),  # the guard below reads the knob
    guards=(_one_source, _one_technique_each, _limits_fit, _model_exists),
    delete_guards=(_is_over,),
    initial=_initial,
    grow=RUN.grow,
    stop=RUN.stop,
)
