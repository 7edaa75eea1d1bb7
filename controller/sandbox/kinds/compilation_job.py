"""CompilationJob: the one job whose states are in upper case, and whose Describe is complete from the start."""

import hashlib

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds.job_lifecycle import JobLifecycle, JobStates
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

RUNTIME = 86400
# The registry of SageMaker Neo in us-east-1, from image_uri_config/neo-mxnet.json of the SageMaker SDK for Python.
REGISTRY = "785573368785"


def _one_input(request: OperationRequest) -> None:
    given = [name for name in ("InputConfig", "ModelPackageVersionArn") if name in request.params]
    if len(given) > 1:
        raise invalid("InputConfig and ModelPackageVersionArn cannot be specified at the same time.")
    if not given:
        raise invalid("Either InputConfig or ModelPackageVersionArn must be specified.")


def _one_target(request: OperationRequest) -> None:
    given = [name for name in ("TargetDevice", "TargetPlatform") if name in request.params["OutputConfig"]]
    if len(given) > 1:
        raise invalid("TargetDevice and TargetPlatform cannot be specified at the same time.")
    if not given:
        raise invalid("Either TargetDevice or TargetPlatform must be specified.")


def _package_exists(request: OperationRequest) -> None:
    arn = request.params.get("ModelPackageVersionArn")
    if arn is None or request.is_foreign(arn):
        return
    if request.knobs.model_package_is_checked and request.find(arn) is None:
        raise invalid(f"Model package {arn} does not exist.")


def _initial(request: OperationRequest) -> Json:
    limits = {"MaxRuntimeInSeconds": RUNTIME} | request.params["StoppingCondition"]
    made: Json = {
        "StoppingCondition": limits,
        "OutputConfig": {"KmsKeyId": ""} | request.params["OutputConfig"],
        "FailureReason": "",  # required in the response, even without a failure
        "ModelArtifacts": {"S3ModelArtifacts": ""},
    }
    if "InputConfig" not in request.params:  # required in the response, too; AWS's value is not known
        made["InputConfig"] = {"S3Uri": "", "Framework": "TENSORFLOW"}
    return made


def _marks(request: OperationRequest, word: str, _at: float, body: Json) -> Json:
    if word != RUN.states.completed:
        return {}
    name, target = body["CompilationJobName"], body["OutputConfig"]
    device = target.get("TargetDevice") or "_".join(target["TargetPlatform"].values())
    made: Json = {
        "ModelArtifacts": {
            "S3ModelArtifacts": f"{target['S3OutputLocation'].rstrip('/')}/{name}-{device}.tar.gz"
        },
        "ModelDigests": {"ArtifactDigest": hashlib.sha256(name.encode()).hexdigest()},
    }
    if device.startswith("ml_"):  # the SDK for Python deploys to a cloud instance of this name
        made["InferenceImage"] = _image(request, body["InputConfig"]["Framework"])
    shape = body["InputConfig"].get("DataInputConfig")
    return made | ({"DerivedInformation": {"DerivedDataInputConfig": shape}} if shape else {})


def _image(request: OperationRequest, framework: str) -> str:
    """Return the image that runs a model compiled for a cloud instance; its tag is our own."""
    host = f"{REGISTRY}.dkr.ecr.{request.account.region}.amazonaws.com"
    return f"{host}/sagemaker-inference-{framework.lower()}:1-cpu-py3"


def _item(row: Row) -> Json:
    """The target, flattened."""
    target = row.body["OutputConfig"]
    made: Json = {f"CompilationTargetPlatform{k}": v for k, v in target.get("TargetPlatform", {}).items()}
    return made | {"CompilationTargetDevice": target.get("TargetDevice")}


RUN = JobLifecycle(
    noun="compilation job",
    status="CompilationJobStatus",
    course=lambda run, request: run.simple(
        request, request.knobs.compilation_starting, request.knobs.compilation_working
    ),
    halt=lambda request: request.knobs.compilation_stopping,
    began="CompilationStartTime",
    ended="CompilationEndTime",
    states=JobStates("STARTING", "INPROGRESS", "COMPLETED", "FAILED", "STOPPING", "STOPPED"),
    marks=_marks,
)
COMPILATION_JOB = SandboxKind(
    name="CompilationJob",
    path="compilation-job",
    missing=Phrase("ResourceNotFound", "Could not find compilation job '{name}'."),
    exists=Phrase(
        "ResourceInUse",
        "Resource Already Exists: Compilation job with name {name} already exists. Choose a different name.",
    ),
    # Only ResourceNotFound is declared, so a wrong state must be a ValidationException.
    busy=Phrase("ValidationException", "Compilation job {arn} cannot be deleted while it is in progress."),
    listing=ListDefaults(key="CompilationJobSummaries", item=_item),
    life=RUN.life,
    guards=(_one_input, _one_target, _package_exists),
    initial=_initial,
    grow=RUN.grow,
    stop=RUN.stop,
)
