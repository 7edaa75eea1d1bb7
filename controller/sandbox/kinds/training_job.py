"""TrainingJob: has secondary statuses, writes a model to S3, and may keep its instances warm."""

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds import job_lifecycle, training_update
from controller.sandbox.kinds.algorithm import ALGORITHM
from controller.sandbox.kinds.experiment import follow
from controller.sandbox.kinds.job_lifecycle import JobLifecycle
from controller.sandbox.kinds.model import training_image_is_reachable
from controller.sandbox.kinds.model_package_group import MODEL_PACKAGE_GROUP
from controller.sandbox.kinds.training_update import change, is_available, pool_of, update_is_valid
from controller.sandbox.lifecycle import Put, Stage, constant, enter_stages
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

RUNTIME = 86400
MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
}
OVER = frozenset({"Completed", "Failed", "Stopped", "MaxRuntimeExceeded"})


def _one_algorithm(request: OperationRequest) -> None:
    algorithm, serverless = (
        request.params.get("AlgorithmSpecification"),
        "ServerlessJobConfig" in request.params,
    )
    if algorithm is None:
        if not serverless:
            raise invalid("AlgorithmSpecification must be provided.")
        return
    given = [name for name in ("TrainingImage", "AlgorithmName") if name in algorithm]
    if len(given) != 1:
        raise invalid("Exactly one of TrainingImage and AlgorithmName must be provided.")
    name = algorithm.get("AlgorithmName")
    if name is not None:
        _must_exist(request, ALGORITHM, ALGORITHM.arn(request.account, request.knobs, name))


def _image_is_reachable(request: OperationRequest) -> None:
    if request.knobs.image_needs_ecr:
        training_image_is_reachable(request.params.get("AlgorithmSpecification", {}))


def _has_instances(request: OperationRequest) -> None:
    if "ResourceConfig" not in request.params and "ServerlessJobConfig" not in request.params:
        raise invalid("ResourceConfig must be provided.")


def _parts_fit(request: OperationRequest) -> None:
    given, resources = request.params, request.params.get("ResourceConfig", {})
    job_lifecycle.training_resources(resources)
    job_lifecycle.channels(given.get("InputDataConfig", []))
    for member in ("DebugRuleConfigurations", "ProfilerRuleConfigurations"):
        job_lifecycle.unique(given.get(member, []), "RuleConfigurationName")
    image = given.get("AlgorithmSpecification", {}).get("TrainingImageConfig", {})
    if image.get("TrainingRepositoryAccessMode") == "Vpc":
        if "VpcConfig" not in given:
            raise invalid("VpcConfig is required when TrainingRepositoryAccessMode is Vpc.")
    elif "TrainingRepositoryAuthConfig" in image:
        raise invalid("TrainingRepositoryAuthConfig requires TrainingRepositoryAccessMode Vpc.")
    serverless = given.get("ServerlessJobConfig", {})
    if serverless.get("JobType") == "Evaluation" and "EvaluationType" not in serverless:
        raise invalid("EvaluationType is required when the serverless job type is Evaluation.")
    if request.knobs.unsupported_is_refused:
        job_lifecycle.unique(given.get("InputDataConfig", []), "ChannelName")


def _spot_fits(request: OperationRequest) -> None:
    """Enforce the rules of managed spot training; MaxWaitTimeInSeconds has the service's message, others our own."""
    limits = request.params.get("StoppingCondition", {})
    resources = request.params.get("ResourceConfig", {})
    job_lifecycle.check_stopping_condition(limits)
    if not request.params.get("EnableManagedSpotTraining"):
        if "MaxWaitTimeInSeconds" in limits:
            raise invalid("MaxWaitTimeInSeconds requires EnableManagedSpotTraining to be True.")
        return
    if "MaxWaitTimeInSeconds" not in limits:
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds"
        )
    if resources.get("InstancePreferences"):
        raise invalid("InstancePreferences cannot be specified with EnableManagedSpotTraining.")
    if "KeepAlivePeriodInSeconds" in resources and request.knobs.unsupported_is_refused:
        raise invalid("Warm pools are not supported with managed spot training.")


def _group_exists(request: OperationRequest) -> None:
    arn = request.params.get("ModelPackageConfig", {}).get("ModelPackageGroupArn")
    if arn is not None:
        _must_exist(request, MODEL_PACKAGE_GROUP, arn)


def _must_exist(request: OperationRequest, kind: SandboxKind, arn: str) -> None:
    if not request.is_foreign(arn) and request.find(arn) is None:  # those of other accounts are not checked
        raise kind.missing.refusal(arn=arn, name=arn.rpartition("/")[2])


def _initial(request: OperationRequest) -> Json:
    given = request.params
    switches = (
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
        "EnableNetworkIsolation",
    )
    made: Json = {name: given.get(name, False) for name in switches}
    made["OutputDataConfig"] = {"KmsKeyId": "", "CompressionType": "GZIP"} | given["OutputDataConfig"]
    made["StoppingCondition"] = {"MaxRuntimeInSeconds": RUNTIME} | given.get("StoppingCondition", {})
    if "AlgorithmSpecification" in given:
        unrequested = {"EnableSageMakerMetricsTimeSeries": False}
        made["AlgorithmSpecification"] = unrequested | given["AlgorithmSpecification"]
    if "InputDataConfig" in given:
        plain = {"CompressionType": "None", "RecordWrapperType": "None"}
        made["InputDataConfig"] = [plain | channel for channel in given["InputDataConfig"]]
    for member, evaluations in training_update.EVALUATIONS.items():
        if given.get(member):
            made[member] = [{"VolumeSizeInGB": 0} | rule for rule in given[member]]
            job = given["TrainingJobName"]
            made[evaluations] = training_update.new_evaluations(
                request.account, job, given[member], request.now
            )
    plan = given.get("ResourceConfig", {}).get("TrainingPlanArn")  # a top member of List items
    made |= {} if plan is None else {"TrainingPlanArn": plan}
    return made | _profiler_members(request)


