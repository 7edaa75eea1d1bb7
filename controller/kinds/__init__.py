"""One row per kind: what botocore's model does not say. Data, no methods, no I/O."""

from controller.kinds.catalog import KINDS
from controller.kinds.columns import (
    Aside,
    CopiedMember,
    DeleteBlocker,
    Delta,
    DesiredState,
    FoundBy,
    Link,
    Made,
    Release,
    Runs,
    Succession,
    TargetForm,
    Tie,
    Verbs,
)
from controller.kinds.defaults import Default, Echo, Filled, OneOf, Same
from controller.kinds.effects import Consequence, Fleet, Impact
from controller.kinds.kind import Kind

__all__ = [
    "KINDS",
    "Aside",
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
    "Release",
    "Runs",
    "Same",
    "Succession",
    "TargetForm",
    "Tie",
    "Verbs",
]
