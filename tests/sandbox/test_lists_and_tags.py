from datetime import UTC, datetime
from typing import Any

import pytest

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import IMAGE, client_of, make_config, make_model, refusal


@pytest.fixture
def twelve_models(sandbox: Sandbox, aws: Any) -> Any:
    """Twelve models, a minute apart."""
    for number in range(12):
        make_model(aws, f"m{number:02}")
        sandbox.clock.advance(60)
    return aws


def model_names(answer: Any) -> list[str]:
    """List the names of models."""
    return [one["ModelName"] for one in answer["Models"]]


def test_pages_follow_each_other_without_gap(twelve_models: Any) -> None:
    """A paginator returns every model once, newest first, though one is deleted meanwhile."""
    first = twelve_models.list_models(MaxResults=5)
    twelve_models.delete_model(ModelName="m11")
    rest = twelve_models.list_models(MaxResults=100, NextToken=first["NextToken"])
    assert model_names(first) + model_names(rest) == [f"m{number:02}" for number in range(11, -1, -1)]
    assert "NextToken" not in rest


def test_a_token_belongs_to_its_question(twelve_models: Any) -> None:
    """A token of another request, or an invalid one, is refused."""
    token = twelve_models.list_models(MaxResults=5)["NextToken"]
    for params in ({"NextToken": token, "NameContains": "m"}, {"NextToken": "nonsense"}):
        code, text = refusal(twelve_models.list_models, **params)
        assert (code, text[:24]) == ("ValidationException", "Invalid pagination token")


def test_filters_and_orders(twelve_models: Any) -> None:
    """Names are filtered by substring, times by bounds; order and sort are those of the request."""
    assert model_names(twelve_models.list_models(NameContains="M0", SortBy="Name", SortOrder="Ascending"))[
        :2
    ] == [
        "m00",
        "m01",
    ]
    since = datetime.fromtimestamp(1767225600 + 60 * 9.5, UTC)
    assert model_names(twelve_models.list_models(CreationTimeAfter=since)) == ["m11", "m10"]
    assert len(model_names(twelve_models.list_models(CreationTimeBefore=since))) == 10


def test_endpoints_are_listed_ten_at_a_time_and_by_status(sandbox: Sandbox, aws: Any) -> None:
    """ListEndpoints has pages of ten by default, and filters by status."""
    make_model(aws)
    make_config(aws, "c")
    for number in range(11):
        aws.create_endpoint(EndpointName=f"e{number}", EndpointConfigName="c")
    page = aws.list_endpoints()
    assert len(page["Endpoints"]) == 10
    assert len(aws.list_endpoints(NextToken=page["NextToken"])["Endpoints"]) == 1
    assert aws.list_endpoints(StatusEquals="InService")["Endpoints"] == []
    sandbox.clock.advance(200)
    assert len(aws.list_endpoints(StatusEquals="InService", MaxResults=100)["Endpoints"]) == 11


def test_lists_lag_behind_when_asked() -> None:
    """With list_lag a new model is described at once and listed later."""
    sandbox = Sandbox(knobs=Knobs(list_lag=5.0))
    aws = client_of(sandbox)
    make_model(aws)
    assert aws.describe_model(ModelName="m")["ModelName"] == "m"
    assert model_names(aws.list_models()) == []
    sandbox.clock.advance(5)
    aws.delete_model(ModelName="m")
    assert model_names(aws.list_models()) == ["m"]
    sandbox.clock.advance(5)
    assert model_names(aws.list_models()) == []


def test_a_fresh_model_cannot_be_referred_to_yet() -> None:
    """Within the consistency window a reference to a new resource is refused as not found."""
    sandbox = Sandbox(knobs=Knobs(consistency_window=2.0))
    aws = client_of(sandbox)
    make_model(aws)
    with pytest.raises(Exception, match="Could not find model"):
        make_config(aws, "c")
    sandbox.clock.advance(2)
    make_config(aws, "c")


def test_tags_are_added_overwritten_and_removed(aws: Any) -> None:
    """AddTags overwrites by key, DeleteTags removes by key, ListTags returns them."""
    make_model(aws)
    arn = aws.describe_model(ModelName="m")["ModelArn"]
    aws.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    answer = aws.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "3"}])
    assert answer["Tags"] == [{"Key": "a", "Value": "3"}, {"Key": "b", "Value": "2"}]
    aws.delete_tags(ResourceArn=arn, TagKeys=["b", "unknown"])
    assert aws.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "3"}]
    more = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    assert refusal(aws.add_tags, ResourceArn=arn, Tags=more)[0] == "ValidationException"
    reserved = [{"Key": "aws:x", "Value": ""}]
    assert refusal(aws.add_tags, ResourceArn=arn, Tags=reserved)[0] == "ValidationException"
    assert refusal(aws.list_tags, ResourceArn=f"{arn}x")[0] == "ValidationException"


def test_get_resources_finds_by_tag_and_type(sandbox: Sandbox, aws: Any) -> None:
    """GetResources returns what is or was tagged, by tag, type and ARN, in pages."""
    image = {"Image": IMAGE}
    for name in ("a", "b"):
        aws.create_model(ModelName=name, PrimaryContainer=image, Tags=[{"Key": "team", "Value": name}])
    make_model(aws, "bare")
    aws.create_model_package_group(ModelPackageGroupName="g", Tags=[{"Key": "team", "Value": "a"}])
    tagging = client_of(sandbox, "resourcegroupstaggingapi")

    def found(**request: Any) -> list[str]:
        pages = tagging.get_paginator("get_resources").paginate(**request)
        return [one["ResourceARN"].split(":")[5] for page in pages for one in page["ResourceTagMappingList"]]

    assert found(ResourcesPerPage=1) == ["model-package-group/g", "model/a", "model/b"]
    assert found(TagFilters=[{"Key": "team", "Values": ["a"]}]) == ["model-package-group/g", "model/a"]
    assert found(ResourceTypeFilters=["sagemaker:model"]) == ["model/a", "model/b"]
    assert found(ResourceTypeFilters=["s3"]) == []
    arn = aws.describe_model(ModelName="a")["ModelArn"]
    aws.delete_tags(ResourceArn=arn, TagKeys=["team"])
    assert found(ResourceARNList=[arn]) == ["model/a"]
    assert found(TagFilters=[{"Key": "team"}]) == ["model-package-group/g", "model/b"]
