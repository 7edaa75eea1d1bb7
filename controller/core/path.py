"""Where a value stands inside a document.

A path is a tuple of member names and list positions (from 0): ``("spec", "productionVariants", 0)``.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]


def dotted(path: Path) -> str:
    """Write a path for people: ``spec.productionVariants[0].modelName``."""
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
    """Read what stands at a path, or the default where nothing does."""
    for part in path:
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list | tuple) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return default
    return value
