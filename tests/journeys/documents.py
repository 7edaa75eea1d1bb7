"""Documents of the journeys: a serving stack, a labeling stack, a registry."""

from tests.journeys.stage import document_text

ROLE = "arn:aws:iam::123456789012:role/sagemaker"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"


def model(data: str = "s3://bucket/one.tar.gz", extra: str = "", policy: str = "") -> str:
    """A model named by its document."""
    spec = f"executionRoleArn: {ROLE}\nprimaryContainer: {{image: '{IMAGE}', modelDataUrl: {data}}}\n{extra}"
    return document_text("Model", "fraud", spec, policy)


def config(instance: str = "ml.m5.large", count: int = 2, policy: str = "") -> str:
    """A configuration with one variant for that model."""
    variant = (
        f"{{variantName: main, modelName: fraud, initialInstanceCount: {count}, instanceType: {instance}}}"
    )
    return document_text("EndpointConfig", "fraud", f"productionVariants:\n- {variant}", policy)


def endpoint(extra: str = "", policy: str = "") -> str:
    """An endpoint with that configuration."""
    return document_text("Endpoint", "fraud", f"endpointConfigName: fraud\n{extra}", policy)


def serving(instance: str = "ml.m5.large", data: str = "s3://bucket/one.tar.gz") -> list[str]:
    """Model, configuration and endpoint."""
    return [model(data), config(instance), endpoint()]


_LABELED = frozenset({"ModelQuality", "ModelBias"})  # compared with ground truth
_CLARIFY = frozenset({"ModelBias", "ModelExplainability"})  # analysed as a file says
SORTS = ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")


def job_definition(sort: str, source: str = "batch") -> str:
    """The spec of a job definition of some kind, for the data of a batch transform or of an endpoint."""
    member = sort[0].lower() + sort[1:]
    inputs = {
        "batch": "batchTransformInput: {dataCapturedDestinationS3Uri: 's3://b/in', datasetFormat: {json: {}}, ",
        "endpoint": "endpointInput: {endpointName: fraud, ",
    }[source]
    truth = ", groundTruthS3Input: {s3Uri: 's3://b/truth'}" if sort in _LABELED else ""
    config = ", configUri: 's3://b/analysis.json'" if sort in _CLARIFY else ""
    local = "localPath: /opt/ml/processing/input, inferenceAttribute: '0'}"
    return f"""
{member}AppSpecification: {{imageUri: '{IMAGE}'{config}}}
{member}JobInput: {{{inputs}{local}{truth}}}
{member}JobOutputConfig:
  monitoringOutputs: [{{s3Output: {{s3Uri: 's3://b/out', localPath: /opt/ml/processing/output}}}}]
roleArn: {ROLE}
"""


def schedule_spec(expression: str = "cron(0 * ? * * *)", sort: str = "DataQuality") -> str:
    """The spec of a schedule that runs a definition of that kind."""
    named = f"monitoringJobDefinitionName: fraud, monitoringType: {sort}"
    return f"monitoringScheduleConfig: {{{named}, scheduleConfig: {{scheduleExpression: '{expression}'}}}}"


WORKFORCE = document_text("Workforce", "crowd", "cognitoConfig: {userPool: us-east-1_abc, clientId: abc123}")


def workteam(
    description: str = "reviewers of payments", groups: tuple[str, ...] = ("a", "b"), extra: str = ""
) -> str:
    """A team of that workforce."""
    members = "".join(
        f"- cognitoMemberDefinition: {{userPool: us-east-1_abc, clientId: abc123, userGroup: {group}}}\n"
        for group in groups
    )
    spec = f"workforceName: crowd\ndescription: {description}\nmemberDefinitions:\n{members}{extra}"
    return document_text("Workteam", "reviewers", spec)


GROUP = document_text(
    "ModelPackageGroup", "fraud", "modelPackageGroupDescription: models that score payments"
)


def package(data: str = "s3://bucket/one.tar.gz", extra: str = "") -> str:
    """A package version in that group."""
    spec = f"""
modelPackageGroupName: fraud
modelPackageDescription: first
inferenceSpecification:
  containers:
  - {{image: '{IMAGE}', modelDataUrl: {data}}}
  supportedContentTypes: [text/csv]
  supportedResponseMIMETypes: [text/csv]
{extra}"""
    return document_text("ModelPackage", "candidate", spec)


def pipeline(message: str = "stop", extra: str = "") -> str:
    """A pipeline of one step, its definition written as YAML."""
    spec = f"""
roleArn: {ROLE}
pipelineDefinition:
  Version: '2020-12-01'
  Steps:
  - Name: end
    Type: Fail
    Arguments: {{ErrorMessage: {message}}}
{extra}"""
    return document_text("Pipeline", "train", spec)


def all_documents() -> list[str]:
    """All eight kinds."""
    return [*serving(), WORKFORCE, workteam(), GROUP, package(), pipeline()]
