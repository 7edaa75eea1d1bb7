"""HyperParameterTuningJob: starts training jobs in search of the best hyperparameters, once."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from controller.kinds.columns import BY_PIPELINE, Body, Generations, JobRun, Link, ServiceMade
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import Detail, DisplayColumn
from controller.kinds.effects import STOPPED, Fleet
from controller.kinds.job_rules import channel_source, stopping_condition_rules, training_resources
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Excludes, If, Requires, Rule, Unique

_ONE, _MANY = "TrainingJobDefinition", "TrainingJobDefinitions"
_DEFINITIONS = (_ONE, f"{_MANY}[]")
_RANGES = (
    "IntegerParameterRanges",
    "ContinuousParameterRanges",
    "CategoricalParameterRanges",
    "AutoParameters",
)
_CONFIG = "HyperParameterTuningJobConfig"


def _of_definition(within: str) -> Iterator[Rule]:
    """Rules of one training definition; those of a training job apply to it as well."""
    yield Choice(
        ("TrainingImage", "AlgorithmName"),
        within=f"{within}.AlgorithmSpecification",
        source="API reference, HyperParameterAlgorithmSpecification",
    )
    yield Choice(
        ("ResourceConfig", "HyperParameterTuningResourceConfig"),
        within=within,
        source="API reference, HyperParameterTrainingJobDefinition: ResourceConfig",
    )
    yield from training_resources(f"{within}.ResourceConfig")
    flexible = f"{within}.HyperParameterTuningResourceConfig"
    source = "API reference, HyperParameterTuningResourceConfig: InstanceConfigs"
    yield Choice(("InstanceType", "InstanceConfigs"), within=flexible, source=source)
    for member in ("InstanceCount", "VolumeSizeInGB"):
        yield Excludes(member, (If("InstanceConfigs"),), within=flexible, source=source)
    yield from stopping_condition_rules(f"{within}.StoppingCondition")
    yield from channel_source(f"{within}.InputDataConfig[].DataSource")
    wait = "StoppingCondition.MaxWaitTimeInSeconds"
    spot = If("EnableManagedSpotTraining", (True,))
    yield Requires(wait, (spot,), within=within, source="as for a training job")
    no_spot = If("EnableManagedSpotTraining", (True,), holds=False)
    yield Excludes(wait, (no_spot,), within=within, source="as for a training job")


_RULES = (
    Choice((_ONE, _MANY), source="Terraform provider and API reference, CreateHyperParameterTuningJob"),
    *(rule for within in _DEFINITIONS for rule in _of_definition(within)),
    Unique((_MANY,), "DefinitionName", source="API reference, HyperParameterTrainingJobDefinition"),
    Excludes(
        f"{_CONFIG}.StrategyConfig",
        (If(f"{_CONFIG}.Strategy", ("Hyperband",), holds=False),),
        source="API reference, HyperParameterTuningJobConfig: StrategyConfig",
    ),
    Excludes(
        f"{_CONFIG}.TrainingJobEarlyStoppingType",
        (If(f"{_CONFIG}.Strategy", ("Hyperband",)), If(f"{_CONFIG}.TrainingJobEarlyStoppingType", ("Auto",))),
        source="API reference, HyperParameterTuningJobConfig: TrainingJobEarlyStoppingType",
    ),
)


def _submitted_definition(definition: Body) -> dict[str, Any]:
    """A definition without the hyperparameters that the service adds: their names begin with an underscore.

    Sources: the Terraform provider's aws_sagemaker_hyper_parameter_tuning_job, ACK's custom_delta of the kind.
    """
    static = definition.get("StaticHyperParameters")
    if static is None:
        return dict(definition)
    kept = {name: value for name, value in static.items() if not name.startswith("_")}
    bare = {name: value for name, value in definition.items() if name != "StaticHyperParameters"}
    return {**bare, "StaticHyperParameters": kept} if kept else bare


def _single_definition(body: Body) -> Any:
    return _submitted_definition(body[_ONE]) if body.get(_ONE) else None


def _all_definitions(body: Body) -> Any:
    return [_submitted_definition(each) for each in body[_MANY]] if body.get(_MANY) else None


def _best_job_text(job: Body) -> str:
    metric = job.get("FinalHyperParameterTuningJobObjectiveMetric", {})
    return f"{job.get('TrainingJobName', '?')}: {metric.get('MetricName', '?')} {metric.get('Value', '?')}"


def _counters_text(counters: Body) -> str:
    """The training jobs by their state."""
    failed = sum(int(counters.get(name, 0)) for name in ("RetryableError", "NonRetryableError"))
    names = ("Completed", "InProgress", "Stopped")
    done, active, stopped = (int(counters.get(name, 0)) for name in names)
    return f"completed {done}, in progress {active}, stopped {stopped}, failed {failed}"


HYPER_PARAMETER_TUNING_JOB = Kind(
    name="HyperParameterTuningJob",
    identity=KindIdentity(
        links=(
            *(Link(f"{within}.AlgorithmSpecification.AlgorithmName", "Algorithm") for within in _DEFINITIONS),
            Link(
                "WarmStartConfig.ParentHyperParameterTuningJobs[].HyperParameterTuningJobName",
                "HyperParameterTuningJob",
            ),
        ),
        made=(BY_PIPELINE, ServiceMade("an AutoML job", name=r".+-tuning-job-1-[0-9a-f]{32}")),
    ),
    compare=Compare(
        reads=MappingProxyType({_ONE: _single_definition, _MANY: _all_definitions}),
        unordered=tuple(
            f"{within}.VpcConfig.{member}"
            for within in _DEFINITIONS
            for member in ("SecurityGroupIds", "Subnets")
        ),
        keyed=MappingProxyType(
            {
                **{f"{_CONFIG}.ParameterRanges.{ranges}": "Name" for ranges in _RANGES},
                **{
                    f"{within}.HyperParameterRanges.{ranges}": "Name"
                    for within in _DEFINITIONS
                    for ranges in _RANGES
                },
                **{f"{within}.InputDataConfig": "ChannelName" for within in _DEFINITIONS},
            }
        ),
        # ACK's sagemaker-controller and the Terraform provider, what they late-initialise or compute.
        defaults=MappingProxyType(
            {
                f"{_CONFIG}.TrainingJobEarlyStoppingType": "Off",
                f"{_CONFIG}.ResourceLimits.MaxNumberOfTrainingJobs": ServiceValue.CHOSEN,
                f"{_CONFIG}.ResourceLimits.MaxRuntimeInSeconds": ServiceValue.CHOSEN,
                **{
                    f"{within}.{member}": value
                    for within in _DEFINITIONS
                    for member, value in (
                        ("EnableNetworkIsolation", False),
                        ("EnableInterContainerTrafficEncryption", False),
                        ("EnableManagedSpotTraining", False),
                        ("AlgorithmSpecification.MetricDefinitions", ServiceValue.CHOSEN),
                        ("ResourceConfig.InstanceCount", 1),
                        ("OutputDataConfig.CompressionType", "GZIP"),
                        ("InputDataConfig[].CompressionType", "None"),
                        ("InputDataConfig[].RecordWrapperType", "None"),
                        ("StoppingCondition.MaxRuntimeInSeconds", 86400),
                    )
                },
            }
        ),
    ),
    write=Write(rules=_RULES),
    lifecycle=Lifecycle(
        consequences=(STOPPED,),
        fleets=(Fleet(f"{_ONE}.ResourceConfig"), Fleet(f"{_MANY}[].ResourceConfig")),
        runs=JobRun(stop="StopHyperParameterTuningJob"),
        generations=Generations(),
    ),
    display=Display(
        columns=(
            DisplayColumn("TrainingJobStatusCounters", _counters_text),
            DisplayColumn("BestTrainingJob", _best_job_text),
        ),
        details=(
            Detail(
                "training-jobs",
                "ListTrainingJobsForHyperParameterTuningJob",
                "TrainingJobSummaries",
                columns=("TrainingJobName", "TrainingJobStatus", "FailureReason"),
                span=("TrainingStartTime", "TrainingEndTime"),
            ),
        ),
    ),
)
