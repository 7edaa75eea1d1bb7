"""One row per kind: what botocore's model does not say. Data, no methods, no I/O."""

from controller.kinds.catalog import KINDS
from controller.kinds.columns import (
    Aside,
    By,
    Delta,
    FoundBy,
    Gate,
    Link,
    Made,
    Release,
    Runs,
    Snapshot,
    Succession,
    Tie,
    Verbs,
)
from controller.kinds.defaults import Default, Echo, Filled, OneOf, Same
from controller.kinds.effects import Consequence, Fleet, Impact
from controller.kinds.kind import Kind

__all__ = [
    "KINDS",
    "Aside",
    "By",
    "Consequence",
    "Default",
    "Delta",
    "Echo",
    "Filled",
    "Fleet",
    "FoundBy",
    "Gate",
    "Impact",
    "Kind",
    "Link",
    "Made",
    "OneOf",
    "Release",
    "Runs",
    "Same",
    "Snapshot",
    "Succession",
    "Tie",
    "Verbs",
]
