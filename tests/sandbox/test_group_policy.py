import json
from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import client_of, refusal

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/g"
STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": ["arn:aws:iam::210987654321:root"]},
    "Action": ["sagemaker:DescribeModelPackageGroup", "sagemaker:DescribeModelPackage"],
    "Resource": ARN,
}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})


@pytest.fixture
def group(sandbox: Sandbox, aws: Any) -> Any:
    """A client whose account has the group g."""
    aws.create_model_package_group(ModelPackageGroupName="g")
    sandbox.clock.advance(10)
    return aws


def put_policy(aws: Any, policy: str = POLICY, group: str = "g") -> Any:
    """Put a policy on a group."""
    return aws.put_model_package_group_policy(ModelPackageGroupName=group, ResourcePolicy=policy)


def stored_policy(aws: Any) -> str:
    """Return the policy of the group g."""
    return str(aws.get_model_package_group_policy(ModelPackageGroupName="g")["ResourcePolicy"])


def test_a_policy_is_put_and_put_again(group: Any) -> None:
    """A policy comes back in its normal form, is overwritten by the next and deleted once."""
    assert put_policy(group)["ModelPackageGroupArn"] == ARN
    assert stored_policy(group) != POLICY
    (one,) = json.loads(stored_policy(group))["Statement"]
    assert list(one) == sorted(one), "keys are sorted"
    assert one["Principal"] == {"AWS": "arn:aws:iam::210987654321:root"}
    put_policy(group, json.dumps({"Version": "2012-10-17", "Statement": STATEMENT | {"Effect": "Deny"}}))
    assert json.loads(stored_policy(group))["Statement"]["Effect"] == "Deny"
    group.delete_model_package_group_policy(ModelPackageGroupName="g")
    for call in (group.get_model_package_group_policy, group.delete_model_package_group_policy):
        code, text = refusal(call, ModelPackageGroupName="g")
        assert (code, text[:27]) == ("ValidationException", "Cannot find resource policy")


def test_the_text_comes_back_as_it_was_if_the_knob_says_so() -> None:
    """Without normal form Get returns what was put."""
    aws = client_of(Sandbox(knobs=Knobs(policy_is_canonical=False)))
    aws.create_model_package_group(ModelPackageGroupName="g")
    put_policy(aws)
    assert stored_policy(aws) == POLICY


def test_a_policy_needs_its_group(sandbox: Sandbox, group: Any) -> None:
    """A policy of no group is refused, and a policy goes with its group."""
    for call in (group.get_model_package_group_policy, group.delete_model_package_group_policy):
        code, text = refusal(call, ModelPackageGroupName="ghost")
        assert (code, text[:30]) == ("ValidationException", "Cannot find Model Package Grou")
    assert refusal(put_policy, aws=group, group="ghost")[0] == "ValidationException"
    put_policy(group)
    group.delete_model_package_group(ModelPackageGroupName="g")
    assert refusal(put_policy, aws=group)[0] == "ConflictException"
    sandbox.clock.advance(10)
    assert sandbox.resources() == ()
    group.create_model_package_group(ModelPackageGroupName="g")
    assert refusal(stored_policy, aws=group)[1].startswith("Cannot find resource policy")


@pytest.mark.parametrize(
    "policy",
    [
        "no json",
        "[\n]",
        "[]",
        '{"Statement": []}',
        '{"Statement": [1]}',
        json.dumps({"Statement": {name: STATEMENT[name] for name in ("Effect", "Action", "Resource")}}),
        json.dumps({"Statement": STATEMENT | {"Effect": "Maybe"}}),
    ],
)
def test_a_policy_is_checked(group: Any, policy: str) -> None:
    """What is no resource policy is refused."""
    code, text = refusal(put_policy, aws=group, policy=policy)
    # A line's end breaks the model's pattern already, `.*`: policies are sent in one line.
    desired = "regular expression pattern: .*" if "\n" in policy else "Invalid resource policy"
    assert (code, desired in text) == ("ValidationException", True)


def test_faults_meet_policies_too(sandbox: Sandbox, group: Any) -> None:
    """IN_USE meets Put as the model's Conflict; STALE shows the policy that was."""
    sandbox.inject(InjectedFault.IN_USE)
    assert refusal(put_policy, aws=group)[0] == "ConflictException"
    put_policy(group)
    before = stored_policy(group)
    sandbox.inject(InjectedFault.STALE, seconds=10)
    put_policy(group, json.dumps({"Statement": STATEMENT | {"Effect": "Deny"}}))
    assert stored_policy(group) == before
    sandbox.clock.advance(10)
    assert stored_policy(group) != before
