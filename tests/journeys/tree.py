"""One tree with a document of every kind, linked as far as kinds link."""

from collections.abc import Mapping

from tests.journeys import alone, studio
from tests.journeys.documents import (
    GROUP,
    IMAGE,
    ROLE,
    SORTS,
    WORKFORCE,
    endpoint,
    job_definition,
    schedule,
    workteam,
)
from tests.journeys.stage import doc

_TEXTS = "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/text-classification"
_PROJECT = "  metadataProperties: {projectId: churn}\n"

LABELING_JOB = f"""{alone.LABELING_JOB}  labelingJobAlgorithmsConfig:
    labelingJobAlgorithmSpecificationArn: {_TEXTS}
    initialActiveLearningModelArn: fraud
"""
TRIAL = alone.TRIAL + _PROJECT
COMPONENT = alone.COMPONENT + _PROJECT
TRAINING_JOB = alone.TRAINING_JOB + "  modelPackageConfig: {modelPackageGroupArn: fraud}\n"
TRANSFORM_JOB = f"{alone.TRANSFORM_JOB}  {alone.TRACKED}\n"
ACTION = alone.ACTION + _PROJECT
ARTIFACT = alone.ARTIFACT + _PROJECT
PACKAGE = doc(
    "ModelPackage",
    "candidate",
    f"""
modelPackageGroupName: fraud
modelApprovalStatus: Approved
inferenceSpecification:
  containers: [{{image: '{IMAGE}', modelDataUrl: '${{TrainingJob/churn.modelArtifacts.s3ModelArtifacts}}'}}]
  supportedContentTypes: [text/csv]
  supportedResponseMIMETypes: [text/csv]
sourceAlgorithmSpecification: {{sourceAlgorithms: [{{algorithmName: boosting}}]}}
metadataProperties: {{projectId: churn}}
""",
)
COMPILATION_JOB = doc(
    "CompilationJob",
    "edge",
    f"""
roleArn: {ROLE}
modelPackageVersionArn: candidate
outputConfig: {{s3OutputLocation: 's3://bucket/edge', targetDevice: jetson_nano}}
stoppingCondition: {{maxRuntimeInSeconds: 900}}
""",
)
MODEL = doc("Model", "fraud", f"executionRoleArn: {ROLE}\nprimaryContainer: {{modelPackageName: candidate}}")
CONFIG = doc(
    "EndpointConfig",
    "fraud",
    f"""
executionRoleArn: {ROLE}
productionVariants:
- {{variantName: main, modelName: fraud, initialInstanceCount: 2, instanceType: ml.m5.large}}
- {{variantName: components, initialInstanceCount: 1, instanceType: ml.m5.large}}
""",
)
DEFINITIONS = {
    f"{sort}JobDefinition": doc(
        f"{sort}JobDefinition",
        "fraud",
        f"{job_definition(sort, 'endpoint')}{sort[0].lower()}{sort[1:]}BaselineConfig: {{baseliningJobName: prepare}}\n"
        f"jobResources: {{clusterConfig: {alone.CLUSTER}}}",
    )
    for sort in SORTS
}

TUNING_JOB = doc(
    "HyperParameterTuningJob",
    "search",
    alone.TUNING_SPEC.replace(f"trainingImage: '{IMAGE}'", "algorithmName: boosting"),
)

SCALING_TARGET = doc(
    "ScalingTarget",
    "fraud-main",
    """
serviceNamespace: sagemaker
resourceId: endpoint/fraud/variant/main
scalableDimension: sagemaker:variant:DesiredInstanceCount
minCapacity: 1
maxCapacity: 4
scalingPolicies:
- policyName: load
  policyType: TargetTrackingScaling
  targetTrackingScalingPolicyConfiguration:
    targetValue: 70
    predefinedMetricSpecification: {predefinedMetricType: SageMakerVariantInvocationsPerInstance}
""",
)

