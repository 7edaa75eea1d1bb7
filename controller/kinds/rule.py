"""Rules of the service between the members of a spec, as data on a row.

Each type is a condition on every structure at the dotted path ``within`` (empty: the spec itself); its members are
dotted paths from there, with AWS member names. A rule about a value that is known only later is not evaluated.
``source`` is where the rule is documented. A ``doubtful`` rule gives a warning and is no part of the custom resource
definition.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class If:
    """A condition on a member; ``[]`` in it stands for any element of a list.

    Without ``values`` and ``like`` it holds where the member is given, else where it is one of the values or matches
    the regular expression as a whole. ``holds=False`` negates it.
    """

    member: str
    values: tuple[str | bool, ...] = ()
    like: str = ""
    holds: bool = True


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """Base of all rules."""

    source: str
    within: str = ""
    doubtful: bool = False


@dataclass(frozen=True)
class Choice(_Rule):
    """At least ``least`` and at most ``most`` of the members are given."""

    members: tuple[str, ...]
    least: int = 1
    most: int = 1


@dataclass(frozen=True)
class Requires(_Rule):
    """The member is required where all conditions hold."""

    member: str
    when: tuple[If, ...] = ()


@dataclass(frozen=True)
class Excludes(_Rule):
    """The member cannot be given where all conditions hold."""

    member: str
    when: tuple[If, ...]


@dataclass(frozen=True)
class SumLimit(_Rule):
    """The sum of the ``parts`` that are given is at most the member ``whole``, or less than it if ``below``."""

    parts: tuple[str, ...]
    whole: str
    below: bool = False


@dataclass(frozen=True)
class Product(_Rule):
    """The product of the ``factors``, where all are given, is at most ``most``."""

    factors: tuple[str, ...]
    most: int


@dataclass(frozen=True)
class InRange(_Rule):
    """The number is within limits that the model does not have, where all conditions hold."""

    member: str
    least: int = 0
    most: int | None = None
    step: int = 1
    when: tuple[If, ...] = ()


@dataclass(frozen=True)
class Count(_Rule):
    """The list has at most ``most`` elements where all conditions hold."""

    member: str
    most: int
    when: tuple[If, ...] = ()


@dataclass(frozen=True)
class Unique(_Rule):
    """No two elements of the lists have the same ``key``."""

    lists: tuple[str, ...]
    key: str


@dataclass(frozen=True)
class Uniform(_Rule):
    """All elements of the list have the member, or none has; all with one value if ``same``."""

    elements: str
    member: str
    same: bool = False


@dataclass(frozen=True)
class Names(_Rule):
    """The member is the ``key`` of an element of the list, of one for which ``when`` holds."""

    member: str
    elements: str
    key: str
    when: tuple[If, ...] = ()


@dataclass(frozen=True)
class Form(_Rule):
    """The text matches the regular expression as a whole, or does not if ``never``; ``description`` describes it."""

    member: str
    like: str
    description: str
    never: bool = False
    when: tuple[If, ...] = ()


Rule: TypeAlias = (
    Choice | Requires | Excludes | SumLimit | Product | InRange | Count | Unique | Uniform | Names | Form
)
