"""References inside strings while a file is converted: to a variable, or to an attribute of another resource.

Document names are chosen last, so until then a reference is a mark of private-use characters of Unicode within its
string, such as ``endpoint/<mark>/variant/main``. Files with such characters are refused.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_OPEN, _GAP, _CLOSE = "\ue010", "\ue011", "\ue012"
_PRIVATE = re.compile("[\ue000-\ue0ff]")
_MARK = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_VARIABLE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Attribute:
    """An attribute of another resource, as the tool spells it; ``of`` is the resource's number in the reading."""

    of: int
    name: str


def has_marks(value: Any) -> bool:
    """Whether plain data contains marks, in keys or strings."""
    if isinstance(value, Mapping):
        return any(has_marks(key) or has_marks(inner) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return any(map(has_marks, value))
    return isinstance(value, str) and _PRIVATE.search(value) is not None


def variable_name(text: str) -> str:
    """A valid variable name, from another tool's."""
    name = _VARIABLE.sub("_", text).strip("_") or "value"
    return name if not name[0].isdigit() and name[0] != "-" else f"_{name}"


def variable_mark(name: str) -> str:
    """The mark of a variable."""
    return f"{_OPEN}{name}{_CLOSE}"


def attribute_mark(attribute: Attribute) -> str:
    """The mark of an attribute."""
    return f"{_OPEN}{attribute.of}{_GAP}{attribute.name}{_CLOSE}"


def read_mark(text: str) -> Attribute | str | None:
    """The attribute, or the name of the variable, if the whole string is a mark; else None."""
    found = _MARK.fullmatch(text)
    return _marked_value(found[1]) if found else None


def with_marks(text: str, written: Callable[[Attribute | str], str]) -> str:
    """A string with each mark replaced."""
    return _MARK.sub(lambda found: written(_marked_value(found[1])), text)


def marked_references(text: str) -> tuple[Attribute | str, ...]:
    """The references of all marks in a string."""
    return tuple(_marked_value(each) for each in _MARK.findall(text))


def ends_in_dollar(text: str) -> bool:
    """Whether a dollar sign precedes a mark: in a document it would make the reference a literal."""
    return f"${_OPEN}" in text


def _marked_value(inner: str) -> Attribute | str:
    number, gap, name = inner.partition(_GAP)
    return Attribute(int(number), name) if gap else inner
