"""CompilationJob: compiles a model for a device, once. Its status words are in capitals."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.effects import STOPPED
from controller.kinds.kind import By, Kind, Link, Runs, Succession

COMPILATION_JOB = Kind(
    name="CompilationJob",
    plural="CompilationJobs",
    links=(Link("ModelPackageVersionArn", "ModelPackage", By.ARN),),
    unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets"),
    documents=("InputConfig.DataInputConfig", "OutputConfig.CompilerOptions"),
    exactly_one_of=(("InputConfig", "ModelPackageVersionArn"),),
    words=MappingProxyType(
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
