"""One row per kind: the facts that botocore's model lacks. Data, no methods, no I/O."""

from controller.kinds.catalog import KINDS
from controller.kinds.columns import (
    AssignedIdentity,
    ChildList,
    CopiedMember,
    DeleteBlocker,
    Delta,
    DesiredState,
    Generations,
    JobRun,
    Link,
    Membership,
    Override,
    ReleasedState,
    ServiceMade,
    StringListUpdate,
    TargetForm,
    UpdateHold,
    Verbs,
)
from controller.kinds.defaults import Default, DerivedFrom, OneOf, SameAs, ServiceValue
from controller.kinds.effects import Consequence, Fleet, Impact
from controller.kinds.kind import Kind
from controller.kinds.service import SAGEMAKER, SERVICES, AwsService

__all__ = [
    "KINDS",
    "SAGEMAKER",
    "SERVICES",
    "AssignedIdentity",
    "AwsService",
    "ChildList",
    "Consequence",
    "CopiedMember",
    "Default",
    "DeleteBlocker",
    "Delta",
    "DerivedFrom",
    "DesiredState",
    "Fleet",
    "Generations",
    "Impact",
    "JobRun",
    "Kind",
    "Link",
    "Membership",
    "OneOf",
    "Override",
    "ReleasedState",
    "SameAs",
    "ServiceMade",
    "ServiceValue",
    "StringListUpdate",
    "TargetForm",
    "UpdateHold",
    "Verbs",
]
