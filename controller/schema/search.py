"""The Search operation: its resources, their properties, and the rules of its conditions."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from math import isfinite
from typing import Any

from controller.kinds.search_rules import MANY_CONTAINS
from controller.schema.kind_names import one_of
from controller.schema.shape import Shape, member, shape, shape_at

_OPERATORS = {
    "=": "Equals",
    "!=": "NotEquals",
    ">": "GreaterThan",
    ">=": "GreaterThanOrEqualTo",
    "<": "LessThan",
    "<=": "LessThanOrEqualTo",
    "contains": "Contains",
    "exists": "Exists",
    "not-exists": "NotExists",
    "in": "In",
}
_ALONE = frozenset({"Exists", "NotExists"})
_TEXTS = frozenset({"Contains", "In"})
_ORDERED = frozenset({"GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"})
_CONDITION = re.compile(
    r"\s*(?P<name>\S.*?)(?:\s*(?P<sign>[!<>]=|[=<>])|\s+(?P<word>contains|not-exists|exists|in)(?!\S))\s*(?P<value>.*?)\s*",
    re.IGNORECASE | re.DOTALL,
)


class PropertyType(Enum):
    """What values a property has."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    ANY = "any"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Condition:
    """One filter condition."""

    name: str
    operator: str
    value: str = ""

    def params(self) -> dict[str, str]:
        """The filter as a parameter of the call."""
        fields = {"Name": self.name, "Operator": self.operator}
        return fields if self.operator in _ALONE else {**fields, "Value": self.value}


@dataclass(frozen=True)
class Searched:
    """A resource that can be searched, and the member and shape of its records."""

    resource: str
    member: str
    record: Shape | None

    def sort(self, name: str) -> PropertyType:
        """The type of a property; ANY for free-form names."""
        first, dot, _ = name.partition(".")
        if dot and first in ("Tags", "HyperParameters"):
            return PropertyType.TEXT if first == "Tags" else PropertyType.ANY
        if dot and first == "Metrics":
            return PropertyType.NUMBER
        found = shape_at(self.record, tuple(_parts(self.record, name))) if self.record else None
        return _SORTS.get(found.type, PropertyType.ANY) if found else PropertyType.UNKNOWN


_SORTS = {
    "string": PropertyType.TEXT,
    "timestamp": PropertyType.TIME,
    **dict.fromkeys(("integer", "long", "float", "double"), PropertyType.NUMBER),
}


def _parts(of: Shape, name: str) -> Iterator[str]:
    """The parts of a property's path; lists are entered implicitly."""
    here: Shape | None = of
    for part in name.split("."):
        while here is not None and here.type == "list":
            yield "[]"
            here = shape(here.element)
        yield part
        here = shape_at(here, (part,)) if here else None


def resources() -> tuple[str, ...]:
    """All searchable resources."""
    return shape(shape("SearchRequest").members["Resource"]).enum


def searched_resource(word: str) -> Searched | None:
    """The searchable resource of a word, with the shape of its records.

    Some records have only the last words of the resource's name.
    """
    resource = one_of(word, resources())
    if resource is None:
        return None
    record = shape("SearchRecord")
    fitting = [name for name in record.members if resource.endswith(name)]
    name = max(fitting, key=len, default=resource)
    return Searched(resource, name, member(record, name))


def condition(text: str) -> Condition:
    """Read ``NAME OPERATOR VALUE``.

    Raises:
        ValueError: it is malformed.

    """
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is not NAME OPERATOR VALUE; the operators are {' '.join(_OPERATORS)}")
    operator = _OPERATORS[(found["sign"] or found["word"]).lower()]
    if operator in _ALONE and found["value"]:
        raise ValueError(f"'{text}': {_operator_sign(operator)} takes no value")
    if operator not in _ALONE and not found["value"]:
        raise ValueError(f"'{text}': {_operator_sign(operator)} needs a value")
    return Condition(found["name"], operator, found["value"])


def _operator_sign(operator: str) -> str:
    return next(sign for sign, name in _OPERATORS.items() if name == operator)


def check_conditions(
    of: Searched, requested: Sequence[Condition], moment: Callable[[str], datetime]
) -> tuple[Condition, ...]:
    """The validated conditions in the form of the service.

    Args:
        of: the searched resource.
        requested: the conditions.
        moment: parses a time.

    Raises:
        ValueError: a rule is broken; the message says which.

    """
    most = int(shape(shape("SearchExpression").members["Filters"]).maximum or len(requested))
    if len(requested) > most:
        raise ValueError(f"Search takes at most {most} conditions, and these are {len(requested)}")
    once = [
        each
        for each in requested
        if each.operator == "Contains" and f"{of.member}.{each.name}" not in MANY_CONTAINS
    ]
    if len(once) > 1:
        names = ", ".join(each.name for each in once)
        raise ValueError(f"Search takes one 'contains' only, and here are {len(once)}: {names}")
    return tuple(_check_condition(each, of.sort(each.name), moment) for each in requested)


def _check_condition(each: Condition, sort: PropertyType, moment: Callable[[str], datetime]) -> Condition:
    sign = _operator_sign(each.operator)
    if each.operator in _ORDERED and sort is PropertyType.TEXT:
        raise ValueError(
            f"{each.name} is a string, which '{sign}' can't compare; there are =, !=, contains and in"
        )
    if each.operator in _TEXTS and sort in (PropertyType.NUMBER, PropertyType.TIME):
        raise ValueError(f"{each.name} is a {sort.value}, and '{sign}' is for strings only")
    if each.operator in _ALONE:
        return each
    if sort is PropertyType.NUMBER and not _numeric(each.value):
        raise ValueError(f"{each.name} is a number, and '{each.value}' is none")
    if sort is PropertyType.TIME:
        # API reference, Filter: times are YYYY-mm-dd'T'HH:MM:SS
        when = moment(each.value).astimezone(UTC)
        return Condition(each.name, each.operator, when.strftime("%Y-%m-%dT%H:%M:%S"))
    return each


def _numeric(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def request(
    of: Searched,
    conditions: Sequence[Condition],
    *,
    either: bool,
    sort_by: str | None,
    sort_order: str | None,
) -> dict[str, Any]:
    """The input of Search."""
    expression = {"Filters": [each.params() for each in conditions], "Operator": "Or" if either else "And"}
    return {
        "Resource": of.resource,
        **({"SearchExpression": expression} if conditions else {}),
        **({"SortBy": sort_by} if sort_by else {}),
        **({"SortOrder": sort_order} if sort_order else {}),
    }
