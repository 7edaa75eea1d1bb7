"""LabelingJob, and the HumanTaskUi of its workers."""

import hashlib
import re
from dataclasses import dataclass

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.job_lifecycle import JobLifecycle, JobStates
from controller.sandbox.lifecycle import Stage, constant
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid
from controller.sandbox.tags import as_list


def _initial(request: OperationRequest) -> Json:
    digest = hashlib.sha256(request.params["UiTemplate"]["Content"].encode()).hexdigest()
    account, name = request.account, request.params["HumanTaskUiName"]
    url = (
        f"https://sagemaker-sandbox.s3.{account.region}.amazonaws.com/{account.account}/{name}/{digest[:16]}"
    )
    return {"UiTemplate": {"Url": url, "ContentSha256": digest}}


HUMAN_TASK_UI = SandboxKind(
    name="HumanTaskUi",
    path="human-task-ui",
    # The code is modelled; no public source has the messages of any of these three.
    missing=Phrase("ResourceNotFound", "Could not find human task UI '{name}'."),
    exists=Phrase("ResourceInUse", "Human task UI {arn} already exists."),
    busy=Phrase("ResourceInUse", "Human task UI {arn} is being deleted."),
    listing=ListDefaults(key="HumanTaskUiSummaries"),
    life=StateSequence(
        status="HumanTaskUiStatus",
        stable="Active",
        deletion_seconds=lambda request: request.knobs.human_task_ui_deleting,
        busy=frozenset({"Deleting"}),
    ),
    modified=None,
    initial=_initial,
)


PRIVATE = "workteam/private-crowd/"
PUBLIC = "workteam/public-crowd/"
AWS_OWNED_UIS = "394669845002"  # the account of the user interfaces that AWS offers
VERIFICATION = "VerificationSemanticSegmentation"
# Tasks whose label attribute is a reference to a file, by the name of their pre-annotation Lambda.
# The list is that of LabelAttributeName's documentation.
REFERRING = re.compile(
    "(?:Adjustment)?(?:(?:3DPointCloud)?SemanticSegmentation|VideoObject(?:Detection|Tracking)"
    "|3DPointCloudObjectTracking)"
)
TICKS = 10  # how often the counters of a job change
PRIVATE_LIFETIME = 2592000
PUBLIC_LIFETIME = 21600


@dataclass(frozen=True)
class Labels:
    """The progress of a job."""

    total: int
    done: int = 0

    def counters(self) -> Json:
        """Counters that are consistent: people label all that is labeled."""
        return {
            "LabelCounters": {
                "TotalLabeled": self.done,
                "HumanLabeled": self.done,
                "MachineLabeled": 0,
                "FailedNonRetryableError": 0,
                "Unlabeled": self.total - self.done,
            }
        }


def _team_exists(request: OperationRequest) -> None:
    arn = request.params["HumanTaskConfig"]["WorkteamArn"]
    if PRIVATE in arn and request.find(arn) is None:  # vendor and public teams are in other accounts
        raise invalid(f"The work team {arn} does not exist.")


def _one_ui(request: OperationRequest) -> None:
    ui = request.params["HumanTaskConfig"]["UiConfig"]
    if len(ui) != 1:
        raise invalid("Exactly one of UiTemplateS3Uri and HumanTaskUiArn must be provided in UiConfig.")
    arn = ui.get("HumanTaskUiArn")
    if arn is not None and arn.split(":")[4] != AWS_OWNED_UIS and request.find(arn) is None:
        raise HUMAN_TASK_UI.missing.refusal(arn=arn, name=arn.rpartition("/")[2])


def _has_a_source(request: OperationRequest) -> None:
    if not request.params["InputConfig"]["DataSource"]:  # a streaming job may have both (CreateLabelingJob)
        raise invalid("At least one of S3DataSource and SnsDataSource must be provided.")


def _attribute_fits(request: OperationRequest) -> None:
    """Enforce the documented rules of LabelAttributeName; the task is identified by its pre-annotation Lambda."""
    name = request.params["LabelAttributeName"]
    task = request.params["HumanTaskConfig"].get("PreHumanTaskLambdaArn", "").rpartition("PRE-")[2]
    if name.endswith("-metadata"):
        raise invalid("LabelAttributeName must not end with -metadata.")
    if REFERRING.fullmatch(task) and not name.endswith("-ref"):
        raise invalid(f"LabelAttributeName must end with -ref for task type {task}.")
    if VERIFICATION in task and name.endswith("-ref"):
        raise invalid(f"LabelAttributeName must not end with -ref for task type {task}.")


def _public_needs(request: OperationRequest) -> None:
    task = request.params["HumanTaskConfig"]
    if PUBLIC not in task["WorkteamArn"]:
        return
    if "PublicWorkforceTaskPrice" not in task:
        raise invalid("PublicWorkforceTaskPrice is required for the public workforce.")
    if not request.params["InputConfig"].get("DataAttributes", {}).get("ContentClassifiers"):
        raise invalid("ContentClassifiers are required for the public workforce.")


