from typing import Any

import pytest

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import IMAGE, ROLE, client_of, make_config, make_model, refusal

STEM = "arn:aws:sagemaker:us-east-1:123456789012"
JOB = {
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}


def channel(name: str, uri: str) -> dict[str, Any]:
    """Write an input channel."""
    return {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}


@pytest.fixture
def jobs(sandbox: Sandbox, aws: Any) -> Any:
    """Three training jobs, a minute apart, of team red, blue and none."""
    for number, tags in enumerate(
        ([{"Key": "team", "Value": "red"}], [{"Key": "team", "Value": "blue"}], [])
    ):
        aws.create_training_job(
            TrainingJobName=f"job-{number}",
            HyperParameters={"rate": f"0.{number + 1}", "kind": f"k{number}"},
            InputDataConfig=[channel("train", f"s3://bucket/{number}"), channel("test", "s3://bucket/t")],
            Tags=tags,
            **JOB,
        )
        sandbox.clock.advance(60)
    return aws


def search_names(aws: Any, resource: str = "TrainingJob", **more: Any) -> list[str]:
    """List the numbers, or names, of the results, in order."""
    member = resource.removeprefix("Experiment") or resource
    results = aws.search(Resource=resource, **more)["Results"]
    return [str(one[member].get(f"{member}Name", one)).removeprefix("job-") for one in results]


def search_expression(*filters: Any, **more: Any) -> dict[str, Any]:
    """Write a search expression of filters, each a name, an operator and perhaps a value."""
    keys = ("Name", "Operator", "Value")
    written = [dict(zip(keys, one, strict=False)) for one in filters]
    return {"SearchExpression": ({"Filters": written} if written else {}) | more}


