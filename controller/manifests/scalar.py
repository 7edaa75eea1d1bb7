"""The values of plain YAML scalars: JSON's, or an error where tools disagree.

``kubectl`` reads with go-yaml v2 (sigs.k8s.io/yaml; ``resolve.go``), others with YAML 1.1 or 1.2. A text that all of
them read as the same value has that value. A text that go-yaml reads differently from JSON (``012`` is ten, ``NO`` is
false, ``1_0`` is ten) is refused with a hint to quote it. Dates and times (``2024-01-01``, ``12:30:45``) are strings to
``kubectl`` and here. ``+1`` is one to all of them.
"""

import re
from dataclasses import dataclass
from typing import Any

from controller.core.finding import Code

_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_SWITCHES = frozenset({"y", "n", "yes", "no", "on", "off"})
_NOT_JSON = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_OTHER_BASE = re.compile(
    r"[-+]?(0[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)", re.ASCII
)
_FIRST = frozenset("+-.0123456789~yYnNtTfFoO")
_DIGITS_OF_64_BITS = 20
_EXACT = 2**53
_QUOTE = "quote it if it is a string"


@dataclass(frozen=True)
class RefusedScalar:
    """Why a plain scalar is not accepted."""

    code: Code
    message: str
    hint: str


def plain_scalar(text: str) -> Any:
    """The value of a plain (unquoted) scalar: None, a bool, an int, a float, a str, or ``RefusedScalar``."""
    if text and text[0] not in _FIRST:
        return text if text != "<<" else _refuse_ambiguous("'<<' means a merge to some YAML readers")
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text.casefold() in _SWITCHES:
        return _refuse_ambiguous(f"'{text}' is a boolean to some YAML readers and a string to others")
    if _NOT_JSON.fullmatch(text):
        return RefusedScalar(Code.NOT_JSON, f"'{text}' cannot be represented in JSON", _QUOTE)
    return _number(text)


def _number(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    digits = text.replace("_", "")
    if _OTHER_BASE.fullmatch(digits):
        return _refuse_ambiguous("this is a number of another base to some YAML readers")
    if digits != text and (_INTEGER.fullmatch(digits) or _FLOAT.fullmatch(digits)):
        return _refuse_ambiguous("this is a number to some YAML readers, with '_' left out")
    return text


def _integer(text: str) -> Any:
    if len(text) > _DIGITS_OF_64_BITS or not -(2**63) <= int(text) < 2**63:
        return _refuse_ambiguous("this number does not fit into 64 bits")
    return int(text)


def _float(text: str) -> Any:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return _refuse_ambiguous("this is too large for a number")
    if value.is_integer() and abs(value) < _EXACT:  # JSON has one type of number: kubectl sends 2.0 as 2
        return int(value)
    return value


def _refuse_ambiguous(message: str) -> RefusedScalar:
    # Numbers are not quoted in messages: the reader does not know which fields are secret.
    return RefusedScalar(Code.AMBIGUOUS_SCALAR, message, _QUOTE)
