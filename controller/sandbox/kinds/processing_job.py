"""ProcessingJob: any work of a container; both the service and the container can report why it failed."""

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds.experiment import follow
from controller.sandbox.kinds.feature_group import FEATURE_GROUP
from controller.sandbox.kinds.job_lifecycle import JobLifecycle, preferences
from controller.sandbox.request import OperationRequest
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

RUNTIME = 86400
INPUTS = "ProcessingInputs"
OUTPUTS = "ProcessingOutputConfig"


def _outputs(request: OperationRequest) -> list[Json]:
    outputs: list[Json] = request.params.get(OUTPUTS, {}).get("Outputs", [])
    return outputs


def _groups_exist(request: OperationRequest) -> None:
    for output in _outputs(request):
        name = output.get("FeatureStoreOutput", {}).get("FeatureGroupName")
        if name is not None:
            arn = FEATURE_GROUP.arn(request.account, request.knobs, name)
            if request.find(arn) is None:
                raise FEATURE_GROUP.missing.refusal(arn=arn, name=name)


def _names_differ(request: OperationRequest) -> None:
    for noun, names in (
        ("input", [one["InputName"] for one in request.params.get(INPUTS, ())]),
        ("output", [one["OutputName"] for one in _outputs(request)]),
    ):
        if len(set(names)) != len(names):
            raise invalid(f"The {noun} names of a processing job must be unique.")


def _one_source(request: OperationRequest) -> None:
    for one in request.params.get(INPUTS, ()):
        if len([name for name in ("S3Input", "DatasetDefinition") if name in one]) != 1:
            raise invalid(
                f"Exactly one of S3Input and DatasetDefinition must be provided for input {one['InputName']}."
            )


def _parts_fit(request: OperationRequest) -> None:
    """Enforce the API reference's rules on paths, outputs and instances; the messages are our own."""
    for one in request.params.get(INPUTS, ()):
        if "S3Input" in one and "LocalPath" not in one["S3Input"] and not one.get("AppManaged"):
            raise invalid(f"LocalPath is required for input {one['InputName']} unless AppManaged is True.")
    for one in _outputs(request):
        if "FeatureStoreOutput" in one and not one.get("AppManaged"):
            raise invalid(f"FeatureStoreOutput of output {one['OutputName']} requires AppManaged.")
    cluster = request.params["ProcessingResources"]["ClusterConfig"]
    if ("InstanceType" in cluster) == bool(cluster.get("InstancePreferences")):
        raise invalid("Exactly one of InstanceType and InstancePreferences must be specified.")
    preferences(cluster.get("InstancePreferences", []))


def _with_defaults(one: Json) -> Json:
    made: Json = {"AppManaged": False} | one
    if "S3Input" in one:
        defaults = {"S3DataDistributionType": "FullyReplicated", "S3CompressionType": "None"}
        made["S3Input"] = defaults | one["S3Input"]
    return made


def _initial(request: OperationRequest) -> Json:
    made: Json = {
        "StoppingCondition": request.params.get("StoppingCondition", {"MaxRuntimeInSeconds": RUNTIME})
    }
    if INPUTS in request.params:
        made[INPUTS] = [_with_defaults(one) for one in request.params[INPUTS]]
    if OUTPUTS in request.params:
        outputs = [{"AppManaged": False} | one for one in _outputs(request)]
        made[OUTPUTS] = request.params[OUTPUTS] | {"Outputs": outputs}
    return made


def _marks(_: OperationRequest, word: str, _at: float, body: Json) -> Json:
    # The container writes /opt/ml/output/message; here it repeats the service's reason.
    return {"ExitMessage": body["FailureReason"]} if word == RUN.states.failed else {}


RUN = JobLifecycle(
    noun="processing job",
    status="ProcessingJobStatus",
    course=lambda run, request: run.simple(request, request.knobs.job_starting, request.knobs.job_working),
    halt=lambda request: request.knobs.job_stopping,
    began="ProcessingStartTime",
    ended="ProcessingEndTime",
    marks=_marks,
)
PROCESSING_JOB = SandboxKind(
    name="ProcessingJob",
    path="processing-job",
    missing=Phrase("ValidationException", "Could not find requested job with name: {name}"),
    exists=Phrase(
        "ResourceInUse",
        "Job name must be unique within an AWS account and region, and a job with this name already exists "
        "({arn})",
    ),
    # Delete declares ResourceInUse; its message is not known.
    busy=Phrase("ResourceInUse", "The processing job {arn} is in progress and cannot be deleted."),
    listing=ListDefaults(key="ProcessingJobSummaries"),
    life=RUN.life,
    guards=(_names_differ, _one_source, _parts_fit, _groups_exist),
    initial=_initial,
    grow=RUN.grow,
    stop=RUN.stop,
    follows=(follow,),
)
