"""Checks of single values and of tags against the model: type, choices, range, length, pattern."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any, NamedTuple

from controller.core.finding import Code, Severity
from controller.core.path import Path
from controller.schema.names import by_camel
from controller.schema.open_enums import may_be_newer
from controller.schema.pattern import expected_form, invalid_text, is_arn, matches
from controller.schema.shape import Shape, recorded_from, shape


@dataclass(frozen=True)
class Violation:
    """One violation; ``path`` is relative to ``spec``, in lowerCamelCase. Never holds a sensitive value."""

    code: Code
    path: Path
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR


class SpecPosition(NamedTuple):
    """A position in a spec: its path as written, its member as the rows write it, and its shape.

    A tuple, because each value of each document has one, and creating a frozen dataclass takes four times as long.
    ``shape`` is None where the model has no shape: unknown members, and inside JSON documents. ``in_map`` is whether it
    is a map's value, which is never shown. ``sensitive`` are the paths that the document marks as sensitive.
    """

    path: Path
    member: str
    shape: Shape | None
    in_map: bool = False
    sensitive: tuple[Path, ...] = ()

    def into(self, part: str | int) -> "SpecPosition":
        """The position of a member (by its lowerCamelCase name), a list's element, or a map's key."""
        path, of = (*self.path, part), self.shape
        if of is None or of.type not in {"structure", "list", "map"}:
            return SpecPosition(path, self.member, None, self.in_map, self.sensitive)
        name = by_camel(of.name).get(str(part), "") if of.type == "structure" else ""
        member, inner = _inner_member(self.member, of, name)
        return SpecPosition(path, member, inner, self.in_map or of.type == "map", self.sensitive)

    @property
    def hidden(self) -> bool:
        """Whether a value at this position must not be shown, regardless of its shape."""
        return self.in_map or any(self.path[: len(each)] == each for each in self.sensitive)


@cache
def _inner_member(holder: str, of: Shape, name: str) -> tuple[str, Shape | None]:
    """The member and the shape of an element, a map's value or a structure's member: empty if there is none."""
    if of.type != "structure":
        return (f"{holder}[]", shape(of.element)) if of.type == "list" else (f"{holder}{{}}", shape(of.value))
    member = f"{holder}.{name}" if holder else name
    return member, shape(of.members[name]) if name else None


_SHOWN = 60
_LISTED = 12
_TYPE_NAMES = {
    "structure": "an object",
    "map": "an object",
    "list": "a list",
    "string": "a string",
    "timestamp": "a time",
    "boolean": "a boolean",
    "integer": "an integer",
    "long": "an integer",
    "float": "a number",
    "double": "a number",
}

_PYTHON: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "timestamp": (str, int, float),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
}


def leaf(value: Any, position: SpecPosition, of: Shape) -> Iterator[Violation]:
    """Check a scalar value."""
    if not has_type(value, of.type):
        yield wrong_type(value, position, of)
    elif isinstance(value, str):
        yield from text(value, position, of)
    elif not isinstance(value, bool):
        yield from _size(value, position, of, f"{value}", "")


def has_type(value: Any, kind: str) -> bool:
    """Whether a JSON value has the shape's type; an integer is a number, a boolean is not."""
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float) and not isfinite(value):
        return False
    return isinstance(value, _PYTHON[kind])


def wrong_type(value: Any, position: SpecPosition, of: Shape) -> Violation:
    """The violation for a value of a wrong type, without the value."""
    found = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    hint = ""
    if of.type == "string" and isinstance(value, bool | int | float):
        hint = "put it in quotes"
    elif of.type == "list" and not isinstance(value, list) and value is not None:
        hint = "begin each element with '- '"
    elif of.type in {"integer", "long"} and isinstance(value, float) and value.is_integer():
        hint = f"write {int(value)}" if not _is_hidden(position, of) else "remove the fraction"
    elif value is None:
        hint = 'write "" for an empty string' if of.type == "string" else "leave it out"
    message = found.get(type(value), "a number")
    return Violation(Code.TYPE, position.path, f"expected {_TYPE_NAMES[of.type]}, got {message}", hint)


def text(value: str, position: SpecPosition, of: Shape) -> Iterator[Violation]:
    """Check a text's length, choices and pattern."""
    # The length of the unescaped text counts, which the service gets.
    value = value.replace("$${", "${")
    subject = "the value" if _is_hidden(position, of) else shorten(value)
    fitting = not of.pattern or matches(of.pattern, value)
    # for a name instead of an ARN the length is not the error
    problems = (
        []
        if not fitting and is_arn(of.pattern)
        else list(_size(len(value), position, of, f"a string of {len(value)}", " characters"))
    )
    yield from problems
    if of.enum and value not in of.enum:
        yield _unknown_value(value, subject, position, of)
    elif not fitting and not problems:
        yield Violation(Code.PATTERN, position.path, f"{subject} {_type_mismatch(value, position, of)}")


