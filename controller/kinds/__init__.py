"""One row per kind: what botocore's model does not say. Data, no methods, no I/O."""

from controller.kinds.catalog import KINDS
from controller.kinds.columns import (
    Aside,
    Child,
    CopiedMember,
    DeleteBlocker,
    Delta,
    DesiredState,
    FoundBy,
    Link,
    Made,
    Override,
    ReleasedState,
    Runs,
    Succession,
    TargetForm,
    Tie,
    UpdateHold,
    Verbs,
)
from controller.kinds.defaults import Default, Echo, Filled, OneOf, Same
from controller.kinds.effects import Consequence, Fleet, Impact
from controller.kinds.kind import Kind
from controller.kinds.service import SAGEMAKER, SERVICES, AwsService

__all__ = [
    "KINDS",
    "SAGEMAKER",
    "SERVICES",
    "Aside",
    "AwsService",
    "Child",
    "Consequence",
    "CopiedMember",
    "Default",
    "DeleteBlocker",
    "Delta",
    "DesiredState",
    "Echo",
    "Filled",
    "Fleet",
    "FoundBy",
    "Impact",
    "Kind",
    "Link",
    "Made",
    "OneOf",
    "Override",
    "ReleasedState",
    "Runs",
    "Same",
    "Succession",
    "TargetForm",
    "Tie",
    "UpdateHold",
    "Verbs",
]
