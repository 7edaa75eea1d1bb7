"""Steps of generation 2 of the SageMaker Python SDK."""

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.clients.sagemaker_sdk.steps import (
        CLIENT,
        IMAGE,
        ROLE,
        assert_deleted,
        assert_equal,
        main,
        step,
    )
else:  # first of all, for it replaces the sleep
    from steps import CLIENT, IMAGE, ROLE, main, step

from botocore.exceptions import ClientError
from sagemaker import Model, ModelPackage, Predictor, Session  # type: ignore[import-not-found]
from sagemaker.async_inference import AsyncInferenceConfig  # type: ignore[import-not-found]
from sagemaker.estimator import Estimator  # type: ignore[import-not-found]
from sagemaker.feature_store.feature_definition import (  # type: ignore[import-not-found]
    FractionalFeatureDefinition,
    StringFeatureDefinition,
)
from sagemaker.feature_store.feature_group import FeatureGroup  # type: ignore[import-not-found]
from sagemaker.inputs import TrainingInput  # type: ignore[import-not-found]
from sagemaker.model_monitor import DataCaptureConfig  # type: ignore[import-not-found]
from sagemaker.pipeline import PipelineModel  # type: ignore[import-not-found]
from sagemaker.processing import ProcessingInput, ProcessingOutput, Processor  # type: ignore[import-not-found]
from sagemaker.serverless import ServerlessInferenceConfig  # type: ignore[import-not-found]
from sagemaker.session import production_variant  # type: ignore[import-not-found]
from sagemaker.workflow.condition_step import ConditionStep  # type: ignore[import-not-found]
from sagemaker.workflow.conditions import ConditionGreaterThan  # type: ignore[import-not-found]
from sagemaker.workflow.fail_step import FailStep  # type: ignore[import-not-found]
from sagemaker.workflow.model_step import ModelStep  # type: ignore[import-not-found]
from sagemaker.workflow.parallelism_config import ParallelismConfiguration  # type: ignore[import-not-found]
from sagemaker.workflow.parameters import ParameterInteger  # type: ignore[import-not-found]
from sagemaker.workflow.pipeline import Pipeline  # type: ignore[import-not-found]
from sagemaker.workflow.pipeline_context import PipelineSession  # type: ignore[import-not-found]
from sagemaker.workflow.steps import ProcessingStep, TrainingStep  # type: ignore[import-not-found]

TAGS = [{"Key": "team", "Value": "a"}]
SESSION = Session(sagemaker_client=CLIENT, default_bucket="bucket")


def _model(name: str | None = "fraud", session: Any = SESSION, **more: Any) -> Any:
    return Model(
        IMAGE, model_data="s3://bucket/model.tar.gz", role=ROLE, name=name, sagemaker_session=session, **more
    )


def _estimator(session: Any = SESSION, **more: Any) -> Any:
    return Estimator(
        IMAGE, ROLE, 1, "ml.m5.large", output_path="s3://bucket/out", sagemaker_session=session, **more
    )


@step(DescribeModel=1)
def model() -> None:
    """Create a model, tag it, delete it."""
    each = _model(env={"LOG_LEVEL": "info"}, enable_network_isolation=True)
    each.create(instance_type="ml.m5.large", tags=TAGS)
    found = CLIENT.describe_model(ModelName="fraud")
    assert_equal(found["PrimaryContainer"]["Environment"], {"LOG_LEVEL": "info"})
    assert_equal(found["EnableNetworkIsolation"], True)
    assert_equal(SESSION.list_tags(found["ModelArn"]), TAGS)
    each.delete_model()
    assert_deleted("describe_model", ModelName="fraud")


@step(CreateModel=1)
def existing_model() -> None:
    """Take a model of the same name for the desired one, as the SDK does upon the service's message."""
    _model().create()
    assert_equal(SESSION.create_model("fraud", ROLE, {"Image": IMAGE}), "fraud")


