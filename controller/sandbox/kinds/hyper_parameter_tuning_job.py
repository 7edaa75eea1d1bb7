"""HyperParameterTuningJob: counts training jobs up to its limit, and names the best of them."""

import hashlib
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds.algorithm import ALGORITHM
from controller.sandbox.kinds.job_lifecycle import (
    JobLifecycle,
    channels,
    check_stopping_condition,
    training_resources,
    unique,
)
from controller.sandbox.lifecycle import Stage, constant
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

_ONE, _MANY, _CONFIG = "TrainingJobDefinition", "TrainingJobDefinitions", "HyperParameterTuningJobConfig"
_JOBS = 10  # of a job that limits only its time
_TICKS = 5  # how often the counters change


def _definitions(body: Json) -> list[Json]:
    return [body[_ONE]] if _ONE in body else list(body.get(_MANY, ()))


def _one_form(request: OperationRequest) -> None:
    """Refuse both forms, and neither; the message is unverified."""
    if (_ONE in request.params) == (_MANY in request.params):
        raise invalid(f"Exactly one of {_ONE} and {_MANY} must be specified.")


def _definitions_fit(request: OperationRequest) -> None:
    """Enforce the rules that a definition has in common with a training job; the messages are unverified."""
    for each in _definitions(request.params):
        algorithm = each["AlgorithmSpecification"]
        if ("TrainingImage" in algorithm) == ("AlgorithmName" in algorithm):
            raise invalid("Exactly one of TrainingImage and AlgorithmName must be specified.")
        name = algorithm.get("AlgorithmName")
        arn = ALGORITHM.arn(request.account, request.knobs, name) if name else ""
        if name and not request.is_foreign(arn) and request.find(arn) is None:
            raise invalid(f"Access denied when describing algorithm {arn}.")
        if ("ResourceConfig" in each) == ("HyperParameterTuningResourceConfig" in each):
            raise invalid(
                "Exactly one of ResourceConfig and HyperParameterTuningResourceConfig must be specified."
            )
        training_resources(each.get("ResourceConfig", {}))
        check_stopping_condition(each["StoppingCondition"])
        channels(each.get("InputDataConfig", []))


def _resources_fit(request: OperationRequest) -> None:
    """Enforce the API reference's rules on flexible resources and spot training; the messages are unverified."""
    for each in _definitions(request.params):
        flexible = each.get("HyperParameterTuningResourceConfig")
        if flexible is not None:
            if ("InstanceType" in flexible) == ("InstanceConfigs" in flexible):
                raise invalid("Exactly one of InstanceType and InstanceConfigs must be specified.")
            if "InstanceConfigs" in flexible and {"InstanceCount", "VolumeSizeInGB"} & set(flexible):
                raise invalid("InstanceCount and VolumeSizeInGB cannot be specified with InstanceConfigs.")
        waits = "MaxWaitTimeInSeconds" in each["StoppingCondition"]
        if waits != bool(each.get("EnableManagedSpotTraining")):
            raise invalid(
                "MaxWaitTimeInSeconds must be specified exactly if EnableManagedSpotTraining is true."
            )


def _strategy_fits(request: OperationRequest) -> None:
    """Enforce the API reference's rules on Hyperband; the messages are unverified."""
    config = request.params[_CONFIG]
    hyperband = config["Strategy"] == "Hyperband"
    if "StrategyConfig" in config and not hyperband:
        raise invalid("StrategyConfig can only be specified for the Hyperband strategy.")
    if hyperband and config.get("TrainingJobEarlyStoppingType") == "Auto":
        raise invalid("TrainingJobEarlyStoppingType must be Off for the Hyperband strategy.")
    unique(request.params.get(_MANY, []), "DefinitionName")


def _parents_exist(request: OperationRequest) -> None:
    for each in request.params.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", ()):
        name = each.get("HyperParameterTuningJobName", "")
        arn = HYPER_PARAMETER_TUNING_JOB.arn(request.account, request.knobs, name)
        parent = request.find(arn)
        if parent is None:
            raise HYPER_PARAMETER_TUNING_JOB.missing.refusal(arn=arn, name=name)
        if request.knobs.tuning_parents_have_ended and parent.body[RUN.status] in {"InProgress", "Stopping"}:
            raise invalid(f"The parent tuning job {name} is in status {parent.body[RUN.status]}.")


def _limit(body: Json) -> int:
    return int(body[_CONFIG]["ResourceLimits"].get("MaxNumberOfTrainingJobs", _JOBS))


def _counters(done: int, active: int = 0, stopped: int = 0) -> Json:
    counts = {
        "Completed": done,
        "InProgress": active,
        "RetryableError": 0,
        "NonRetryableError": 0,
        "Stopped": stopped,
    }
    objectives = {"Succeeded": done, "Pending": active, "Failed": 0}
    return {"TrainingJobStatusCounters": counts, "ObjectiveStatusCounters": objectives}


def _definition_with_defaults(one: Json, *, tuned: str, loses: bool) -> Json:
    """The definition as Describe returns it (ACK and the Terraform provider remove these additions)."""
    switches = (
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
    )
    made: Json = dict.fromkeys(switches, False) | one
    static = one.get("StaticHyperParameters", {})
    made["StaticHyperParameters"] = static | ({"_tuning_objective_metric": tuned} if tuned else {})
    if loses and "HyperParameterTuningResourceConfig" in made:
        made["ResourceConfig"] = made.pop("HyperParameterTuningResourceConfig")
    return made


