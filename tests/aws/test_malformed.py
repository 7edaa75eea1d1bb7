"""Malformed responses from an HTTP server to a real client."""

from collections.abc import Iterator
from typing import Any

import pytest

from controller.aws import connect
from controller.core.cloud import Call, Cloud, CloudError, Fault
from controller.sandbox import InjectedFault as Injected
from controller.sandbox import Sandbox, Server, serve
from controller.schema.contract import contract

BODIES = {
    "nothing": "",
    "null": "null",
    "a list": '[{"Tags": []}]',
    "a text": '"all is well"',
    "a number": "1",
    "a page": "<html><body>Welcome to the proxy</body></html>",
    "cut off": '{"ModelName": "fraud", "Mo',
    "members of other types": '{"Tags": "none", "NextToken": 5, "Endpoints": 7, "ModelArn": []}',
}
SHAPED = [name for name in BODIES if name != "members of other types"]


@pytest.fixture(scope="module")
def sandbox_over_http() -> Iterator[tuple[Sandbox, Server]]:
    """A sandbox behind HTTP, for all tests of this module."""
    sandbox = Sandbox()
    server = serve(sandbox).start()
    yield sandbox, server
    server.stop()
    sandbox.close()


@pytest.fixture
def cloud(sandbox_over_http: tuple[Sandbox, Server], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A cloud whose server sends the malformed responses."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    yield connect(region="us-east-1", endpoint_url=sandbox_over_http[1].url)
    sandbox_over_http[0].reset()


def _sample_calls() -> dict[str, Call]:
    """One call of each class of operation that the product makes."""
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/group"
    kind_contract = contract("ModelPackageGroup")
    name = {kind_contract.name_member: "group"}
    return {
        "create": Call(kind_contract.creates.name, {kind_contract.name_member: "another"}),
        "describe": Call(kind_contract.describes.name, name),
        "list": Call("ListModelPackageGroups"),
        "delete": Call("DeleteWorkteam", {"WorkteamName": "team"}),
        "update": Call("UpdateEndpoint", {"EndpointName": "e", "EndpointConfigName": "c"}),
        "tags": Call("ListTags", {"ResourceArn": arn}),
        "tagging": Call("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "b"}]}),
        "search": Call("Search", {"Resource": "Endpoint"}),
        "index": Call("GetResources", {"ResourceTypeFilters": ["sagemaker"]}, service="tagging"),
    }


def _create_resources(cloud: Cloud) -> None:
    """Create the resources that the calls address."""
    image = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1"}
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    member = {"OidcMemberDefinition": {"Groups": ["g"]}}
    oidc = {
        name: f"https://example.com/{name}"
        for name in (
            "Issuer",
            "AuthorizationEndpoint",
            "TokenEndpoint",
            "UserInfoEndpoint",
            "LogoutEndpoint",
            "JwksUri",
        )
    }
    workforce = {"WorkforceName": "f", "OidcConfig": {**oidc, "ClientId": "i", "ClientSecret": "s"}}
    team = {"WorkteamName": "team", "WorkforceName": "f", "Description": "d", "MemberDefinitions": [member]}
    role = "arn:aws:iam::123456789012:role/r"
    model = {"ModelName": "m", "PrimaryContainer": image, "ExecutionRoleArn": role}
    for operation, params in (
        ("CreateModelPackageGroup", {"ModelPackageGroupName": "group"}),
        ("CreateModel", model),
        ("CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": [variant]}),
        ("CreateEndpoint", {"EndpointName": "e", "EndpointConfigName": "c"}),
        ("CreateWorkforce", workforce),
        ("CreateWorkteam", team),
    ):
        cloud.call(Call(operation, params))


@pytest.mark.parametrize("body", SHAPED)
def test_an_answer_that_is_no_object_is_an_error_of_its_call(
    sandbox_over_http: tuple[Sandbox, Server], cloud: Cloud, body: str
) -> None:
    """An empty body, null, lists, strings, HTML pages and truncated objects are errors of every class of operation."""
    sandbox = sandbox_over_http[0]
    _create_resources(cloud)
    sandbox.clock.advance(600)
    for of, call in _sample_calls().items():
        sandbox.inject(Injected.GARBLED, operation=call.operation, reason=BODIES[body])
        with pytest.raises(CloudError) as caught:
            cloud.call(call)
        assert caught.value.fault is Fault.UNKNOWN, of
        assert caught.value.code == "MalformedAnswer", of
        assert caught.value.operation == call.operation
        assert "fraud" not in caught.value.message, "no part of an answer is quoted"


@pytest.mark.parametrize("operation", ["ListTags", "ListEndpoints", "DescribeModel"])
def test_members_of_other_types_raise_nothing_else(
    sandbox_over_http: tuple[Sandbox, Server], cloud: Cloud, operation: str
) -> None:
    """An object whose members can't be parsed is a refusal of its call, or left to its reader."""
    sandbox_over_http[0].inject(
        Injected.GARBLED, operation=operation, reason=BODIES["members of other types"]
    )
    _create_resources(cloud)
    call = Call(operation, {"ResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:model/m"}
                if operation == "ListTags" else {"ModelName": "m"} if operation == "DescribeModel" else {})  # fmt: skip
    seen: list[str] = []
    try:
        cloud.call(call)
    except CloudError as error:
        seen.append(error.code)
    assert seen in ([], ["MalformedAnswer"])


def test_a_call_whose_operation_answers_nothing_takes_nothing(
    sandbox_over_http: tuple[Sandbox, Server], cloud: Cloud
) -> None:
    """For an operation without output, such as DeleteModel, an empty body is a success."""
    _create_resources(cloud)
    assert cloud.call(Call("DeleteModel", {"ModelName": "m"})) == {}


def test_who_we_are_is_an_answer_like_others(sandbox_over_http: tuple[Sandbox, Server], cloud: Cloud) -> None:
    """STS responds in XML: an HTML page or an empty body instead of it is an error too."""
    for body in ("", "<html></html>", "[]", "<GetCallerIdentityResponse/>"):
        sandbox_over_http[0].inject(Injected.GARBLED, operation="GetCallerIdentity", reason=body)
        with pytest.raises(CloudError):
            _ = cloud.identity
    assert cloud.identity.account == "123456789012"


def test_no_answer_at_all_is_a_refusal(sandbox_over_http: tuple[Sandbox, Server], cloud: Cloud) -> None:
    """A connection that ends without a response is retried once and then reported."""
    sandbox_over_http[0].inject(Injected.SILENT, operation="ListModels", times=2)
    with pytest.raises(CloudError) as caught:
        cloud.call(Call("ListModels"))
    assert caught.value.fault is Fault.UNKNOWN
    assert cloud.call(Call("ListModels")) == {"Models": []}


@pytest.mark.parametrize("body", ["[]", "null", '"x"', '{"__type": 5}', '{"message": {}}', "<html>"])
def test_a_refusal_of_any_form_is_one(body: str) -> None:
    """An error response whose body does not follow the protocol is reported as a refusal too."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    from controller.sandbox.protocol import _Raw

    def attach(core: Any) -> None:
        core.register(
            "before-send.sagemaker",
            lambda request, **_: AWSResponse(request.url, 403, HTTPHeaders(), _Raw(body.encode())),
        )

    with pytest.raises(CloudError):
        connect(region="us-east-1", attach=attach).call(Call("ListModels"))
