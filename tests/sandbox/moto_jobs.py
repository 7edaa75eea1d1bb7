"""Requests about jobs and feature groups for the sandbox and moto, and the differences of the responses."""

from collections.abc import Callable
from typing import Any

from tests.sandbox.conftest import ROLE, make_model
from tests.sandbox.newcomers import COMPILATION, FEATURE_GROUP, PROCESSING, S3, TRAINING, TRANSFORM

OFFLINE = {"OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": S3}}, "RoleArn": ROLE}
GROUP = {name: value for name, value in FEATURE_GROUP.items() if name != "OnlineStoreConfig"} | OFFLINE
TWO_INPUTS = COMPILATION | {
    "ModelPackageVersionArn": "arn:aws:sagemaker:us-east-1:123456789012:model-package/g/1"
}
NO_INPUT = {name: value for name, value in COMPILATION.items() if name != "InputConfig"}
STALE_ROW = {"TransformJobName": "x", **TRANSFORM, "ModelName": "ghost"}

JOBS: dict[str, Callable[[Any], Any]] = {
    "describe no training": lambda aws: aws.describe_training_job(TrainingJobName="ghost"),
    "create training": lambda aws: aws.create_training_job(TrainingJobName="t", **TRAINING),
    "create training again": lambda aws: aws.create_training_job(TrainingJobName="t", **TRAINING),
    "describe training": lambda aws: aws.describe_training_job(TrainingJobName="t"),
    "list trainings": lambda aws: aws.list_training_jobs(),
    "list completed trainings": lambda aws: aws.list_training_jobs(StatusEquals="Completed"),
    "describe no processing": lambda aws: aws.describe_processing_job(ProcessingJobName="ghost"),
    "create processing": lambda aws: aws.create_processing_job(ProcessingJobName="p", **PROCESSING),
    "describe processing": lambda aws: aws.describe_processing_job(ProcessingJobName="p"),
    "list processings": lambda aws: aws.list_processing_jobs(),
    "stop no processing": lambda aws: aws.stop_processing_job(ProcessingJobName="ghost"),
    "stop finished processing": lambda aws: aws.stop_processing_job(ProcessingJobName="p"),
    "describe no transform": lambda aws: aws.describe_transform_job(TransformJobName="ghost"),
    "transform of no model": lambda aws: aws.create_transform_job(**STALE_ROW),
    "create its model": make_model,
    "create transform": lambda aws: aws.create_transform_job(TransformJobName="b", **TRANSFORM),
    "describe transform": lambda aws: aws.describe_transform_job(TransformJobName="b"),
    "list transforms by name": lambda aws: aws.list_transform_jobs(NameContains="b"),
    "delete its model": lambda aws: aws.delete_model(ModelName="m"),
    "describe no compilation": lambda aws: aws.describe_compilation_job(CompilationJobName="ghost"),
    "create compilation": lambda aws: aws.create_compilation_job(CompilationJobName="c", **COMPILATION),
    "create compilation again": lambda aws: aws.create_compilation_job(CompilationJobName="c", **COMPILATION),
    "compile two inputs": lambda aws: aws.create_compilation_job(CompilationJobName="d", **TWO_INPUTS),
    "compile nothing": lambda aws: aws.create_compilation_job(CompilationJobName="d", **NO_INPUT),
    "describe compilation": lambda aws: aws.describe_compilation_job(CompilationJobName="c"),
    "list compilations": lambda aws: aws.list_compilation_jobs(),
    "delete no compilation": lambda aws: aws.delete_compilation_job(CompilationJobName="ghost"),
    "delete compilation": lambda aws: aws.delete_compilation_job(CompilationJobName="c"),
    "create feature group": lambda aws: aws.create_feature_group(FeatureGroupName="Fg", **GROUP),
    "create feature group again": lambda aws: aws.create_feature_group(FeatureGroupName="Fg", **GROUP),
    "describe feature group": lambda aws: aws.describe_feature_group(FeatureGroupName="Fg"),
}
JOBS_DIFFER: dict[str, str] = {
    "create training again": "moto overwrites; AWS says that names must be unique",
    "describe training": "moto leaves the server's defaults and most transitions out, and adds metrics",
    "list trainings": "moto leaves SecondaryStatus out of the summary; the model has it",
    "list completed trainings": "as above",
    "describe processing": "moto leaves resources and limits out; the model requires the resources",
    "stop finished processing": "moto takes it; AWS refuses to stop what is over",
    "transform of no model": "moto does not look for the model",
    "describe transform": "moto leaves the server's defaults out and sends empty members",
    "create feature group": "moto lower-cases the name in the ARN, as AWS did until 2022",
    "describe feature group": "moto leaves defaults out, and `sagemaker` out of the path that ACK saw",
    "describe compilation": "moto leaves the default limit out and makes up other artifacts and digests",
}
