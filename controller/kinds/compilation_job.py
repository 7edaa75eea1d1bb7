"""CompilationJob: compiles a model for a device, once. Its statuses are in capitals."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import Generations, JobRun, JsonDocument, Link, TargetForm
from controller.kinds.effects import STOPPED
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice

COMPILATION_JOB = Kind(
    name="CompilationJob",
    identity=KindIdentity(
        links=(Link("ModelPackageVersionArn", "ModelPackage", TargetForm.ARN),),
    ),
    compare=Compare(
        unordered=("VpcConfig.SecurityGroupIds", "VpcConfig.Subnets"),
        # API reference, InputConfig and OutputConfig: their examples use Python's syntax.
        documents=MappingProxyType(
            {
                "InputConfig.DataInputConfig": JsonDocument(python_literal=True),
                "OutputConfig.CompilerOptions": JsonDocument(python_literal=True),
            }
        ),
        # The default of an empty condition; a day as for the other jobs (unverified).
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
        runs=JobRun(stop="StopCompilationJob", stopped=("STOPPED",)),
        generations=Generations(),
    ),
)
