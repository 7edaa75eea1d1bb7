"""A List that returns a page again: no pass reads it without end, and the list is not treated as complete."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.session import Session

from controller.aws import connect
from controller.core.cloud import Cloud, CloudError, Fault
from controller.engine.external import quotas
from controller.engine.lookup import describe, owned_tags, pages, tags_of
from controller.sandbox import InjectedFault, Sandbox
from controller.schema.contract import contract

_ARN = "arn:aws:sagemaker:us-east-1:123456789012:model/fraud"
_GROUP: Mapping[str, Any] = {
    "FeatureGroupName": "clicks",
    "FeatureGroupArn": "arn:aws:sagemaker:us-east-1:123456789012:feature-group/clicks",
    "FeatureDefinitions": [],
}
READS: Mapping[str, tuple[Mapping[str, Any], Callable[[Cloud], object]]] = {
    "ListModels": ({"Models": [{}]}, lambda cloud: list(pages(cloud, contract("Model")))),
    "ListTags": ({"Tags": []}, lambda cloud: tags_of(cloud, _ARN)),
    "DescribeFeatureGroup": (_GROUP, lambda cloud: describe(cloud, contract("FeatureGroup"), "clicks")),
    "ListServiceQuotas": ({"Quotas": []}, quotas),
}


class _Raw(io.BytesIO):
    """The part of a urllib3 response that botocore reads."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


@dataclass
class _Circle:
    """An account in which each page of an operation names the same next one; the sandbox answers all other calls."""

    operation: str
    answer: Mapping[str, Any]
    sandbox: Sandbox = field(default_factory=Sandbox)
    read: int = 0

    def attach(self, session: Session) -> None:
        for service in ("sagemaker", "resource-groups-tagging-api", "service-quotas"):
            session.register(f"before-send.{service}", self._send)  # type: ignore[arg-type]  # handlers may answer
        self.sandbox.attach(session)

    def cloud(self) -> Cloud:
        return connect(region="us-east-1", attach=self.attach)

    def _send(self, request: AWSPreparedRequest, **_: object) -> Any:
        target = request.headers.get("X-Amz-Target", b"")
        name = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        if name != self.operation:
            return None
        self.read += 1
        headers = HTTPHeaders.from_dict({"Content-Type": "application/x-amz-json-1.1"})
        return AWSResponse(request.url, 200, headers, _Raw(json.dumps(self.answer).encode()))


@pytest.mark.parametrize("token", ["again", ["again"]], ids=["text", "list"])
@pytest.mark.parametrize("operation", READS)
def test_reading_ends_with_an_error(operation: str, token: object) -> None:
    """If a page token is repeated, the response counts as malformed, and the list as incomplete."""
    answer, read = READS[operation]
    circle = _Circle(operation, {**answer, "NextToken": token})
    with pytest.raises(CloudError, match="leads back to a page that was read") as refused:
        read(circle.cloud())
    assert refused.value.fault is Fault.UNKNOWN
    assert circle.read == 2


def test_an_index_without_an_end_is_no_index() -> None:
    """The tagging index is optional: without it tags are read one by one."""
    circle = _Circle("GetResources", {"ResourceTagMappingList": [], "PaginationToken": "again"})
    assert owned_tags(circle.cloud()) is None
    assert circle.read == 2


def test_the_rates_of_the_account_are_not_read_for_ever() -> None:
    """Service Quotas is read after the first throttled call; if its pages never end, no rate is taken from it."""
    circle = _Circle("ListServiceQuotas", {"Quotas": [], "NextToken": "again"})
    cloud = circle.cloud()
    assert cloud.identity.account
    circle.sandbox.inject(InjectedFault.THROTTLE, operation="ListModels")
    assert list(pages(cloud, contract("Model"))) == [[]]
    assert circle.read == 2
