r"""Schemas of single values, with the model's patterns translated for the API server's RE2.

RE2 has no look-around, no repeat count over 1,000, no ``\uXXXX`` and no ``\p{Alnum}``
(github.com/google/re2/wiki/Syntax), and the API server refuses a definition with one invalid pattern. A look-around at
an end of a pattern becomes a pattern of its own that must match too, or must not.

A string with a pattern or a short limit may instead contain an output reference, whose value is not known at admission.
Enums, numbers, booleans and timestamps must be plain values, so that the API server's errors are exact
(docs/kubernetes.md).
"""

import re
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any, TypeAlias

from controller.core.ref import LONGEST, SUBDOMAIN
from controller.schema.open_enums import LONGEST as LONGEST_WORD
from controller.schema.open_enums import WORD
from controller.schema.shape import Shape

_MOST_REPEATS = 1000
# The model writes ``(...)*${1,128}`` for lengths that the shape has as well (schema/pattern.py).
_LENGTH_TYPO = re.compile(r"\$\{\d+,\d+\}$")
_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_UNIT = re.compile(r"\\u([0-9a-fA-F]{4})")
_CLASSES = {r"\p{Alnum}": "0-9A-Za-z", r"\p{Alpha}": "A-Za-z", r"\p{Digit}": "0-9", r"\p{Print}": " -~"}
_COUNT = re.compile(r"\{(\d+)(,?)(\d*)\}")
# The content of a group, with as many nested groups as the model's patterns have.
_NESTED = reduce(lambda inner, _: rf"(?:[^()\\]|\\.|\({inner}\))*", range(3), r"(?:[^()\\]|\\.)*")
_LEADING = re.compile(rf"([A-Za-z0-9/_-]*)\(\?([=!])({_NESTED})\)")
_BEHIND = re.compile(r"\(\?<!((?:[^()\\]|\\.)*)\)")
_LEFT = re.compile(r"\(\?(?![:P])|(?<!\\)(?:\\\\)*\\[1-9]|(?<!\\)[*+?}]\+|&&")
_LITERAL = re.compile(r"\\x\{[0-9a-fA-F]+\}|\\[pP]\{[^}]*\}")


@dataclass(frozen=True)
class Translated:
    """Patterns that a string must match and must not match, each searched for.

    ``exact`` is False if a repeat count was relaxed.
    """

    must: tuple[str, ...]
    never: tuple[str, ...] = ()
    exact: bool = True


@cache
def translate_pattern(pattern: str) -> Translated | None:
    """The pattern for RE2; None if RE2 can't express it."""
    body = _units(_LENGTH_TYPO.sub("", pattern))
    also: list[str] = []
    never: list[str] = []
    if leading := _LEADING.match(body):
        prefix, sign, inner = leading.groups()
        body = prefix + body[leading.end() :]
        (also if sign == "=" else never).append(f"^{prefix}{_group(inner)}")
    if behind := _BEHIND.search(body):
        rest = body[behind.end() :]
        never.append(f"{_group(behind[1])}{_group(rest) if rest else ''}$")
        body = body[: behind.start()] + rest
    if any(_LEFT.search(part) for part in (body, *also, *never)):
        return None
    must = [_limit_repeats(part) for part in (f"^(?:{body})$", *also)]
    return Translated(
        tuple(text for text, _ in must),
        tuple(_limit_repeats(part)[0] for part in never),
        all(e for _, e in must),
    )


def _group(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9/_-]*", text) else f"(?:{text})"


def _units(pattern: str) -> str:
    for java, members in _CLASSES.items():
        pattern = re.sub(rf"(\[[^\]]*){re.escape(java)}", rf"\g<1>{members}", pattern).replace(
            java, f"[{members}]"
        )
    pattern = _PAIR.sub(lambda pair: f"\\x{{{_point(pair[1], pair[2]):X}}}", pattern)
    return _UNIT.sub(r"\\x{\1}", pattern)


