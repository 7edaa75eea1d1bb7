"""A policy document in ``ResourcePolicy``, which IAM stores in a normal form."""

import re
from types import MappingProxyType
from typing import Any

from controller.kinds.columns import JsonDocument


def account_of(principal: Any) -> Any:
    """The account's number for a principal, which IAM writes as the ARN of its root.

    Source: IAM user guide, AWS JSON policy elements: Principal, "AWS account principals".
    """
    root = re.fullmatch(r"arn:[\w-]+:iam::(\d{12}):root", principal) if isinstance(principal, str) else None
    return root[1] if root else principal


# IAM stores single elements without their list, and in an order of its own.
RESOURCE_POLICY = JsonDocument(
    unordered=tuple(
        f"ResourcePolicy.Statement[].{member}"
        for member in ("Action", "NotAction", "Resource", "NotResource", "Principal.AWS", "Principal.Service")
    ),
    forms=MappingProxyType({"ResourcePolicy.Statement[].Principal.AWS": account_of}),
)
