"""Algorithm: immutable; SageMaker adds digests and, on request, validates it with a billed job."""

import hashlib

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds import job_lifecycle
from controller.sandbox.lifecycle import Stage, constant, enter_stages
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

STATUS = "AlgorithmStatus"
# Parts of the validation job definition that Describe leaves out; the source is Terraform's provider.
OMITTED_RESOURCES = ("KeepAlivePeriodInSeconds",)
OMITTED_LIMITS = ("MaxPendingTimeInSeconds", "MaxWaitTimeInSeconds")
OMITTED_CHANNEL = ("ShuffleConfig", "InputMode")
OMITTED_OUTPUT = ("CompressionType",)


def _digest(image: str) -> str:
    return f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def _without_members(value: Json, members: tuple[str, ...]) -> Json:
    return {name: item for name, item in value.items() if name not in members}


def _training_specification(given: Json) -> Json:
    channels = [{"IsRequired": False} | one for one in given["TrainingChannels"]]
    defaults: Json = {
        "SupportsDistributedTraining": False,
        "TrainingImageDigest": _digest(given["TrainingImage"]),
    }
    return defaults | given | {"TrainingChannels": channels}


def _inference(given: Json) -> Json:
    containers = [
        {"IsCheckpoint": False} | ({"ImageDigest": _digest(one["Image"])} if "Image" in one else {}) | one
        for one in given["Containers"]
    ]
    return given | {"Containers": containers}


def _profile(given: Json) -> Json:
    job = given["TrainingJobDefinition"]
    document = job | {
        "InputDataConfig": [_without_members(one, OMITTED_CHANNEL) for one in job["InputDataConfig"]],
        "OutputDataConfig": _without_members(job["OutputDataConfig"], OMITTED_OUTPUT),
        "ResourceConfig": _without_members(job["ResourceConfig"], OMITTED_RESOURCES),
        "StoppingCondition": _without_members(job["StoppingCondition"], OMITTED_LIMITS),
    }
    return given | {"TrainingJobDefinition": document}


def _parts_fit(request: OperationRequest) -> None:
    """Enforce the API reference's rules on hyperparameters and on the jobs of profiles; the messages are our own."""
    known = request.params["TrainingSpecification"].get("SupportedHyperParameters", [])
    job_lifecycle.unique(known, "Name")
    for one in known:
        if one.get("IsRequired") and "DefaultValue" in one:
            raise invalid(f"Hyperparameter {one['Name']} has a default value and cannot be required.")
    for profile in request.params.get("ValidationSpecification", {}).get("ValidationProfiles", []):
        training, transform = profile["TrainingJobDefinition"], profile.get("TransformJobDefinition")
        job_lifecycle.check_stopping_condition(training["StoppingCondition"])
        job_lifecycle.training_resources(training["ResourceConfig"])
        job_lifecycle.channels(training["InputDataConfig"])
        if transform is not None:
            job_lifecycle.transform(transform, strict=request.knobs.unsupported_is_refused)


def _initial(request: OperationRequest) -> Json:
    given = request.params
    made: Json = {
        "CertifyForMarketplace": given.get("CertifyForMarketplace", False),
        "TrainingSpecification": _training_specification(given["TrainingSpecification"]),
    }
    if "InferenceSpecification" in given:
        made["InferenceSpecification"] = _inference(given["InferenceSpecification"])
    if "ValidationSpecification" in given:
        validation = given["ValidationSpecification"]
        profiles = [_profile(one) for one in validation["ValidationProfiles"]]
        made["ValidationSpecification"] = validation | {"ValidationProfiles": profiles}
    return made


def _details(request: OperationRequest, word: str) -> Json:
    """Return the status of each validation and scan; a failed one has its reason, which Describe has nowhere else."""
    reason = {"FailureReason": request.effect.fails} if word == "Failed" else {}
    profiles = request.params.get("ValidationSpecification", {}).get("ValidationProfiles", [])
    checks = [{"Name": one["ProfileName"], "Status": word} | reason for one in profiles]
    scan = {"Name": request.params["AlgorithmName"], "Status": word} | reason
    return {"AlgorithmStatusDetails": {"ValidationStatuses": checks, "ImageScanStatuses": [scan]}}


def _grow(request: OperationRequest, row: Row) -> Row:
    knobs = request.knobs
    validated = "ValidationSpecification" in request.params
    seconds = knobs.validated_algorithm_validating if validated else knobs.algorithm_validating
    end = "Completed" if request.effect.fails is None else "Failed"
    courses = (
        ("Pending", "NotStarted", knobs.algorithm_pending),
        ("InProgress", "InProgress", seconds),
        (end, end, 0.0),
    )
    stages = [
        Stage(put=constant({STATUS: word} | _details(request, checks)), seconds=wait)
        for word, checks, wait in courses
    ]
    return enter_stages(request, row, stages, None)


ALGORITHM = SandboxKind(
    name="Algorithm",
    path="algorithm",
    missing=Phrase("ValidationException", "Algorithm {arn} does not exist."),
    exists=Phrase("ValidationException", "Algorithm already exists: {arn}"),
    busy=Phrase("ValidationException", "Cannot delete Algorithm in InProgress status"),
    listing=ListDefaults(key="AlgorithmSummaryList"),
    life=StateSequence(
        status=STATUS,
        stable="Completed",
        deletion_seconds=lambda request: request.knobs.algorithm_deleting,
        busy=frozenset({"Pending", "InProgress", "Deleting"}),
    ),
    modified=None,
    by_arn=True,
    guards=(_parts_fit,),
    initial=_initial,
    grow=_grow,
)