def _point(high: str, low: str) -> int:
    """The code point of a surrogate pair, given in hex."""
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00


def _limit_repeats(pattern: str) -> tuple[str, bool]:
    """The pattern with repeat counts that RE2 accepts, and whether they are exact; the shape limits the length too."""
    exact = True

    def shorter(count: re.Match[str]) -> str:
        nonlocal exact
        low, most = int(count[1]), int(count[3] or count[1])
        if max(low, most) <= _MOST_REPEATS:
            return count[0]
        exact = False
        return {0: "*", 1: "+"}.get(low, f"{{{min(low, _MOST_REPEATS)},}}")

    parts = re.split(f"({_LITERAL.pattern})", pattern)
    return "".join(p if at % 2 else _COUNT.sub(shorter, p) for at, p in enumerate(parts)), exact


Schema: TypeAlias = dict[str, Any]

# ${Kind/name.path} or ${Kind/namespace/name.path}, anywhere in the string (manifests/interpolation.py).
REFERENCE = r"\$\{[A-Z]\w*(/[a-z0-9-]+){1,2}(\.\w+)+\}"
_ROOM = 512  # characters: the limit of a string with references, which is measured before they are resolved
LONGEST_LINK = 2048
_NUMBERS = {
    "integer": ("integer", "int32"),
    "long": ("integer", "int64"),
    "float": ("number", "float"),
    "double": ("number", "double"),
}


def scalar(of: Shape) -> Schema:
    """The schema of a scalar shape."""
    if of.type in _NUMBERS:
        kind, form = _NUMBERS[of.type]
        return {"type": kind, "format": form, **_bounds(of, "minimum", "maximum")}
    if of.type == "timestamp":
        return {"type": "string", "format": "date-time"}
    if of.type == "boolean":
        return {"type": "boolean"}
    if of.enum and of.open:
        return {"type": "string", "maxLength": LONGEST_WORD, "pattern": WORD}
    if of.enum:
        return {"type": "string", "enum": list(of.enum)}
    return _text(of)


def link() -> Schema:
    """The schema of a link: a document's name, an AWS name, an ARN or a reference; the operator distinguishes them."""
    return {"type": "string", "minLength": 1, "maxLength": LONGEST_LINK, "pattern": r"\S"}


def object_name() -> Schema:
    """The schema of the name of another Kubernetes object."""
    return {"type": "string", "maxLength": LONGEST, "pattern": f"^{SUBDOMAIN}$"}


def limits(of: Shape) -> Schema:
    """The limits of a string: its length and its pattern."""
    found = _bounds(of, "minLength", "maxLength")
    translation = translate_pattern(of.pattern) if of.pattern else None
    if translation is None:
        return found
    found["pattern"] = translation.must[0]
    if translation.must[1:]:
        found["allOf"] = [{"pattern": pattern} for pattern in translation.must[1:]]
    if translation.never:
        found["not"] = {"anyOf": [{"pattern": pattern} for pattern in translation.never]}
    return found


def elements(of: Shape) -> Schema:
    """The limits of the number of elements of a list or a map."""
    if of.type == "list":
        return _bounds(of, "minItems", "maxItems")
    return _bounds(of, "minProperties", "maxProperties")


def _text(of: Shape) -> Schema:
    found = limits(of)
    if "pattern" not in found and (of.maximum is None or of.maximum >= _ROOM):
        return {"type": "string", **found}
    longest = {} if of.maximum is None else {"maxLength": max(int(of.maximum), _ROOM)}
    return {"type": "string", **longest, "anyOf": [found, {"pattern": REFERENCE}]}


def _bounds(of: Shape, least: str, most: str) -> Schema:
    """The limits of the model as two properties; a minimum of 0 is omitted."""
    counted = least.startswith("min") and least != "minimum"
    found: Schema = {}
    if of.minimum is not None and not (counted and of.minimum <= 0):
        found[least] = of.minimum
    if of.maximum is not None:
        found[most] = of.maximum
    return found
