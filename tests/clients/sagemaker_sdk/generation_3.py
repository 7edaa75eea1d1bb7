"""Steps of generation 3 of the SageMaker Python SDK, whose shapes refuse an answer with a member that they lack."""

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.clients.sagemaker_sdk.steps import CLIENT, IMAGE, ROLE, assert_equal, main, step
else:  # first of all, for it replaces the sleep
    from steps import CLIENT, IMAGE, ROLE, main, step

from botocore.exceptions import ClientError
from sagemaker.core import resources  # type: ignore[import-not-found]
from sagemaker.core.helper.session_helper import Session  # type: ignore[import-not-found]
from sagemaker.core.processing import Processor  # type: ignore[import-not-found]
from sagemaker.core.shapes import shapes  # type: ignore[import-not-found]
from sagemaker.core.workflow.conditions import ConditionGreaterThan  # type: ignore[import-not-found]
from sagemaker.core.workflow.parameters import ParameterInteger  # type: ignore[import-not-found]
from sagemaker.core.workflow.pipeline_context import PipelineSession  # type: ignore[import-not-found]
from sagemaker.mlops.workflow import (  # type: ignore[import-not-found]
    ConditionStep,
    FailStep,
    ParallelismConfiguration,
    Pipeline,
    ProcessingStep,
)

SESSION = Session(sagemaker_client=CLIENT, default_bucket="bucket")


def _model(name: str = "fraud") -> Any:
    container = shapes.ContainerDefinition(image=IMAGE, model_data_url="s3://bucket/model.tar.gz")
    return resources.Model.create(model_name=name, primary_container=container, execution_role_arn=ROLE)


def _config(name: str, **more: Any) -> Any:
    variant = shapes.ProductionVariant(
        variant_name="main", model_name="fraud", instance_type="ml.m5.large", **more
    )
    return resources.EndpointConfig.create(endpoint_config_name=name, production_variants=[variant])


@step(DescribeEndpoint=1, DescribeModel=1)
def endpoint() -> None:
    """Create, wait, update, scale, delete."""
    model = _model()
    configs = [_config(f"fraud-{count}", initial_instance_count=count) for count in (1, 2)]
    each = resources.Endpoint.create(endpoint_name="fraud", endpoint_config_name="fraud-1")
    assert_equal(each.endpoint_status, "Creating")
    each.wait_for_status("InService", poll=30)
    CLIENT.update_endpoint(EndpointName="fraud", EndpointConfigName="fraud-2")
    each.refresh()
    assert_equal(each.endpoint_status, "Updating")
    each.wait_for_status("InService", poll=30)
    assert_equal(each.production_variants[0].current_instance_count, 2)
    each.update_weights_and_capacities(
        [shapes.DesiredWeightAndCapacity(variant_name="main", desired_instance_count=3)]
    )
    each.wait_for_status("InService", poll=30)
    assert_equal(each.refresh().production_variants[0].current_instance_count, 3)
    assert_equal(
        [one.endpoint_name for one in resources.Endpoint.get_all(status_equals="InService")], ["fraud"]
    )
    each.delete()
    each.wait_for_delete(poll=30)
    for one in configs:
        one.delete()
    model.delete()
    _assert_deleted(model)


def _assert_deleted(resource: Any) -> None:
    try:
        resource.refresh()
    except ClientError as refusal:
        assert_equal(refusal.response["Error"]["Code"] in {"ValidationException", "ResourceNotFound"}, True)
    else:
        raise AssertionError(f"{resource.get_name()} is still described")


@step()
def training_job() -> None:
    """Train, and stop a second job."""
    for name in ("fit", "stopped"):
        each = resources.TrainingJob.create(
            training_job_name=name,
            role_arn=ROLE,
            algorithm_specification=shapes.AlgorithmSpecification(
                training_image=IMAGE, training_input_mode="File"
            ),
            output_data_config=shapes.OutputDataConfig(s3_output_path="s3://bucket/out"),
            resource_config=shapes.ResourceConfig(
                instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=30
            ),
            stopping_condition=shapes.StoppingCondition(max_runtime_in_seconds=3600),
            hyper_parameters={"depth": "3"},
        )
        if name == "stopped":
            each.stop()
        each.wait(poll=30)
    assert_equal(each.training_job_status, "Stopped")
    done = resources.TrainingJob.get("fit")
    assert_equal(done.training_job_status, "Completed")
    assert_equal(done.model_artifacts.s3_model_artifacts, "s3://bucket/out/fit/output/model.tar.gz")
    assert_equal(len(list(resources.TrainingJob.get_all())), 2)


@step()
def processing_job() -> None:
    """Process by the class of the SDK that generation 2 had as well."""
    each = Processor(ROLE, IMAGE, 1, "ml.m5.large", env={"MODE": "a"}, sagemaker_session=SESSION)
    out = shapes.ProcessingS3Output(
        s3_uri="s3://bucket/clean", local_path="/opt/ml/processing/out", s3_upload_mode="EndOfJob"
    )
    each.run(
        outputs=[shapes.ProcessingOutput(output_name="clean", s3_output=out)], logs=False, job_name="clean"
    )
    assert_equal(resources.ProcessingJob.get("clean").processing_job_status, "Completed")


@step(DescribeFeatureGroup=1)
def feature_group() -> None:
    """Create, extend, delete."""
    each = resources.FeatureGroup.create(
        feature_group_name="payments",
        record_identifier_feature_name="id",
        event_time_feature_name="at",
        feature_definitions=[
            shapes.FeatureDefinition(feature_name="id", feature_type="String"),
            shapes.FeatureDefinition(feature_name="at", feature_type="String"),
        ],
        online_store_config=shapes.OnlineStoreConfig(enable_online_store=True),
        role_arn=ROLE,
    )
    each.wait_for_status("Created")
    each.update([shapes.FeatureDefinition(feature_name="country", feature_type="String")])
    time.sleep(60)
    assert_equal([one.feature_name for one in each.refresh().feature_definitions], ["id", "at", "country"])
    each.delete()
    each.wait_for_delete()


@step(CreatePipeline=1)
def pipeline() -> None:
    """Upsert twice, start, wait, list, delete."""
    session = PipelineSession(sagemaker_client=CLIENT, default_bucket="bucket")
    number = ParameterInteger("count", default_value=1)
    clean = ProcessingStep(
        "clean", step_args=Processor(ROLE, IMAGE, number, "ml.m5.large", sagemaker_session=session).run()
    )
    enough = ConditionStep(
        "enough",
        conditions=[ConditionGreaterThan(number, 0)],
        if_steps=[clean],
        else_steps=[FailStep("none", "there is none")],
    )
    each = Pipeline("train", [number], steps=[enough], sagemaker_session=session)
    for description in ("one", "two"):
        each.upsert(ROLE, description, [{"Key": "team", "Value": description}], ParallelismConfiguration(2))
    assert_equal(each.describe()["PipelineDescription"], "two")
    execution = each.start({"count": 3}, "first")
    execution.wait()
    found = resources.PipelineExecution.get(execution.arn)
    assert_equal(found.pipeline_execution_status, "Succeeded")
    assert_equal({one.step_status for one in found.get_all_steps()}, {"Succeeded"})
    assert_equal([(one.name, one.value) for one in found.get_all_parameters()], [("count", "3")])
    assert_equal(found.get_pipeline_definition().pipeline_definition, each.describe()["PipelineDefinition"])
    each.delete()


if __name__ == "__main__":
    main()
