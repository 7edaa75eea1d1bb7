"""One tree with a document of every kind, linked as far as kinds link."""

from collections.abc import Mapping

from tests.journeys.documents import GROUP, IMAGE, ROLE, WORKFORCE, endpoint, workteam
from tests.journeys.stage import doc

_S3 = "s3://bucket"
_CHANNEL = (
    f"{{channelName: train, dataSource: {{s3DataSource: {{s3DataType: S3Prefix, s3Uri: '{_S3}/train'}}}}}}"
)
_TEXTS = "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/text-classification"
CLUSTER = "{instanceType: ml.m5.large, instanceCount: 1, volumeSizeInGB: 10}"
PROJECT_OF = "metadataProperties: {projectId: churn}"
TRACKED = "experimentConfig: {experimentName: churn, trialName: first}"

ALGORITHM = doc(
    "Algorithm",
    "boosting",
    f"""
trainingSpecification:
  trainingImage: '{IMAGE}'
  supportedTrainingInstanceTypes: [ml.m5.large]
  trainingChannels: [{{name: train, supportedContentTypes: [text/csv], supportedInputModes: [File]}}]
""",
)
HUMAN_TASK_UI = doc("HumanTaskUi", "boxes", "uiTemplate: {content: '<p>Draw a box.</p>'}")
LABELING_JOB = doc(
    "LabelingJob",
    "boxes",
    f"""
labelAttributeName: boxes
roleArn: {ROLE}
inputConfig: {{dataSource: {{s3DataSource: {{manifestS3Uri: '{_S3}/in.manifest'}}}}}}
outputConfig: {{s3OutputPath: '{_S3}/labels'}}
humanTaskConfig:
  workteamArn: reviewers
  uiConfig: {{humanTaskUiArn: boxes}}
  taskTitle: Draw
  taskDescription: Draw a box.
  numberOfHumanWorkersPerDataObject: 1
  taskTimeLimitInSeconds: 600
labelingJobAlgorithmsConfig:
  labelingJobAlgorithmSpecificationArn: {_TEXTS}
  initialActiveLearningModelArn: fraud
""",
)
CODE_REPOSITORY = doc(
    "CodeRepository", "notebooks", "gitConfig: {repositoryUrl: 'https://example.com/n.git', branch: main}"
)
POLICY = doc(
    "ModelPackageGroupPolicy",
    "fraud-readers",
    """
modelPackageGroupName: fraud
resourcePolicy:
  Version: '2012-10-17'
  Statement:
  - Effect: Allow
    Principal: {AWS: '210987654321'}
    Action: sagemaker:DescribeModelPackageGroup
    Resource: '*'
""",
)
PORTFOLIO = doc("ServicecatalogPortfolio", "templates", "{}")
PROJECT = doc(
    "Project",
    "churn",
    "serviceCatalogProvisioningDetails: {productId: prod-1234567890123, provisioningArtifactId: pa-1}",
)
EXPERIMENT = doc("Experiment", "churn", "description: who leaves, and why")
TRIAL = doc("Trial", "first", f"experimentName: churn\n{PROJECT_OF}")
COMPONENT = doc(
    "TrialComponent",
    "split",
    f"trials: [first]\nparameters: {{rate: {{numberValue: 0.2}}, mode: {{stringValue: random}}}}\n{PROJECT_OF}",
)
FEATURES = doc(
    "FeatureGroup",
    "customers",
    f"""
recordIdentifierFeatureName: id
eventTimeFeatureName: at
featureDefinitions:
- {{featureName: id, featureType: String}}
- {{featureName: at, featureType: String}}
offlineStoreConfig: {{s3StorageConfig: {{s3Uri: '{_S3}/features'}}}}
roleArn: {ROLE}
""",
)
TRAINING_JOB = doc(
    "TrainingJob",
    "churn",
    f"""
algorithmSpecification: {{algorithmName: boosting, trainingInputMode: File}}
roleArn: {ROLE}
inputDataConfig: [{_CHANNEL}]
outputDataConfig: {{s3OutputPath: '{_S3}/models'}}
resourceConfig: {CLUSTER}
stoppingCondition: {{maxRuntimeInSeconds: 3600}}
hyperParameters: {{depth: '6'}}
modelPackageConfig: {{modelPackageGroupArn: fraud}}
{TRACKED}
""",
)
PROCESSING_JOB = doc(
    "ProcessingJob",
    "prepare",
    f"""
processingResources: {{clusterConfig: {CLUSTER}}}
appSpecification: {{imageUri: '{IMAGE}'}}
roleArn: {ROLE}
processingOutputConfig:
  outputs:
  - {{outputName: features, appManaged: true, featureStoreOutput: {{featureGroupName: customers}}}}
{TRACKED}
""",
)
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
{PROJECT_OF}
""",
)
COMPILATION_JOB = doc(
    "CompilationJob",
    "edge",
    f"""
