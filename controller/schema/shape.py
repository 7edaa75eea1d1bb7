"""Shapes and operations of the recorded model, as linked frozen values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from controller.core.cloud import Call
from controller.kinds import SAGEMAKER
from controller.schema.open_enums import OPEN
from controller.schema.record import RecordError, read_tables


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
    open: bool = False  # AWS adds values to the enum
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    sensitive: bool = False


@dataclass(frozen=True)
class Operation:
    """An operation's input and output shapes, and its service; an empty shape's name means that it has none."""

    name: str
    input: str
    output: str
    service: str = SAGEMAKER

    def call(self, params: Mapping[str, Any]) -> Call:
        """A call of the operation."""
        return Call(self.name, params, self.service)


_record = cache(read_tables)


def recorded_from() -> str:
    """The version of the recorded model: ``botocore 1.43.11, sagemaker 2017-07-24``."""
    return _record()[0].split(", by ")[0]


@cache
def shape(name: str) -> Shape:
    """The shape of that name.

    Raises:
        RecordError: the record has no such shape.

    """
    text = _record()[2].get(name)
    if text is None:
        raise RecordError(f"the recorded service model has no shape {name}: run `make record`")
    document = json.loads(text)
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
    text = _record()[1].get(name)
    if text is None:
        return None
    document = json.loads(text)
    service = document.get("service", SAGEMAKER)
    return Operation(name, document.get("input", ""), document.get("output", ""), service)


def required_operation(name: str) -> Operation:
    """The operation of that name.

    Raises:
        RecordError: the recorded model has none.

    """
    found = operation(name)
    if found is None:
        raise RecordError(f"the recorded service model has no operation {name}: run `make record`")
    return found


def page_member(of: Operation) -> str:
    """The member of a List's answer with the page."""
    answer = shape(of.output)
    return next(name for name, each in answer.members.items() if shape(each).type == "list")


def answer_member(of: Operation, name: str) -> str:
    """The shape's name of a member of an operation's answer."""
    return shape(of.output).members[name]


def member(of: Shape, name: str) -> Shape | None:
    """The shape of a structure's member."""
    return shape(of.members[name]) if name in of.members else None


def shape_at(start: Shape, path: tuple[str | int, ...]) -> Shape | None:
    """The shape found by walking member names, list positions (or ``[]``) and map keys; None where no shape has it."""
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


@cache
def holds_sensitive(of: Shape) -> bool:
    """Whether a shape is marked as sensitive, or anything inside of it."""
    inside, todo = {of.name}, [of]
    while todo:
        here = todo.pop()
        if here.sensitive:
            return True
        new = {*here.members.values(), here.element, here.key, here.value} - inside - {""}
        inside |= new
        todo += map(shape, sorted(new))
    return False


def not_shown(path: str, member_shape: Shape, shown: Shape | None, seen: frozenset[str]) -> list[str]:
    """The dotted members at or below a path that the input has and the output has not; ``seen`` ends recursion."""
    if shown is None:
        return [path]
    if member_shape.name == shown.name or member_shape.name in seen:
        return []
    if member_shape.type == "structure":
        return [
            each
            for name, of in member_shape.members.items()
            for each in not_shown(
                f"{path}.{name}", shape(of), member(shown, name), seen | {member_shape.name}
            )
        ]
    if member_shape.type == "list" and shown.type == "list":
        return not_shown(
            f"{path}[]", shape(member_shape.element), shape(shown.element), seen | {member_shape.name}
        )
    return []


def is_secret(start: Shape, path: str) -> bool:
    """Whether the member at a dotted path is marked as sensitive."""
    here: Shape | None = start
    for part in path.replace("[]", "").split("."):
        here = member(here, part) if here else None
        while here is not None and here.type == "list":
            here = shape(here.element)
    return here is not None and here.sensitive