def _labeling_job_initial(request: OperationRequest) -> Json:
    given, task = request.params, request.params["HumanTaskConfig"]
    lifetime = PUBLIC_LIFETIME if PUBLIC in task["WorkteamArn"] else PRIVATE_LIFETIME
    made: Json = {
        "JobReferenceCode": f"{request.state.count('job reference codes'):012x}",
        "OutputConfig": {"KmsKeyId": ""} | given["OutputConfig"],
        "HumanTaskConfig": {
            "MaxConcurrentTaskCount": 1000,
            "TaskAvailabilityLifetimeInSeconds": lifetime,
        }
        | task,
        "StoppingConditions": given.get("StoppingConditions", {}),
    }
    if "LabelingJobAlgorithmsConfig" in given:
        resources: Json = {"LabelingJobResourceConfig": {}}
        made["LabelingJobAlgorithmsConfig"] = resources | given["LabelingJobAlgorithmsConfig"]
    return made | Labels(0).counters()


def _streams(job: Json) -> bool:
    return "SnsDataSource" in job["InputConfig"]["DataSource"]


def _course(run: JobLifecycle, request: OperationRequest) -> list[Stage]:
    starting = run.stage(request, run.states.queued, request.knobs.labeling_initializing)
    if _streams(request.params):
        return [starting, run.working(request, request.knobs.labeling_idle)]
    total, tick = request.knobs.labeling_objects, request.knobs.labeling_working / TICKS
    # No public source has the time when Unlabeled is first known; here it is when the work begins.
    begun = Stage(put=constant({run.status: run.states.active} | Labels(total).counters()), seconds=tick)
    ticks = [
        Stage(put=constant(Labels(total, total * tick_number // TICKS).counters()), seconds=tick)
        for tick_number in range(1, TICKS)
    ]
    return [starting, begun, *ticks]


def _marks(request: OperationRequest, word: str, _at: float, body: Json) -> Json:
    made: Json = {}
    if word == RUN.states.completed:
        made = Labels(request.knobs.labeling_objects, request.knobs.labeling_objects).counters()
    if word in {RUN.states.completed, RUN.states.stopped}:
        stem = f"{body['OutputConfig']['S3OutputPath'].rstrip('/')}/{body['LabelingJobName']}"
        made["LabelingJobOutput"] = {"OutputDatasetS3Uri": f"{stem}/manifests/output/output.manifest"}
    return made


def _describe_response(_: OperationRequest, row: Row) -> Json:
    return row.body | {"Tags": as_list(row.tags)}  # the only kind whose Describe has them


def _item(row: Row) -> Json:
    task = row.body["HumanTaskConfig"]
    consolidation = task.get("AnnotationConsolidationConfig", {})
    hoisted = {name: task[name] for name in ("WorkteamArn", "PreHumanTaskLambdaArn") if name in task}
    return {**hoisted, **consolidation}


def _of_team(request: OperationRequest, row: Row) -> bool:
    return bool(row.body["HumanTaskConfig"]["WorkteamArn"] == request.params["WorkteamArn"])


def _team_is_known(request: OperationRequest) -> None:
    arn = request.params["WorkteamArn"]
    if PRIVATE in arn and request.state.find(arn, request.now) is None:
        # The code is modelled, the message is not known.
        raise ServiceError("ResourceNotFound", f"The work team {arn} does not exist.")


def _team_item(row: Row) -> Json:
    counters, task = row.body["LabelCounters"], row.body["HumanTaskConfig"]
    human, left = counters["HumanLabeled"], counters["Unlabeled"]
    return {
        "WorkRequesterAccountId": row.arn.split(":")[4],
        "NumberOfHumanWorkersPerDataObject": task["NumberOfHumanWorkersPerDataObject"],
        "LabelCounters": {"HumanLabeled": human, "PendingHuman": left, "Total": human + left},
    }


RUN = JobLifecycle(
    noun="labeling job",
    status="LabelingJobStatus",
    course=_course,
    halt=lambda request: request.knobs.labeling_stopping,
    states=JobStates(queued="Initializing"),
    marks=_marks,
    good=lambda run, request: run.states.stopped if _streams(request.params) else run.states.completed,
    stops_queued=lambda request: request.knobs.labeling_stops_initializing,
)
LABELING_JOB = SandboxKind(
    name="LabelingJob",
    path="labeling-job",
    # The codes are modelled; no public source has the messages of the first two.
    missing=Phrase("ResourceNotFound", "Could not find labeling job '{name}'."),
    exists=Phrase(
        "ResourceInUse",
        "Labeling job names must be unique within an AWS account and region, and a labeling job with "
        "this name already exists ({arn})",
    ),
    busy=Phrase("ResourceInUse", "The labeling job {arn} is in use."),
    listing=ListDefaults(key="LabelingJobSummaryList", item=_item),
    life=RUN.life,
    guards=(_team_exists, _one_ui, _has_a_source, _attribute_fits, _public_needs),
    initial=_labeling_job_initial,
    grow=RUN.grow,
    shown=_describe_response,
    stop=RUN.stop,
    views={
        "ListLabelingJobsForWorkteam": ListDefaults(
            key="LabelingJobSummaryList",
            row_filter=_of_team,
            filtered=frozenset({"WorkteamArn"}),
            item=_team_item,
            guards=(_team_is_known,),
        )
    },
)
