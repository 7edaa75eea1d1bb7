"""ProcessingJob: runs a container over data, once."""

from types import MappingProxyType

from controller.kinds.columns import BY_PIPELINE, Generations, JobRun, Link, ServiceMade
from controller.kinds.effects import STOPPED, Fleet
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.lineage import TRACKED
from controller.kinds.rule import Choice, Excludes, If, Requires, Uniform, Unique

_CLUSTER = "ProcessingResources.ClusterConfig"
_OUTPUTS = "ProcessingOutputConfig.Outputs"
_NOT_MANAGED = If("AppManaged", (True,), holds=False)
_RULES = (
    Choice(
        ("S3Input", "DatasetDefinition"),
        within="ProcessingInputs[]",
        source="API reference, ProcessingInput; that it is one of them is unverified",
    ),
    Requires(
        "S3Input.LocalPath",
        (If("S3Input"), _NOT_MANAGED),
        within="ProcessingInputs[]",
        source="API reference, ProcessingS3Input: LocalPath",
    ),
    Excludes(
        "FeatureStoreOutput",
        (_NOT_MANAGED,),
        within=f"{_OUTPUTS}[]",
        source="API reference, ProcessingOutput: FeatureStoreOutput",
    ),
    Unique(("ProcessingInputs",), "InputName", source="API reference, ProcessingInput: InputName"),
    Unique((_OUTPUTS,), "OutputName", source="API reference, ProcessingOutput: OutputName"),
    Choice(
        ("InstanceType", "InstancePreferences"),
        within=_CLUSTER,
        source="API reference, ProcessingClusterConfig: InstancePreferences",
    ),
    Uniform(
        "InstancePreferences",
        "InstanceCount",
        within=_CLUSTER,
        source="API reference, ProcessingInstancePreference",
    ),
)

PROCESSING_JOB = Kind(
    name="ProcessingJob",
    identity=KindIdentity(
        links=(
            Link("ProcessingOutputConfig.Outputs[].FeatureStoreOutput.FeatureGroupName", "FeatureGroup"),
            *TRACKED,
        ),
        made=(
            ServiceMade("a monitoring schedule", "MonitoringScheduleArn"),
            ServiceMade("an AutoML job", "AutoMLJobArn"),
            ServiceMade("a training job", "TrainingJobArn"),  # its debugger and profiler rules
            BY_PIPELINE,
        ),
    ),
    compare=Compare(
        unordered=("NetworkConfig.VpcConfig.SecurityGroupIds", "NetworkConfig.VpcConfig.Subnets"),
        keyed=MappingProxyType(
            {"ProcessingInputs": "InputName", "ProcessingOutputConfig.Outputs": "OutputName"}
        ),
        # ACK's sagemaker-controller, pkg/resource/processing_job, late initialised.
        defaults=MappingProxyType(
            {
                "StoppingCondition.MaxRuntimeInSeconds": 86400,
                "ProcessingInputs[].AppManaged": False,
                "ProcessingInputs[].S3Input.S3DataDistributionType": "FullyReplicated",
                "ProcessingInputs[].S3Input.S3CompressionType": "None",
                "ProcessingOutputConfig.Outputs[].AppManaged": False,
            }
        ),
    ),
    write=Write(
        rules=_RULES,
    ),
    lifecycle=Lifecycle(
        reasons=("ExitMessage",),
        consequences=(STOPPED,),
        fleets=(Fleet("ProcessingResources.ClusterConfig"),),
        runs=JobRun(stop="StopProcessingJob"),
        generations=Generations(),
    ),
)