def _profiler_members(request: OperationRequest) -> Json:
    if "ProfilerConfig" in request.params:
        disabled = request.params["ProfilerConfig"].get("DisableProfiler", False)
        return {"ProfilingStatus": "Disabled" if disabled else "Enabled"}
    if not request.knobs.adds_profiler:
        return {}
    path = request.params["OutputDataConfig"]["S3OutputPath"]
    return {"ProfilerConfig": {"S3OutputPath": path}, "ProfilingStatus": "Enabled"}


def _with_secondary_status(body: Json, at: float, word: str) -> Json:
    """Return the members with a new secondary status; the previous one has ended."""
    past: list[Json] = body.get("SecondaryStatusTransitions", [])
    closed = [one if "EndTime" in one else one | {"EndTime": at} for one in past]
    message = MESSAGES.get(word, str(body.get("FailureReason", word)))
    result: Json = {"Status": word, "StartTime": at, "StatusMessage": message}
    if word in OVER:
        result["EndTime"] = at
    return {"SecondaryStatus": word, "SecondaryStatusTransitions": [*closed, result]}


def _secondary(word: str) -> Put:
    return lambda at, body: _with_secondary_status(body, at, word)


def _runtime(request: OperationRequest) -> float:
    limit = request.params.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", RUNTIME)
    return min(float(limit), request.knobs.training_working)


def _is_cut_short(request: OperationRequest) -> bool:
    return _runtime(request) < request.knobs.training_working


def _course(run: JobLifecycle, request: OperationRequest) -> list[Stage]:
    knobs = request.knobs

    def created(at: float, body: Json) -> Json:
        return {run.status: run.states.active} | _with_secondary_status(body, at, "Starting")

    def downloading(at: float, body: Json) -> Json:
        return (
            {"TrainingStartTime": at}
            | _with_secondary_status(body, at, "Downloading")
            | pool_of(request.params, "InUse")
        )

    return [
        Stage(put=created, seconds=knobs.training_starting),
        Stage(put=downloading, seconds=knobs.training_downloading),
        Stage(put=_secondary("Training"), seconds=_runtime(request)),
        Stage(put=_secondary("Uploading"), seconds=knobs.training_uploading),
    ]


def _marks(_: OperationRequest, word: str, at: float, body: Json) -> Json:
    cut = word == RUN.states.stopped and body["SecondaryStatus"] != RUN.states.stopping
    made = _with_secondary_status(
        body, at, "MaxRuntimeExceeded" if cut else word
    ) | training_update.with_evaluations(body, word, at)
    if word != RUN.states.stopping and "TrainingStartTime" in body:
        seconds = max(1, int(at - body["TrainingStartTime"]))
        made |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
    if word == RUN.states.completed or cut:
        made |= _artifacts(body)
    if word in {RUN.states.failed, RUN.states.stopped} and "WarmPoolStatus" in body:
        made["WarmPoolStatus"] = {"Status": "Terminated"}  # whether AWS keeps it warm is not documented
    return made


def _artifacts(body: Json) -> Json:
    output = body["OutputDataConfig"]
    ending = "model.tar.gz" if output["CompressionType"] == "GZIP" else "model/"
    path = f"{output['S3OutputPath'].rstrip('/')}/{body['TrainingJobName']}/output/{ending}"
    return {"ModelArtifacts": {"S3ModelArtifacts": path}}


def _grow(request: OperationRequest, row: Row) -> Row:
    """Run the job; if it completes, its warm pool stays available for a while."""
    keep = request.params.get("ResourceConfig", {}).get("KeepAlivePeriodInSeconds", 0)
    if not keep or request.effect.fails is not None or _is_cut_short(request):
        return RUN.grow(request, row)
    stages = [
        *_course(RUN, request),
        RUN.stage(request, RUN.states.completed),
        Stage(put=constant(pool_of(request.params, "Available")), seconds=keep),
        Stage(put=constant(pool_of(request.params, "Terminated", spent=keep))),
    ]
    return enter_stages(request, row, stages, RUN.modified)


def _pool_is_gone(_: OperationRequest, row: Row) -> None:
    if is_available(row.body):
        # The rule is documented; the message is not.
        raise ServiceError(
            "ResourceInUse", f"The training job {row.arn} retains a warm pool and cannot be deleted."
        )


RUN = JobLifecycle(
    noun="training job",
    status="TrainingJobStatus",
    course=_course,
    halt=lambda request: request.knobs.training_stopping,
    began="TrainingStartTime",
    ended="TrainingEndTime",
    marks=_marks,
    good=lambda run, request: run.states.stopped if _is_cut_short(request) else run.states.completed,
)
TRAINING_JOB = SandboxKind(
    name="TrainingJob",
    path="training-job",
    missing=Phrase("ValidationException", "Requested resource not found."),
    exists=Phrase(
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, and a training job with this "
        "name already exists ({arn})",
    ),
    # Delete declares ResourceInUse; its message is not known.
    busy=Phrase("ResourceInUse", "The training job {arn} is in progress and cannot be deleted."),
    listing=ListDefaults(key="TrainingJobSummaries"),
    life=RUN.life_until(deletion_seconds=lambda request: request.knobs.training_deleting),
    guards=(_one_algorithm, _image_is_reachable, _has_instances, _parts_fit, _spot_fits, _group_exists),
    update_guards=(update_is_valid,),
    delete_guards=(_pool_is_gone,),
    initial=_initial,
    grow=_grow,
    stop=RUN.stop,
    change=change,
    follows=(follow,),
)