_NEEDS = "computeResourceRequirements: {minMemoryRequiredInMb: 1024}"
COMPONENT_OF_AN_ENDPOINT = doc(
    "InferenceComponent",
    "scorer",
    f"""
endpointName: fraud
variantName: components
specification: {{modelName: fraud, {_NEEDS}}}
runtimeConfig: {{copyCount: 1}}
""",
)

_MACHINES = (
    "{infrastructureType: RealTimeInference, realTimeInferenceConfig: {instanceType: ml.m5.large, "
    "instanceCount: 1}}"
)
SHADOW_TEST = doc(
    "InferenceExperiment",
    "shadow",
    f"""
type: ShadowMode
roleArn: {ROLE}
endpointName: fraud
modelVariants:
- {{variantName: main, modelName: fraud, infrastructureConfig: {_MACHINES}}}
- {{variantName: shadow, modelName: fraud, infrastructureConfig: {_MACHINES}}}
shadowModeConfig:
  sourceModelVariantName: main
  shadowModelVariants: [{{shadowModelVariantName: shadow, samplingPercentage: 50}}]
schedule: {{startTime: '2026-01-01T00:00:00Z', endTime: '2026-01-01T01:00:00Z'}}
""",
)

TREE: Mapping[str, str] = {
    "Workforce": WORKFORCE,
    "Workteam": workteam(),
    "HumanTaskUi": alone.HUMAN_TASK_UI,
    "LabelingJob": LABELING_JOB,
    "CodeRepository": alone.CODE_REPOSITORY,
    "NotebookInstanceLifecycleConfig": alone.LIFECYCLE_CONFIG,
    "NotebookInstance": alone.NOTEBOOK_INSTANCE,
    "Algorithm": alone.ALGORITHM,
    "ModelPackageGroup": GROUP,
    "ModelPackageGroupPolicy": alone.POLICY,
    "ModelPackage": PACKAGE,
    "ServicecatalogPortfolio": alone.PORTFOLIO,
    "Project": alone.PROJECT,
    "Experiment": alone.EXPERIMENT,
    "Trial": TRIAL,
    "TrialComponent": COMPONENT,
    "FeatureGroup": alone.FEATURES,
    "TrainingJob": TRAINING_JOB,
    "ProcessingJob": alone.PROCESSING_JOB,
    "CompilationJob": COMPILATION_JOB,
    "Model": MODEL,
    "TransformJob": TRANSFORM_JOB,
    "OptimizationJob": alone.OPTIMIZATION_JOB,
    "EndpointConfig": CONFIG,
    "Endpoint": endpoint(),
    "InferenceRecommendationsJob": alone.RECOMMENDATIONS_JOB,
    "AutoMLJobV2": alone.AUTO_ML_JOB,
    **DEFINITIONS,
    "AIWorkloadConfig": alone.WORKLOAD,
    "Hub": alone.HUB,
    "HubContentReference": alone.HUB_REFERENCE,
    "Cluster": alone.HYPERPOD,
    "ClusterSchedulerConfig": alone.SCHEDULER_CONFIG,
    "ComputeQuota": alone.COMPUTE_QUOTA,
    "MonitoringSchedule": doc("MonitoringSchedule", "fraud", schedule()),
    "InferenceRouter": doc(
        "InferenceRouter",
        "fraud",
        "routingTargets: [{name: main, destinations: [{resourceArn: '${Endpoint/fraud.arn}'}]}]",
    ),
    "Pipeline": alone.PIPELINE,
    "PipelineExecution": alone.EXECUTION,
    "Action": ACTION,
    "Artifact": ARTIFACT,
    "Context": alone.CONTEXT,
    "Association": alone.ASSOCIATION,
    "ModelCard": alone.MODEL_CARD,
    "ModelCardExportJob": alone.MODEL_CARD_EXPORT,
    "HyperParameterTuningJob": TUNING_JOB,
    "MlflowTrackingServer": alone.TRACKING_SERVER,
    "FlowDefinition": alone.FLOW_DEFINITION,
    "ScalingTarget": SCALING_TARGET,
    "EndpointPolicy": alone.ENDPOINT_POLICY,
    "InferenceComponent": COMPONENT_OF_AN_ENDPOINT,
    "StudioLifecycleConfig": studio.LIFECYCLE_CONFIG,
    "AppImageConfig": studio.APP_IMAGE_CONFIG,
    "Image": studio.IMAGE,
    "ImageVersion": studio.IMAGE_VERSION,
    "Domain": studio.DOMAIN,
    "UserProfile": studio.LAB_PROFILE,
    "Space": studio.LAB_SPACE,
    "App": studio.APP,
    "InferenceExperiment": SHADOW_TEST,
    "MlflowApp": alone.MLFLOW_APP,
    "PartnerApp": alone.PARTNER_APP,
}

