"""Reads of CloudWatch, IAM, ECR, S3 and Service Quotas, through real clients, in process and over HTTP."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError

from controller.aws.client import share_models
from controller.sandbox import InjectedFault, Sandbox, serve
from tests.sandbox.conftest import refusal, session_of


class Clients:
    """Clients of the services, each made when it is used: models of services are large."""

    def __init__(self, sandbox: Sandbox, url: str | None) -> None:
        inner = botocore.session.Session()
        share_models(inner)
        if url is None:
            sandbox.attach(inner)
        self._session: Any = boto3.session.Session("a", "b", region_name="us-east-1", botocore_session=inner)
        self._url = url

    @cached_property
    def cloudwatch(self) -> Any:
        """CloudWatch's."""
        return self._session.client("cloudwatch", endpoint_url=self._url)

    @cached_property
    def iam(self) -> Any:
        """IAM's."""
        return self._session.client("iam", endpoint_url=self._url)

    @cached_property
    def ecr(self) -> Any:
        """ECR's."""
        return self._session.client("ecr", endpoint_url=self._url)

    @cached_property
    def s3(self) -> Any:
        """That of S3."""
        return self._session.client("s3", endpoint_url=self._url)

    @cached_property
    def quotas(self) -> Any:
        """That of Service Quotas."""
        return self._session.client("service-quotas", endpoint_url=self._url)


@pytest.fixture(params=["in process", "over HTTP"])
def clients(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Clients]:
    """Clients of the sandbox, attached or over HTTP."""
    if request.param == "in process":
        yield Clients(sandbox, None)
        return
    server = serve(sandbox).start()
    yield Clients(sandbox, server.url)
    server.stop()


def knobs(sandbox: Sandbox, **changed: Any) -> None:
    """Set knobs of a sandbox."""
    sandbox.knobs = replace(sandbox.knobs, **changed)


def test_alarms_are_ok_unless_a_knob_says_otherwise(sandbox: Sandbox, clients: Clients) -> None:
    """Alarms of a name are described with their state, missing ones left out; composite ones are none."""
    names = ["a", "b", "c", "d"]
    sets = {"missing_alarms": {"b"}, "firing_alarms": {"c"}, "alarms_without_data": {"d"}}
    knobs(sandbox, **{name: frozenset(value) for name, value in sets.items()})
    found = clients.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    states = {each["AlarmName"]: each["StateValue"] for each in found}
    assert states == {"a": "OK", "c": "ALARM", "d": "INSUFFICIENT_DATA"}
    firing = clients.cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert [each["AlarmName"] for each in firing] == ["c"]
    composite = clients.cloudwatch.describe_alarms(AlarmNames=names, AlarmTypes=["CompositeAlarm"])
    assert not composite["MetricAlarms"]


def test_a_role_trusts_sagemaker_unless_a_knob_says_otherwise(sandbox: Sandbox, clients: Clients) -> None:
    """The trust policy is returned as botocore decodes it; a missing role is refused with IAM's message."""
    knobs(sandbox, missing_roles=frozenset({"gone"}), roles_without_trust=frozenset({"ec2"}))
    trusted = {
        name: clients.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"][0][
            "Principal"
        ]
        for name in ("sagemaker", "ec2")
    }
    assert trusted == {
        "sagemaker": {"Service": "sagemaker.amazonaws.com"},
        "ec2": {"Service": "ec2.amazonaws.com"},
    }
    message = "The role with name gone cannot be found."
    assert refusal(clients.iam.get_role, RoleName="gone") == ("NoSuchEntity", message)


def test_images_exist_unless_a_knob_says_otherwise(sandbox: Sandbox, clients: Clients) -> None:
    """A missing image is a failure in a valid response, a missing repository a refusal."""
    knobs(sandbox, missing_images=frozenset({"fraud:2", "gone"}))
    ids = [{"imageTag": "1"}, {"imageTag": "2"}]
    answer = clients.ecr.batch_get_image(repositoryName="fraud", imageIds=ids)
    assert [each["imageId"] for each in answer["images"]] == [{"imageTag": "1"}]
    assert [each["failureCode"] for each in answer["failures"]] == ["ImageNotFound"]
    code, _ = refusal(clients.ecr.batch_get_image, repositoryName="gone", imageIds=ids)
    assert code == "RepositoryNotFoundException"


