"""TransformJob: a batch inference, once."""

from types import MappingProxyType

from controller.kinds.columns import BY_PIPELINE, Generations, JobRun, Link, ServiceMade
from controller.kinds.effects import STOPPED, Fleet
from controller.kinds.job_rules import transform
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.lineage import TRACKED

TRANSFORM_JOB = Kind(
    name="TransformJob",
    identity=KindIdentity(
        links=(Link("ModelName", "Model"), *TRACKED),
        made=(
            ServiceMade("an AutoML job", "AutoMLJobArn"),
            ServiceMade("a labeling job", "LabelingJobArn"),
            BY_PIPELINE,
        ),
    ),
    compare=Compare(
        # Captured by ACK's sagemaker-controller; the last four from the API reference,
        # CreateTransformJob and ModelClientConfig.
        defaults=MappingProxyType(
            {
                "DataProcessing.InputFilter": "$",
                "DataProcessing.OutputFilter": "$",
                "DataProcessing.JoinSource": "None",
                "TransformInput.CompressionType": "None",
                "TransformInput.SplitType": "None",
                "TransformOutput.AssembleWith": "None",
                "MaxConcurrentTransforms": 1,
                "MaxPayloadInMB": 6,
                "ModelClientConfig.InvocationsTimeoutInSeconds": 600,
                "ModelClientConfig.InvocationsMaxRetries": 3,
            }
        ),
    ),
    write=Write(
        rules=tuple(transform()),
    ),
    lifecycle=Lifecycle(
        consequences=(STOPPED,),
        fleets=(Fleet("TransformResources"),),
        runs=JobRun(stop="StopTransformJob"),
        generations=Generations(),
    ),
)
