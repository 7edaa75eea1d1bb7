"""ProcessingJob: runs a container over data, once."""

from types import MappingProxyType

from controller.kinds.effects import STOPPED, Fleet
from controller.kinds.kind import BY_PIPELINE, Kind, Link, Made, Runs, Succession
from controller.kinds.tracked import TRACKED

PROCESSING_JOB = Kind(
    name="ProcessingJob",
    plural="ProcessingJobs",
    links=(
        Link("ProcessingOutputConfig.Outputs[].FeatureStoreOutput.FeatureGroupName", "FeatureGroup"),
        *TRACKED,
    ),
    unordered=("NetworkConfig.VpcConfig.SecurityGroupIds", "NetworkConfig.VpcConfig.Subnets"),
    keyed=MappingProxyType({"ProcessingInputs": "InputName", "ProcessingOutputConfig.Outputs": "OutputName"}),
    reasons=("ExitMessage",),
    consequences=(STOPPED,),
    fleets=(Fleet("ProcessingResources.ClusterConfig"),),
    runs=Runs(stop="StopProcessingJob"),
    succession=Succession(),
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
    made=(
        Made("a monitoring schedule", "MonitoringScheduleArn"),
        Made("an AutoML job", "AutoMLJobArn"),
        Made("a training job", "TrainingJobArn"),  # its debugger and profiler rules
        BY_PIPELINE,
    ),
)
