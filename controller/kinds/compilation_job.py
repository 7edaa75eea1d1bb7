"""CompilationJob: compiles a model for a device, once. Its status words are in capitals."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.effects import STOPPED
from controller.kinds.kind import By, Kind, Link, Runs, Succession
from controller.kinds.rule import Choice

COMPILATION_JOB = Kind(
    name="CompilationJob",
    plural="CompilationJobs",
    links=(Link("ModelPackageVersionArn", "ModelPackage", By.ARN),),
    unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets"),
    documents=("InputConfig.DataInputConfig", "OutputConfig.CompilerOptions"),
    # API reference, InputConfig and OutputConfig: their examples are written as Python writes them.
    quoted=("InputConfig.DataInputConfig", "OutputConfig.CompilerOptions"),
    rules=(
        Choice(("InputConfig", "ModelPackageVersionArn"), source="API reference, CreateCompilationJob"),
        Choice(
            ("OutputConfig.TargetDevice", "OutputConfig.TargetPlatform"), source="API reference, OutputConfig"
        ),
    ),
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
    runs=Runs(stop="StopCompilationJob", stopped="STOPPED"),
    succession=Succession(),
    # Filled into an empty condition; a day as for the other jobs (unverified).
    defaults=MappingProxyType({"StoppingCondition.MaxRuntimeInSeconds": 86400}),
)