_INLINE = f"""
monitoringScheduleConfig:
  monitoringJobDefinition:
    monitoringInputs: [{{endpointInput: {{endpointName: fraud, localPath: /opt/ml/processing/input}}}}]
    monitoringOutputConfig:
      monitoringOutputs: [{{s3Output: {{s3Uri: 's3://bucket/out', localPath: /opt/ml/processing/output}}}}]
    monitoringResources: {{clusterConfig: {alone.CLUSTER}}}
    monitoringAppSpecification: {{imageUri: '{IMAGE}'}}
    baselineConfig: {{baseliningJobName: prepare}}
    roleArn: {ROLE}
"""

# Links that the documents above have no place for: between other ends, or to another kind by the same right.
ENDS = (
    doc(
        "EndpointConfig",
        "shadowed",
        """
productionVariants:
- {variantName: main, modelName: fraud, initialInstanceCount: 2, instanceType: ml.m5.large}
shadowProductionVariants:
- {variantName: shadow, modelName: fraud, initialInstanceCount: 1, instanceType: ml.m5.large}
""",
    ),
    doc(
        "InferenceComponent",
        "adapter",
        """
endpointName: fraud
specification: {baseInferenceComponentName: scorer, container: {artifactUrl: 's3://bucket/adapter.tar.gz'}}
""",
    ),
    doc(
        "InferenceComponent",
        "by-type",
        f"""
endpointName: fraud
variantName: components
specifications:
- {{instanceType: ml.m5.large, modelName: fraud, {_NEEDS}}}
- {{instanceType: ml.c5.xlarge, modelName: fraud, {_NEEDS}}}
""",
    ),
    doc(
        "InferenceComponent",
        "adapter-by-type",
        """
endpointName: fraud
specifications:
- {instanceType: ml.m5.large, baseInferenceComponentName: scorer, container: {artifactUrl: 's3://bucket/a.tar.gz'}}
""",
    ),
    doc(
        "ScalingTarget",
        "scorer",
        """
serviceNamespace: sagemaker
resourceId: inference-component/scorer
scalableDimension: sagemaker:inference-component:DesiredCopyCount
minCapacity: 1
maxCapacity: 4
""",
    ),
    SHADOW_TEST.replace("name: shadow}", "name: promoted}", 1)
    + f"""  modelVariantActions: {{main: Remove, shadow: Promote}}
  desiredModelVariants:
  - {{variantName: shadow, modelName: fraud, infrastructureConfig: {_MACHINES}}}
""",
    doc(
        "InferenceRecommendationsJob",
        "sizing-of-a-package",
        f"jobType: Default\nroleArn: {ROLE}\ninputConfig: {{modelPackageVersionArn: candidate}}",
    ),
    *(doc("MonitoringSchedule", sort.lower(), schedule(sort=sort)) for sort in SORTS[1:]),
    doc("MonitoringSchedule", "inline", _INLINE),
    studio.USER_APP,
    doc("Association", "churn-of-churn", "sourceArn: Context/churn\ndestinationArn: Experiment/churn"),
    doc("Association", "split-of-data", "sourceArn: training-data\ndestinationArn: TrialComponent/split"),
    TUNING_JOB.replace("name: search}", "name: search-on}", 1)
    + """  warmStartConfig:
    parentHyperParameterTuningJobs: [{hyperParameterTuningJobName: search}]
    warmStartType: TransferLearning
""",
)
