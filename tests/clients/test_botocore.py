"""botocore's own paginators and waiters of SageMaker, each that its model has for an operation of the sandbox."""

import json
from typing import Any

import botocore.exceptions
import botocore.session
import pytest
from botocore.waiter import WaiterModel

from controller.sandbox import InjectedFault, Sandbox
from controller.sandbox.operations import HANDLERS
from tests.sandbox.conftest import IMAGE, ROLE, client_of, make_config, make_model
from tests.sandbox.newcomers import PROCESSING, S3, TRAINING, TRANSFORM
from tests.sandbox.test_tuning_jobs import JOB as SEARCHES

DATA = botocore.session.get_session().get_component("data_loader")
PAGES: dict[str, Any] = DATA.load_service_model("sagemaker", "paginators-1")["pagination"]
WAITERS = WaiterModel(DATA.load_service_model("sagemaker", "waiters-2"))
OURS = frozenset(HANDLERS["sagemaker"])
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
MANY = 7  # resources, in pages of three


def create_resources(sandbox: Sandbox, aws: Any) -> dict[str, dict[str, Any]]:
    """Create several resources of some kinds; return the parameters of the lists that need any."""
    source = {"SourceUri": "s3://b/k"}
    empty = json.dumps({"Version": "2020-12-01", "Steps": []})
    aws.create_pipeline(PipelineName="p", RoleArn=ROLE, PipelineDefinition=empty)
    ran = [aws.start_pipeline_execution(PipelineName="p")["PipelineExecutionArn"] for _ in range(MANY)]
    for number in range(MANY):
        name = f"n{number}"
        make_model(aws, name)
        aws.create_model_package_group(ModelPackageGroupName=name)
        aws.create_experiment(ExperimentName=name)
        aws.create_action(ActionName=name, ActionType="t", Source=source)
        aws.create_context(ContextName=name, ContextType="t", Source=source)
        aws.create_trial_component(TrialComponentName=name)
    return {
        **create_resources_with_lists(sandbox, aws),
        "ListPipelineExecutions": {"PipelineName": "p"},
        "ListPipelineVersions": {"PipelineName": "p"},
        "ListPipelineExecutionSteps": {"PipelineExecutionArn": ran[0]},
        "ListPipelineParametersForExecution": {"PipelineExecutionArn": ran[0]},
        "ListTags": {"ResourceArn": f"{ARN}:model/n0"},
        "ListLabelingJobsForWorkteam": {"WorkteamArn": f"{ARN}:workteam/public-crowd/default"},
        "Search": {"Resource": "Model"},
    }


def create_resources_with_lists(sandbox: Sandbox, aws: Any) -> dict[str, dict[str, Any]]:
    """Create one resource of each kind that has a list of its own contents; return the parameters of those lists."""
    aws.create_image(ImageName="n", RoleArn=ROLE)
    sandbox.clock.advance(1000)
    aws.create_image_version(ImageName="n", BaseImage=IMAGE, ClientToken="once", Aliases=["stable"])
    aws.create_model_card(ModelCardName="n", Content="{}", ModelCardStatus="Draft")
    aws.create_model_card_export_job(
        ModelCardName="n", ModelCardExportJobName="n", OutputConfig={"S3OutputPath": S3}
    )
    aws.create_inference_recommendations_job(
        JobName="n", JobType="Default", RoleArn=ROLE, InputConfig={"ModelName": "n0"}
    )
    aws.create_auto_ml_job_v2(
        AutoMLJobName="n",
        AutoMLJobInputDataConfig=[{"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": S3}}}],
        OutputDataConfig={"S3OutputPath": S3},
        AutoMLProblemTypeConfig={"TabularJobConfig": {"TargetAttributeName": "y"}},
        RoleArn=ROLE,
    )
    aws.create_hyper_parameter_tuning_job(HyperParameterTuningJobName="n", **SEARCHES)
    sandbox.clock.advance(100_000)
    return {
        "ListAliases": {"ImageName": "n"},
        "ListImageVersions": {"ImageName": "n"},
        "ListModelCardVersions": {"ModelCardName": "n"},
        "ListModelCardExportJobs": {"ModelCardName": "n"},
        "ListInferenceRecommendationsJobSteps": {"JobName": "n"},
        "ListCandidatesForAutoMLJob": {"AutoMLJobName": "n"},
        "ListTrainingJobsForHyperParameterTuningJob": {"HyperParameterTuningJobName": "n"},
    }


