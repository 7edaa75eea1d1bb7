"""ModelPackageGroupPolicy: who else may use a group; a policy document, compared as one."""

import re
from types import MappingProxyType
from typing import Any

from controller.kinds.columns import JsonDocument, Link, Succession, Verbs
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle


def account_of(principal: Any) -> Any:
    """An account as its number, which IAM writes as the ARN of its root.

    Source: IAM user guide, AWS JSON policy elements: Principal, "AWS account principals".
    """
    root = re.fullmatch(r"arn:[\w-]+:iam::(\d{12}):root", principal) if isinstance(principal, str) else None
    return root[1] if root else principal


# IAM stores single elements without their list, and in an order of its own.
_POLICY = JsonDocument(
    unordered=tuple(
        f"ResourcePolicy.Statement[].{member}"
        for member in ("Action", "NotAction", "Resource", "NotResource", "Principal.AWS", "Principal.Service")
    ),
    forms=MappingProxyType({"ResourcePolicy.Statement[].Principal.AWS": account_of}),
)

MODEL_PACKAGE_GROUP_POLICY = Kind(
    name="ModelPackageGroupPolicy",
    identity=KindIdentity(
        verbs=Verbs(
            create="PutModelPackageGroupPolicy",
            describe="GetModelPackageGroupPolicy",
            update="PutModelPackageGroupPolicy",
        ),
        key=("ModelPackageGroupName",),
        links=(Link("ModelPackageGroupName", "ModelPackageGroup"),),
        arns=("model-package-group/{}",),
    ),
    compare=Compare(
        documents=MappingProxyType({"ResourcePolicy": _POLICY}),
    ),
    lifecycle=Lifecycle(
        succession=Succession(hashed=False),
    ),
)
