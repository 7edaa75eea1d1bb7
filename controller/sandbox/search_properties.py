"""The properties of Search: a path into the shape of a record, its type and its values."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from controller.sandbox.model import load
from controller.sandbox.rules import Json

Values = Callable[[Any], list[Any]]


class Type(Enum):
    """The comparisons that a property supports."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "timestamp"
    BOOLEAN = "boolean"
    MIXED = "hyperparameter"  # a string, compared as a number if it is one
    GROUP = "structure"  # no value by itself: it exists or not


@dataclass(frozen=True)
class Property:
    """A property of a record."""

    type: Type
    values: Values  # all of them: a path may lead through lists


SCALARS = {
    "string": Type.TEXT,
    "boolean": Type.BOOLEAN,
    "timestamp": Type.TIME,
    "integer": Type.NUMBER,
    "long": Type.NUMBER,
    "float": Type.NUMBER,
    "double": Type.NUMBER,
}
# Lists that Search addresses by a key in each item, as in `Tags.<key>` and `Metrics.<name>`, with the member that is
# then the item's value.
KEYED = {
    "Tag": ("Key", "Value"),
    "MetricData": ("MetricName", "Value"),
    "TrialComponentMetricSummary": ("MetricName", "Last"),
    "Parameter": ("Name", "Value"),
    "FeatureParameter": ("Key", "Value"),
}
ALSO = {"Metrics": "FinalMetricDataList"}  # the name of a training job's metrics in its record
MIXED = ("HyperParameters",)
DEPTH = 3


@functools.cache
def property_of(shape: str, name: str) -> Property | None:
    """Return the property `name` of records of `shape`; None if there is none."""
    head, dot, rest = name.partition(".")
    members = load("sagemaker").shapes[shape]["members"]
    member = head if head in members else ALSO.get(head, head)
    if member not in members:
        return None
    found = _find_property(members[member]["shape"], rest if dot else None)
    if found is None:
        return None
    kind = Type.MIXED if head in MIXED and dot else found.type
    return Property(kind, lambda record: found.values(record.get(member)))


def items_shape(shape: str, name: str) -> str | None:
    """Return the shape of the items of the list `name`."""
    shapes = load("sagemaker").shapes
    for part in name.split("."):
        member = shapes[shape].get("members", {}).get(part)
        if member is None:
            return None
        shape = member["shape"]
    held = shapes[shape]
    return held["member"]["shape"] if held["type"] == "list" else None


def _find_property(shape: str, rest: str | None) -> Property | None:
    model = load("sagemaker").shapes[shape]
    if model["type"] == "structure":
        return _of_structure(shape, rest) if rest else _group()
    if model["type"] == "list":
        return _of_list(model["member"]["shape"], rest)
    if model["type"] == "map":
        return _of_map(model["value"]["shape"], rest)
    if rest is not None:
        return None
    return Property(SCALARS[model["type"]], lambda value: [] if value is None else [value])


def _group() -> Property:
    return Property(Type.GROUP, lambda value: [value] if value else [])


def _of_structure(shape: str, rest: str) -> Property | None:
    inner = property_of(shape, rest)
    return inner and Property(inner.type, lambda value: inner.values(value or {}))


def _of_list(item: str, rest: str | None) -> Property | None:
    if rest is not None and item in KEYED:
        return _of_keyed(item, rest)
    inner = _find_property(item, rest)
    if inner is None:
        return None
    return Property(inner.type, lambda value: [one for each in value or () for one in inner.values(each)])


def _of_keyed(item: str, rest: str) -> Property:
    key, member = KEYED[item]
    name, dot, statistic = rest.rpartition(".")
    if dot and statistic in load("sagemaker").shapes[item]["members"] and item.endswith("MetricSummary"):
        rest, member = name, statistic
    kind = SCALARS[
        load("sagemaker").shapes[load("sagemaker").shapes[item]["members"][member]["shape"]]["type"]
    ]
    return Property(
        kind, lambda value: [one[member] for one in value or () if one[key] == rest and member in one]
    )


def _of_map(value_shape: str, rest: str | None) -> Property | None:
    if rest is None:
        return _group()
    plain = load("sagemaker").shapes[value_shape]["type"]
    if plain in SCALARS:
        return Property(SCALARS[plain], lambda value: [value[rest]] if value and rest in value else [])
    return Property(Type.MIXED, lambda value: list(_leaves((value or {}).get(rest))))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif value is not None:
        yield value


@functools.cache
def names_of(shape: str, depth: int = DEPTH) -> tuple[str, ...]:
    """All property names of a shape, down to a depth."""
    return tuple(_names(shape, "", depth))


def _names(shape: str, stem: str, depth: int) -> Iterator[str]:
    shapes = load("sagemaker").shapes
    for name, member in shapes[shape]["members"].items():
        inner, path = member["shape"], f"{stem}{name}"
        while shapes[inner]["type"] == "list":
            inner = shapes[inner]["member"]["shape"]
        if shapes[inner]["type"] in SCALARS:
            yield path
        elif shapes[inner]["type"] == "structure" and inner not in KEYED and depth > 1:
            yield from _names(inner, f"{path}.", depth - 1)


def keys_of(shape: str, record: Json) -> Iterator[str]:
    """All property names from the keys of one record: `Tags.<key>`, `HyperParameters.<name>` ..."""
    shapes, search_names = load("sagemaker").shapes, {theirs: ours for ours, theirs in ALSO.items()}
    for name, member in shapes[shape]["members"].items():
        held, model = record.get(name), shapes[member["shape"]]
        item = model["member"]["shape"] if model["type"] == "list" else None
        if held and model["type"] == "map":
            yield from (f"{name}.{key}" for key in held)
        elif held and item in KEYED:
            yield from (f"{search_names.get(name, name)}.{one[KEYED[item][0]]}" for one in held)
