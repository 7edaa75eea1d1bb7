"""A document of each further kind, with as few links as possible."""

from tests.journeys.documents import IMAGE, ROLE
from tests.journeys.stage import document_text

_S3 = "s3://bucket"
_CHANNEL = (
    f"{{channelName: train, dataSource: {{s3DataSource: {{s3DataType: S3Prefix, s3Uri: '{_S3}/train'}}}}}}"
)
CLUSTER = "{instanceType: ml.m5.large, instanceCount: 1, volumeSizeInGB: 10}"
TRACKED = "experimentConfig: {experimentName: churn, trialName: first}"

ALGORITHM = document_text(
    "Algorithm",
    "boosting",
    f"""
trainingSpecification:
  trainingImage: '{IMAGE}'
  supportedTrainingInstanceTypes: [ml.m5.large]
  trainingChannels: [{{name: train, supportedContentTypes: [text/csv], supportedInputModes: [File]}}]
""",
)
HUMAN_TASK_UI = document_text("HumanTaskUi", "boxes", "uiTemplate: {content: '<p>Draw a box.</p>'}")
LABELING_JOB = document_text(
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
""",
)
LIFECYCLE_CONFIG = document_text(
    "NotebookInstanceLifecycleConfig", "notebooks", "onStart: [{content: IyEvYmluL3NoCg==}]"
)
CODE_REPOSITORY = document_text(
    "CodeRepository", "notebooks", "gitConfig: {repositoryUrl: 'https://example.com/n.git', branch: main}"
)
POLICY = document_text(
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
ENDPOINT_POLICY = document_text(
    "EndpointPolicy",
    "fraud-callers",
    """
endpointName: fraud
resourcePolicy:
  Version: '2012-10-17'
  Statement:
  - Effect: Allow
    Principal: {AWS: '210987654321'}
    Action: sagemaker:InvokeEndpoint
    Resource: '*'
""",
)
PORTFOLIO = document_text("ServicecatalogPortfolio", "templates", "{}")
PROJECT = document_text(
    "Project",
    "churn",
    "serviceCatalogProvisioningDetails: {productId: prod-1234567890123, provisioningArtifactId: pa-1}",
)
EXPERIMENT = document_text("Experiment", "churn", "description: who leaves, and why")
TRIAL = document_text("Trial", "first", "experimentName: churn")
COMPONENT = document_text(
    "TrialComponent",
    "split",
    "trials: [first]\nparameters: {rate: {numberValue: 0.2}, mode: {stringValue: random}}",
)
FEATURES = document_text(
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
TRAINING_JOB = document_text(
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
{TRACKED}
""",
)
PROCESSING_JOB = document_text(
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
COMPILATION_JOB = document_text(
    "CompilationJob",
    "edge",
    f"""
roleArn: {ROLE}
inputConfig:
  s3Uri: '{_S3}/model.tar.gz'
  dataInputConfig: {{input: [1, 3, 224, 224]}}
  framework: PYTORCH
outputConfig: {{s3OutputLocation: '{_S3}/edge', targetDevice: jetson_nano}}
stoppingCondition: {{maxRuntimeInSeconds: 900}}
""",
)
TRANSFORM_JOB = document_text(
    "TransformJob",
    "score",
    f"""
modelName: fraud
transformInput: {{dataSource: {{s3DataSource: {{s3DataType: S3Prefix, s3Uri: '{_S3}/in'}}}}}}
transformOutput: {{s3OutputPath: '{_S3}/scores'}}
transformResources: {{instanceType: ml.m5.large, instanceCount: 1}}
""",
)
OPTIMIZATION_JOB = document_text(
    "OptimizationJob",
    "faster",
    f"""
roleArn: {ROLE}
modelSource: {{sageMakerModel: {{modelName: fraud}}}}
deploymentInstanceType: ml.g5.xlarge
optimizationConfigs: [{{modelQuantizationConfig: {{overrideEnvironment: {{OPTION_QUANTIZE: awq}}}}}}]
outputConfig: {{s3OutputLocation: '{_S3}/faster'}}
stoppingCondition: {{maxRuntimeInSeconds: 3600}}
""",
)
RECOMMENDATIONS_JOB = document_text(
    "InferenceRecommendationsJob",
    "sizing",
    f"""
jobType: Advanced
roleArn: {ROLE}
inputConfig:
  modelName: fraud
  jobDurationInSeconds: 3600
  endpointConfigurations: [{{instanceType: ml.m5.large}}, {{instanceType: ml.c5.large}}]
  endpoints: [{{endpointName: fraud}}]
""",
)
AUTO_ML_SPEC = f"""
roleArn: {ROLE}
autoMLJobInputDataConfig:
- dataSource: {{s3DataSource: {{s3DataType: S3Prefix, s3Uri: '{_S3}/train'}}}}
outputDataConfig: {{s3OutputPath: '{_S3}/automl'}}
autoMLProblemTypeConfig: {{tabularJobConfig: {{targetAttributeName: churned}}}}
"""
AUTO_ML_JOB = document_text("AutoMLJobV2", "explore", AUTO_ML_SPEC)
CLUSTER_SPEC = f"""instanceGroups:
- instanceGroupName: workers
  instanceType: ml.g5.8xlarge
  instanceCount: 2
  executionRole: {ROLE}
  lifeCycleConfig: {{sourceS3Uri: 's3://sagemaker-scripts', onCreate: start.sh}}"""
WORKLOAD = document_text(
    "AIWorkloadConfig",
    "chat",
    f"datasetConfig: {{inputDataConfig: [{{channelName: p, dataSource: {{s3DataSource: {{s3Uri: '{_S3}/p'}}}}}}]}}",
)
HUB = document_text("Hub", "models", "hubDescription: models that were checked")
PUBLIC_MODELS = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model"
HUB_REFERENCE = document_text(
    "HubContentReference",
    "mistral",
    f"""
hubName: models
sageMakerPublicHubContentArn: '{PUBLIC_MODELS}/huggingface-llm-mistral-7b'
minVersion: 1.0.0
""",
)
HYPERPOD = document_text("Cluster", "research", CLUSTER_SPEC)
SCHEDULER_CONFIG = document_text(
    "ClusterSchedulerConfig",
    "priorities",
    "name: priorities\nclusterArn: research\nschedulerConfig: {priorityClasses: [{name: batch, weight: 10}]}",
)
COMPUTE_QUOTA = document_text(
    "ComputeQuota",
    "fraud-team",
    """
name: fraud
clusterArn: research
computeQuotaConfig: {computeQuotaResources: [{instanceType: ml.g5.8xlarge, count: 1}]}
computeQuotaTarget: {teamName: fraud}
""",
)
PIPELINE = document_text(
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
EXECUTION = document_text(
    "PipelineExecution",
    "nightly",
    "pipelineName: train\npipelineExecutionDescription: every night\npipelineParameters: [{name: depth, value: '7'}]",
)
ACTION = document_text(
    "Action", "approval", "source: {sourceUri: 'https://example.com/42'}\nactionType: Approval"
)
ARTIFACT = document_text(
    "Artifact",
    "training-data",
    f"""
artifactName: training-data
source: {{sourceUri: '{_S3}/train'}}
artifactType: DataSet
properties: {{rows: '10'}}
""",
)
CONTEXT = document_text(
    "Context", "churn", "source: {sourceUri: 'https://example.com/churn'}\ncontextType: Project"
)
ASSOCIATION = document_text(
    "Association",
    "data-approved",
    "sourceArn: training-data\ndestinationArn: Action/approval\nassociationType: ContributedTo",
)
MODEL_CARD = document_text(
    "ModelCard",
    "fraud-card",
    "content: {model_overview: {model_name: fraud}, intended_uses: {risk_rating: Low}}\nmodelCardStatus: Draft",
)
MODEL_CARD_EXPORT = document_text(
    "ModelCardExportJob",
    "fraud-pdf",
    f"modelCardName: fraud-card\noutputConfig: {{s3OutputPath: '{_S3}/cards'}}",
)
FLOW_DEFINITION = document_text(
    "FlowDefinition",
    "review",
    f"""
roleArn: {ROLE}
outputConfig: {{s3OutputPath: '{_S3}/reviews'}}
humanLoopConfig:
  workteamArn: reviewers
  humanTaskUiArn: boxes
  taskTitle: Review
  taskDescription: Say whether it is right.
  taskCount: 1
""",
)
TUNING_SPEC = f"""
hyperParameterTuningJobConfig:
  strategy: Bayesian
  hyperParameterTuningJobObjective: {{type: Minimize, metricName: loss}}
  resourceLimits: {{maxNumberOfTrainingJobs: 5, maxParallelTrainingJobs: 2}}
  parameterRanges:
    continuousParameterRanges: [{{name: eta, minValue: '0.1', maxValue: '0.5'}}]
trainingJobDefinition:
  algorithmSpecification: {{trainingImage: '{IMAGE}', trainingInputMode: File}}
  roleArn: {ROLE}
  outputDataConfig: {{s3OutputPath: '{_S3}/models'}}
  resourceConfig: {CLUSTER}
  stoppingCondition: {{maxRuntimeInSeconds: 3600}}
"""
NOTEBOOK_INSTANCE = document_text(
    "NotebookInstance",
    "desk",
    f"""
instanceType: ml.t3.medium
roleArn: {ROLE}
lifecycleConfigName: notebooks
defaultCodeRepository: notebooks
additionalCodeRepositories: [notebooks, 'https://example.com/other.git']
""",
)
MLFLOW_APP = document_text(
    "MlflowApp",
    "runs",
    f"artifactStoreUri: '{_S3}/runs'\nroleArn: {ROLE}\ndefaultDomainIdList: [studio]",
)
PARTNER_APP = document_text(
    "PartnerApp",
    "evaluations",
    f"type: comet\nexecutionRoleArn: {ROLE}\ntier: small\nauthType: IAM\napplicationConfig: {{adminUsers: [ada]}}",
)
TRACKING_SERVER = document_text(
    "MlflowTrackingServer", "tracking", f"artifactStoreUri: '{_S3}/mlflow'\nroleArn: {ROLE}"
)
