from typing import Any

import pytest

from controller.sandbox import InjectedFault, Sandbox
from tests.sandbox.conftest import IMAGE, make_config, make_model, refusal


def test_a_throttled_call_is_told_rate_exceeded(sandbox: Sandbox, aws: Any) -> None:
    """THROTTLE affects the given number of calls of the given operation."""
    sandbox.inject(InjectedFault.THROTTLE, operation="ListModels", times=2)
    aws.list_endpoints()
    for _ in range(2):
        assert refusal(aws.list_models) == ("ThrottlingException", "Rate exceeded")
    aws.list_models()


def test_a_denied_call_names_the_caller_and_the_action(sandbox: Sandbox, aws: Any) -> None:
    """DENIED lasts until it is cleared when no number is given."""
    sandbox.inject(InjectedFault.DENIED, operation="ListModels", times=None)
    for _ in range(3):
        code, text = refusal(aws.list_models)
        assert code == "AccessDeniedException"
        assert "user/sandbox is not authorized to perform: sagemaker:ListModels on resource: " in text
    sandbox.clear_faults()
    aws.list_models()


def test_a_busy_resource_says_so_in_its_own_way(sandbox: Sandbox, aws: Any) -> None:
    """IN_USE affects only the given resource, with the error of its kind."""
    for name in ("g", "h"):
        aws.create_model_package_group(ModelPackageGroupName=name)
    sandbox.clock.advance(10)
    sandbox.inject(InjectedFault.IN_USE, name="h")
    aws.delete_model_package_group(ModelPackageGroupName="g")
    assert refusal(aws.delete_model_package_group, ModelPackageGroupName="h")[0] == "ConflictException"
    aws.delete_model_package_group(ModelPackageGroupName="h")


def test_a_limit_is_told_as_a_quota(sandbox: Sandbox, aws: Any) -> None:
    """LIMIT refuses the next creation."""
    sandbox.inject(InjectedFault.LIMIT)
    code, text = refusal(aws.create_model, ModelName="m", PrimaryContainer={"Image": IMAGE})
    assert code == "ResourceLimitExceeded"
    assert text.startswith("The account-level service limit '")
    make_model(aws)


def test_stale_readers_see_what_was_before(sandbox: Sandbox, aws: Any) -> None:
    """After STALE, Describe and List lag behind creation and deletion; a second creation does not."""
    sandbox.inject(InjectedFault.STALE, seconds=10)
    make_model(aws)
    with pytest.raises(Exception, match="Could not find model"):
        aws.describe_model(ModelName="m")
    assert aws.list_models()["Models"] == []
    assert refusal(aws.create_model, ModelName="m", PrimaryContainer={"Image": IMAGE})[1].startswith(
        "Cannot create"
    )
    sandbox.clock.advance(10)
    aws.describe_model(ModelName="m")
    sandbox.inject(InjectedFault.STALE, operation="DeleteModel", seconds=10)
    aws.delete_model(ModelName="m")
    assert aws.describe_model(ModelName="m")["ModelName"] == "m"
    sandbox.clock.advance(10)
    with pytest.raises(Exception, match="Could not find model"):
        aws.describe_model(ModelName="m")


def test_a_failed_creation_names_its_reason(sandbox: Sandbox, aws: Any) -> None:
    """FAIL lets the next asynchronous creation end Failed, and does not affect synchronous ones."""
    sandbox.inject(InjectedFault.FAIL, reason="no capacity")
    make_model(aws)
    make_config(aws, "c")
    aws.create_endpoint(EndpointName="e", EndpointConfigName="c")
    sandbox.clock.advance(300)
    endpoint = aws.describe_endpoint(EndpointName="e")
    assert (endpoint["EndpointStatus"], endpoint["FailureReason"]) == ("Failed", "no capacity")


def test_a_resource_is_denied_though_it_is_there(sandbox: Sandbox, aws: Any) -> None:
    """MISSING returns the kind's not-found error, or the given message; nothing is changed."""
    make_model(aws)
    for call in (aws.describe_model, aws.delete_model):
        sandbox.inject(InjectedFault.MISSING, operation=call.__name__.title().replace("_", ""))
        assert refusal(call, ModelName="m")[1].startswith("Could not find model")
    sandbox.inject(InjectedFault.MISSING, operation="ListTags")
    arn = aws.describe_model(ModelName="m")["ModelArn"]
    assert refusal(aws.list_tags, ResourceArn=arn)[1].startswith("Could not find resource")
    sandbox.inject(InjectedFault.MISSING, operation="DeleteModel", reason="Could not find the key")
    assert refusal(aws.delete_model, ModelName="m")[1] == "Could not find the key"
    aws.delete_model(ModelName="m")


def test_a_call_is_invalid_or_fails_inside(sandbox: Sandbox, aws: Any) -> None:
    """INVALID and UNKNOWN refuse before any other check."""
    sandbox.inject(InjectedFault.INVALID, operation="ListModels", reason="Invalid resource type")
    assert refusal(aws.list_models) == ("ValidationException", "Invalid resource type")
    sandbox.inject(InjectedFault.UNKNOWN, operation="ListModels", times=10)
    assert refusal(aws.list_models)[0] == "InternalFailure"


def test_an_answer_is_lost_on_its_way(sandbox: Sandbox, aws: Any) -> None:
    """SILENT and GARBLED execute the request; the client gets no response, or an invalid one."""
    sandbox.inject(InjectedFault.SILENT, operation="CreateModelPackageGroup", times=1)
    with pytest.raises(Exception, match=r"Read timeout|already exist"):
        aws.create_model_package_group(ModelPackageGroupName="g")
    sandbox.inject(InjectedFault.GARBLED, operation="CreateModelPackageGroup", reason="[]")
    with pytest.raises(AttributeError):
        aws.create_model_package_group(ModelPackageGroupName="h")
    shown = aws.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert [each["ModelPackageGroupName"] for each in shown] == ["g", "h"]
