"""Texts that match a pattern of the model."""

import importlib
from functools import cache
from typing import Any

from controller.schema.pattern import _compile, matches
from controller.schema.shape import Shape

_parse: Any = importlib.import_module("re._parser").parse
_LONGEST = 4100
_ROUNDS = (0, 1, 2, 3, 5, 9, 15, 31, 63, 127, 255, 511, 1023, 2047)
_MANY = "a0b1c2d3-_/.:= "


@cache
def text_like(like: Shape) -> str:
    """The shortest text that matches a shape, as far as simple means find one.

    Raises:
        LookupError: none was found.

    """
    low = int(like.minimum or 0)
    if not like.pattern:
        return "a" * max(low, 1)
    compiled = _compile(like.pattern)
    tree = _parse(compiled.pattern if compiled else _python_pattern(like.pattern))
    for extra in sorted({*_ROUNDS, max(low - 1, 0)}):
        text = "".join(_text_of_part(part, extra) for part in tree)
        if low <= len(text) <= (like.maximum or _LONGEST) and text and matches(like.pattern, text):
            return text
    raise LookupError(f"no text found for {like.name}: {like.pattern}")


def _python_pattern(pattern: str) -> str:
    """Replace what Python can't parse in two patterns of the model: a Java class, and a range of surrogates."""
    return pattern.replace(r"\p{Alnum}", "0-9A-Za-z").replace(r"\uD800\uDC00-\uDBFF\uDFFF", "")


def texts_like(like: Shape, count: int) -> list[str]:
    """Different texts that match a shape."""
    first = text_like(like)
    ends = (str(number) for number in range(10 * count + 100))
    longest = int(like.maximum or _LONGEST)
    found = [
        text
        for end in ends
        if matches(like.pattern or ".*", text := f"{first[: longest - len(end)]}{end}") and text != first
    ]
    return found[:count]


def _text_of_part(part: Any, extra: int) -> str:
    """A text for a part of a parsed expression; ``extra`` is the number of repetitions beyond the minimum."""
    operation, document = str(part[0]), part[1]
    match operation:
        case "LITERAL":
            return chr(document)
        case "ANY" | "NOT_LITERAL":
            return "a"
        case "IN":
            return _class_member(document)
    return _text_of_group(operation, document, extra)


def _text_of_group(operation: str, document: Any, extra: int) -> str:
    """A text for a repetition, a group or a choice; an assertion, such as an anchor, adds nothing."""
    inner, times = {"SUBPATTERN": lambda: (document[-1], 1), "BRANCH": lambda: (document[1][0], 1)}.get(
        operation, lambda: ((), 0)
    )()
    if operation in {"MAX_REPEAT", "MIN_REPEAT"}:
        inner, times = document[2], min(int(document[1]), int(document[0]) + extra)
    return "".join(_text_of_part(each, extra) for each in inner) * times


def _class_member(lines: list[Any]) -> str:
    """A character of a class, a common one if possible."""
    if str(lines[0][0]) == "NEGATE":
        return next(char for char in _MANY if not any(_contains(each, char) for each in lines[1:]))
    usual = [char for char in _MANY if any(_contains(each, char) for each in lines)]
    return usual[0] if usual else chr(_first_code(lines[0][1]))


def _first_code(document: Any) -> int:
    return int(document[0] if isinstance(document, tuple) else document)


def _contains(part: Any, char: str) -> bool:
    operation, document = str(part[0]), part[1]
    if operation == "LITERAL":
        return bool(ord(char) == document)
    if operation == "RANGE":
        return bool(document[0] <= ord(char) <= document[1])
    held = {"DIGIT": char.isdigit(), "SPACE": char.isspace(), "WORD": char.isalnum() or char == "_"}
    name = str(document).removeprefix("CATEGORY_").removeprefix("NOT_")
    return held[name] != ("_NOT_" in str(document))
