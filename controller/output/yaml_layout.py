"""One answer laid out for reading, much as YAML: a member a line, texts and JSON documents opened."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from controller.output.json_response import plain
from controller.output.terminal import Style, clean
from controller.output.values import scalar

_LONG = 60  # so long a text with spaces is folded where it does not fit


def laid_out(value: Mapping[str, Any], style: Style) -> str:
    """The whole value. It must have gone through the redactor before."""
    return "".join(f"{line}\n" for line in _mapping(plain(value), "", style))


def _mapping(value: Mapping[str, Any], indent: str, style: Style) -> Iterator[str]:
    for key, inner in value.items():
        label = f"{indent}{scalar(key)}:"
        opened = _document(inner)
        if opened is not None:
            yield f"{label}  # JSON in a string"
            yield from _nested(opened, indent + "  ", style)
        elif isinstance(inner, Mapping | list) and inner:
            yield label
            yield from _nested(inner, indent + "  ", style)
        else:
            yield from _leaf(label, inner, indent + "  ", style)


def _nested(value: Any, indent: str, style: Style) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _mapping(value, indent, style)
        return
    for element in value:
        if isinstance(element, Mapping | list) and element:
            lines = list(_nested(element, indent + "  ", style))
            yield f"{indent}- {lines[0].lstrip()}"
            yield from lines[1:]
        else:
            yield from _leaf(f"{indent}-", element, indent + "  ", style)


def _leaf(label: str, value: Any, indent: str, style: Style) -> Iterator[str]:
    if isinstance(value, str) and "\n" in value.strip("\n"):
        yield f"{label} |"
        yield from (indent + clean(line) for line in value.strip("\n").split("\n"))
    elif (
        isinstance(value, str)
        and len(value) > _LONG
        and " " in value
        and len(label) + len(value) >= style.width
    ):
        yield f"{label} >-"
        yield from style.wrap(value, indent, indent)
    else:
        yield f"{label} {scalar(value)}"


def _document(value: Any) -> Any:
    """The JSON document that a text holds; None for other texts."""
    if not isinstance(value, str) or value[:1] not in "{[" or not value:
        return None
    try:
        read = json.loads(value)
    except ValueError:
        return None
    return read if isinstance(read, Mapping | list) and read else None
