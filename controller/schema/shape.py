"""Shapes of the recorded model, as linked frozen values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from controller.schema.choices import OPEN
from controller.schema.record import RECORD, RecordError


@dataclass(frozen=True, eq=False)
class Shape:
    """One shape: ``type`` is botocore's: structure, list, map, string, integer, long, float, double, ...

    Members, elements, keys and values are given by name and looked up through the functions below, because
    a model may be recursive.
    """

    name: str
    type: str
    required: frozenset[str] = frozenset()
    members: Mapping[str, str] = field(default_factory=dict)
    tokens: frozenset[str] = frozenset()
    element: str = ""
    key: str = ""
    value: str = ""
    enum: tuple[str, ...] = ()
    open: bool = False  # the enum: AWS adds words to it
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    sensitive: bool = False


@dataclass(frozen=True)
class Operation:
    """An operation's input and output shapes; an empty name means that it has none."""

    name: str
    input: str
    output: str


@cache
def _record() -> dict[str, Any]:
    with RECORD.open(encoding="utf-8") as file:
        loaded: dict[str, Any] = json.load(file)
    return loaded


def recorded_from() -> str:
    """Which model was recorded: ``botocore 1.43.11, sagemaker 2017-07-24``."""
    return str(_record()["from"]).split(", by ")[0]


@cache
def shape(name: str) -> Shape:
    """The shape of that name.

    Raises:
        RecordError: the record has no such shape.

    """
    document = _record()["shapes"].get(name)
    if document is None:
        raise RecordError(f"the recorded service model has no shape {name}: run `make record`")
    members = document.get("members", {})
    return Shape(
        name=name,
        type=document["type"],
        required=frozenset(document.get("required", ())),
        members=MappingProxyType({m: t if isinstance(t, str) else t[0] for m, t in members.items()}),
        tokens=frozenset(m for m, t in members.items() if not isinstance(t, str)),
        element=document.get("member", ""),
        key=document.get("key", ""),
        value=document.get("value", ""),
        enum=tuple(document.get("enum", ())),
        open=name in OPEN,
        pattern=document.get("pattern", ""),
        minimum=document.get("min"),
        maximum=document.get("max"),
        sensitive=document.get("sensitive", False),
    )


@cache
def operation(name: str) -> Operation | None:
    """The operation of that name, or None where the service has none."""
    document = _record()["operations"].get(name)
    return Operation(name, document.get("input", ""), document.get("output", "")) if document else None


def member(of: Shape, name: str) -> Shape | None:
    """The shape of a structure's member."""
    return shape(of.members[name]) if name in of.members else None


def at(start: Shape, path: tuple[str | int, ...]) -> Shape | None:
    """The shape found by walking member names, list positions (or ``[]``) and map keys; None off the map."""
    here: Shape | None = start
    for part in path:
        here = _step(here, part) if here else None
    return here


def _step(here: Shape, part: str | int) -> Shape | None:
    if here.type == "list":
        return shape(here.element)
    if here.type == "map":
        return shape(here.value)
    return member(here, str(part)) if here.type == "structure" else None