@step(DescribeEndpoint=1, DescribeEndpointConfig=2)
def endpoint() -> None:
    """Deploy, update, and delete with the configuration."""
    each = _model()
    capture = DataCaptureConfig(True, destination_s3_uri="s3://bucket/captured")
    each.deploy(1, "ml.m5.large", endpoint_name="fraud", data_capture_config=capture, tags=TAGS)
    assert_equal(CLIENT.describe_endpoint(EndpointName="fraud")["EndpointStatus"], "InService")
    predictor = Predictor("fraud", SESSION)
    first = predictor._get_endpoint_config_name()
    predictor.update_endpoint(initial_instance_count=2, instance_type="ml.m5.xlarge", model_name="fraud")
    found = CLIENT.describe_endpoint(EndpointName="fraud")
    assert_equal(found["EndpointStatus"], "InService")
    assert_equal(found["ProductionVariants"][0]["CurrentInstanceCount"], 2)
    assert_equal("DataCaptureConfig" in found, True)
    predictor.delete_endpoint(delete_endpoint_config=True)
    CLIENT.get_waiter("endpoint_deleted").wait(EndpointName="fraud")
    CLIENT.delete_endpoint_config(EndpointConfigName=first)
    for name in (first, found["EndpointConfigName"]):
        assert_deleted("describe_endpoint_config", EndpointConfigName=name)


@step()
def serverless_endpoint() -> None:
    """Deploy without instances, and change the concurrency."""
    each = _model()
    each.deploy(serverless_inference_config=ServerlessInferenceConfig(2048, 5), endpoint_name="quiet")
    found = CLIENT.describe_endpoint(EndpointName="quiet")["ProductionVariants"][0]
    assert_equal(found["CurrentServerlessConfig"], {"MemorySizeInMB": 2048, "MaxConcurrency": 5})
    Predictor("quiet", SESSION).delete_endpoint()


@step()
def asynchronous_endpoint() -> None:
    """Deploy for asynchronous inference; without a path for failures the SDK would make a bucket."""
    queue = AsyncInferenceConfig(
        output_path="s3://bucket/answers",
        failure_path="s3://bucket/failed",
        max_concurrent_invocations_per_instance=4,
    )
    _model().deploy(1, "ml.m5.large", async_inference_config=queue, endpoint_name="later")
    found = CLIENT.describe_endpoint(EndpointName="later")["AsyncInferenceConfig"]
    assert_equal(found["OutputConfig"]["S3OutputPath"], "s3://bucket/answers")


@step(CreateEndpointConfig=1)
def endpoint_of_two_variants() -> None:
    """Make an endpoint of production variants, copy its configuration, switch to the copy."""
    for name in ("a", "b"):
        _model(name).create()
    variants = [production_variant(name, "ml.m5.large", 1, name, initial_weight=1) for name in ("a", "b")]
    SESSION.endpoint_from_production_variants("both", variants, TAGS)
    SESSION.create_endpoint_config_from_existing("both", "both-2", new_production_variants=variants[:1])
    SESSION.update_endpoint("both", "both-2")
    assert_equal(len(CLIENT.describe_endpoint(EndpointName="both")["ProductionVariants"]), 1)
    SESSION.endpoint_in_service_or_not("both")
    try:
        SESSION.create_endpoint_config("both", "a", 1, "ml.m5.large")
    except ClientError as refusal:
        assert_equal("Cannot create already existing endpoint configuration" in str(refusal), True)


@step()
def inference_pipeline() -> None:
    """Deploy a model of two containers."""
    whole = PipelineModel([_model("a"), _model("b")], ROLE, name="whole", sagemaker_session=SESSION)
    whole.deploy(1, "ml.m5.large", endpoint_name="whole")
    assert_equal(len(CLIENT.describe_model(ModelName="whole")["Containers"]), 2)
    whole.delete_model()


@step()
def training_job() -> None:
    """Fit, attach, deploy what came out."""
    each = _estimator(
        hyperparameters={"depth": 3}, max_run=3600, metric_definitions=[{"Name": "loss", "Regex": "l=(.*)"}]
    )
    each.fit(
        {"train": TrainingInput("s3://bucket/train", content_type="text/csv")}, logs=False, job_name="fit"
    )
    assert_equal(each.latest_training_job.describe()["TrainingJobStatus"], "Completed")
    attached = Estimator.attach("fit", SESSION)
    assert_equal(attached.model_data, "s3://bucket/out/fit/output/model.tar.gz")
    attached.create_model(name="fit").create()
    attached.deploy(1, "ml.m5.large", endpoint_name="fit", model_name="fit-2")
    each.fit({"train": "s3://bucket/train"}, logs=False, wait=False, job_name="stopped")
    SESSION.stop_training_job("stopped")
    CLIENT.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="stopped")
    assert_equal(CLIENT.describe_training_job(TrainingJobName="stopped")["TrainingJobStatus"], "Stopped")


