"""Trust policies of roles: whether SageMaker can assume the role."""

from typing import Any

import pytest

from controller.engine.external import trusts_sagemaker


@pytest.mark.parametrize(
    ("statements", "assumable"),
    [
        (
            [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sagemaker.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
            True,
        ),
        (
            [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com"]},
                    "Action": ["sts:TagSession", "sts:*"],
                    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
                }
            ],
            True,
        ),
        ([{"Effect": "Allow", "Principal": "*", "Action": "*"}], True),
        ([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}], False),
        (
            [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sagemaker.amazonaws.com"},
                    "Action": "sts:TagSession",
                }
            ],
            False,
        ),
        (
            [
                {
                    "Effect": "Deny",
                    "Principal": {"Service": "sagemaker.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
            False,
        ),
        (
            [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sagemaker.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                },
                {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"},
            ],
            False,
        ),
        ("nonsense", False),
        ([None, 1], False),
    ],
)
def test_a_trust_policy_is_read_as_iam_reads_it(statements: Any, *, assumable: bool) -> None:
    """One value or a list; conditions count as met; a Deny without one wins; malformed ones trust no service."""
    assert trusts_sagemaker({"Version": "2012-10-17", "Statement": statements}) is assumable
    single = statements[0] if isinstance(statements, list) and len(statements) == 1 else statements
    assert trusts_sagemaker({"Version": "2012-10-17", "Statement": single}) is assumable
    assert trusts_sagemaker("{") is False
