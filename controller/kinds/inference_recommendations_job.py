"""InferenceRecommendationsJob: load tests of a model that recommend instances for it, once."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import Generations, JobRun, JsonDocument, Link, TargetForm
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import STOPPED
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, InRange

INFERENCE_RECOMMENDATIONS_JOB = Kind(
    name="InferenceRecommendationsJob",
    identity=KindIdentity(
        links=(
            Link("InputConfig.ModelName", "Model"),
            Link("InputConfig.ModelPackageVersionArn", "ModelPackage", TargetForm.ARN),
            Link("InputConfig.Endpoints[].EndpointName", "Endpoint"),
        ),
    ),
    compare=Compare(
        unordered=(
            "InputConfig.ContainerConfig.SupportedInstanceTypes",
            "InputConfig.VpcConfig.SecurityGroupIds",
            "InputConfig.VpcConfig.Subnets",
        ),
        # API reference, RecommendationJobContainerConfig: "a JSON dictionary form".
        documents=MappingProxyType({"InputConfig.ContainerConfig.DataInputConfig": JsonDocument()}),
        # API reference, RecommendationJobStoppingConditions: FlatInvocations.
        defaults=MappingProxyType({"StoppingConditions.FlatInvocations": "Stop"}),
    ),
    write=Write(
        rules=(
            # Neither is required in the model; the SageMaker SDK for Python requires exactly one.
            Choice(
                ("ModelName", "ModelPackageVersionArn"),
                within="InputConfig",
                source="aws/sagemaker-python-sdk#3688",
            ),
            InRange(
                "JobDurationInSeconds",
                1,
                18000,
                within="InputConfig",
                source="API reference, RecommendationJobInputConfig: JobDurationInSeconds",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        # SageMaker's guide, Get an inference recommendation: up to 45 minutes
        usual_seconds=2700,
        status_phases=MappingProxyType(
            {
                "PENDING": Phase.CHANGING,
                "IN_PROGRESS": Phase.CHANGING,
                "STOPPING": Phase.CHANGING,
                "DELETING": Phase.DELETING,
                "COMPLETED": Phase.READY,
                "FAILED": Phase.FAILED,
                "STOPPED": Phase.FAILED,
                "DELETED": Phase.ABSENT,
            }
        ),
        consequences=(STOPPED,),
        runs=JobRun(stop="StopInferenceRecommendationsJob", stopped=("STOPPED",)),
        generations=Generations(),
    ),
    display=Display(columns=(DisplayColumn("JobType"),)),
)
