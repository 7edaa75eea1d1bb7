"""Example strings: by shape or member if a meaning is required, else the first that the model's pattern accepts."""

from collections.abc import Iterator, Mapping

from controller.schema.pattern import matches
from controller.schema.shape import Shape, shape
from tests.journeys.documents import IMAGE, ROLE

_ACCOUNT = "us-east-1:123456789012"
_HUB = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub"

# What the service requires beyond the model, by the name of the shape.
BY_SHAPE: Mapping[str, str] = {
    "RoleArn": ROLE,
    "ContainerImage": IMAGE,
    "AlgorithmImage": IMAGE,
    "ImageUri": IMAGE,
    "SingleSignOnUserIdentifier": "UserName",
    "ImageVersionAliasPattern": "2.0",
    "AccountId": "123456789012",
    "UnifiedStudioDomainId": "dzd-one",
    "QProfileArn": f"arn:aws:codewhisperer:{_ACCOUNT}:profile/one",
    "SingleSignOnApplicationArn": "arn:aws:sso::123456789012:application/ssoins-1234567890abcdef/apl-1234567890abcdef",
    "MLFramework": "PyTorch 2.0",
    "ProgrammingLang": "Python 3.11",
    "StudioResourceSpecTrainingPlanArn": f"arn:aws:sagemaker:{_ACCOUNT}:training-plan/one",
    "StudioLifecycleConfigContent": "IyEvYmluL3NoCg==",
    "KmsKeyId": f"arn:aws:kms:{_ACCOUNT}:key/1234abcd",
    "CompilerOptions": '{"dtype": "float16"}',
    "DataInputConfig": '{"input": [1, 3, 224, 224]}',
    "RecommendationJobDataInputConfig": '{"input": [1, 3, 224, 224]}',
    "ModelCardContent": '{"model_overview": {}}',
    "HubContentArn": f"{_HUB}/Model/xgboost/1.0.0",
    "HubDataSetArn": f"{_HUB}/DataSet/reviews/1.0.0",
    "ServerlessJobBaseModelArn": f"{_HUB}/Model/xgboost/1.0.0",
    "EvaluatorArn": f"{_HUB}/JsonDoc/judge/1.0.0",
    "MlReservationArn": f"arn:aws:sagemaker:{_ACCOUNT}:training-plan/plan-1",
    "SageMakerPublicHubContentArn": f"{_HUB}/Model/xgboost-classification-model",
    "HubContentVersion": "1.0.0",
    "PartnerAppAppVersion": "1.0",
    "ContentDigest": f"sha256:{'a' * 64}",
    "ImageDigest": f"sha256:{'a' * 64}",
}

# Tried in this order.
CANDIDATES = (
    "one",
    "text/csv",
    "s3://bucket/key",
    "https://example.com/one",
    "10.0.0.0/8",
    "us-east-1_abc",
    "1.2.3",
    "32K",
    "1H",
    "DE",
    "p50",
    "/metrics",
    "fs-12345678",
    "fs-12345678.fsx.us-east-1.amazonaws.com",
    "ami-0123456789abcdef0",
    f"arn:aws:eks:{_ACCOUNT}:cluster/one",
    "fs-1234567890",
    "arn:aws:sso:::instance/ssoins-1234567890abcdef",
    "vpc-1",
    "subnet-1",
    "sg-1",
    "mig-1g.5gb",
    "-PT1H",
    "Tue:03:30",
    f"arn:aws:sns:{_ACCOUNT}:topic",
    f"arn:aws:lambda:{_ACCOUNT}:function:one",
    f"arn:aws:secretsmanager:{_ACCOUNT}:secret:one",
    f"arn:aws:sagemaker:{_ACCOUNT}:mlflow-tracking-server/one",
    f"arn:aws:sagemaker:{_ACCOUNT}:training-plan/one",
    f"arn:aws:sagemaker:{_ACCOUNT}:model/one",
    f"arn:aws:sagemaker:{_ACCOUNT}:endpoint/one",
    f"arn:aws:sagemaker:{_ACCOUNT}:model-package/fraud/1",
    f"arn:aws:sagemaker:{_ACCOUNT}:pipeline/train/execution/one",
)


def example(of: Shape) -> str:
    """A text that matches the shape.

    Raises:
        LookupError: none of ours does; another candidate is needed.

    """
    if of.enum:
        return of.enum[0]
    if of.name in BY_SHAPE:
        return BY_SHAPE[of.name]
    for text in CANDIDATES:
        if _fits(text, of):
            return text
    raise LookupError(f"no example fits {of.name}: {of.pattern}")


def _fits(text: str, of: Shape) -> bool:
    low, high = of.minimum or 0, of.maximum or len(text)
    return low <= len(text) <= high and (not of.pattern or matches(of.pattern, text))


def members_of(of: Shape, at: str) -> Iterator[str]:
    """Every dotted member that can be written below a shape."""
    if of.type == "structure":
        for name, inner in of.members.items():
            if name not in of.tokens:
                yield f"{at}.{name}".lstrip(".")
                if name != "Tags":  # documents have a map
                    yield from members_of(shape(inner), f"{at}.{name}".lstrip("."))
    elif of.type in ("list", "map"):
        yield from members_of(shape(of.element or of.value), f"{at}[]")
