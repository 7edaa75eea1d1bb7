"""Resources of other services in members of requests: alarms, roles, images, objects and quotas.

They are listed by shapes of SageMaker's service model, so that one line applies to all kinds: ``RoleArn`` is the shape
of every role that SageMaker assumes, ``AlarmName`` that of every alarm. Where a shape has other uses too (``S3Uri`` is
one for inputs and outputs), or one use is different, the member is named with its structure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class External(Enum):
    """What a member names; the value is its name in findings."""

    ALARM = "alarm"
    ROLE = "role"
    IMAGE = "image"
    OBJECT = "object"
    INSTANCE = "instance type"


SHAPES: Mapping[str, External] = MappingProxyType(
    {
        "AlarmName": External.ALARM,
        "RoleArn": External.ROLE,
        **dict.fromkeys(
            ("ContainerImage", "AlgorithmImage", "ImageUri", "ImageBaseImage", "OptimizationContainerImage"),
            External.IMAGE,
        ),
        "S3ModelUri": External.OBJECT,
    }
)

# By structure and member; None for a member that is an exception of its shape.
MEMBERS: Mapping[str, External | None] = MappingProxyType(
    {
        # Roles that another service assumes: EMR Serverless, Amazon Bedrock, Amazon Forecast, Amazon Redshift,
        # AWS CloudFormation; and one of another account, which cannot be read (API reference of each structure).
        **dict.fromkeys(
            (
                "CfnCreateTemplateProvider.RoleARN",
                "EmrServerlessComputeConfig.ExecutionRoleARN",
                "EmrServerlessSettings.ExecutionRoleArn",
                "GenerativeAiSettings.AmazonBedrockRoleArn",
                "ModelRegisterSettings.CrossAccountModelRegisterRoleArn",
                "RedshiftDatasetDefinition.ClusterRoleArn",
                "TimeSeriesForecastingSettings.AmazonForecastRoleArn",
            )
        ),
        # Model artifacts, and inputs that a job reads first.
        **dict.fromkeys(
            (
                "ContainerDefinition.ModelDataUrl",
                "ModelPackageContainerDefinition.ModelDataUrl",
                "SourceAlgorithm.ModelDataUrl",
                "OptimizationJobModelSourceS3.S3Uri",
                "InputConfig.S3Uri",
                "S3DataSource.S3Uri",
                "TransformS3DataSource.S3Uri",
                "ProcessingS3Input.S3Uri",
                "AutoMLS3DataSource.S3Uri",
                "LabelingJobS3DataSource.ManifestS3Uri",
                "UiConfig.UiTemplateS3Uri",
            ),
            External.OBJECT,
        ),
    }
)


# The element Action of a policy's statement; defined here, because it is a kind's name as well.
ALLOWED = "Action"


@dataclass(frozen=True)
class InstanceQuota:
    """The quota that a structure's instances count towards.

    Fields:
        usage: the end of the quota's name, after the instance type: ``ml.m5.large for endpoint usage`` (Amazon
            SageMaker endpoints and quotas, AWS General Reference).
        count: the member with their number; empty for one.
        spot: the member of the request that makes them Spot instances, which have a quota of their own.
    """

    usage: str
    count: str = ""
    spot: str = ""


_TRAINING = InstanceQuota("training job usage", "InstanceCount", spot="EnableManagedSpotTraining")
_PROCESSING = InstanceQuota("processing job usage", "InstanceCount")

# By structure; its member is ``InstanceType``.
INSTANCES: Mapping[str, InstanceQuota] = MappingProxyType(
    {
        "ProductionVariant": InstanceQuota("endpoint usage", "InitialInstanceCount"),
        "ResourceConfig": _TRAINING,
        "InstanceGroup": _TRAINING,
        "ProcessingClusterConfig": _PROCESSING,
        "MonitoringClusterConfig": _PROCESSING,
        "TransformResources": InstanceQuota("transform job usage", "InstanceCount"),
        "CreateNotebookInstanceInput": InstanceQuota("notebook instance usage"),
        "UpdateNotebookInstanceInput": InstanceQuota("notebook instance usage"),
        "ClusterInstanceGroupSpecification": InstanceQuota("cluster usage", "InstanceCount"),
    }
)

# Members beside an S3 URI whose value makes it the prefix of objects (API reference: S3DataType, ContainerMode).
PREFIXES: Mapping[str, str] = MappingProxyType({"S3DataType": "S3Prefix", "Mode": "MultiModel"})
