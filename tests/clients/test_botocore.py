"""botocore's own paginators and waiters of SageMaker, each that its model has for an operation of the sandbox."""

import json
from typing import Any

import botocore.exceptions
import botocore.session
import pytest
from botocore.waiter import WaiterModel

from controller.sandbox import InjectedFault, Sandbox
from controller.sandbox.operations import HANDLERS
from tests.sandbox.conftest import ROLE, client_of, make_config, make_model

DATA = botocore.session.get_session().get_component("data_loader")
PAGES: dict[str, Any] = DATA.load_service_model("sagemaker", "paginators-1")["pagination"]
WAITERS = WaiterModel(DATA.load_service_model("sagemaker", "waiters-2"))
OURS = frozenset(HANDLERS["sagemaker"])
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
MANY = 7  # resources, in pages of three


def filled(aws: Any) -> dict[str, dict[str, Any]]:
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
        "ListPipelineExecutions": {"PipelineName": "p"},
        "ListPipelineVersions": {"PipelineName": "p"},
        "ListPipelineExecutionSteps": {"PipelineExecutionArn": ran[0]},
        "ListPipelineParametersForExecution": {"PipelineExecutionArn": ran[0]},
        "ListTags": {"ResourceArn": f"{ARN}:model/n0"},
        "ListLabelingJobsForWorkteam": {"WorkteamArn": f"{ARN}:workteam/public-crowd/default"},
        "Search": {"Resource": "Model"},
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


def test_every_paginator_walks_every_page() -> None:
    """Each paginator of a supported operation ends, and shows each resource once however small the pages are."""
    sandbox = Sandbox()
    aws = client_of(sandbox)
    params = filled(aws)
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
        walked.add(operation)
    assert walked >= FILLED


def result_key(operation: str) -> str:
    """Return the member that holds a paginator's items."""
    key = PAGES[operation]["result_key"]
    return str(key[0] if isinstance(key, list) else key)


def started(aws: Any, kind: str) -> None:
    """Create the resource that the waiters of a kind wait for."""
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1"
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    make_model(aws)
    if kind == "Endpoint":
        make_config(aws, "c")
        aws.create_endpoint(EndpointName="n", EndpointConfigName="c")
    elif kind == "NotebookInstance":
        aws.create_notebook_instance(NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn=ROLE)
    elif kind == "TrainingJob":
        aws.create_training_job(
            TrainingJobName="n",
            RoleArn=ROLE,
            AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
            OutputDataConfig={"S3OutputPath": "s3://b/o"},
            ResourceConfig=resources | {"VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
        )
    elif kind == "ProcessingJob":
        aws.create_processing_job(
            ProcessingJobName="n",
            RoleArn=ROLE,
            AppSpecification={"ImageUri": image},
            ProcessingResources={"ClusterConfig": resources | {"VolumeSizeInGB": 1}},
        )
    else:
        assert kind == "TransformJob"
        source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/i"}}}
        aws.create_transform_job(
            TransformJobName="n",
            ModelName="m",
            TransformInput=source,
            TransformOutput={"S3OutputPath": "s3://b/o"},
            TransformResources=resources,
        )


WAITED = [name for name in WAITERS.waiter_names if WAITERS.get_waiter(name).operation in OURS]


@pytest.mark.parametrize("name", WAITED)
def test_every_waiter_ends(name: str) -> None:
    """A waiter sees its resource come to rest, and raises when it fails; one for a deletion sees it gone."""
    operation = WAITERS.get_waiter(name).operation
    kind = operation.removeprefix("Describe")
    for fails in (False, True):
        sandbox = Sandbox()
        aws = client_of(sandbox)
        waiter = aws.get_waiter(botocore.xform_name(name))
        aws.meta.events.register(
            f"before-call.sagemaker.{operation}", lambda clock=sandbox.clock, **_: clock.advance(60)
        )
        gone = name.endswith("Deleted")
        if fails and not gone:
            sandbox.inject(InjectedFault.FAIL, operation=f"Create{kind}")
        started(aws, kind)
        if kind == "NotebookInstance" and (gone or (name.endswith("Stopped") and not fails)):
            sandbox.clock.advance(1000)
            aws.stop_notebook_instance(NotebookInstanceName="n")
        if gone:
            sandbox.clock.advance(1000)
            getattr(aws, f"delete_{botocore.xform_name(kind)}")(**{f"{kind}Name": "n"})
        wait = {f"{kind}Name": "n", "WaiterConfig": {"Delay": 0, "MaxAttempts": 60}}
        if fails and not gone:
            with pytest.raises(botocore.exceptions.WaiterError, match="terminal failure"):
                waiter.wait(**wait)
        else:
            waiter.wait(**wait)
