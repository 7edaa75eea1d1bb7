"""Checks of single values against the model: type, choices, range, length, pattern."""

from collections.abc import Iterator
from difflib import get_close_matches
from math import isfinite
from typing import Any

from controller.core.finding import Code, Severity
from controller.schema.choices import may_be_newer
from controller.schema.cursor import Spot
from controller.schema.pattern import matches
from controller.schema.pattern_mismatch import is_arn, misfit, wanted
from controller.schema.problem import Trouble
from controller.schema.shape import Shape, recorded_from

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


def leaf(value: Any, spot: Spot, of: Shape) -> Iterator[Trouble]:
    """Check a value that holds no others."""
    if not fits(value, of.type):
        yield wrong_type(value, spot, of)
    elif isinstance(value, str):
        yield from text(value, spot, of)
    elif not isinstance(value, bool):
        yield from _size(value, spot, of, f"{value}", "")


def fits(value: Any, kind: str) -> bool:
    """Whether a JSON value is of the shape's type; an integer is a number, a boolean is neither."""
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float) and not isfinite(value):
        return False
    return isinstance(value, _PYTHON[kind])


def wrong_type(value: Any, spot: Spot, of: Shape) -> Trouble:
    """Say what stands there and what should, without showing the value."""
    found = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    hint = ""
    if of.type == "string" and isinstance(value, bool | int | float):
        hint = "put it in quotes"
    elif of.type == "list" and not isinstance(value, list) and value is not None:
        hint = "begin each element with '- '"
    elif of.type in {"integer", "long"} and isinstance(value, float) and value.is_integer():
        hint = f"write {int(value)}" if not _hidden(spot, of) else "remove the fraction"
    elif value is None:
        hint = 'write "" for an empty string' if of.type == "string" else "leave it out"
    message = found.get(type(value), "a number")
    return Trouble(Code.TYPE, spot.path, f"expected {_TYPE_NAMES[of.type]}, got {message}", hint)


def text(value: str, spot: Spot, of: Shape) -> Iterator[Trouble]:
    """Check a text's length, choices and pattern."""
    # The escape of the reference language is two texts' worth of one; what the service sees is the latter.
    value = value.replace("$${", "${")
    subject = "the value" if _hidden(spot, of) else shorten(value)
    fitting = not of.pattern or matches(of.pattern, value)
    # of a name that stands where an ARN belongs, the length is not what is wrong
    troubles = (
        []
        if not fitting and is_arn(of.pattern)
        else list(_size(len(value), spot, of, f"a string of {len(value)}", " characters"))
    )
    yield from troubles
    if of.enum and value not in of.enum:
        yield _unknown(value, subject, spot, of)
    elif not fitting and not troubles:
        yield Trouble(Code.PATTERN, spot.path, f"{subject} {_misfit(value, spot, of)}")


def _unknown(value: str, subject: str, spot: Spot, of: Shape) -> Trouble:
    """Say that a word is none of the choices: a warning where AWS adds to them and it is no likely mistake."""
    hint = ("" if _hidden(spot, of) else _nearest(value, of.enum)) or choices(of.enum)
    if of.open and may_be_newer(value, of.enum):
        known = f"{len(of.enum)} choices of {recorded_from()}"
        message = f"{subject} is newer than the {known}, or wrong: the service decides"
        return Trouble(Code.ENUM, spot.path, message, hint, Severity.WARNING)
    return Trouble(Code.ENUM, spot.path, f"{subject} is not a valid value", hint)


def _misfit(value: str, spot: Spot, of: Shape) -> str:
    """Why a text does not fit the pattern; of a value that must not be shown, only what it should be."""
    message = misfit(of.pattern, value)
    if message and _hidden(spot, of):
        return f"is not {wanted(of.pattern)}"
    return message or f"does not match {shorten(of.pattern, 160)}"


def size(value: Any, spot: Spot, of: Shape) -> Iterator[Trouble]:
    """Check how many elements a list or map has."""
    yield from _size(len(value), spot, of, f"{len(value)}", " elements")


def shorten(value: str, width: int = _SHOWN) -> str:
    """Quote a text, cut to a width."""
    cut = value if len(value) <= width else value[: width - 3] + "..."
    return f"'{cut}'"


def choices(enum: tuple[str, ...]) -> str:
    """List the choices, if they are few."""
    return f"one of {', '.join(enum)}" if len(enum) <= _LISTED else f"there are {len(enum)} choices"


def _nearest(value: str, enum: tuple[str, ...]) -> str:
    if len(enum) <= _LISTED:
        return choices(enum)
    near = get_close_matches(value[:_SHOWN], enum, n=5)
    return f"the nearest of {len(enum)}: {', '.join(near)}" if near else ""


def _size(amount: float, spot: Spot, of: Shape, description: str, unit: str) -> Iterator[Trouble]:
    low, high = of.minimum, of.maximum
    if (low is None or amount >= low) and (high is None or amount <= high):
        return
    wanted = (
        f"{low} to {high}"
        if None not in (low, high)
        else f"at least {low}"
        if high is None
        else f"at most {high}"
    )
    description = "the value" if not unit and _hidden(spot, of) else description
    yield Trouble(Code.RANGE, spot.path, f"{description}{unit} is out of range: {wanted}")


def _hidden(spot: Spot, of: Shape) -> bool:
    return spot.hidden or of.sensitive
