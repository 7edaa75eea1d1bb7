"""Checks of JSON documents in a member: that they are JSON, their length, and the row's rules of what they say."""

import ast
import json
from collections.abc import Callable, Iterator
from typing import Any

from controller.core.finding import Code
from controller.kinds import Kind
from controller.schema.cursor import Spot
from controller.schema.leaf import wrong_type
from controller.schema.problem import Trouble
from controller.schema.shape import Shape

_INVALID = object()


def check_document(
    value: Any, spot: Spot, shape: Shape, kind: Kind, defers: Callable[[str], bool]
) -> Iterator[Trouble]:
    """Check a document, written as text or as a mapping."""
    document = kind.compare.documents[spot.member]
    parsed: Any = value if isinstance(value, dict) else _INVALID
    if isinstance(value, str):
        text = value.replace("$${", "${")
        trouble, parsed = _parsed(text, spot)
        if trouble is not None and not (document.python_literal and _is_literal(text)):
            yield trouble
    elif not isinstance(value, dict):
        yield wrong_type(value, spot, shape)
    length = len(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))
    if shape.maximum is not None and length > shape.maximum:
        yield Trouble(Code.RANGE, spot.path, f"a document of {length} characters; at most {shape.maximum}")
    if document.rule is not None and parsed is not _INVALID:
        for path, message in document.rule(parsed, defers):
            yield Trouble(Code.RULE, (*spot.path, *path), message)


def _parsed(text: str, spot: Spot) -> tuple[Trouble | None, Any]:
    try:
        return None, json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        location = f"line {error.lineno}, column {error.colno} of the text"
        return Trouble(Code.BAD_JSON, spot.path, f"this is not JSON: {error.msg} ({location})"), _INVALID
    except (ValueError, RecursionError):
        message = "this is not JSON: a number or its nesting is too large"
        return Trouble(Code.BAD_JSON, spot.path, message), _INVALID


def _is_literal(text: str) -> bool:
    """Whether a text is a mapping or a list as Python writes it, with single quotes."""
    try:
        return isinstance(ast.literal_eval(text.strip()), dict | list)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return False


def _no_constant(_: str) -> None:
    raise ValueError
