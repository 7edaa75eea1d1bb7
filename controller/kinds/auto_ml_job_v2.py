"""AutoMLJobV2: finds and trains a model for a data set, once. Its record stays, so its name is never free again."""

from collections.abc import Iterator
from types import MappingProxyType

from controller.core.phase import Action
from controller.kinds.columns import Generations, JobRun, Verbs
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import Detail, DisplayColumn
from controller.kinds.effects import STOPPED, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Excludes, If, InRange, Requires, Rule

_CONFIG = "AutoMLProblemTypeConfig"
_TABULAR, _SERIES = f"{_CONFIG}.TabularJobConfig", f"{_CONFIG}.TimeSeriesForecastingJobConfig"
_SINGLE = (
    "ImageClassificationJobConfig",
    "TextClassificationJobConfig",
    "TimeSeriesForecastingJobConfig",
    "TextGenerationJobConfig",
)
_OBJECTIVE = "API reference, CreateAutoMLJobV2: AutoMLJobObjective"
_GENERATED = If("AutoGenerateEndpointName", (True,))


def _rules() -> Iterator[Rule]:
    yield Choice(
        (*_SINGLE, "TabularJobConfig"),
        within=_CONFIG,
        source="API reference, AutoMLProblemTypeConfig: a union",
    )
    for problem in _SINGLE:
        yield InRange(
            "MaxCandidates",
            1,
            1,
            within=f"{_CONFIG}.{problem}.CompletionCriteria",
            source="API reference, AutoMLJobCompletionCriteria: MaxCandidates",
        )
    yield Requires("AutoMLJobObjective", (If(f"{_TABULAR}.ProblemType"),), source=_OBJECTIVE)
    yield Requires(f"{_TABULAR}.ProblemType", (If("AutoMLJobObjective"), If(_TABULAR)), source=_OBJECTIVE)
    yield Excludes(
        "DataSplitConfig", (If(_SERIES),), source="API reference, CreateAutoMLJobV2: DataSplitConfig"
    )
    deployed = "API reference, ModelDeployConfig: EndpointName"
    yield Excludes("EndpointName", (_GENERATED,), within="ModelDeployConfig", source=deployed)
    named = If("AutoGenerateEndpointName", (True,), holds=False)
    yield Requires("EndpointName", (named,), within="ModelDeployConfig", source=deployed)


AUTO_ML_JOB_V2 = Kind(
    name="AutoMLJobV2",
    identity=KindIdentity(
        # The List shows jobs of the first version too, which DescribeAutoMLJobV2 describes (API reference).
        verbs=Verbs(list="ListAutoMLJobs"),
        arns=("automl-job/{}",),
    ),
    compare=Compare(
        unordered=(
            "SecurityConfig.VpcConfig.SecurityGroupIds",
            "SecurityConfig.VpcConfig.Subnets",
        ),
        # API reference, AutoMLJobChannel, AutoMLDataSplitConfig and ModelDeployConfig. Other defaults are in
        # ResolvedAttributes, which no spec has.
        defaults=MappingProxyType(
            {
                "AutoMLJobInputDataConfig[].ChannelType": "training",
                "AutoMLJobInputDataConfig[].CompressionType": "None",
                "AutoMLJobInputDataConfig[].ContentType": ServiceValue.CHOSEN,
                "DataSplitConfig.ValidationFraction": 0.2,
                "ModelDeployConfig.AutoGenerateEndpointName": False,
            }
        ),
    ),
    write=Write(
        rules=tuple(_rules()),
    ),
    lifecycle=Lifecycle(
        status="AutoMLJobStatus",
        progress=("AutoMLJobSecondaryStatus",),
        consequences=(
            STOPPED,
            # API reference, ModelDeployResult: the endpoint outlives the job, and no document declares it.
            Consequence(
                frozenset({Action.CREATE, Action.CREATE_BEFORE_DELETE}),
                Impact.STARTS,
                "the best model is deployed to an endpoint that nothing here deletes",
                sent="ModelDeployConfig",
            ),
        ),
        runs=JobRun(stop="StopAutoMLJob"),
        generations=Generations(),
    ),
    display=Display(
        columns=(DisplayColumn("AutoMLJobSecondaryStatus"),),
        details=(
            Detail(
                "candidates",
                "ListCandidatesForAutoMLJob",
                "Candidates",
                columns=("CandidateName", "CandidateStatus", "ObjectiveStatus"),
            ),
        ),
    ),
)