@step()
def spot_training_job() -> None:
    """Fit on spot instances with checkpoints, and keep the instances warm on others."""
    spot = _estimator(
        use_spot_instances=True, max_run=3600, max_wait=7200, checkpoint_s3_uri="s3://bucket/checkpoints"
    )
    spot.fit({"train": "s3://bucket/train"}, logs=False, job_name="spot")
    warm = _estimator(keep_alive_period_in_seconds=600)
    warm.fit({"train": "s3://bucket/train"}, logs=False, job_name="warm")
    assert_equal(
        CLIENT.describe_training_job(TrainingJobName="warm")["WarmPoolStatus"]["Status"], "Available"
    )


@step(CreateModel=1)
def transform_job() -> None:
    """Transform a batch with a model, which the SDK tries to create a second time."""
    _model().create()
    each = _model().transformer(1, "ml.m5.large", output_path="s3://bucket/answers", strategy="MultiRecord")
    each.transform(
        "s3://bucket/batch", content_type="text/csv", split_type="Line", job_name="batch", logs=False
    )
    assert_equal(CLIENT.describe_transform_job(TransformJobName="batch")["TransformJobStatus"], "Completed")


@step()
def processing_job() -> None:
    """Process, and stop a second one."""
    each = Processor(ROLE, IMAGE, 1, "ml.m5.large", env={"MODE": "a"}, tags=TAGS, sagemaker_session=SESSION)
    inputs = [
        ProcessingInput(source="s3://bucket/raw", destination="/opt/ml/processing/in", input_name="raw")
    ]
    outputs = [
        ProcessingOutput(
            source="/opt/ml/processing/out", destination="s3://bucket/clean", output_name="clean"
        )
    ]
    each.run(inputs, outputs, ["--verbose"], logs=False, job_name="clean")
    assert_equal(each.latest_job.describe()["ProcessingJobStatus"], "Completed")
    each.run(inputs, outputs, logs=False, wait=False, job_name="stopped")
    each.latest_job.stop()
    CLIENT.get_waiter("processing_job_completed_or_stopped").wait(ProcessingJobName="stopped")
    assert_equal(each.latest_job.describe()["ProcessingJobStatus"], "Stopped")


@step()
def compilation_job() -> None:
    """Compile a model with Neo, and deploy it."""
    each = _model()
    each.compile(
        "ml_c5",
        {"data": [1, 3, 224, 224]},
        "s3://bucket/compiled",
        ROLE,
        job_name="neo",
        framework="mxnet",
        framework_version="1.8",
    )
    assert_equal(
        CLIENT.describe_compilation_job(CompilationJobName="neo")["CompilationJobStatus"], "COMPLETED"
    )
    each.deploy(1, "ml.c5.xlarge", endpoint_name="neo")


@step(DescribeFeatureGroup=1)
def feature_group() -> None:
    """Create, extend, delete."""
    definitions = [StringFeatureDefinition("id"), FractionalFeatureDefinition("at")]
    each = FeatureGroup("payments", SESSION, definitions)
    each.create(
        "s3://bucket/features", "id", "at", ROLE, enable_online_store=True, description="d", tags=TAGS
    )
    while each.describe()["FeatureGroupStatus"] == "Creating":
        time.sleep(30)
    assert_equal(each.describe()["FeatureGroupStatus"], "Created")
    each.update([StringFeatureDefinition("country")])
    while each.describe()["LastUpdateStatus"]["Status"] == "InProgress":
        time.sleep(30)
    assert_equal(
        [one["FeatureName"] for one in each.describe()["FeatureDefinitions"]], ["id", "at", "country"]
    )
    assert_equal(each.list_tags(), TAGS)
    assert_equal(
        CLIENT.list_feature_groups(NameContains="pay")["FeatureGroupSummaries"][0]["FeatureGroupName"],
        "payments",
    )
    each.delete()
    time.sleep(30)
    assert_deleted("describe_feature_group", FeatureGroupName="payments")


def _pipeline(session: Any, count: int = 1) -> Any:
    number = ParameterInteger("count", default_value=count)
    processor = Processor(ROLE, IMAGE, number, "ml.m5.large", sagemaker_session=session)
    out = ProcessingOutput(
        source="/opt/ml/processing/out", destination="s3://bucket/clean", output_name="clean"
    )
    clean = ProcessingStep("clean", step_args=processor.run(outputs=[out]))
    data = clean.properties.ProcessingOutputConfig.Outputs["clean"].S3Output.S3Uri
    fit = TrainingStep("fit", step_args=_estimator(session).fit({"train": TrainingInput(data)}))
    made = Model(
        IMAGE, model_data=fit.properties.ModelArtifacts.S3ModelArtifacts, role=ROLE, sagemaker_session=session
    )
    registered = made.register(
        ["text/csv"], ["text/csv"], ["ml.m5.large"], ["ml.m5.large"], model_package_group_name="fraud"
    )
    register = ModelStep("register", step_args=registered)
    condition = ConditionStep(
        "enough",
        conditions=[ConditionGreaterThan(number, 0)],
        if_steps=[register],
        else_steps=[FailStep("none", "there is none")],
    )
    return Pipeline("train", [number], steps=[clean, fit, condition], sagemaker_session=session)


