"""TrainingJob: trains a model, once; a few settings can be changed while it runs or while its pool is warm."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.effects import STOPPED, Fleet
from controller.kinds.filled import Filled
from controller.kinds.kind import BY_PIPELINE, Body, By, Delta, Kind, Link, Made, Runs, Succession
from controller.kinds.telling import Show
from controller.kinds.tracked import TRACKED


def _metric(last: Body) -> str:
    return f"{last.get('MetricName', '?')} {last.get('Value', '?')}"


TRAINING_JOB = Kind(
    name="TrainingJob",
    plural="TrainingJobs",
    links=(
        Link("AlgorithmSpecification.AlgorithmName", "Algorithm"),
        Link("ModelPackageConfig.ModelPackageGroupArn", "ModelPackageGroup", By.ARN),
        *TRACKED,
    ),
    unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets"),
    keyed=MappingProxyType(
        {
            "InputDataConfig": "ChannelName",
            "DebugRuleConfigurations": "RuleConfigurationName",
            "ProfilerRuleConfigurations": "RuleConfigurationName",
        }
    ),
    deltas=MappingProxyType({"ProfilerRuleConfigurations": Delta(add="ProfilerRuleConfigurations")}),
    # UpdateTrainingJob takes the profiler only of a running job and the warm pool only of a finished one, and
    # never both in one call (ACK's sagemaker-controller, pkg/resource/training_job/custom_update.go).
    timely=MappingProxyType(
        {
            "ProfilerConfig": Phase.CHANGING,
            "ProfilerRuleConfigurations": Phase.CHANGING,
            "RemoteDebugConfig": Phase.CHANGING,
            "ResourceConfig": Phase.READY,
        }
    ),
    consequences=(STOPPED,),
    fleets=(Fleet("ResourceConfig"), Fleet("ResourceConfig.InstanceGroups[]", named="InstanceGroupName")),
    shows=(Show("SecondaryStatus"), Show("FinalMetricDataList", _metric)),
    runs=Runs(stop="StopTrainingJob"),
    succession=Succession(),
    # ACK's sagemaker-controller, pkg/resource/training_job/custom_delta.go, and what it captured; built-in
    # algorithms bring their metrics, and some Regions add a profiler.
    defaults=MappingProxyType(
        {
            "EnableNetworkIsolation": False,
            "EnableInterContainerTrafficEncryption": False,
            "EnableManagedSpotTraining": False,
            "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries": False,
            "AlgorithmSpecification.MetricDefinitions": Filled.CHOSEN,
            "OutputDataConfig.CompressionType": "GZIP",
            "InputDataConfig[].CompressionType": "None",
            "InputDataConfig[].RecordWrapperType": "None",
            "StoppingCondition.MaxRuntimeInSeconds": 86400,
            "DebugRuleConfigurations[].VolumeSizeInGB": 0,
            "ProfilerRuleConfigurations[].VolumeSizeInGB": 0,
            "ProfilerConfig": Filled.CHOSEN,
            "ProfilerRuleConfigurations": Filled.CHOSEN,
        }
    ),
    made=(
        Made("a hyperparameter tuning job", "TuningJobArn"),
        Made("an AutoML job", "AutoMLJobArn"),
        Made("a labeling job", "LabelingJobArn"),
        BY_PIPELINE,
    ),
)
