"""The path of a value inside a document.

A path is a tuple of member names and list positions (from 0): ``("spec", "productionVariants", 0)``.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
MAPPINGS = (dict, Mapping)  # in this order: an instance of dict is recognised ten times faster
# Most values of a spec. Walks look for them first: that a text is no Mapping takes ten times as long to find.
SCALARS = (str, int, float, type(None))


def dotted_path(path: Path) -> str:
    """The path as messages show it: ``spec.productionVariants[0].modelName``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def pointer(path: Path) -> str:
    """Write a path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def from_pointer(text: str) -> Path:
    """Read a JSON pointer (RFC 6901); digits become list positions.

    Raises:
        ValueError: the text does not start with ``/``.

    """
    if not text.startswith("/"):
        raise ValueError(f"'{text}' is not a JSON pointer: it must start with '/'")
    parts = (part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/"))
    return tuple(int(part) if part.isdigit() else part for part in parts)


def get(value: Any, path: Path, default: Any = None) -> Any:
    """The value at a path, or the default where there is none."""
    for part in path:
        children = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if not isinstance(children, MAPPINGS) or part not in children:
            return default
        value = children[part]
    return value


def expand(value: Any, pattern: str) -> list[tuple[Path, Any]]:
    """All values at a dotted pattern such as ``ProductionVariants[].ModelName``, with their paths.

    ``[]`` stands for the elements of a list, ``{}`` for the values of a map.
    """
    parts = _parts(pattern)
    found = _children((), value, parts[0])
    for part in parts[1:]:
        if not found:
            break
        found = [inner for path, here in found for inner in _children(path, here, part)]
    return found


@lru_cache(maxsize=4096)
def _parts(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.replace("[]", ".[]").replace("{}", ".{}").split("."))


def _children(path: Path, here: Any, part: str) -> list[tuple[Path, Any]]:
    if part == "[]":
        return [((*path, i), item) for i, item in enumerate(here)] if isinstance(here, list | tuple) else []
    if part == "{}":
        return [((*path, key), item) for key, item in here.items()] if isinstance(here, MAPPINGS) else []
    return [((*path, part), here[part])] if isinstance(here, MAPPINGS) and part in here else []


def with_value(value: Any, path: Path, new: Any) -> Any:
    """A copy of plain data with another value at the path; missing structures on the way are created."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, MAPPINGS) or (value is None and isinstance(head, str)):
        inside = value or {}
        return {**inside, head: with_value(inside.get(head), rest, new)}
    items = list(value or ())
    items[int(head)] = with_value(items[int(head)], rest, new)
    return items


def without_value(value: Any, path: Path) -> Any:
    """A copy of plain data without the value at the path."""
    head, rest = path[0], path[1:]
    if isinstance(value, Mapping) and head in value:
        if rest:
            return {**value, head: without_value(value[head], rest)}
        return {key: inner for key, inner in value.items() if key != head}
    if isinstance(value, list | tuple) and isinstance(head, int) and head < len(value):
        inner = [without_value(value[head], rest)] if rest else []
        return [*value[:head], *inner, *value[head + 1 :]]
    return value
