"""AutoMLJobV2: Autopilot. It names the jobs and the endpoint that AWS would make; none of them is created here.

Jobs of the first version share its names, its Stop and its List; the sandbox has none.
"""

from controller.sandbox import lifecycle
from controller.sandbox.kind import ListDefaults, SandboxKind, Verb
from controller.sandbox.kinds.job_lifecycle import JobLifecycle
from controller.sandbox.lifecycle import Stage, constant
from controller.sandbox.listing import page
from controller.sandbox.request import OperationRequest
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

PROBLEM, OBJECTIVE, DEPLOYED = "AutoMLProblemTypeConfig", "AutoMLJobObjective", "ModelDeployConfig"
SECONDARY = "AutoMLJobSecondaryStatus"
# The default objectives, by problem (API reference, AutoMLJobObjective); fine-tuned text generation has none.
METRICS = {
    "ImageClassification": "Accuracy",
    "TextClassification": "Accuracy",
    "TimeSeriesForecasting": "AverageWeightedQuantileLoss",
    "Tabular": "F1",
}
SEVERAL = 250  # candidates of a tabular job without criteria for them; API reference, AutoMLCandidate
CANDIDATES = 100


def _problem(params: Json) -> str:
    (name,) = params[PROBLEM]
    return str(name).removesuffix("JobConfig")


def _one_problem(request: OperationRequest) -> None:
    if len(request.params[PROBLEM]) != 1:
        raise invalid(f"Exactly one problem type must be specified in {PROBLEM}.")


def _objective_fits(request: OperationRequest) -> None:
    tabular = request.params[PROBLEM].get("TabularJobConfig")
    if tabular is not None and ("ProblemType" in tabular) != (OBJECTIVE in request.params):
        raise invalid(f"Both ProblemType and {OBJECTIVE} must be specified for tabular problems, or neither.")


def _parts_fit(request: OperationRequest) -> None:
    problem = _problem(request.params)
    (config,) = request.params[PROBLEM].values()
    if problem != "Tabular" and config.get("CompletionCriteria", {}).get("MaxCandidates", 1) > 1:
        raise invalid(f"MaxCandidates must be 1 for the problem type {problem}.")
    if problem == "TimeSeriesForecasting" and "DataSplitConfig" in request.params:
        raise invalid("DataSplitConfig cannot be specified for time-series forecasting.")
    deployed = request.params.get(DEPLOYED)
    if deployed is not None and bool(deployed.get("AutoGenerateEndpointName")) == (
        "EndpointName" in deployed
    ):
        raise invalid("EndpointName must be specified if and only if AutoGenerateEndpointName is False.")


def _name_differs_by_more_than_case(request: OperationRequest) -> None:
    name = request.params["AutoMLJobName"]
    for row in request.rows_of("AutoMLJobV2"):
        if row.name.lower() == name.lower() and row.name != name:
            raise AUTO_ML_JOB_V2.exists.refusal(arn=row.arn, name=row.name)


def _initial(request: OperationRequest) -> Json:
    channel = {"ChannelType": "training", "CompressionType": "None"}
    made: Json = {
        "AutoMLJobInputDataConfig": [channel | one for one in request.params["AutoMLJobInputDataConfig"]],
        "AutoMLProblemTypeConfigName": _problem(request.params),
    }
    if "DataSplitConfig" in request.params:
        made["DataSplitConfig"] = {"ValidationFraction": 0.2} | request.params["DataSplitConfig"]
    return made


def _course(run: JobLifecycle, request: OperationRequest) -> list[Stage]:
    statuses = ("Starting", "AnalyzingData", "FeatureEngineering", "ModelTuning")
    last = len(statuses) - 1
    times = [request.knobs.job_starting, *[request.knobs.auto_ml_working / last] * last]
    return [
        Stage(put=constant({run.status: run.states.active, SECONDARY: word}), seconds=seconds)
        for word, seconds in zip(statuses, times, strict=True)
    ]


def _candidate(body: Json, at: float) -> Json:
    made: Json = {
        "CandidateName": f"{body['AutoMLJobName']}-1",
        "ObjectiveStatus": "Succeeded",
        "CandidateSteps": [],
        "CandidateStatus": "Completed",
        "CreationTime": body["CreationTime"],
        "LastModifiedTime": at,
    }
    metric = _objective(body)
    final = {"FinalAutoMLJobObjectiveMetric": {"MetricName": metric, "Value": 0.9}} if metric else {}
    return made | final


def _objective(body: Json) -> str | None:
    given: str | None = body.get(OBJECTIVE, {}).get("MetricName")
    return given or METRICS.get(_problem(body))


def _marks(_: OperationRequest, word: str, at: float, body: Json) -> Json:
    made: Json = {SECONDARY: word}
    if word != RUN.states.completed:
        return made
    (config,) = body[PROBLEM].values()
    criteria = {"MaxCandidates": SEVERAL if _problem(body) == "Tabular" else 1} | config.get(
        "CompletionCriteria", {}
    )
    metric = _objective(body)
    resolved: Json = {"CompletionCriteria": criteria} | (
        {OBJECTIVE: {"MetricName": metric}} if metric else {}
    )
    if body.get(DEPLOYED):
        name = body[DEPLOYED].get("EndpointName", f"{body['AutoMLJobName']}-endpoint")
        made["ModelDeployResult"] = {"EndpointName": name}
    return made | {"BestCandidate": _candidate(body, at), "ResolvedAttributes": resolved}


def _stop(request: OperationRequest) -> Json:
    return lifecycle.stop(AUTO_ML_JOB_V2, RUN.stop, request)


def _candidates(request: OperationRequest) -> Json:
    """Answer ListCandidatesForAutoMLJob: the best candidate, if there is one yet; filters are ignored."""
    row = request.find(AUTO_ML_JOB_V2.arn_in(request))
    if row is None:
        raise AUTO_ML_JOB_V2.missing.refusal(arn="", name=request.params["AutoMLJobName"])
    best = row.body.get("BestCandidate")
    shown, token = page(
        [best] if best and request.params.get("StatusEquals", "Completed") == "Completed" else [],
        key=lambda one: one["CandidateName"],
        size=request.params.get("MaxResults", CANDIDATES),
        token=request.params.get("NextToken"),
        question=row.name,
    )
    return {"Candidates": shown, "NextToken": token}


RUN = JobLifecycle(
    noun="AutoML job",
    status="AutoMLJobStatus",
    course=_course,
    halt=lambda request: request.knobs.job_stopping,
    ended="EndTime",
    marks=_marks,
)
AUTO_ML_JOB_V2 = SandboxKind(
    name="AutoMLJobV2",
    path="automl-job",
    name_member="AutoMLJobName",
    arn_member="AutoMLJobArn",
    # As quoted in aws/amazon-sagemaker-examples#2244 of DescribeAutoMLJob; the second by analogy with similar kinds.
    missing=Phrase("ResourceNotFound", "Amazon SageMaker can't find an AutoML job called {name}."),
    exists=Phrase(
        "ResourceInUse", "An AutoML job with the name {name} already exists. Choose a different name."
    ),
    busy=Phrase("ResourceInUse", "AutoML job {arn} is in use."),
    listing=ListDefaults(key="AutoMLJobSummaries", sort="Name", order="Descending"),
    life=RUN.life,
    guards=(_one_problem, _objective_fits, _parts_fit, _name_differs_by_more_than_case),
    initial=_initial,
    grow=RUN.grow,
    reads={"ListCandidatesForAutoMLJob": _candidates},
    acts={"StopAutoMLJob": _stop},
    called={Verb.LIST: "ListAutoMLJobs"},
)
