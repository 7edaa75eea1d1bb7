"""Job definitions of the four sorts in the sandbox: defaults, refusals and lists."""

from typing import Any

import botocore
import pytest
import yaml
from botocore.exceptions import ClientError

from controller.sandbox import Knobs, Sandbox
from controller.schema.contract import contract
from controller.schema.names import to_aws
from tests.journeys.documents import SORTS, job_definition
from tests.kinds.cases_monitoring import MACHINES
from tests.sandbox.conftest import client_of


def _call(aws: Any, verb: str, sort: str) -> Any:
    return getattr(aws, botocore.xform_name(f"{verb}{sort}JobDefinition"))


def _request(sort: str, source: str = "batch") -> dict[str, Any]:
    spec = yaml.safe_load(job_definition(sort, source) + MACHINES % "ml.m5.large")
    return {"JobDefinitionName": "one", **to_aws(spec, contract(f"{sort}JobDefinition").spec)}


@pytest.mark.parametrize("sort", SORTS)
def test_modes_and_run_time_are_filled_in_and_a_name_is_taken_once(aws: Any, sort: str) -> None:
    """Describe returns defaults; a second definition of a sort and name is refused, one of another sort is not."""
    _call(aws, "Create", sort)(**_request(sort))
    shown = _call(aws, "Describe", sort)(JobDefinitionName="one")
    assert shown["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    source = shown[f"{sort}JobInput"]["BatchTransformInput"]
    assert (source["S3InputMode"], source["S3DataDistributionType"]) == ("File", "FullyReplicated")
    (output,) = shown[f"{sort}JobOutputConfig"]["MonitoringOutputs"]
    assert output["S3Output"]["S3UploadMode"] == "EndOfJob"
    with pytest.raises(ClientError, match="ResourceInUse"):
        _call(aws, "Create", sort)(**_request(sort))
    other = next(each for each in SORTS if each != sort)
    _call(aws, "Create", other)(**_request(other))
    _call(aws, "Delete", sort)(JobDefinitionName="one")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        _call(aws, "Describe", sort)(JobDefinitionName="one")
    _call(aws, "Describe", other)(JobDefinitionName="one")


def test_the_list_spells_names_longer_and_filters_by_endpoint() -> None:
    """Elements hold MonitoringJobDefinitionName; an endpoint that is not there is refused unless the knob allows it."""
    with pytest.raises(ClientError, match="Could not find endpoint"):
        client_of(Sandbox()).create_data_quality_job_definition(**_request("DataQuality", "endpoint"))
    aws = client_of(Sandbox(knobs=Knobs(monitored_endpoint_is_checked=False)))
    aws.create_data_quality_job_definition(**_request("DataQuality", "endpoint"))
    aws.create_data_quality_job_definition(**{**_request("DataQuality"), "JobDefinitionName": "two"})
    listed = aws.list_data_quality_job_definitions(EndpointName="fraud")["JobDefinitionSummaries"]
    assert [each["MonitoringJobDefinitionName"] for each in listed] == ["one"]
    assert listed[0]["MonitoringJobDefinitionArn"].endswith(":data-quality-job-definition/one")
    listed = aws.list_data_quality_job_definitions()["JobDefinitionSummaries"]
    assert [(each["MonitoringJobDefinitionName"], each["EndpointName"]) for each in listed] == [
        ("two", ""),
        ("one", "fraud"),
    ]


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("BatchTransformInput", "exactly one of EndpointInput and BatchTransformInput"),
        ("InferenceAttribute", "missing required field, CreateModelQualityJobDefinitionInput"),
    ],
)
def test_an_input_says_what_it_reads_and_which_part_is_the_prediction(
    aws: Any, member: str, message: str
) -> None:
    """An input without a source is refused, and so is model quality without the prediction."""
    request = _request("ModelQuality")
    source = request["ModelQualityJobInput"]
    del (source if member in source else source["BatchTransformInput"])[member]
    with pytest.raises(ClientError, match=message):
        aws.create_model_quality_job_definition(**request)
