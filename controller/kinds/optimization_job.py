"""OptimizationJob: quantizes, compiles or shards a model for inference, once. Its statuses are in capitals."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import Generations, JobRun, Link
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import STOPPED
from controller.kinds.job_rules import stopping_condition_rules
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice

_TECHNIQUES = (
    "ModelQuantizationConfig",
    "ModelCompilationConfig",
    "ModelShardingConfig",
    "ModelSpeculativeDecodingConfig",
)

OPTIMIZATION_JOB = Kind(
    name="OptimizationJob",
    identity=KindIdentity(
        # OutputConfig.SageMakerModel names a model that the job makes: no link.
        links=(Link("ModelSource.SageMakerModel.ModelName", "Model"),),
    ),
    compare=Compare(
        # The order of OptimizationConfigs is that of the techniques' application.
        unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets"),
        # API reference, StoppingCondition: a day by default.
        defaults=MappingProxyType({"StoppingCondition.MaxRuntimeInSeconds": 86400}),
    ),
    write=Write(
        rules=(
            Choice(
                ("S3", "SageMakerModel"),
                within="ModelSource",
                source="API reference, OptimizationJobModelSource; that it is one of them is unverified",
            ),
            # the model declares it as a union
            Choice(_TECHNIQUES, within="OptimizationConfigs[]", source="API reference, OptimizationConfig"),
            *stopping_condition_rules("StoppingCondition"),
        ),
    ),
    lifecycle=Lifecycle(
        status_phases=MappingProxyType(
            {
                "STARTING": Phase.CHANGING,
                "INPROGRESS": Phase.CHANGING,
                "STOPPING": Phase.CHANGING,
                "COMPLETED": Phase.READY,
                "FAILED": Phase.FAILED,
                "STOPPED": Phase.FAILED,
            }
        ),
        consequences=(STOPPED,),
        runs=JobRun(stop="StopOptimizationJob", stopped=("STOPPED",)),
        generations=Generations(),
    ),
    display=Display(columns=(DisplayColumn("DeploymentInstanceType"),)),
)
