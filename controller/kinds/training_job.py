"""TrainingJob: trains a model, once; a few settings can be changed while it runs or while its pool is warm."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import (
    BY_PIPELINE,
    Body,
    Delta,
    Generations,
    JobRun,
    Link,
    ServiceMade,
    TargetForm,
)
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import STOPPED, Fleet
from controller.kinds.job_rules import channel_source, stopping_condition_rules, training_resources
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.lineage import TRACKED
from controller.kinds.rule import Choice, Excludes, If, Requires, Unique

_CREATE = "API reference, CreateTrainingJob"
_SPOT = If("EnableManagedSpotTraining", (True,))
_NO_SPOT = If("EnableManagedSpotTraining", (True,), holds=False)
_IMAGE = "AlgorithmSpecification.TrainingImageConfig"
_MODE = "TrainingRepositoryAccessMode"
_WAIT = "StoppingCondition.MaxWaitTimeInSeconds"
_RULES = (
    Choice(("AlgorithmSpecification", "ServerlessJobConfig"), most=2, source=_CREATE),
    Choice(("ResourceConfig", "ServerlessJobConfig"), most=2, source=_CREATE),
    Choice(
        ("TrainingImage", "AlgorithmName"),
        within="AlgorithmSpecification",
        source="API reference, AlgorithmSpecification",
    ),
    *training_resources("ResourceConfig"),
    *stopping_condition_rules("StoppingCondition"),
    *channel_source("InputDataConfig[].DataSource"),
    Requires(_WAIT, (_SPOT,), source="SageMaker SDK, Estimator: max_wait, and what the service says of it"),
    Excludes(_WAIT, (_NO_SPOT,), source="what the service says: EnableManagedSpotTraining must be true"),
    Excludes("ResourceConfig.InstancePreferences", (_SPOT,), source="API reference, ResourceConfig"),
    Excludes(
        "ResourceConfig.KeepAlivePeriodInSeconds",
        (_SPOT,),
        source="developer guide, SageMaker managed warm pools; how it is refused is not known",
        doubtful=True,
    ),
    # A channel is a directory of the container; that the service refuses two of one name is not documented.
    Unique(("InputDataConfig",), "ChannelName", source="developer guide, input data", doubtful=True),
    *(
        Unique((member,), "RuleConfigurationName", source="API reference, rule configurations")
        for member in ("DebugRuleConfigurations", "ProfilerRuleConfigurations")
    ),
    Excludes(
        "TrainingRepositoryAuthConfig",
        (If(_MODE, ("Vpc",), holds=False),),
        within=_IMAGE,
        source="API reference, TrainingImageConfig",
    ),
    Requires(
        "VpcConfig",
        (If(f"{_IMAGE}.{_MODE}", ("Vpc",)),),
        source="developer guide, Use a private Docker registry for training",
    ),
    Requires(
        "EvaluationType",
        (If("JobType", ("Evaluation",)),),
        within="ServerlessJobConfig",
        source="API reference, ServerlessJobConfig",
    ),
)


def _metric(last: Body) -> str:
    return f"{last.get('MetricName', '?')} {last.get('Value', '?')}"


TRAINING_JOB = Kind(
    name="TrainingJob",
    identity=KindIdentity(
        links=(
            Link("AlgorithmSpecification.AlgorithmName", "Algorithm"),
            Link("ModelPackageConfig.ModelPackageGroupArn", "ModelPackageGroup", TargetForm.ARN),
            *TRACKED,
        ),
        made=(
            ServiceMade("a hyperparameter tuning job", "TuningJobArn"),
            ServiceMade("an AutoML job", "AutoMLJobArn"),
            ServiceMade("a labeling job", "LabelingJobArn"),
            BY_PIPELINE,
        ),
    ),
    compare=Compare(
        unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets"),
        keyed=MappingProxyType(
            {
                "InputDataConfig": "ChannelName",
                "DebugRuleConfigurations": "RuleConfigurationName",
                "ProfilerRuleConfigurations": "RuleConfigurationName",
            }
        ),
        # ACK's sagemaker-controller, pkg/resource/training_job/custom_delta.go, and what it captured; built-in
        # algorithms add their metrics, and some Regions a profiler.
        defaults=MappingProxyType(
            {
                "EnableNetworkIsolation": False,
                "EnableInterContainerTrafficEncryption": False,
                "EnableManagedSpotTraining": False,
                "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries": False,
                "AlgorithmSpecification.MetricDefinitions": ServiceValue.CHOSEN,
                "OutputDataConfig.CompressionType": "GZIP",
                "InputDataConfig[].CompressionType": "None",
                "InputDataConfig[].RecordWrapperType": "None",
                "StoppingCondition.MaxRuntimeInSeconds": 86400,
                "DebugRuleConfigurations[].VolumeSizeInGB": 0,
                "ProfilerRuleConfigurations[].VolumeSizeInGB": 0,
                "ProfilerConfig": ServiceValue.CHOSEN,
                "ProfilerRuleConfigurations": ServiceValue.CHOSEN,
            }
        ),
    ),
    write=Write(
        deltas=MappingProxyType({"ProfilerRuleConfigurations": Delta(add="ProfilerRuleConfigurations")}),
        # UpdateTrainingJob takes the profiler only of a running job and the warm pool only of a finished one, and
        # never both in one call (ACK's sagemaker-controller, pkg/resource/training_job/custom_update.go).
        updatable_in_phase=MappingProxyType(
            {
                "ProfilerConfig": Phase.CHANGING,
                "ProfilerRuleConfigurations": Phase.CHANGING,
                "RemoteDebugConfig": Phase.CHANGING,
                "ResourceConfig": Phase.READY,
            }
        ),
        rules=_RULES,
    ),
    lifecycle=Lifecycle(
        progress=("SecondaryStatus",),
        consequences=(STOPPED,),
        fleets=(Fleet("ResourceConfig"), Fleet("ResourceConfig.InstanceGroups[]", named="InstanceGroupName")),
        runs=JobRun(stop="StopTrainingJob"),
        generations=Generations(),
    ),
    display=Display(
        columns=(DisplayColumn("SecondaryStatus"), DisplayColumn("FinalMetricDataList", _metric)),
    ),
)
