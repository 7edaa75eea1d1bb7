"""Columns of a row for defaults: values that Describe shows although nobody set them."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias


class ServiceValue(Enum):
    """The reason why the service's value of a member can't be derived from the spec."""

    MADE = "made by the service; no document says it"
    CHOSEN = "chosen by the service where the member is left out; a document may set it as well"


@dataclass(frozen=True)
class SameAs:
    """The value of another member of Describe, such as a display name that is the name."""

    member: str


@dataclass(frozen=True)
class DerivedFrom:
    """A value that the service derives from the dotted member ``of``, if the spec has that."""

    of: str


@dataclass(frozen=True)
class OneOf:
    """Several values that have been the service's default at different times."""

    values: tuple[Any, ...]


# A plain value is itself the default.
Default: TypeAlias = ServiceValue | SameAs | DerivedFrom | OneOf | str | float | bool