roleArn: {ROLE}
modelPackageVersionArn: candidate
outputConfig: {{s3OutputLocation: '{_S3}/edge', targetDevice: jetson_nano}}
stoppingCondition: {{maxRuntimeInSeconds: 900}}
""",
)
MODEL = doc("Model", "fraud", f"executionRoleArn: {ROLE}\nprimaryContainer: {{modelPackageName: candidate}}")
CONFIG = doc(
    "EndpointConfig",
    "fraud",
    """
productionVariants:
- {variantName: main, modelName: fraud, initialInstanceCount: 2, instanceType: ml.m5.large}
shadowProductionVariants:
- {variantName: shadow, modelName: fraud, initialInstanceCount: 1, instanceType: ml.m5.large}
""",
)
TRANSFORM_JOB = doc(
    "TransformJob",
    "score",
    f"""
modelName: fraud
transformInput: {{dataSource: {{s3DataSource: {{s3DataType: S3Prefix, s3Uri: '{_S3}/in'}}}}}}
transformOutput: {{s3OutputPath: '{_S3}/scores'}}
transformResources: {{instanceType: ml.m5.large, instanceCount: 1}}
{TRACKED}
""",
)
PIPELINE = doc(
    "Pipeline",
    "train",
    f"""
roleArn: {ROLE}
pipelineDefinition:
  Version: '2020-12-01'
  Parameters: [{{Name: depth, Type: String, DefaultValue: '6'}}]
  Steps:
  - {{Name: check, Type: Condition, Arguments: {{Conditions: [], IfSteps: [], ElseSteps: []}}}}
""",
)
EXECUTION = doc(
    "PipelineExecution",
    "nightly",
    "pipelineName: train\npipelineExecutionDescription: every night\npipelineParameters: [{name: depth, value: '7'}]",
)
ACTION = doc(
    "Action",
    "approval",
    f"source: {{sourceUri: 'https://example.com/42'}}\nactionType: Approval\n{PROJECT_OF}",
)
ARTIFACT = doc(
    "Artifact",
    "training-data",
    f"""
artifactName: training-data
source: {{sourceUri: '{_S3}/train'}}
artifactType: DataSet
properties: {{rows: '10'}}
""",
)
CONTEXT = doc("Context", "churn", "source: {sourceUri: 'https://example.com/churn'}\ncontextType: Project")
ASSOCIATION = doc(
    "Association",
    "data-approved",
    "sourceArn: training-data\ndestinationArn: Action/approval\nassociationType: ContributedTo",
)

TREE: Mapping[str, str] = {
    "Workforce": WORKFORCE,
    "Workteam": workteam(),
    "HumanTaskUi": HUMAN_TASK_UI,
    "LabelingJob": LABELING_JOB,
    "CodeRepository": CODE_REPOSITORY,
    "Algorithm": ALGORITHM,
    "ModelPackageGroup": GROUP,
    "ModelPackageGroupPolicy": POLICY,
    "ModelPackage": PACKAGE,
    "ServicecatalogPortfolio": PORTFOLIO,
    "Project": PROJECT,
    "Experiment": EXPERIMENT,
    "Trial": TRIAL,
    "TrialComponent": COMPONENT,
    "FeatureGroup": FEATURES,
    "TrainingJob": TRAINING_JOB,
    "ProcessingJob": PROCESSING_JOB,
    "CompilationJob": COMPILATION_JOB,
    "Model": MODEL,
    "TransformJob": TRANSFORM_JOB,
    "EndpointConfig": CONFIG,
    "Endpoint": endpoint(),
    "Pipeline": PIPELINE,
    "PipelineExecution": EXECUTION,
    "Action": ACTION,
    "Artifact": ARTIFACT,
    "Context": CONTEXT,
    "Association": ASSOCIATION,
}

# Associations between the other ends that there can be.
ENDS = (
    doc("Association", "churn-of-churn", "sourceArn: Context/churn\ndestinationArn: Experiment/churn"),
    doc("Association", "split-of-data", "sourceArn: training-data\ndestinationArn: TrialComponent/split"),
)
