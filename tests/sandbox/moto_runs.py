"""Requests about experiments, executions and Search for the sandbox and moto, and the differences of the responses."""

from collections.abc import Callable
from typing import Any

from tests.sandbox.conftest import ROLE

DEFINITION = (
    '{"Version": "2020-12-01", "Parameters": [{"Name": "Mode", "Type": "String"}],'
    ' "Steps": [{"Name": "a", "Type": "Training"}]}'
)
MODE = [{"Name": "Mode", "Value": "fast"}]
PAIR = {"TrialName": "tr", "TrialComponentName": "tc"}
STALE_PAIR = {"TrialName": "ghost", "TrialComponentName": "tc"}
NO_RUN = {"PipelineExecutionArn": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/runs/execution/ghost"}


def find_execution(aws: Any) -> dict[str, str]:
    """Find the only execution."""
    (one,) = aws.list_pipeline_executions(PipelineName="runs")["PipelineExecutionSummaries"]
    return {"PipelineExecutionArn": one["PipelineExecutionArn"]}


def start(aws: Any, **more: Any) -> list[str]:
    """Start an execution, without its generated ID."""
    named = {"PipelineExecutionDisplayName": "x", "PipelineParameters": MODE}
    return sorted(aws.start_pipeline_execution(**({"PipelineName": "runs"} | named | more)))


def run_pipeline(aws: Any) -> dict[str, Any]:
    """Describe the only execution, without its number."""
    describe_pipeline_execution: dict[str, Any] = aws.describe_pipeline_execution(**find_execution(aws))
    return {
        name: value for name, value in describe_pipeline_execution.items() if name != "PipelineExecutionArn"
    }


def search(aws: Any, resource: str, *filters: Any) -> Any:
    """Search by equality."""
    written = [{"Name": name, "Operator": "Equals", "Value": value} for name, value in filters]
    more = {"SearchExpression": {"Filters": written}} if written else {}
    return aws.search(Resource=resource, **more)["Results"]


RUNS: dict[str, Callable[[Any], Any]] = {
    "create experiment": lambda aws: aws.create_experiment(ExperimentName="ex"),
    "describe experiment": lambda aws: aws.describe_experiment(ExperimentName="ex"),
    "list experiments": lambda aws: aws.list_experiments(),
    "trial of no experiment": lambda aws: aws.create_trial(TrialName="x", ExperimentName="ghost"),
    "create trial": lambda aws: aws.create_trial(TrialName="tr", ExperimentName="ex"),
    "describe trial": lambda aws: aws.describe_trial(TrialName="tr"),
    "describe no trial": lambda aws: aws.describe_trial(TrialName="ghost"),
    "list trials": lambda aws: aws.list_trials(ExperimentName="ex"),
    "create component": lambda aws: aws.create_trial_component(TrialComponentName="tc"),
    "create component again": lambda aws: aws.create_trial_component(TrialComponentName="tc"),
    "describe component": lambda aws: aws.describe_trial_component(TrialComponentName="tc"),
    "describe no component": lambda aws: aws.describe_trial_component(TrialComponentName="ghost"),
    "update component": lambda aws: aws.update_trial_component(
        TrialComponentName="tc", Parameters={"a": {"StringValue": "1"}}
    ),
    "describe updated component": lambda aws: aws.describe_trial_component(TrialComponentName="tc"),
    "associate": lambda aws: aws.associate_trial_component(**PAIR),
    "associate with no trial": lambda aws: aws.associate_trial_component(**STALE_PAIR),
    "list components of trial": lambda aws: aws.list_trial_components(TrialName="tr"),
    "search experiments": lambda aws: search(aws, "Experiment", ("ExperimentName", "ex")),
    "search components by parent": lambda aws: search(
        aws, "ExperimentTrialComponent", ("Parents.TrialName", "tr")
    ),
    "search unknown property": lambda aws: search(aws, "Experiment", ("Ghost", "x")),
    "search unknown resource": lambda aws: search(aws, "Ghost"),
    "delete component in use": lambda aws: aws.delete_trial_component(TrialComponentName="tc"),
    "disassociate": lambda aws: aws.disassociate_trial_component(**PAIR),
    "disassociate from no trial": lambda aws: aws.disassociate_trial_component(**STALE_PAIR),
    "delete component": lambda aws: aws.delete_trial_component(TrialComponentName="tc"),
    "delete experiment in use": lambda aws: aws.delete_experiment(ExperimentName="ex"),
    "delete trial": lambda aws: aws.delete_trial(TrialName="tr"),
    "delete experiment": lambda aws: aws.delete_experiment(ExperimentName="ex"),
    "start no pipeline": lambda aws: start(aws, PipelineName="ghost"),
    "make pipeline": lambda aws: aws.create_pipeline(
        PipelineName="runs", RoleArn=ROLE, PipelineDefinition=DEFINITION
    ),
    "start": start,
    "describe run": run_pipeline,
    "describe no run": lambda aws: aws.describe_pipeline_execution(**NO_RUN),
    "definition of run": lambda aws: aws.describe_pipeline_definition_for_execution(**find_execution(aws)),
    "definition of no run": lambda aws: aws.describe_pipeline_definition_for_execution(**NO_RUN),
    "parameters of run": lambda aws: aws.list_pipeline_parameters_for_execution(**find_execution(aws)),
    "start with unknown parameter": lambda aws: start(
        aws, PipelineParameters=[*MODE, {"Name": "x", "Value": "1"}]
    ),
    "runs of no pipeline": lambda aws: aws.list_pipeline_executions(PipelineName="ghost"),
    "search pipelines": lambda aws: search(aws, "Pipeline", ("PipelineName", "runs")),
    "list pipelines": lambda aws: aws.list_pipelines(PipelineNamePrefix="runs"),
    "delete running pipeline": lambda aws: aws.delete_pipeline(PipelineName="runs"),
}

_DISPLAYED = "moto gives no display name; the documentation says that the name is displayed instead"
_DECLARED = "the model declares ResourceNotFound"
_GUARDED = "moto deletes what is in use; AWS refuses, for components in these words"
_GONE = "moto deleted it before"
_EMPTY = "moto sends empty members and no lineage group"

RUNS_DIFFER: dict[str, str] = {
    "describe experiment": _DISPLAYED,
    "list experiments": _DISPLAYED,
    "trial of no experiment": "moto does not look for the experiment; the model declares ResourceNotFound",
    "describe trial": _DISPLAYED,
    "describe no trial": _DECLARED,
    "list trials": _DISPLAYED,
    "create component again": "moto overwrites; AWS says that it exists already",
    "describe component": _EMPTY,
    "describe no component": _DECLARED,
    "describe updated component": _EMPTY,
    "list components of trial": _DISPLAYED,
    "search experiments": f"moto sends empty Tags, and {_DISPLAYED}",
    "search components by parent": "moto sends empty members, and none of Parents, which the shape has",
    "delete component in use": _GUARDED,
    "disassociate from no trial": f"moto does not look for the trial; {_DECLARED}",
    "delete component": _GONE,
    "delete experiment in use": _GUARDED,
    "delete trial": "moto answers nothing; the model has TrialArn",
    "delete experiment": _GONE,
    "start no pipeline": _DECLARED,
    "describe run": "moto knows no experiment and no version, and sends an empty FailureReason",
    "describe no run": _DECLARED,
    "definition of no run": _DECLARED,
    "start with unknown parameter": "moto does not read definitions",
    "runs of no pipeline": _DECLARED,
    "search pipelines": "moto sends empty Tags",
}
