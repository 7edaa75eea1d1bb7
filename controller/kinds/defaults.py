"""Columns of a row for what the service fills in: values that stand in Describe though nobody wrote them."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias


class ServiceValue(Enum):
    """Why the service's value of a member can't be derived from the spec."""

    MADE = "made by the service; no document says it"
    CHOSEN = "chosen by the service where the member is left out; a document may set it as well"


@dataclass(frozen=True)
class SameAs:
    """The value of another member of Describe, such as a display name that is the name."""

    member: str


@dataclass(frozen=True)
class DerivedFrom:
    """A value that the service derives from the dotted member ``of``; without that member a document sets it."""

    of: str


@dataclass(frozen=True)
class OneOf:
    """Several values that the service had as its default, at one time or another."""

    values: tuple[Any, ...]


# A plain value is the default itself.
Default: TypeAlias = ServiceValue | SameAs | DerivedFrom | OneOf | str | float | bool
