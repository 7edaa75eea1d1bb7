r"""The constraints of one shape, each with the service's message.

Some patterns use classes that `re` does not have. `\p{L}` and similar ones are translated; a pattern that still does
not compile is not checked (its length limits are).
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# If `re` has no exact equivalent, a wider set than Unicode's is chosen, because refusing what AWS accepts would be
# worse than the reverse.
WIDE = r"\s\S"  # \p{M}, \p{S} and \p{P} have no counterpart
TYPO = re.compile(r"\$\{(\d+),(\d+)\}$")  # two patterns say `(...)${1,128}`
TRANSLATIONS = ((r"\p{L}", r"\w"), (r"\p{N}", r"\d"), (r"\p{Z}", r"\s"), (r"\p{Alnum}", "a-zA-Z0-9"))


@functools.cache
def compile_pattern(pattern: str) -> re.Pattern[str] | None:
    """`pattern` in the syntax of `re`; None if it cannot be checked. Use `fullmatch`."""
    for name, translation in TRANSLATIONS:
        pattern = pattern.replace(name, translation)
    pattern = re.sub(r"\\p\{[MSP]\}", lambda _: WIDE, TYPO.sub("", pattern))
    try:
        return re.compile(pattern)
    except re.error:
        return None


Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint: its test, and the message of the error."""

    text: str
    broken: Callable[[Any], bool]


def rules(shape: Json) -> tuple[Rule, ...]:
    """Return the constraints of one shape on a value by itself."""
    made: list[Rule] = []
    if "enum" in shape:
        made.append(_enum_rule(tuple(shape["enum"])))
    if "pattern" in shape:
        made.append(_like(shape["pattern"]))
    if shape["type"] in {"string", "list", "map"}:
        made.extend(_bounds(shape, len, "length"))
    elif shape["type"] != "timestamp":
        made.extend(_bounds(shape, lambda value: value, "value"))
    return tuple(made)


def all_required(own: tuple[Rule, ...]) -> str:
    """Return the rules of list items or map keys; Coral quotes all of them if one is violated."""
    return "[" + ", ".join(rule.text for rule in own) + "]"


def _enum_rule(arguments: tuple[str, ...]) -> Rule:
    known = frozenset(arguments)
    return Rule(
        f"Member must satisfy enum value set: [{', '.join(arguments)}]", lambda value: value not in known
    )


def _like(pattern: str) -> Rule:
    regex = compile_pattern(pattern)
    return Rule(
        f"Member must satisfy regular expression pattern: {pattern}",
        lambda value: regex is not None and regex.fullmatch(value) is None,
    )


def _bounds(shape: Json, size: Callable[[Any], float], noun: str) -> list[Rule]:
    made: list[Rule] = []
    if "min" in shape:
        least = shape["min"]
        text = f"Member must have {noun} greater than or equal to {least}"
        made.append(Rule(text, lambda value: size(value) < least))
    if "max" in shape:
        most = shape["max"]
        text = f"Member must have {noun} less than or equal to {most}"
        made.append(Rule(text, lambda value: size(value) > most))
    return made