FILLED = frozenset(
    {
        "ListModels",
        "ListModelPackageGroups",
        "ListExperiments",
        "ListActions",
        "ListContexts",
        "ListTrialComponents",
        "ListPipelineExecutions",
    }
)

OF_ONE = frozenset(
    {
        "ListAliases",
        "ListImageVersions",
        "ListModelCardVersions",
        "ListModelCardExportJobs",
        "ListInferenceRecommendationsJobSteps",
        "ListCandidatesForAutoMLJob",
        "ListTrainingJobsForHyperParameterTuningJob",
    }
)


def test_every_paginator_walks_every_page() -> None:
    """Each paginator of a supported operation ends, and returns each resource once, however small the pages are."""
    sandbox = Sandbox()
    aws = client_of(sandbox)
    params = create_resources(sandbox, aws)
    walked = set()
    for operation in sorted(OURS & set(PAGES)):
        snake = botocore.xform_name(operation)
        for size in (50,) if operation == "ListTags" else (3, 100):  # its pages hold 50 at least
            pages = aws.get_paginator(snake).paginate(
                **params.get(operation, {}), PaginationConfig={"PageSize": size}
            )
            found = [json.dumps(one, default=str) for one in pages.search(f"{result_key(operation)}[]")]
            assert len(found) == len(set(found)), operation
            if operation in FILLED:
                assert len(found) == MANY, operation
            assert found or operation not in OF_ONE, operation
        walked.add(operation)
    assert walked >= FILLED


def result_key(operation: str) -> str:
    """Return the member that holds a paginator's items."""
    key = PAGES[operation]["result_key"]
    return str(key[0] if isinstance(key, list) else key)


def start_resource(sandbox: Sandbox, aws: Any, kind: str) -> dict[str, Any]:
    """Create the resource that the waiters of a kind wait for; return its parameters of Describe and Delete."""
    if kind == "ImageVersion":
        aws.create_image(ImageName="n", RoleArn=ROLE)
        sandbox.clock.advance(1000)
        aws.create_image_version(ImageName="n", BaseImage=IMAGE, ClientToken="once")
        return {"ImageName": "n", "Version": 1}
    make_model(aws)
    make_config(aws, "c")
    least: dict[str, dict[str, Any]] = {
        "Endpoint": {"EndpointConfigName": "c"},
        "Image": {"RoleArn": ROLE},
        "NotebookInstance": {"InstanceType": "ml.t3.medium", "RoleArn": ROLE},
        "ProcessingJob": PROCESSING,
        "TrainingJob": TRAINING,
        "TransformJob": TRANSFORM,
    }
    key = {f"{kind}Name": "n"}
    getattr(aws, f"create_{botocore.xform_name(kind)}")(**key, **least[kind])
    return key


WAITED = [name for name in WAITERS.waiter_names if WAITERS.get_waiter(name).operation in OURS]


@pytest.mark.parametrize("name", WAITED)
def test_every_waiter_ends(name: str) -> None:
    """A waiter ends when its resource is stable, and raises when it fails; one for a deletion ends with it."""
    operation = WAITERS.get_waiter(name).operation
    kind, gone = operation.removeprefix("Describe"), name.endswith("Deleted")
    for fails in (False,) if gone else (False, True):
        sandbox = Sandbox()
        aws = client_of(sandbox)
        waiter = aws.get_waiter(botocore.xform_name(name))
        aws.meta.events.register(
            f"before-call.sagemaker.{operation}", lambda clock=sandbox.clock, **_: clock.advance(60)
        )
        if fails:
            failing = "UpdateImage" if name == "ImageUpdated" else f"Create{kind}"
            sandbox.inject(InjectedFault.FAIL, operation=failing)
        key = start_resource(sandbox, aws, kind)
        for does in later_operations(name, kind, fails=fails):
            sandbox.clock.advance(1000)
            getattr(aws, botocore.xform_name(does))(**key)
        wait = {**key, "WaiterConfig": {"Delay": 0, "MaxAttempts": 60}}
        if fails:
            with pytest.raises(botocore.exceptions.WaiterError, match="terminal failure"):
                waiter.wait(**wait)
        else:
            waiter.wait(**wait)


def later_operations(name: str, kind: str, *, fails: bool) -> list[str]:
    """The operations that cause the state that a waiter waits for, after the creation."""
    if name.endswith("Deleted"):
        return [*(["StopNotebookInstance"] if kind == "NotebookInstance" else []), f"Delete{kind}"]
    if name == "NotebookInstanceStopped":
        return [] if fails else ["StopNotebookInstance"]
    return ["UpdateImage"] if name == "ImageUpdated" else []
