"""One tree with a document of every kind, with all possible links."""

from collections.abc import Mapping

from tests.journeys import standalone_documents, studio
from tests.journeys.documents import (
    GROUP,
    IMAGE,
    ROLE,
    SORTS,
    WORKFORCE,
    endpoint,
    job_definition,
    schedule_spec,
    workteam,
)
from tests.journeys.stage import document_text

_TEXTS = "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/text-classification"
_PROJECT = "  metadataProperties: {projectId: churn}\n"

LABELING_JOB = f"""{standalone_documents.LABELING_JOB}  labelingJobAlgorithmsConfig:
    labelingJobAlgorithmSpecificationArn: {_TEXTS}
    initialActiveLearningModelArn: fraud
"""
TRIAL = standalone_documents.TRIAL + _PROJECT
COMPONENT = standalone_documents.COMPONENT + _PROJECT
TRAINING_JOB = standalone_documents.TRAINING_JOB + "  modelPackageConfig: {modelPackageGroupArn: fraud}\n"
TRANSFORM_JOB = f"{standalone_documents.TRANSFORM_JOB}  {standalone_documents.TRACKED}\n"
ACTION = standalone_documents.ACTION + _PROJECT
ARTIFACT = standalone_documents.ARTIFACT + _PROJECT
PACKAGE = document_text(
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
COMPILATION_JOB = document_text(
    "CompilationJob",
    "edge",
    f"""
roleArn: {ROLE}
modelPackageVersionArn: candidate
outputConfig: {{s3OutputLocation: 's3://bucket/edge', targetDevice: jetson_nano}}
stoppingCondition: {{maxRuntimeInSeconds: 900}}
""",
)
MODEL = document_text(
    "Model", "fraud", f"executionRoleArn: {ROLE}\nprimaryContainer: {{modelPackageName: candidate}}"
)
CONFIG = document_text(
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
    f"{sort}JobDefinition": document_text(
        f"{sort}JobDefinition",
        "fraud",
        f"{job_definition(sort, 'endpoint')}{sort[0].lower()}{sort[1:]}BaselineConfig: {{baseliningJobName: prepare}}\n"
        f"jobResources: {{clusterConfig: {standalone_documents.CLUSTER}}}",
    )
    for sort in SORTS
}

TUNING_JOB = document_text(
    "HyperParameterTuningJob",
    "search",
    standalone_documents.TUNING_SPEC.replace(f"trainingImage: '{IMAGE}'", "algorithmName: boosting"),
)

SCALING_TARGET = document_text(
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
COMPONENT_OF_AN_ENDPOINT = document_text(
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
SHADOW_TEST = document_text(
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
    "HumanTaskUi": standalone_documents.HUMAN_TASK_UI,
    "LabelingJob": LABELING_JOB,
    "CodeRepository": standalone_documents.CODE_REPOSITORY,
    "NotebookInstanceLifecycleConfig": standalone_documents.LIFECYCLE_CONFIG,
    "NotebookInstance": standalone_documents.NOTEBOOK_INSTANCE,
    "Algorithm": standalone_documents.ALGORITHM,
    "ModelPackageGroup": GROUP,
    "ModelPackageGroupPolicy": standalone_documents.POLICY,
    "ModelPackage": PACKAGE,
    "ServicecatalogPortfolio": standalone_documents.PORTFOLIO,
    "Project": standalone_documents.PROJECT,
    "Experiment": standalone_documents.EXPERIMENT,
    "Trial": TRIAL,
    "TrialComponent": COMPONENT,
    "FeatureGroup": standalone_documents.FEATURES,
    "TrainingJob": TRAINING_JOB,
    "ProcessingJob": standalone_documents.PROCESSING_JOB,
    "CompilationJob": COMPILATION_JOB,
    "Model": MODEL,
    "TransformJob": TRANSFORM_JOB,
    "OptimizationJob": standalone_documents.OPTIMIZATION_JOB,
    "EndpointConfig": CONFIG,
    "Endpoint": endpoint(),
    "InferenceRecommendationsJob": standalone_documents.RECOMMENDATIONS_JOB,
    "AutoMLJobV2": standalone_documents.AUTO_ML_JOB,
    **DEFINITIONS,
    "AIWorkloadConfig": standalone_documents.WORKLOAD,
    "Hub": standalone_documents.HUB,
    "HubContentReference": standalone_documents.HUB_REFERENCE,
    "Cluster": standalone_documents.HYPERPOD,
    "ClusterSchedulerConfig": standalone_documents.SCHEDULER_CONFIG,
    "ComputeQuota": standalone_documents.COMPUTE_QUOTA,
    "MonitoringSchedule": document_text("MonitoringSchedule", "fraud", schedule_spec()),
    "InferenceRouter": document_text(
        "InferenceRouter",
        "fraud",
        "routingTargets: [{name: main, destinations: [{resourceArn: '${Endpoint/fraud.arn}'}]}]",
    ),
    "Pipeline": standalone_documents.PIPELINE,
    "PipelineExecution": standalone_documents.EXECUTION,
    "Action": ACTION,
    "Artifact": ARTIFACT,
    "Context": standalone_documents.CONTEXT,
    "Association": standalone_documents.ASSOCIATION,
    "ModelCard": standalone_documents.MODEL_CARD,
    "ModelCardExportJob": standalone_documents.MODEL_CARD_EXPORT,
    "HyperParameterTuningJob": TUNING_JOB,
    "MlflowTrackingServer": standalone_documents.TRACKING_SERVER,
    "FlowDefinition": standalone_documents.FLOW_DEFINITION,
    "ScalingTarget": SCALING_TARGET,
    "EndpointPolicy": standalone_documents.ENDPOINT_POLICY,
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
    "MlflowApp": standalone_documents.MLFLOW_APP,
    "PartnerApp": standalone_documents.PARTNER_APP,
}

_INLINE = f"""
monitoringScheduleConfig:
  monitoringJobDefinition:
    monitoringInputs: [{{endpointInput: {{endpointName: fraud, localPath: /opt/ml/processing/input}}}}]
    monitoringOutputConfig:
      monitoringOutputs: [{{s3Output: {{s3Uri: 's3://bucket/out', localPath: /opt/ml/processing/output}}}}]
    monitoringResources: {{clusterConfig: {standalone_documents.CLUSTER}}}
    monitoringAppSpecification: {{imageUri: '{IMAGE}'}}
    baselineConfig: {{baseliningJobName: prepare}}
    roleArn: {ROLE}
"""

# Links that no document above can have: between other ends, or alternatives to another kind.
ENDS = (
    document_text(
        "EndpointConfig",
        "shadowed",
        """
productionVariants:
- {variantName: main, modelName: fraud, initialInstanceCount: 2, instanceType: ml.m5.large}
shadowProductionVariants:
- {variantName: shadow, modelName: fraud, initialInstanceCount: 1, instanceType: ml.m5.large}
""",
    ),
    document_text(
        "InferenceComponent",
        "adapter",
        """
endpointName: fraud
specification: {baseInferenceComponentName: scorer, container: {artifactUrl: 's3://bucket/adapter.tar.gz'}}
""",
    ),
    document_text(
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
    document_text(
        "InferenceComponent",
        "adapter-by-type",
        """
endpointName: fraud
specifications:
- {instanceType: ml.m5.large, baseInferenceComponentName: scorer, container: {artifactUrl: 's3://bucket/a.tar.gz'}}
""",
    ),
    document_text(
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
    document_text(
        "InferenceRecommendationsJob",
        "sizing-of-a-package",
        f"jobType: Default\nroleArn: {ROLE}\ninputConfig: {{modelPackageVersionArn: candidate}}",
    ),
    *(document_text("MonitoringSchedule", sort.lower(), schedule_spec(sort=sort)) for sort in SORTS[1:]),
    document_text("MonitoringSchedule", "inline", _INLINE),
    studio.USER_APP,
    document_text(
        "Association", "churn-of-churn", "sourceArn: Context/churn\ndestinationArn: Experiment/churn"
    ),
    document_text(
        "Association", "split-of-data", "sourceArn: training-data\ndestinationArn: TrialComponent/split"
    ),
    TUNING_JOB.replace("name: search}", "name: search-on}", 1)
    + """  warmStartConfig:
    parentHyperParameterTuningJobs: [{hyperParameterTuningJobName: search}]
    warmStartType: TransferLearning
""",
)
