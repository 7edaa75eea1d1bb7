"""The minimal Create requests of each kind of job, algorithm, repository and feature group."""

from typing import Any

from controller.sandbox import Sandbox
from tests.sandbox.conftest import IMAGE, ROLE, make_model

Params = dict[str, Any]
S3 = "s3://bucket/path"
VENDOR = "arn:aws:sagemaker:us-east-1:394669845002:workteam/vendor-crowd/default"
CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
LABELING: Params = {
    "LabelAttributeName": "label",
    "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": f"{S3}/in.manifest"}}},
    "OutputConfig": {"S3OutputPath": S3},
    "RoleArn": ROLE,
    "HumanTaskConfig": {
        "WorkteamArn": VENDOR,
        "UiConfig": {"UiTemplateS3Uri": f"{S3}/ui.html"},
        "TaskTitle": "cats",
        "TaskDescription": "find the cat",
        "NumberOfHumanWorkersPerDataObject": 3,
        "TaskTimeLimitInSeconds": 60,
    },
}
COMPILATION: Params = {
    "RoleArn": ROLE,
    "InputConfig": {"S3Uri": S3, "DataInputConfig": '{"x": [1]}', "Framework": "KERAS"},
    "OutputConfig": {"S3OutputLocation": S3, "TargetDevice": "jetson_nano"},
    "StoppingCondition": {},
}
TRANSFORM: Params = {
    "ModelName": "m",
    "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": S3}}},
    "TransformOutput": {"S3OutputPath": S3},
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
}
TRAINING: Params = {
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": S3},
    "ResourceConfig": CLUSTER,
    "StoppingCondition": {},
}
PROCESSING: Params = {
    "RoleArn": ROLE,
    "AppSpecification": {"ImageUri": IMAGE},
    "ProcessingResources": {"ClusterConfig": CLUSTER},
}
ALGORITHM: Params = {
    "TrainingSpecification": {
        "TrainingImage": IMAGE,
        "SupportedTrainingInstanceTypes": ["ml.m4.xlarge"],
        "TrainingChannels": [
            {"Name": "train", "SupportedContentTypes": ["text/csv"], "SupportedInputModes": ["File"]}
        ],
    }
}
REPOSITORY: Params = {"GitConfig": {"RepositoryUrl": "https://example.com/a/b", "Branch": "main"}}
FEATURES = [
    {"FeatureName": "id", "FeatureType": "String"},
    {"FeatureName": "time", "FeatureType": "Fractional"},
]
FEATURE_GROUP: Params = {
    "RecordIdentifierFeatureName": "id",
    "EventTimeFeatureName": "time",
    "FeatureDefinitions": FEATURES,
    "OnlineStoreConfig": {"EnableOnlineStore": True},
}
OPTIMIZATION: Params = {
    "RoleArn": ROLE,
    "ModelSource": {"S3": {"S3Uri": S3}},
    "DeploymentInstanceType": "ml.g5.xlarge",
    "OptimizationConfigs": [{"ModelQuantizationConfig": {}}],
    "OutputConfig": {"S3OutputLocation": S3},
    "StoppingCondition": {},
}
LEAST: dict[str, Params] = {
    "HumanTaskUi": {"UiTemplate": {"Content": "<p>cat?</p>"}},
    "LabelingJob": LABELING,
    "CompilationJob": COMPILATION,
    "TransformJob": TRANSFORM,
    "TrainingJob": TRAINING,
    "ProcessingJob": PROCESSING,
    "OptimizationJob": OPTIMIZATION,
    "Algorithm": ALGORITHM,
    "CodeRepository": REPOSITORY,
    "FeatureGroup": FEATURE_GROUP,
}
JOBS = ("LabelingJob", "CompilationJob", "TransformJob", "TrainingJob", "ProcessingJob", "OptimizationJob")


def operation_name(word: str, kind: str) -> str:
    """Return an operation's name in boto3's form."""
    parts = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind)
    return f"{word}{parts}"


def make(aws: Any, kind: str, name: str = "one", **more: Any) -> Any:
    """Create a minimal resource of a kind, or one with further members."""
    if kind == "TransformJob" and not aws.list_models()["Models"]:
        make_model(aws)
    return getattr(aws, operation_name("create", kind))(**{f"{kind}Name": name}, **(LEAST[kind] | more))


def describe(aws: Any, kind: str, name: str = "one") -> Any:
    """Describe."""
    return getattr(aws, operation_name("describe", kind))(**{f"{kind}Name": name})


def status(aws: Any, kind: str, name: str = "one") -> str:
    """Return the status of a resource."""
    return str(describe(aws, kind, name)[f"{kind}Status"])


def call(aws: Any, word: str, kind: str) -> Any:
    """Return a method of the client."""
    return getattr(aws, operation_name(word, kind))


def wait_until_idle(sandbox: Sandbox) -> None:
    """Advance the clock until everything that happens by itself is done."""
    sandbox.clock.advance(3600)
