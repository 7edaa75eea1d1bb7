"""TransformJob: needs a model by name; there is no Delete, so its name can never be used again."""

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds import job_lifecycle
from controller.sandbox.kinds.experiment import follow
from controller.sandbox.kinds.job_lifecycle import JobLifecycle
from controller.sandbox.kinds.model import MODEL
from controller.sandbox.request import OperationRequest
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid


def _model_exists(request: OperationRequest) -> None:
    arn = MODEL.arn(request.account, request.knobs, request.params["ModelName"])
    if request.find(arn) is None:
        raise invalid(f'Could not find model "{arn}".')


def _payloads_fit(request: OperationRequest) -> None:
    job_lifecycle.transform(request.params, strict=request.knobs.unsupported_is_refused)


def _initial(request: OperationRequest) -> Json:
    given = request.params
    filters = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    return {
        "DataProcessing": filters | given.get("DataProcessing", {}),
        "TransformInput": {"CompressionType": "None", "SplitType": "None"} | given["TransformInput"],
        "TransformOutput": {"AssembleWith": "None", "KmsKeyId": ""} | given["TransformOutput"],
    }


RUN = JobLifecycle(
    noun="transform job",
    status="TransformJobStatus",
    course=lambda run, request: run.simple(request, request.knobs.job_starting, request.knobs.job_working),
    halt=lambda request: request.knobs.job_stopping,
    began="TransformStartTime",
    ended="TransformEndTime",
)
TRANSFORM_JOB = SandboxKind(
    name="TransformJob",
    path="transform-job",
    missing=Phrase("ValidationException", "Could not find requested job with name: {name}"),
    unknown=Phrase("ValidationException", "Could not find job to update with name {name}"),
    exists=Phrase(
        "ResourceInUse",
        "Job name must be unique within an AWS account and region, and a job with this name already exists "
        "({arn})",
    ),
    busy=Phrase("ResourceInUse", "The transform job {arn} is in use."),
    listing=ListDefaults(key="TransformJobSummaries", order="Descending", page=10),
    life=RUN.life,
    guards=(_payloads_fit, _model_exists),
    initial=_initial,
    grow=RUN.grow,
    stop=RUN.stop,
    follows=(follow,),
)
