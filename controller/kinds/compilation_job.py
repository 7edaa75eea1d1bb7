"""CompilationJob: compiles a model for a device, once. Its status words are in capitals."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import By, Document, Link, Runs, Succession
from controller.kinds.effects import STOPPED
from controller.kinds.kind import Compare, Identity, Kind, Lifecycle, Write
from controller.kinds.rule import Choice

COMPILATION_JOB = Kind(
    name="CompilationJob",
    identity=Identity(
        links=(Link("ModelPackageVersionArn", "ModelPackage", By.ARN),),
    ),
    compare=Compare(
        unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets"),
        # API reference, InputConfig and OutputConfig: their examples are written as Python writes them.
        documents=MappingProxyType(
            {
                "InputConfig.DataInputConfig": Document(python_literal=True),
                "OutputConfig.CompilerOptions": Document(python_literal=True),
            }
        ),
        # Filled into an empty condition; a day as for the other jobs (unverified).
        defaults=MappingProxyType({"StoppingCondition.MaxRuntimeInSeconds": 86400}),
    ),
    write=Write(
        rules=(
            Choice(("InputConfig", "ModelPackageVersionArn"), source="API reference, CreateCompilationJob"),
            Choice(
                ("OutputConfig.TargetDevice", "OutputConfig.TargetPlatform"),
                source="API reference, OutputConfig",
            ),
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
        runs=Runs(stop="StopCompilationJob", stopped="STOPPED"),
        succession=Succession(),
    ),
)