@pytest.mark.parametrize(
    ("one", "numbers"),
    [
        (("TrainingJobName", "Equals", "job-1"), "1"),
        (("TrainingJobName", "NotEquals", "job-1"), "20"),
        (("TrainingJobName", "Contains", "job"), "210"),
        (("TrainingJobName", "In", "job-0, job-2"), "20"),
        (("Tags.team", "Equals", "red"), "0"),
        (("Tags.team", "Exists"), "10"),
        (("Tags.team", "NotExists"), "2"),
        (("HyperParameters.rate", "LessThan", "0.25"), "10"),
        (("HyperParameters.rate", "GreaterThanOrEqualTo", "0.3"), "2"),
        (("HyperParameters.kind", "Equals", "k1"), "1"),
        (("HyperParameters.kind", "GreaterThan", "0"), ""),
        (("ResourceConfig.InstanceCount", "Equals", "1"), "210"),
        (("CreationTime", "GreaterThan", "2026-01-01T00:00:30"), "21"),
        (("CreationTime", "LessThanOrEqualTo", "2026-01-01T00:00:00"), "0"),
        (("EnableNetworkIsolation", "Equals", "true"), ""),
        (("InputDataConfig.DataSource.S3DataSource.S3Uri", "Contains", "/1"), "1"),
        (("VpcConfig", "NotExists"), "210"),
        (("Metrics.accuracy", "GreaterThan", "0.5"), ""),
        (("Metrics.accuracy", "NotExists"), "210"),
    ],
)
def test_filters_compare_as_the_type_of_the_property_asks(jobs: Any, one: Any, numbers: str) -> None:
    """Each operator compares strings, numbers, times, booleans, tags and hyperparameters by their type."""
    assert "".join(search_names(jobs, **search_expression(one), SortBy="CreationTime")) == numbers


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (("TrialName", "Equals", "x"), "Unknown property name: TrialName"),
        (("ResourceConfig.Ghost", "Equals", "x"), "Unknown property name: ResourceConfig.Ghost"),
        (("TrainingJobName.More", "Equals", "x"), "Unknown property name: TrainingJobName.More"),
        (("TrainingJobName", "GreaterThan", "x"), "not supported for text property TrainingJobName"),
        (("ResourceConfig.InstanceCount", "Contains", "1"), "not supported for number property"),
        (("CreationTime", "In", "1"), "not supported for timestamp property"),
        (("ResourceConfig", "Equals", "x"), "not supported for structure property"),
        (("ResourceConfig.InstanceCount", "Equals", "x"), "must be a number"),
        (("CreationTime", "Equals", "yesterday"), "must be YYYY-mm-dd'T'HH:MM:SS"),
        (("EnableNetworkIsolation", "Equals", "x"), "must be true or false"),
        (("Tags.team", "Exists", "x"), "takes no Value"),
        (("Tags.team", "Equals"), "needs a Value"),
        (("Tags.team", "Like", "x"), "failed to satisfy constraint: Member must satisfy enum value set"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(jobs: Any, one: Any, message: str) -> None:
    """Unknown properties, operators that do not suit the type, and invalid values are refused."""
    code, text = refusal(jobs.search, Resource="TrainingJob", **search_expression(one))
    assert (code, message in text) == ("ValidationException", True)


def test_expressions_are_joined_by_and_or_or(jobs: Any) -> None:
    """Filters, nested filters and sub-expressions are joined by And unless Or is requested."""
    red, blue = ("Tags.team", "Equals", "red"), ("Tags.team", "Equals", "blue")
    assert search_names(jobs, **search_expression(red, blue)) == []
    assert sorted(search_names(jobs, **search_expression(red, blue, Operator="Or"))) == ["0", "1"]
    either = search_expression(red, blue, Operator="Or")["SearchExpression"]
    both = search_expression(("TrainingJobName", "Equals", "job-1"), SubExpressions=[either])
    assert search_names(jobs, **both) == ["1"]
    stem = "InputDataConfig"
    uri = f"{stem}.DataSource.S3DataSource.S3Uri"
    for name, numbers in (("train", ["1"]), ("test", [])):
        inner = [
            {"Name": f"{stem}.ChannelName", "Value": name},
            {"Name": uri, "Operator": "Contains", "Value": "/1"},
        ]
        nested = search_expression(NestedFilters=[{"NestedPropertyName": stem, "Filters": inner}])
        assert search_names(jobs, **nested) == numbers, "one item must satisfy all"


def test_an_expression_has_its_limits(jobs: Any) -> None:
    """Twenty conditions in a list, fifty in all, one Contains, at least one condition."""
    one = ("Tags.team", "Equals", "red")
    twenty = search_expression(*[one] * 20)["SearchExpression"]
    search_names(jobs, **search_expression(SubExpressions=[twenty]))
    refused = {
        "length less than or equal to 20": search_expression(*[one] * 21),
        "at most 50 conditions": search_expression(SubExpressions=[twenty] * 3),
        "'CONTAINS' operator usage limit of 1 exceeded.": search_expression(
            *[("TrainingJobName", "Contains", "j")] * 2
        ),
        "at least one": search_expression(),
        "Unknown property name: RoleArn": search_expression(
            NestedFilters=[
                {"NestedPropertyName": "RoleArn", "Filters": [{"Name": "RoleArn.x", "Value": "1"}]}
            ]
        ),
        "Unknown property name: RoleArn.": search_expression(
            NestedFilters=[
                {"NestedPropertyName": "InputDataConfig", "Filters": [{"Name": "RoleArn.x", "Value": "1"}]}
            ]
        ),
    }
    for message, expression in refused.items():
        code, text = refusal(jobs.search, Resource="TrainingJob", **expression)
        assert (code, message in text) == ("ValidationException", True), message
    jobs.create_experiment(ExperimentName="e")
    often = search_expression(*[("ExperimentName", "Contains", "e"), ("DisplayName", "Contains", "e")] * 2)
    assert search_names(jobs, "Experiment", **often) == search_names(jobs, "Experiment")


def test_pages_orders_and_counts(sandbox: Sandbox, jobs: Any) -> None:
    """Results are by default sorted by LastModifiedTime, newest first; in pages; with their number."""
    first = jobs.search(Resource="TrainingJob", MaxResults=2)
    assert first["TotalHits"] == {"Value": 3, "Relation": "EqualTo"}
    second = jobs.search(Resource="TrainingJob", MaxResults=2, NextToken=first["NextToken"])
    assert len(first["Results"] + second["Results"]) == 3
    assert "NextToken" not in second
    assert search_names(jobs, SortBy="HyperParameters.rate", SortOrder="Ascending") == ["0", "1", "2"]
    assert search_names(jobs, SortBy="Tags.team", SortOrder="Descending") == ["0", "1", "2"]
    sandbox.clock.advance(1)
    jobs.stop_training_job(TrainingJobName="job-0")
    assert search_names(jobs)[0] == "0"
    assert refusal(jobs.search, Resource="TrainingJob", SortBy="Ghost")[1] == "Unknown property name: Ghost"
    assert refusal(jobs.search, Resource="TrainingJob", SortBy="ResourceConfig")[0] == "ValidationException"
    assert search_names(jobs, CrossAccountFilterOption="CrossAccount") == []


def test_trials_and_components_show_each_other(sandbox: Sandbox, aws: Any) -> None:
    """A trial lists its components; a component its parents and the job that it comes from."""
    aws.create_experiment(ExperimentName="E", Tags=[{"Key": "k", "Value": "v"}])
    aws.create_trial(TrialName="T", ExperimentName="E")
    config = {"ExperimentName": "E", "TrialName": "T"}
    aws.create_training_job(TrainingJobName="job", ExperimentConfig=config, **JOB)
    (experiment,) = aws.search(Resource="Experiment")["Results"]
    assert experiment["Experiment"]["Tags"] == [{"Key": "k", "Value": "v"}]
    (trial,) = aws.search(Resource="ExperimentTrial")["Results"]
    (summary,) = trial["Trial"]["TrialComponentSummaries"]
    parent = search_expression(("Parents.TrialName", "Equals", "T"))
    (component,) = aws.search(Resource="ExperimentTrialComponent", **parent)["Results"]
    made = component["TrialComponent"]
    assert summary["TrialComponentName"] == made["TrialComponentName"]
    assert made["Parents"] == [{"TrialName": "T", "ExperimentName": "E"}]
    assert made["SourceDetail"]["SourceArn"] == f"{STEM}:training-job/job"
    assert made["SourceDetail"]["TrainingJob"]["TrainingJobName"] == "job"
    aws.update_trial_component(
        TrialComponentName=made["TrialComponentName"], Parameters={"rate": {"NumberValue": 0.5}}
    )
    rate = search_expression(("Parameters.rate", "GreaterThan", "0.4"))
    assert len(aws.search(Resource="ExperimentTrialComponent", **rate)["Results"]) == 1


def test_every_resource_type_has_its_record(sandbox: Sandbox, aws: Any) -> None:
    """Each searchable kind of the sandbox is found in the shape of its record."""
    make_model(aws)
    make_config(aws, "c")
    aws.create_endpoint(EndpointName="e", EndpointConfigName="c")
    aws.create_model_package_group(ModelPackageGroupName="g", Tags=[{"Key": "k", "Value": "v"}])
    aws.create_model_package(ModelPackageGroupName="g")
    definition = '{"Version": "2020-12-01", "Steps": []}'
    aws.create_pipeline(PipelineName="p", RoleArn=ROLE, PipelineDefinition=definition)
    aws.start_pipeline_execution(PipelineName="p", PipelineExecutionDisplayName="x")
    aws.enable_sagemaker_servicecatalog_portfolio()
    aws.create_project(ProjectName="pr", ServiceCatalogProvisioningDetails={"ProductId": "prod"})
    features = [{"FeatureName": name, "FeatureType": "String"} for name in ("id", "time")]
    aws.create_feature_group(
        FeatureGroupName="fg",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="time",
        FeatureDefinitions=features,
        OnlineStoreConfig={"EnableOnlineStore": True},
    )
    desired = {
        "Model": ("ModelName", "m"),
        "Endpoint": ("EndpointName", "e"),
        "ModelPackageGroup": ("Tags.k", "v"),
        "ModelPackage": ("ModelPackageGroupName", "g"),
        "Pipeline": ("PipelineName", "p"),
        "PipelineExecution": ("PipelineExecutionDisplayName", "x"),
        "PipelineVersion": ("LastExecutedPipelineExecutionStatus", "Executing"),
        "Project": ("ProjectStatus", "Pending"),
        "FeatureGroup": ("FeatureDefinitions.FeatureName", "time"),
        "FeatureMetadata": ("FeatureName", "time"),
    }
    for resource, (name, value) in desired.items():
        answer = aws.search(Resource=resource, **search_expression((name, "Equals", value)))
        assert [list(one) for one in answer["Results"]] == [[resource]], resource
        assert answer["TotalHits"]["Value"] == 1
    assert aws.search(Resource="Model")["Results"][0]["Model"]["Model"]["ModelName"] == "m"
    assert len(aws.search(Resource="FeatureMetadata")["Results"]) == 2
    assert refusal(aws.search, Resource="Image")[0] == "SandboxNotImplemented"
    assert refusal(aws.search, Resource="Workforce")[0] == "ValidationException"


def test_the_index_may_lag_behind() -> None:
    """With a lag, Search shows neither a creation nor a change nor a deletion at once, while Describe does."""
    sandbox = Sandbox(knobs=Knobs(search_lag=30))
    aws = client_of(sandbox)
    aws.create_experiment(ExperimentName="E")
    assert len(aws.list_experiments()["ExperimentSummaries"]) == 1
    assert search_names(aws, "Experiment") == []
    sandbox.clock.advance(30)
    aws.update_experiment(ExperimentName="E", Description="d")
    assert "Description" not in aws.search(Resource="Experiment")["Results"][0]["Experiment"]
    sandbox.clock.advance(30)
    aws.delete_experiment(ExperimentName="E")
    assert aws.search(Resource="Experiment")["Results"][0]["Experiment"]["Description"] == "d"
    sandbox.clock.advance(30)
    assert aws.search(Resource="Experiment")["Results"] == []


def test_suggestions_complete_a_name(jobs: Any) -> None:
    """Names of properties are suggested by their beginning, those of tags and hyperparameters too."""

    def suggested(hint: str) -> list[str]:
        query = {"PropertyNameQuery": {"PropertyNameHint": hint}}
        answer = jobs.get_search_suggestions(Resource="TrainingJob", SuggestionQuery=query)
        return [one["PropertyName"] for one in answer["PropertyNameSuggestions"]]

    assert suggested("Tags.") == ["Tags.team"]
    assert suggested("hyper") == ["HyperParameters.kind", "HyperParameters.rate"]
    assert "TrainingJobName" in suggested("TrainingJob")
    assert "ResourceConfig.InstanceCount" in suggested("ResourceConfig.I")
    assert suggested("Ghost") == []
    every = jobs.get_search_suggestions(Resource="TrainingJob")["PropertyNameSuggestions"]
    for name in (one["PropertyName"] for one in every):
        search_names(jobs, **search_expression((name, "Exists")))


def test_a_trial_component_is_found_with_its_empty_maps(aws: Any) -> None:
    """Search shows the parameters, artifacts and metrics of a trial component that has none of them."""
    aws.create_trial_component(TrialComponentName="bare")
    (found,) = aws.search(Resource="ExperimentTrialComponent")["Results"]
    empty = {
        name: found["TrialComponent"][name] for name in ("Parameters", "InputArtifacts", "OutputArtifacts")
    }
    assert empty == {"Parameters": {}, "InputArtifacts": {}, "OutputArtifacts": {}}
    assert found["TrialComponent"]["Metrics"] == []
