"""One row per kind: what botocore's model does not say. Data, no methods, no I/O."""

from controller.kinds.catalog import KINDS
from controller.kinds.kind import By, Delta, FoundBy, Kind, Link, Succession

__all__ = ["KINDS", "By", "Delta", "FoundBy", "Kind", "Link", "Succession"]
