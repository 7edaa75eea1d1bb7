"""Values that fit a shape, made from the model alone."""

import importlib
from collections.abc import Iterable
from functools import cache
from typing import Any

from controller.service.contract import Contract
from controller.service.names import lower_camel
from controller.service.pattern import _compiled, matches
from controller.service.shape import Shape, shape

_parse: Any = importlib.import_module("re._parser").parse
_LONGEST = 4100
_ROUNDS = (0, 1, 2, 3, 5, 9, 15, 31, 63, 127, 255, 511, 1023, 2047)
_MANY = "a0b1c2d3-_/.:= "


def least(of: Contract, member: str, like: Shape) -> Any:
    """The least valid value of a place; ``member`` is how the rows write the place."""
    if member in of.secrets:
        return {"valueFrom": {"secretKeyRef": {"name": "secrets", "key": "one"}}}
    if member in of.kind.documents:
        return {"Version": "2020-12-01"}
    if any(link.field == member for link in of.kind.links):
        return "linked"
    if member == "Tags":
        return {"team": "risk"}
    if like.type == "structure":
        return structure(of, member, like)
    if like.type == "list":
        return repeated(of, member, like, max(int(like.minimum or 0), 1))
    if like.type == "map":
        inner = least(of, member + "{}", shape(like.value))
        return {key: inner for key in _keys(like, max(int(like.minimum or 0), 1))}
    return single(like)


def structure(of: Contract, member: str, like: Shape) -> dict[str, Any]:
    """A structure with what it requires, and no more; names come from metadata."""
    wanted = like.required - like.tokens - ({of.name_member} if not member else set())
    return {
        lower_camel(name): least(of, f"{member}.{name}" if member else name, shape(like.members[name]))
        for name in sorted(wanted)
    }


def repeated(of: Contract, member: str, like: Shape, count: int) -> list[Any]:
    """A list of that many elements, each a little different where the row wants them so."""
    inner = shape(like.element)
    made = [least(of, member + "[]", inner) for _ in range(count)]
    key = of.kind.keyed.get(member)
    if key and count > 1:
        texts = texts_like(shape(inner.members[key]), count)
        return [{**each, lower_camel(key): text} for each, text in zip(made, texts, strict=False)]
    if member in of.kind.unordered and inner.type == "string" and count > 1:
        return list(inner.enum[:count]) if inner.enum else texts_like(inner, count)
    return made


def single(like: Shape) -> Any:
    """A valid text, number, switch or time."""
    if like.type == "boolean":
        return True
    if like.type == "timestamp":
        return "2026-01-31T12:00:00Z"
    if like.type != "string":
        return int(like.minimum) if like.minimum is not None else min(1, int(like.maximum or 1))
    return like.enum[0] if like.enum else text_like(like)


@cache
def text_like(like: Shape) -> str:
    """The shortest text that fits a shape, as far as simple means find one.

    Raises:
        LookupError: none was found.

    """
    low = int(like.minimum or 0)
    if not like.pattern:
        return "a" * max(low, 1)
    compiled = _compiled(like.pattern)
    tree = _parse(compiled.pattern if compiled else _plainer(like.pattern))
    for extra in _ROUNDS:
        text = "".join(_pick(part, extra) for part in tree)
        if low <= len(text) <= (like.maximum or _LONGEST) and text and matches(like.pattern, text):
            return text
    raise LookupError(f"no text found for {like.name}: {like.pattern}")


def _plainer(pattern: str) -> str:
    """What Python can't read of two patterns of the model: a Java class, and a range of halves of characters."""
    return pattern.replace(r"\p{Alnum}", "0-9A-Za-z").replace(r"\uD800\uDC00-\uDBFF\uDFFF", "")


def texts_like(like: Shape, count: int) -> list[str]:
    """Different texts that fit a shape."""
    first = text_like(like)
    ends = (str(number) for number in range(10 * count + 100))
    found = [text for end in ends if matches(like.pattern or ".*", text := first + end)]
    return found[:count]


def _keys(like: Shape, count: int) -> Iterable[str]:
    key = shape(like.key)
    return texts_like(key, count) if count > 1 else [text_like(key)] if not key.enum else [key.enum[0]]


def _pick(part: Any, extra: int) -> str:
    """A text for a part of a parsed expression; ``extra`` is how far repetitions go beyond their least."""
    operation, told = str(part[0]), part[1]
    match operation:
        case "LITERAL":
            return chr(told)
        case "ANY" | "NOT_LITERAL":
            return "a"
        case "IN":
            return _member(told)
        case "MAX_REPEAT" | "MIN_REPEAT":
            low, high, inner = told
            times: int = min(int(high), int(low) + extra)
            return "".join(_pick(each, extra) for each in inner) * times
        case "SUBPATTERN":
            return "".join(_pick(each, extra) for each in told[-1])
        case "BRANCH":
            return "".join(_pick(each, extra) for each in told[1][0])
    return ""


def _member(told: list[Any]) -> str:
    """A character of a class, a usual one if it can be."""
    if str(told[0][0]) == "NEGATE":
        return next(char for char in _MANY if not any(_holds(each, char) for each in told[1:]))
    usual = [char for char in _MANY if any(_holds(each, char) for each in told)]
    return usual[0] if usual else chr(_first(told[0][1]))


def _first(told: Any) -> int:
    return int(told[0] if isinstance(told, tuple) else told)


def _holds(part: Any, char: str) -> bool:
    operation, told = str(part[0]), part[1]
    if operation == "LITERAL":
        return bool(ord(char) == told)
    if operation == "RANGE":
        return bool(told[0] <= ord(char) <= told[1])
    held = {"DIGIT": char.isdigit(), "SPACE": char.isspace(), "WORD": char.isalnum() or char == "_"}
    name = str(told).removeprefix("CATEGORY_").removeprefix("NOT_")
    return held[name] != ("_NOT_" in str(told))
