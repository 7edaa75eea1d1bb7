"""What the model does not say: what excludes each other, what has a meaning, what is refused, and who says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.journeys.alone import PIPELINE
from tests.journeys.stage import doc


@dataclass(frozen=True)
class Group:
    """Dotted members of which a spec holds one, and who says so ("fact sheet" is that of the service)."""

    members: tuple[str, ...]
    source: str


_MEMBER = "MemberDefinitions[]"
_CONTAINER_ENVIRONMENT = "InferenceSpecification.Containers[].Environment"
_INPUT = "ProcessingInputs[]"
_TARGET = "OutputConfig.TargetDevice", "OutputConfig.TargetPlatform"

# Groups beyond those that the rows know.
ALTERNATIVES: Mapping[str, tuple[Group, ...]] = {
    "Workteam": (
        Group(
            (f"{_MEMBER}.CognitoMemberDefinition", f"{_MEMBER}.OidcMemberDefinition"),
            "one sort of members, the sort of their workforce: fact sheet, section 2",
        ),
    ),
    "ModelPackage": (
        Group(
            ("ModelPackageGroupName", "Tags"),
            "a version has its group's tags: API reference, CreateModelPackage",
        ),
        Group(
            ("ModelApprovalStatus", "ModelPackageName"),
            "only a version is approved: refused in words, SageMaker SDK",
        ),
        Group((_CONTAINER_ENVIRONMENT, "ModelPackageName"), "no environment without a version: likewise"),
    ),
    "TrainingJob": (
        Group(
            ("AlgorithmSpecification.AlgorithmName", "AlgorithmSpecification.TrainingImage"),
            "fact sheet, section 6",
        ),
    ),
    "ProcessingJob": (
        Group((f"{_INPUT}.S3Input", f"{_INPUT}.DatasetDefinition"), "unverified: fact sheet, section 7"),
    ),
    "CompilationJob": (Group(_TARGET, "fact sheet, section 4"),),
    "Endpoint": (
        Group(
            ("DeploymentConfig.BlueGreenUpdatePolicy", "DeploymentConfig.RollingUpdatePolicy"),
            "API reference, DeploymentConfig",
        ),
    ),
    "LabelingJob": (
        Group(
            (
                "HumanTaskConfig.UiConfig.HumanTaskUiArn",
                "HumanTaskConfig.UiConfig.UiTemplateS3Uri",
            ),
            "API reference, UiConfig",
        ),
        Group(
            ("InputConfig.DataSource.S3DataSource", "InputConfig.DataSource.SnsDataSource"),
            "API reference, LabelingJobDataSource",
        ),
    ),
    "PipelineExecution": (
        Group(("PipelineVersionId", "PipelineVersionAlias"), "API reference, StartPipelineExecution"),
    ),
}

# Members whose value has a meaning.
CHOSEN: Mapping[str, Mapping[str, Any]] = {
    "Workteam": {
        f"{_MEMBER}.CognitoMemberDefinition.UserPool": "us-east-1_abc",
        f"{_MEMBER}.CognitoMemberDefinition.ClientId": "abc123",
    },
    "ModelPackageGroupPolicy": {
        "ResourcePolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "210987654321"},
                    "Action": "sagemaker:DescribeModelPackageGroup",
                    "Resource": "*",
                }
            ],
        }
    },
    "Pipeline": {"PipelineDefinition": {"Version": "2020-12-01", "Steps": []}},
    "TrainingJob": {
        "StoppingCondition": {
            "maxRuntimeInSeconds": 3600,
            "maxWaitTimeInSeconds": 7200,
            "maxPendingTimeInSeconds": 7200,
        },
    },
    "PipelineExecution": {
        "PipelineParameters[].Name": "depth",
        "PipelineVersionId": 1,
        "SelectiveExecutionConfig.SelectedSteps[].StepName": "check",
    },
    "Association": {"SourceArn": "training-data", "DestinationArn": "Action/approval"},
    "EndpointConfig": {"ShadowProductionVariants[].VariantName": "two"},
    "FeatureGroup": {
        "FeatureDefinitions": [
            {"featureName": "one", "featureType": "String"},
            {
                "featureName": "two",
                "featureType": "Fractional",
                "collectionType": "Vector",
                "collectionConfig": {"vectorConfig": {"dimension": 1}},
            },
        ],
        "ThroughputConfig.ThroughputMode": "Provisioned",
    },
}

# Members that no spec here holds.
NEVER: Mapping[str, Mapping[str, str]] = {
    "FeatureGroup": {
        "OfflineStoreConfig.S3StorageConfig.ResolvedOutputS3Uri": "written by AWS: API reference",
    },
    "PipelineExecution": {
        "SelectiveExecutionConfig.SourcePipelineExecutionArn": "names an execution that must be there before",
    },
}

# Members that the service asks for though the model calls them optional, in the least spec.
ASKED: Mapping[str, tuple[str, ...]] = {
    "Model": ("PrimaryContainer", "PrimaryContainer.Image"),
    "ModelPackage": ("ModelPackageName", "SourceUri"),
    "FeatureGroup": ("OnlineStoreConfig", "OnlineStoreConfig.EnableOnlineStore"),
    "TrainingJob": ("AlgorithmSpecification", "AlgorithmSpecification.TrainingImage", "ResourceConfig"),
    "CompilationJob": ("ModelPackageVersionArn", "OutputConfig.TargetDevice"),
    "TransformJob": ("TransformInput.DataSource.S3DataSource",),
    "Pipeline": ("PipelineDefinition",),
    "Project": ("ServiceCatalogProvisioningDetails", "ServiceCatalogProvisioningDetails.ProductId"),
    "Workforce": ("CognitoConfig",),
    "Workteam": (f"{_MEMBER}.CognitoMemberDefinition",),
    "LabelingJob": (
        "HumanTaskConfig.UiConfig.HumanTaskUiArn",
        "InputConfig.DataSource.S3DataSource",
    ),
}

# Another document than the tree's for what a spec stands on, by the spec's number.
INSTEAD: Mapping[tuple[str, int], Mapping[str, str]] = {
    ("Workteam", 1): {
        "Workforce": doc(
            "Workforce",
            "crowd",
            """
oidcConfig:
  clientId: abc123
  clientSecret: {valueFrom: {env: SECRET}}
  issuer: https://example.com
  authorizationEndpoint: https://example.com/a
  tokenEndpoint: https://example.com/t
  userInfoEndpoint: https://example.com/u
  logoutEndpoint: https://example.com/l
  jwksUri: https://example.com/j
""",
        )
    },
    ("PipelineExecution", 1): {"Pipeline": PIPELINE + "  pipelineVersionAliases: [one]\n"},
}

# Specs that run until they are stopped: a labeling job that is fed by a topic.
ENDLESS = frozenset({("LabelingJob", 1)})