def _initial(request: OperationRequest) -> Json:
    config = {"TrainingJobEarlyStoppingType": "Off"} | request.params[_CONFIG]
    tuned = config.get("HyperParameterTuningJobObjective", {}).get("MetricName", "")
    made: Json = {_CONFIG: config, **_counters(0)}
    if _ONE in request.params:
        made[_ONE] = _definition_with_defaults(request.params[_ONE], tuned=tuned, loses=False)
    else:
        loses = request.knobs.tuning_list_form_loses
        made[_MANY] = [
            _definition_with_defaults(
                each, tuned=each.get("TuningObjective", {}).get("MetricName", tuned), loses=loses
            )
            for each in request.params[_MANY]
        ]
    return made


def _course(run: JobLifecycle, request: OperationRequest) -> list[Stage]:
    total, tick = _limit(request.params), request.knobs.tuning_working / _TICKS
    parallel = int(request.params[_CONFIG]["ResourceLimits"]["MaxParallelTrainingJobs"])
    stages = [run.stage(request, run.states.active, tick)]
    for number in range(1, _TICKS):
        done = total * number // _TICKS
        stages.append(Stage(put=constant(_counters(done, min(parallel, total - done))), seconds=tick))
    return stages


def _marks(request: OperationRequest, word: str, _at: float, body: Json) -> Json:
    if word == RUN.states.completed:
        after = body | _counters(_limit(body))
        best = _trainings(request, after)[:1]
        return _counters(_limit(body)) | ({"BestTrainingJob": best[0]} if best else {})
    if word in {RUN.states.stopped, RUN.states.failed}:
        counts = body["TrainingJobStatusCounters"]
        return _counters(counts["Completed"], stopped=counts["InProgress"])
    return {}


def _trainings(request: OperationRequest, body: Json) -> list[Json]:
    """The training jobs that AWS would have run, best first; none of them is a resource here."""
    name, definitions = body["HyperParameterTuningJobName"], _definitions(body)
    objective = body[_CONFIG].get("HyperParameterTuningJobObjective") or definitions[0].get(
        "TuningObjective", {}
    )
    made = []
    for number in range(body["TrainingJobStatusCounters"]["Completed"]):
        digest = hashlib.sha256(f"{name}{number}".encode()).hexdigest()[:8]
        job: Json = {
            "TrainingJobName": f"{name}-{number + 1:03}-{digest}",
            "TrainingJobArn": request.account.arn(f"training-job/{name}-{number + 1:03}-{digest}"),
            "CreationTime": body["CreationTime"],
            "TrainingJobStatus": "Completed",
            "ObjectiveStatus": "Succeeded",
            "TunedHyperParameters": {},
        }
        if "DefinitionName" in definitions[number % len(definitions)]:
            job["TrainingJobDefinitionName"] = definitions[number % len(definitions)]["DefinitionName"]
        if objective:
            job["FinalHyperParameterTuningJobObjectiveMetric"] = objective | {
                "Value": round(1 / (number + 2), 3)
            }
        made.append(job)
    return made


def _list_trainings(request: OperationRequest) -> Json:
    arn = HYPER_PARAMETER_TUNING_JOB.arn_in(request)
    row = request.state.find(arn, request.now)
    if row is None:
        raise HYPER_PARAMETER_TUNING_JOB.missing.refusal(arn=arn, name=arn.rpartition("/")[2])
    status = request.params.get("StatusEquals", "Completed")
    return {"TrainingJobSummaries": _trainings(request, row.body) if status == "Completed" else []}


def _stop(request: OperationRequest, row: Row) -> Row:
    word = row.body[RUN.status]
    if word != RUN.states.active:
        # the Terraform provider searches for "already"; the rest is unverified
        raise invalid(f"The tuning job {row.name} is already in status {word}.")
    return RUN.stop(request, row)


def _item(row: Row) -> Json:
    config = row.body[_CONFIG]
    return {"Strategy": config["Strategy"], "ResourceLimits": config["ResourceLimits"]}


RUN = JobLifecycle(
    noun="tuning job",
    status="HyperParameterTuningJobStatus",
    course=_course,
    halt=lambda request: request.knobs.tuning_stopping,
    ended="HyperParameterTuningEndTime",
    marks=_marks,
)
HYPER_PARAMETER_TUNING_JOB = SandboxKind(
    name="HyperParameterTuningJob",
    path="hyper-parameter-tuning-job",
    # The first two as users quote them in issues; of the third the Terraform provider has "not in a terminal state".
    missing=Phrase(
        "ResourceNotFound", "Amazon SageMaker can't find a tuning job called {name}. Type another name."
    ),
    exists=Phrase(
        "ResourceInUse",
        "A hyperparameter tuning job with the name, {name}, already exists. Choose a different name.",
    ),
    busy=Phrase("ValidationException", "The tuning job {name} is not in a terminal state."),
    # API reference, ListHyperParameterTuningJobs: 10 by default, by name.
    listing=ListDefaults(key="HyperParameterTuningJobSummaries", sort="Name", page=10, item=_item),
    life=replace(
        RUN.life_until(lambda request: request.knobs.tuning_deleting),
        failure="FailureReason",
        delete_failed="DeleteFailed",
    ),
    guards=(_one_form, _definitions_fit, _resources_fit, _strategy_fits, _parents_exist),
    initial=_initial,
    grow=RUN.grow,
    stop=_stop,
    reads={"ListTrainingJobsForHyperParameterTuningJob": _list_trainings},
)
