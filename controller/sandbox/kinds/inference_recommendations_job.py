"""InferenceRecommendationsJob: load tests, with one step for each endpoint configuration.

The model declares the error codes of its refusals; the messages are not published, and those here are our own.
"""

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.kinds.job_lifecycle import JobLifecycle, JobStates
from controller.sandbox.kinds.model import MODEL
from controller.sandbox.listing import page
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

LONGEST = 18000  # API reference, RecommendationJobInputConfig: JobDurationInSeconds
DEFAULT_MACHINE = "ml.m5.large"
NAME_KEPT = 40  # API reference, CreateInferenceRecommendationsJob: JobName, the part in created names
STEPS = 100
METRICS = {"CostPerHour": 0.25, "CostPerInference": 0.0001, "MaxInvocations": 600, "ModelLatency": 40}
FILTERED = {"ModelNameEquals": "ModelName", "ModelPackageVersionArnEquals": "ModelPackageVersionArn"}


def _one_model(request: OperationRequest) -> None:
    given = [
        name for name in ("ModelName", "ModelPackageVersionArn") if name in request.params["InputConfig"]
    ]
    if len(given) != 1:
        raise invalid("Exactly one of ModelName and ModelPackageVersionArn must be specified in InputConfig.")


def _duration_fits(request: OperationRequest) -> None:
    if request.params["InputConfig"].get("JobDurationInSeconds", 0) > LONGEST:
        raise invalid(f"JobDurationInSeconds cannot exceed {LONGEST} seconds.")


def _parts_exist(request: OperationRequest) -> None:
    given = request.params["InputConfig"]
    name, package = given.get("ModelName"), given.get("ModelPackageVersionArn")
    if name is not None and request.find(arn := MODEL.arn(request.account, request.knobs, name)) is None:
        raise invalid(f'Could not find model "{arn}".')
    if package is not None and not request.is_foreign(package) and request.find(package) is None:
        raise invalid(f"Model package {package} does not exist.")
    for one in given.get("Endpoints", ()):
        endpoint = ENDPOINT.arn(request.account, request.knobs, one.get("EndpointName", ""))
        if request.find(endpoint) is None:
            raise invalid(f'Could not find endpoint "{endpoint}".')


def _benchmarks(body: Json) -> list[Json]:
    """Return the benchmarks: one for each given configuration, else one on an instance type of the service's choice."""
    machines = body["InputConfig"].get("EndpointConfigurations", [{"InstanceType": DEFAULT_MACHINE}])
    name = body["JobName"][:NAME_KEPT]
    return [
        {
            "Metrics": METRICS,
            "EndpointConfiguration": {
                "EndpointName": f"{name}-{number}",
                "VariantName": "main",
                **{k: one[k] for k in ("InstanceType", "ServerlessConfig") if k in one},
                **({"InitialInstanceCount": 1} if "InstanceType" in one else {}),
            },
            "ModelConfiguration": {k: one[k] for k in ("InferenceSpecificationName",) if k in one},
        }
        for number, one in enumerate(machines, 1)
    ]


def _marks(_: OperationRequest, word: str, _at: float, body: Json) -> Json:
    if word != RUN.states.completed:
        return {}
    made: Json = {
        "InferenceRecommendations": [
            {"RecommendationId": f"{body['JobName'][:NAME_KEPT]}-{number}", **one}
            for number, one in enumerate(_benchmarks(body), 1)
        ]
    }
    used = body["InputConfig"].get("Endpoints")
    if used:
        measured = {"MaxInvocations": METRICS["MaxInvocations"], "ModelLatency": METRICS["ModelLatency"]}
        made["EndpointPerformances"] = [{"Metrics": measured, "EndpointInfo": used[0]}]
    return made


def _steps(request: OperationRequest) -> Json:
    """Answer ListInferenceRecommendationsJobSteps: each benchmark has the status of the job."""
    row = request.find(INFERENCE_RECOMMENDATIONS_JOB.arn_in(request))
    if row is None:
        raise INFERENCE_RECOMMENDATIONS_JOB.missing.refusal(arn="", name=request.params["JobName"])
    status, desired = row.body["Status"], request.params.get("Status")
    steps = [
        {"StepType": "BENCHMARK", "JobName": row.name, "Status": status, "InferenceBenchmark": one}
        for one in _benchmarks(row.body)
        if desired in (None, status)
    ]
    shown, token = page(
        list(enumerate(steps)),
        key=lambda one: one[0],
        size=request.params.get("MaxResults", STEPS),
        token=request.params.get("NextToken"),
        question=[row.name, desired],
    )
    return {"Steps": [step for _, step in shown], "NextToken": token}


def _item(row: Row) -> Json:
    """The members from the input; the description is required, even if there is none."""
    given = row.body["InputConfig"]
    payload = given.get("ContainerConfig", {}).get("PayloadConfig", {})
    return {
        "JobDescription": row.body.get("JobDescription", ""),
        **{name: given[name] for name in FILTERED.values() if name in given},
        **({"SamplePayloadUrl": payload["SamplePayloadUrl"]} if "SamplePayloadUrl" in payload else {}),
    }


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    given = row.body["InputConfig"]
    return all(
        given.get(member) == request.params[name]
        for name, member in FILTERED.items()
        if name in request.params
    )


RUN = JobLifecycle(
    noun="inference recommendations job",
    status="Status",
    course=lambda run, request: run.simple(
        request, request.knobs.job_starting, request.knobs.recommendation_working
    ),
    halt=lambda request: request.knobs.job_stopping,
    ended="CompletionTime",
    states=JobStates("PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "STOPPING", "STOPPED"),
    marks=_marks,
)
INFERENCE_RECOMMENDATIONS_JOB = SandboxKind(
    name="InferenceRecommendationsJob",
    path="inference-recommendations-job",
    name_member="JobName",
    arn_member="JobArn",
    missing=Phrase("ResourceNotFound", "Could not find inference recommendations job '{name}'."),
    exists=Phrase("ResourceInUse", "Inference recommendations job {arn} already exists."),
    busy=Phrase("ResourceInUse", "Inference recommendations job {arn} is in use."),
    listing=ListDefaults(
        key="InferenceRecommendationsJobs",
        row_filter=_matches_filters,
        filtered=frozenset(FILTERED),
        item=_item,
    ),
    life=RUN.life,
    instructions=frozenset({"OutputConfig"}),  # Describe never returns it
    guards=(_one_model, _duration_fits, _parts_exist),
    grow=RUN.grow,
    stop=RUN.stop,
    reads={"ListInferenceRecommendationsJobSteps": _steps},
)