def test_objects_exist_unless_a_knob_says_otherwise(sandbox: Sandbox, clients: Clients) -> None:
    """HEAD finds an object by its whole key, a list those below a prefix; a bucket may be missing as a whole."""
    knobs(sandbox, missing_objects=frozenset({"s3://ml/a b+c.tar.gz", "s3://ml/none/", "s3://gone"}))
    assert clients.s3.head_object(Bucket="ml", Key="models/one.tar.gz")["ContentLength"] == 1
    for bucket, key in (("ml", "a b+c.tar.gz"), ("gone", "any")):
        assert refusal(clients.s3.head_object, Bucket=bucket, Key=key) == ("404", "Not Found")
    counts = [
        clients.s3.list_objects_v2(Bucket="ml", Prefix=prefix)["KeyCount"] for prefix in ("some/", "none/")
    ]
    assert counts == [1, 0]
    assert refusal(clients.s3.list_objects_v2, Bucket="gone")[0] == "NoSuchBucket"


def test_quotas_are_those_of_the_knob(sandbox: Sandbox, clients: Clients) -> None:
    """They are returned in pages, by name; each has a code, by which it is found."""
    known = {f"ml.m{number}.large for endpoint usage": float(number) for number in range(5)}
    knobs(sandbox, quotas=known)
    pages = clients.quotas.get_paginator("list_service_quotas").paginate(
        ServiceCode="sagemaker", PaginationConfig={"PageSize": 2}
    )
    found = [quota for page in pages for quota in page["Quotas"]]
    assert {quota["QuotaName"]: quota["Value"] for quota in found} == known
    code = found[0]["QuotaCode"]
    assert clients.quotas.get_service_quota(ServiceCode="sagemaker", QuotaCode=code)["Quota"] == found[0]
    assert refusal(clients.quotas.get_service_quota, ServiceCode="sagemaker", QuotaCode="L-0")[0] == (
        "NoSuchResourceException"
    )


def test_each_protocol_has_its_refusals(sandbox: Sandbox, clients: Clients) -> None:
    """A denied call is an error in the service's own protocol, a HEAD by its status alone."""
    requests: dict[str, tuple[Callable[[], Any], str]] = {
        "DescribeAlarms": (
            lambda: clients.cloudwatch.describe_alarms(AlarmNames=["a"]),
            "AccessDeniedException",
        ),
        "GetRole": (lambda: clients.iam.get_role(RoleName="a"), "AccessDenied"),
        "HeadObject": (lambda: clients.s3.head_object(Bucket="ml", Key="a"), "403"),
        "ListObjectsV2": (lambda: clients.s3.list_objects_v2(Bucket="ml"), "AccessDenied"),
    }
    for operation, (request, code) in requests.items():
        sandbox.inject(InjectedFault.DENIED, operation=operation)
        with pytest.raises(ClientError) as refused:
            request()
        assert refused.value.response["Error"]["Code"] == code
    assert not any(call.mutating for call in sandbox.calls)


def test_older_clients_speak_the_query_protocol_with_cloudwatch(sandbox: Sandbox) -> None:
    """A form with CloudWatch's version is answered in XML; invalid numbers are refused."""
    head = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    form = "Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=a&AlarmNames.member.2=%3Cb%3E"
    answer = sandbox.answer("POST", "/", head, form.encode())
    text = answer.body.decode()
    assert answer.status == 200
    assert "<AlarmName>a</AlarmName>" in text
    assert "<AlarmName>&lt;b&gt;</AlarmName>" in text
    assert "<ActionsEnabled>true</ActionsEnabled>" in text
    assert "<StateUpdatedTimestamp>1970-01-01T00:00:00Z</StateUpdatedTimestamp>" in text
    refused = sandbox.answer("POST", "/", head, f"{form}&MaxRecords=many".encode())
    assert (refused.status, b"<Code>MalformedInput</Code>" in refused.body) == (400, True)


def test_another_s3_keeps_its_requests(sandbox: Sandbox) -> None:
    """If the environment names another S3, an attached sandbox passes its requests on."""
    other = Sandbox()
    server = serve(other).start()
    session = session_of(sandbox)
    session.client("s3").head_object(Bucket="ml", Key="a")
    session.client("s3", endpoint_url=server.url).head_object(Bucket="ml", Key="b")
    server.stop()
    assert [[call.params["Key"] for call in each.calls] for each in (sandbox, other)] == [["a"], ["b"]]
