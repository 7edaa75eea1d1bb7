"""LabelingJob: people label a dataset, once. It can be neither changed nor deleted."""

from types import MappingProxyType

from controller.core.phase import Action
from controller.kinds.columns import Body, Generations, JobRun, Link, TargetForm
from controller.kinds.defaults import OneOf
from controller.kinds.display import DisplayColumn, OtherList
from controller.kinds.effects import Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Form, If, Requires

_NAME = "API reference, CreateLabelingJob: LabelAttributeName"
_TASK = "HumanTaskConfig.PreHumanTaskLambdaArn"
_PUBLIC = (If("HumanTaskConfig.WorkteamArn", like=".*:workteam/public-crowd/.*"),)
# Built-in tasks whose labels are files, by their pre-annotation Lambda.
_FILES = (
    ".*:PRE-(Adjustment)?((3DPointCloud)?SemanticSegmentation|VideoObject(Detection|Tracking)"
    "|3DPointCloudObjectTracking)"
)
_RULES = (
    Choice(
        ("UiTemplateS3Uri", "HumanTaskUiArn"),
        within="HumanTaskConfig.UiConfig",
        source="API reference, UiConfig",
    ),
    Choice(
        ("S3DataSource", "SnsDataSource"),
        most=2,
        within="InputConfig.DataSource",
        source="API reference, CreateLabelingJob: InputConfig",
    ),
    Form("LabelAttributeName", ".*-metadata", "not end with -metadata", never=True, source=_NAME),
    Form("LabelAttributeName", ".*-ref", "end with -ref", when=(If(_TASK, like=_FILES),), source=_NAME),
    Form(
        "LabelAttributeName",
        ".*-ref",
        "not end with -ref",
        never=True,
        when=(If(_TASK, like=".*:PRE-VerificationSemanticSegmentation"),),
        source=_NAME,
    ),
    Requires(
        "HumanTaskConfig.PublicWorkforceTaskPrice",
        _PUBLIC,
        source="API reference, HumanTaskConfig: PublicWorkforceTaskPrice",
    ),
    Requires(
        "InputConfig.DataAttributes.ContentClassifiers",
        _PUBLIC,
        source="API reference, LabelingJobDataAttributes: ContentClassifiers",
    ),
)


def _progress_text(counters: Body) -> str:
    """The progress of the job; the service counts failed objects separately.

    The List of a work team's jobs counts what people labeled, and what waits for them (LabelCountersForWorkteam).
    """
    if "Total" in counters:
        return f"labeled {counters.get('HumanLabeled', 0)}/{counters['Total']} by people"
    count = {name: int(counters.get(name, 0)) for name in _COUNTERS}
    done, human, machine, failed, _ = count.values()
    return f"labeled {done}/{done + failed + count['Unlabeled']}, human {human}, machine {machine}, failed {failed}"


_COUNTERS = ("TotalLabeled", "HumanLabeled", "MachineLabeled", "FailedNonRetryableError", "Unlabeled")

LABELING_JOB = Kind(
    name="LabelingJob",
    identity=KindIdentity(
        links=(
            Link("HumanTaskConfig.WorkteamArn", "Workteam", TargetForm.ARN),
            Link("HumanTaskConfig.UiConfig.HumanTaskUiArn", "HumanTaskUi", TargetForm.ARN),
            Link("LabelingJobAlgorithmsConfig.InitialActiveLearningModelArn", "Model", TargetForm.ARN),
        ),
    ),
    compare=Compare(
        unordered=("HumanTaskConfig.TaskKeywords", "InputConfig.DataAttributes.ContentClassifiers"),
        # API reference, HumanTaskConfig: 1,000 tasks at once; 30 days for a private team, 10 in its first versions.
        defaults=MappingProxyType(
            {
                "HumanTaskConfig.MaxConcurrentTaskCount": 1000,
                "HumanTaskConfig.TaskAvailabilityLifetimeInSeconds": OneOf((2592000, 864000)),
            }
        ),
    ),
    write=Write(
        rules=_RULES,
    ),
    lifecycle=Lifecycle(
        consequences=(
            # "A job that is stopped cannot be restarted. Any results obtained before the job is stopped are placed in
            # the Amazon S3 output bucket" (API reference, StopLabelingJob)
            Consequence(
                frozenset({Action.STOP}),
                Impact.INTERRUPTS,
                "workers get no more tasks and it cannot be started again; the labels so far stay in S3",
            ),
        ),
        runs=JobRun(stop="StopLabelingJob"),
        generations=Generations(),
    ),
    display=Display(
        columns=(DisplayColumn("LabelCounters", _progress_text),),
        other_lists=(OtherList("ListLabelingJobsForWorkteam", "WorkteamArn", "Workteam"),),
    ),
)