def _unknown_value(value: str, subject: str, position: SpecPosition, of: Shape) -> Violation:
    """The violation for an unknown enum value: a warning if AWS extends the enum and it is unlikely to be mistyped."""
    hint = ("" if _is_hidden(position, of) else _nearest_values(value, of.enum)) or choices(of.enum)
    if of.open and may_be_newer(value, of.enum):
        known = f"{len(of.enum)} choices of {recorded_from()}"
        message = f"{subject} is newer than the {known}, or wrong: the service decides"
        return Violation(Code.ENUM, position.path, message, hint, Severity.WARNING)
    return Violation(Code.ENUM, position.path, f"{subject} is not a valid value", hint)


def _type_mismatch(value: str, position: SpecPosition, of: Shape) -> str:
    """Why a text does not match the pattern; for a hidden value only the expected form."""
    message = invalid_text(of.pattern, value)
    if message and _is_hidden(position, of):
        return f"is not {expected_form(of.pattern)}"
    return message or f"does not match {shorten(of.pattern, 160)}"


def size(value: Any, position: SpecPosition, of: Shape) -> Iterator[Violation]:
    """Check the number of elements of a list or map."""
    yield from _size(len(value), position, of, f"{len(value)}", " elements")


def shorten(value: str, width: int = _SHOWN) -> str:
    """Quote a text, cut to a width."""
    cut = value if len(value) <= width else value[: width - 3] + "..."
    return f"'{cut}'"


def choices(enum: tuple[str, ...]) -> str:
    """List the choices, if they are few."""
    return f"one of {', '.join(enum)}" if len(enum) <= _LISTED else f"there are {len(enum)} choices"


def _nearest_values(value: str, enum: tuple[str, ...]) -> str:
    if len(enum) <= _LISTED:
        return choices(enum)
    from difflib import get_close_matches

    near = get_close_matches(value[:_SHOWN], enum, n=5)
    return f"the nearest of {len(enum)}: {', '.join(near)}" if near else ""


def _size(
    amount: float, position: SpecPosition, of: Shape, description: str, unit: str
) -> Iterator[Violation]:
    low, high = of.minimum, of.maximum
    if (low is None or amount >= low) and (high is None or amount <= high):
        return
    desired = (
        f"{low} to {high}"
        if None not in (low, high)
        else f"at least {low}"
        if high is None
        else f"at most {high}"
    )
    description = "the value" if not unit and _is_hidden(position, of) else description
    yield Violation(Code.RANGE, position.path, f"{description}{unit} is out of range: {desired}")


def _is_hidden(position: SpecPosition, of: Shape) -> bool:
    return position.hidden or of.sensitive


OURS = "sagemaker.gitops.dev/"
ROOM_FOR_OURS = 4
_PER_RESOURCE = 50
MOST_TAGS = _PER_RESOURCE - ROOM_FOR_OURS


def check_tags(value: Any, position: SpecPosition, defers: Callable[[str], bool]) -> Iterator[Violation]:
    """Check a map of tags: at most 46, because four of the service's 50 are ownership tags."""
    if not isinstance(value, dict):
        yield Violation(Code.TYPE, position.path, "tags are a map", "write {key: value, ...}")
        return
    if len(value) > MOST_TAGS:
        message = f"{len(value)} tags; a resource has room for {_PER_RESOURCE}, of which {ROOM_FOR_OURS} are reserved"
        yield Violation(Code.RANGE, position.path, message)
    for key, document in value.items():
        at = SpecPosition((*position.path, key), "Tags{}", shape("TagValue"), in_map=True)
        yield from _key(key, at)
        if not has_type(document, "string"):
            yield wrong_type(document, at, shape("TagValue"))
        elif not defers(document):
            yield from text(document, at, shape("TagValue"))


def tag_problem(key: str, value: str = "") -> str:
    """The message about an invalid tag; empty if it is valid."""
    found = check_tags({key: value}, SpecPosition((), "Tags{}", shape("TagValue")), lambda _: False)
    return next((problem.message for problem in found), "")


def _key(key: str, at: SpecPosition) -> Iterator[Violation]:
    if key.lower().startswith("aws:"):
        yield Violation(Code.RULE, at.path, "keys that start with 'aws:' belong to AWS")
    elif key.startswith(OURS):
        yield Violation(
            Code.RULE, at.path, f"keys that start with '{OURS}' are reserved for sagectl", "leave it out"
        )
    else:
        yield from text(key, SpecPosition(at.path, "Tags{}", at.shape), shape("TagKey"))