@step(CreatePipeline=1, DescribePipeline=1)
def pipeline() -> None:
    """Upsert twice, start, wait, list, stop, delete."""
    session = PipelineSession(sagemaker_client=CLIENT, default_bucket="bucket")
    _pipeline(session).upsert(ROLE, "one", TAGS, ParallelismConfiguration(2))
    each = _pipeline(session, 2)
    each.upsert(ROLE, "two", [{"Key": "stage", "Value": "b"}])
    assert_equal(each.describe()["PipelineDescription"], "two")
    assert_equal(len(SESSION.list_tags(each.describe()["PipelineArn"])), 2)
    execution = each.start(
        {"count": 3}, "first", execution_description="d", parallelism_config={"MaxParallelExecutionSteps": 1}
    )
    execution.wait()
    assert_equal(execution.describe()["PipelineExecutionStatus"], "Succeeded")
    assert_equal({one["StepStatus"] for one in execution.list_steps()}, {"Succeeded"})
    assert_equal(execution.list_parameters()["PipelineParameters"], [{"Name": "count", "Value": "3"}])
    second = each.start()
    second.stop()
    assert_equal(second.describe()["PipelineExecutionStatus"], "Stopping")
    assert_equal(len(each.list_executions()["PipelineExecutionSummaries"]), 2)
    assert_equal(len(each.list_pipeline_versions()["PipelineVersionSummaries"]), 2)
    assert_equal(each.build_parameters_from_execution(execution.arn, {"count": 4}), {"count": 4})
    time.sleep(30)
    each.delete()
    time.sleep(30)
    assert_deleted("describe_pipeline", PipelineName="train")


@step()
def model_package() -> None:
    """Register two versions, approve one, deploy it."""
    for number in (1, 2):
        made = _model(None).register(
            ["text/csv"],
            ["text/csv"],
            ["ml.m5.large"],
            ["ml.m5.large"],
            model_package_group_name="fraud",
            customer_metadata_properties={"run": str(number)},
            description="d",
            domain="MACHINE_LEARNING",
            task="CLASSIFICATION",
        )
    package = ModelPackage(ROLE, model_package_arn=made.model_package_arn, sagemaker_session=SESSION)
    package.update_approval_status("Rejected", "no")
    package.update_approval_status("Approved", "yes")
    package.update_customer_metadata({"run": "3", "by": "me"})
    package.remove_customer_metadata_properties(["by"])
    found = CLIENT.describe_model_package(ModelPackageName=made.model_package_arn)
    assert_equal(found["CustomerMetadataProperties"], {"run": "3"})
    assert_equal((found["ModelApprovalStatus"], found["ApprovalDescription"]), ("Approved", "yes"))
    package.deploy(1, "ml.m5.large", endpoint_name="fraud")
    assert_equal(CLIENT.describe_endpoint(EndpointName="fraud")["EndpointStatus"], "InService")
    listed = CLIENT.list_model_packages(ModelPackageGroupName="fraud")["ModelPackageSummaryList"]
    assert_equal(sorted(one["ModelPackageVersion"] for one in listed), [1, 2])


@step(CreateModelPackage=1)
def unversioned_model_package() -> None:
    """Register a package of its own name, and take the one that is there the second time."""
    kinds = (["text/csv"], ["text/csv"], ["ml.m5.large"], ["ml.m5.large"])
    made = _model(None).register(*kinds, model_package_name="lonely")
    SESSION.wait_for_model_package("lonely")
    package = ModelPackage(ROLE, model_package_arn=made.model_package_arn, sagemaker_session=SESSION)
    package.deploy(1, "ml.m5.large", endpoint_name="lonely")
    try:
        _model(None).register(*kinds, model_package_name="lonely")
    except ClientError as refusal:
        assert_equal("already exists" in str(refusal), True)


if __name__ == "__main__":
    main()
