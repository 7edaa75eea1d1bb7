"""Facts that the model lacks: exclusions, meanings and refusals, with their sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.schema.shape import shape
from tests.journeys.stage import document_text
from tests.journeys.standalone_documents import PIPELINE
from tests.journeys.studio import SSO_DOMAIN
from tests.kinds.examples import members_of


@dataclass(frozen=True)
class Group:
    """Dotted members of which a spec has exactly one, and the source ("fact sheet" is the service's)."""

    members: tuple[str, ...]
    source: str


_MEMBER = "MemberDefinitions[]"
_AUTOSCALING = "ApplicationAutoScaling"
_PREDICTIVE = "ScalingPolicies[].PredictiveScalingPolicyConfiguration"
_OF_ECS = (
    _PREDICTIVE,
    *members_of(shape(f"{_AUTOSCALING}PredictiveScalingPolicyConfiguration"), _PREDICTIVE),
)

# Groups beyond those of the rows.
ALTERNATIVES: Mapping[str, tuple[Group, ...]] = {
    "ModelPackage": (
        Group(
            ("ModelPackageGroupName", "Tags"),
            "a version has its group's tags: API reference, CreateModelPackage",
        ),
    ),
    "LabelingJob": (
        Group(
            ("InputConfig.DataSource.S3DataSource", "InputConfig.DataSource.SnsDataSource"),
            "both may be given; one alone is a job that ends, the other one that does not",
        ),
    ),
}

# Members whose value has a meaning.
CHOSEN: Mapping[str, Mapping[str, Any]] = {
    "MlflowTrackingServer": {
        "WeeklyMaintenanceWindowStart": "Tue:03:30",
        "S3BucketOwnerAccountId": "123456789012",
    },
    "NotebookInstance": {
        "PlatformIdentifier": "notebook-al2-v3",
        "InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion": "2",
    },
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
    "EndpointPolicy": {
        "ResourcePolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "210987654321"},
                    "Action": "sagemaker:InvokeEndpoint",
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
    "FlowDefinition": {
        "HumanLoopActivationConfig.HumanLoopActivationConditionsConfig.HumanLoopActivationConditions": {
            "Conditions": [
                {"ConditionType": "Sampling", "ConditionParameters": {"RandomSamplingPercentage": 5}}
            ]
        },
    },
    "AIWorkloadConfig": {"AIWorkloadConfigs.WorkloadSpec.Inline": "benchmark: {type: aiperf}"},
    "Association": {"SourceArn": "training-data", "DestinationArn": "Action/approval"},
    "EndpointConfig": {"ShadowProductionVariants[].VariantName": "two"},
    "InferenceComponent": {"VariantName": "components"},
    "InferenceExperiment": {
        "ModelVariants": [
            {
                "variantName": name,
                "modelName": "fraud",
                "infrastructureConfig": {
                    "infrastructureType": "RealTimeInference",
                    "realTimeInferenceConfig": {"instanceType": "ml.m5.large", "instanceCount": 1},
                },
            }
            for name in ("main", "shadow")
        ],
        "ShadowModeConfig": {
            "sourceModelVariantName": "main",
            "shadowModelVariants": [{"shadowModelVariantName": "shadow", "samplingPercentage": 50}],
        },
        "Schedule": {"startTime": "2026-01-01T00:00:00Z", "endTime": "2026-01-01T01:00:00Z"},
        "ModelVariantActions": {"main": "Retain", "shadow": "Remove"},
    },
    "ScalingTarget": {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/fraud/variant/main",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "MinCapacity": 1,
        "MaxCapacity": 4,
        "ScalingPolicies[].TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification": {
            "predefinedMetricType": "SageMakerVariantInvocationsPerInstance",
            "resourceLabel": "main",
        },
    },
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

# Members that no spec here has.
NEVER: Mapping[str, Mapping[str, str]] = {
    "InferenceRouter": {
        "RoutingTargets[].Destinations[].RoutingStatus": "written by AWS: API reference",
    },
    "HyperParameterTuningJob": dict.fromkeys(
        (
            "WarmStartConfig",
            "WarmStartConfig.ParentHyperParameterTuningJobs",
            "WarmStartConfig.ParentHyperParameterTuningJobs[].HyperParameterTuningJobName",
            "WarmStartConfig.WarmStartType",
        ),
        "names a tuning job that must be there before: tests/journeys/test_everything.py",
    ),
    "ScalingTarget": dict.fromkeys(_OF_ECS, "for Amazon ECS: API reference, PutScalingPolicy"),
    "FeatureGroup": {
        "OfflineStoreConfig.S3StorageConfig.ResolvedOutputS3Uri": "written by AWS: API reference",
    },
    "PipelineExecution": {
        "SelectiveExecutionConfig.SourcePipelineExecutionArn": "names an execution that must be there before",
    },
}

# Members of the minimal spec that the service requires although the model calls them optional.
REQUESTED_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "InferenceComponent": ("VariantName", "Specification", "Specification.ModelName"),
    "InferenceExperiment": ("Schedule",),  # without one a test runs for seven days
    "HyperParameterTuningJob": (
        "TrainingJobDefinition",
        "TrainingJobDefinition.AlgorithmSpecification.TrainingImage",
        "TrainingJobDefinition.ResourceConfig",
    ),
    "Model": ("PrimaryContainer", "PrimaryContainer.Image"),
    "ScalingTarget": ("MinCapacity", "MaxCapacity"),
    "ModelPackage": ("ModelPackageName", "SourceUri"),
    "FeatureGroup": ("OnlineStoreConfig", "OnlineStoreConfig.EnableOnlineStore"),
    "TrainingJob": ("AlgorithmSpecification", "AlgorithmSpecification.TrainingImage", "ResourceConfig"),
    "CompilationJob": ("ModelPackageVersionArn", "OutputConfig.TargetDevice"),
    "ProcessingJob": ("ProcessingResources.ClusterConfig.InstanceType",),
    "EndpointConfig": ("ProductionVariants[].InstanceType", "ProductionVariants[].InitialInstanceCount"),
    "InferenceRecommendationsJob": ("InputConfig.ModelName",),
    "AutoMLJobV2": (
        "AutoMLProblemTypeConfig.TextGenerationJobConfig",
        "AutoMLJobInputDataConfig[].DataSource",
    ),
    "Cluster": ("InstanceGroups", "InstanceGroups[].InstanceType"),
    "OptimizationJob": ("ModelSource.S3", "OptimizationConfigs[].ModelQuantizationConfig"),
    **{
        f"{sort}JobDefinition": (f"{sort}JobInput.BatchTransformInput",)
        for sort in ("DataQuality", "ModelBias", "ModelExplainability")
    },
    "ModelQualityJobDefinition": (
        "ModelQualityJobInput.BatchTransformInput",
        "ModelQualityJobInput.BatchTransformInput.InferenceAttribute",
    ),
    "MonitoringSchedule": (
        "MonitoringScheduleConfig.MonitoringJobDefinitionName",
        "MonitoringScheduleConfig.MonitoringType",
    ),
    "TransformJob": ("TransformInput.DataSource.S3DataSource",),
    "Pipeline": ("PipelineDefinition",),
    "Project": ("ServiceCatalogProvisioningDetails", "ServiceCatalogProvisioningDetails.ProductId"),
    "Workforce": ("CognitoConfig",),
    "App": ("UserProfileName",),
    "UserProfile": ("SingleSignOnUserIdentifier", "SingleSignOnUserValue"),  # of a domain with AuthMode SSO
    "Workteam": (f"{_MEMBER}.CognitoMemberDefinition",),
    "LabelingJob": (
        "HumanTaskConfig.UiConfig.HumanTaskUiArn",
        "InputConfig.DataSource.S3DataSource",
    ),
}

# Another document than the tree's for a dependency of a spec, by the spec's number.
INSTEAD: Mapping[tuple[str, int], Mapping[str, str]] = {
    **{("UserProfile", number): {"Domain": SSO_DOMAIN} for number in range(3)},
    ("Workteam", 1): {
        "Workforce": document_text(
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

# Specs that run until they are stopped: a labeling job with input from a topic.
ENDLESS = frozenset({("LabelingJob", 1)})
