r"""The model's patterns, which are Java's, for the API server's RE2.

RE2 has no look-around, no repeat count over 1,000, no ``\uXXXX`` and no ``\p{Alnum}``
(github.com/google/re2/wiki/Syntax), and one pattern that it can't take refuses the whole definition. A
look-around at an end of a pattern becomes a pattern of its own that must, or must not, match as well.
"""

import re
from dataclasses import dataclass
from functools import cache

_MOST_REPEATS = 1000
# The model writes ``(...)*${1,128}`` for lengths that the shape gives as well (service/pattern.py).
_LENGTH_TYPO = re.compile(r"\$\{\d+,\d+\}$")
_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_UNIT = re.compile(r"\\u([0-9a-fA-F]{4})")
_CLASSES = {r"\p{Alnum}": "0-9A-Za-z", r"\p{Alpha}": "A-Za-z", r"\p{Digit}": "0-9"}
_COUNT = re.compile(r"\{(\d+)(,?)(\d*)\}")
_LEADING = re.compile(r"([A-Za-z0-9/_-]*)\(\?([=!])((?:[^()\\]|\\.)*)\)")
_BEHIND = re.compile(r"\(\?<!((?:[^()\\]|\\.)*)\)")
_LEFT = re.compile(r"\(\?(?![:P])|(?<!\\)(?:\\\\)*\\[1-9]|(?<!\\)[*+?}]\+|&&")
_LITERAL = re.compile(r"\\x\{[0-9a-fA-F]+\}|\\[pP]\{[^}]*\}")


@dataclass(frozen=True)
class Translated:
    """What a text must match and must not, each searched for; ``exact`` unless a bound was let go."""

    must: tuple[str, ...]
    never: tuple[str, ...] = ()
    exact: bool = True


@cache
def translated(pattern: str) -> Translated | None:
    """The pattern for RE2, or None where it has no counterpart there."""
    body = _units(_LENGTH_TYPO.sub("", pattern))
    also: list[str] = []
    never: list[str] = []
    if leading := _LEADING.match(body):
        prefix, sign, inner = leading.groups()
        body = prefix + body[leading.end() :]
        (also if sign == "=" else never).append(f"^{prefix}{_grouped(inner)}")
    if behind := _BEHIND.search(body):
        rest = body[behind.end() :]
        never.append(f"{_grouped(behind[1])}{_grouped(rest) if rest else ''}$")
        body = body[: behind.start()] + rest
    if any(_LEFT.search(part) for part in (body, *also, *never)):
        return None
    must = [_repeats(part) for part in (f"^(?:{body})$", *also)]
    return Translated(
        tuple(text for text, _ in must), tuple(_repeats(part)[0] for part in never), all(e for _, e in must)
    )


def _grouped(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9/_-]*", text) else f"(?:{text})"


def _units(pattern: str) -> str:
    for java, members in _CLASSES.items():
        pattern = re.sub(rf"(\[[^\]]*){re.escape(java)}", rf"\g<1>{members}", pattern).replace(
            java, f"[{members}]"
        )
    pattern = _PAIR.sub(lambda pair: f"\\x{{{_point(pair[1], pair[2]):X}}}", pattern)
    return _UNIT.sub(r"\\x{\1}", pattern)


def _point(high: str, low: str) -> int:
    """The code point of a pair of surrogates."""
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00


def _repeats(pattern: str) -> tuple[str, bool]:
    """Counts that RE2 takes, and whether they say the same; the shape's length bounds the text as well."""
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
