import json
from typing import Any

import pytest

from controller.sandbox import Sandbox
from controller.sandbox.model import CompiledOperation, load
from controller.sandbox.service_error import ServiceError
from tests.sandbox.conftest import IMAGE, ROLE, client_of, make_model, refusal

OIDC_ADDRESSES = (
    *("Issuer", "AuthorizationEndpoint", "TokenEndpoint", "UserInfoEndpoint", "LogoutEndpoint", "JwksUri"),
)


def raw(sandbox: Sandbox, operation: str, body: str, prefix: str = "SageMaker") -> tuple[int, Any]:
    """Send bytes to the sandbox's port."""
    answer = sandbox.answer("POST", "/", {"X-Amz-Target": f"{prefix}.{operation}"}, body.encode())
    return answer.status, json.loads(answer.body)


def test_one_violation_is_told_in_corals_words(aws: Any) -> None:
    """An invalid enum value deep in a list is quoted with its path."""
    variants = [{"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.banana"}]
    code, text = refusal(aws.create_endpoint_config, EndpointConfigName="c", ProductionVariants=variants)
    assert code == "ValidationException"
    start = (
        "1 validation error detected: Value 'ml.m5.banana' at 'productionVariants.1.member.instanceType' "
        "failed to satisfy constraint: Member must satisfy enum value set: ["
    )
    assert text.startswith(start)


def test_all_violations_are_told_at_once(aws: Any) -> None:
    """Pattern and length of two members are in one message."""
    tags = [{"Key": "k", "Value": "v" * 257}]
    code, text = refusal(aws.create_model, ModelName="a_b", ExecutionRoleArn=ROLE, Tags=tags)
    assert code == "ValidationException"
    assert text.startswith("2 validation errors detected: Value 'a_b' at 'modelName' failed to satisfy")
    assert text.endswith(
        "at 'tags.1.member.value' failed to satisfy constraint: "
        "Member must have length less than or equal to 256"
    )


def test_a_pattern_must_match_all_of_the_value(aws: Any) -> None:
    """A name that only begins correctly is refused; letters of other scripts are valid in tags."""
    assert refusal(aws.create_model, ModelName="good-then bad")[0] == "ValidationException"
    image = {"Image": IMAGE}
    aws.create_model(ModelName="m", PrimaryContainer=image, Tags=[{"Key": "équipe", "Value": "čtyři"}])
    bad = [{"Key": "a*b", "Value": "v"}]
    assert (
        refusal(aws.create_model, ModelName="n", PrimaryContainer=image, Tags=bad)[0] == "ValidationException"
    )


@pytest.mark.parametrize(
    ("operation", "body", "code", "text"),
    [
        ("DescribeModel", "{}", "ValidationException", "Value null at 'modelName' failed to satisfy"),
        ("DescribeModel", '{"ModelName": 1}', "SerializationException", "NUMBER_VALUE can not be converted"),
        ("DescribeModel", "nonsense", "SerializationException", "not JSON"),
        ("DescribeModel", '{"ModelName": []}', "SerializationException", "Start of list found"),
        ("ListModels", '{"MaxResults": 101}', "ValidationException", "less than or equal to 100"),
        ("BakeCake", "{}", "UnknownOperationException", "BakeCake"),
        ("CreateJob", "{}", "SandboxNotImplemented", "does not implement sagemaker:CreateJob"),
    ],
)
def test_bad_requests_are_refused_with_400(
    sandbox: Sandbox, operation: str, body: str, code: str, text: str
) -> None:
    """Any invalid request gets a 400 with the reason, never a 500."""
    status, error = raw(sandbox, operation, body)
    assert (status, error["__type"]) == (400, code)
    assert text in error["message"]


def test_unknown_members_are_ignored(sandbox: Sandbox, aws: Any) -> None:
    """As in AWS JSON services, a member that the model lacks has no effect."""
    make_model(aws)
    status, model = raw(sandbox, "DescribeModel", '{"ModelName": "m", "Colour": "blue"}')
    assert (status, model["CreationTime"]) == (200, 1767225600.0)


def test_a_client_without_a_body_gets_one_of_no_bytes(sandbox: Sandbox, aws: Any) -> None:
    """Operations without an output shape answer with an empty body."""
    make_model(aws)
    answer = sandbox.answer("POST", "/", {"X-Amz-Target": "SageMaker.DeleteModel"}, b'{"ModelName": "m"}')
    assert (answer.status, answer.body) == (200, b"")


def test_sts_says_who_calls(sandbox: Sandbox) -> None:
    """GetCallerIdentity answers in the query protocol with the account of the sandbox."""
    caller = client_of(sandbox, "sts").get_caller_identity()
    assert (caller["Account"], caller["Arn"]) == ("123456789012", "arn:aws:iam::123456789012:user/sandbox")


def test_regions_are_worlds_apart(sandbox: Sandbox, aws: Any) -> None:
    """The region of the signature selects the resources, and is in the ARN."""
    europe = client_of(sandbox, region="eu-west-1")
    make_model(europe)
    assert europe.describe_model(ModelName="m")["ModelArn"].startswith("arn:aws:sagemaker:eu-west-1:")
    assert aws.list_models()["Models"] == []
    assert sandbox.resources() == ("arn:aws:sagemaker:eu-west-1:123456789012:model/m",)


def test_every_call_is_recorded(sandbox: Sandbox, aws: Any) -> None:
    """The record has operation, parameters, outcome and whether it was a change."""
    make_model(aws)
    refusal(aws.describe_model, ModelName="ghost")
    lines = [(one.operation, one.status, one.error, one.mutating) for one in sandbox.calls]
    assert lines == [("CreateModel", 200, None, True), ("DescribeModel", 400, "ValidationException", False)]
    assert sandbox.calls[1].params == {"ModelName": "ghost"}
    sandbox.clear_calls()
    assert sandbox.calls == ()


@pytest.mark.parametrize("value", [True, "1", 1.5, [1], {"a": 1}])
def test_a_number_is_a_number(value: Any) -> None:
    """``true`` is none, nor is a string: what AWS refuses as a value of another type, the sandbox refuses."""
    with pytest.raises(ServiceError) as caught:
        _operation("ListModels").check({"MaxResults": value})
    assert caught.value.code == "SerializationException"
    assert _operation("ListModels").check({"MaxResults": 2.0}) == {"MaxResults": 2}


def _operation(name: str) -> CompiledOperation:
    found = load("sagemaker").operation(name)
    assert found is not None
    return found


def test_no_secret_is_in_the_record(sandbox: Sandbox, aws: Any) -> None:
    """A sensitive member of a request is masked where requests are recorded."""
    oidc = dict.fromkeys(("ClientId", "ClientSecret"), "canary-77")
    oidc |= dict.fromkeys(OIDC_ADDRESSES, "https://a.example.com/x")
    aws.create_workforce(WorkforceName="w", OidcConfig={**oidc, "ClientId": "me"})
    assert [one.operation for one in sandbox.calls] == ["CreateWorkforce"]
    assert "canary-77" not in str(sandbox.calls)


def test_a_filter_that_is_not_known_lists_nothing(sandbox: Sandbox) -> None:
    """A List with a member that the model lacks is refused: without the filter it would return too much."""
    answer = sandbox.answer("POST", "/", {"X-Amz-Target": "SageMaker.ListModels"}, b'{"LaterFilter": "x"}')
    assert (answer.status, b"LaterFilter" in answer.body) == (400, True)
