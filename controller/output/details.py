"""Details of a resource as text."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from controller.core.cloud import CloudError
from controller.core.times import format_duration
from controller.kinds.display import COMMON_STATUS_PHASES, Detail
from controller.output.summaries import STYLES, head
from controller.output.terminal import Style, escape_unprintable, table
from controller.output.values import plain_response, scalar
from controller.schema.identifiers import tail
from controller.schema.kind_names import split_name

_LONG = 60  # from this length on a text with spaces is folded if it does not fit


def laid_out(value: Mapping[str, Any], style: Style) -> str:
    """The whole value as text. It must have been redacted."""
    return "".join(f"{line}\n" for line in _mapping_lines(plain_response(value), "", style))


def _mapping_lines(value: Mapping[str, Any], indent: str, style: Style) -> Iterator[str]:
    for key, inner in value.items():
        label = f"{indent}{scalar(key)}:"
        opened = _document(inner)
        if opened is not None:
            yield f"{label}  # JSON in a string"
            yield from _nested_lines(opened, indent + "  ", style)
        elif isinstance(inner, Mapping | list) and inner:
            yield label
            yield from _nested_lines(inner, indent + "  ", style)
        else:
            yield from _leaf(label, inner, indent + "  ", style)


def _nested_lines(value: Any, indent: str, style: Style) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _mapping_lines(value, indent, style)
        return
    for element in value:
        if isinstance(element, Mapping | list) and element:
            lines = list(_nested_lines(element, indent + "  ", style))
            yield f"{indent}- {lines[0].lstrip()}"
            yield from lines[1:]
        else:
            yield from _leaf(f"{indent}-", element, indent + "  ", style)


def _leaf(label: str, value: Any, indent: str, style: Style) -> Iterator[str]:
    if isinstance(value, str) and "\n" in value.strip("\n"):
        yield f"{label} |"
        yield from (indent + escape_unprintable(line) for line in value.strip("\n").split("\n"))
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
    """The parsed JSON document of a string; None for other strings."""
    if not isinstance(value, str) or value[:1] not in "{[" or not value:
        return None
    try:
        read = json.loads(value)
    except ValueError:
        return None
    return read if isinstance(read, Mapping | list) and read else None


def detail_text(detail: Detail, value: Any, style: Style, now: datetime) -> str:
    """One detail as text. It must have gone through ``Redactor.answer``."""
    if isinstance(value, CloudError):
        return f"{detail.name}: can't be read: {value}\n"
    if not detail.columns:
        return laid_out({detail.member: value}, style)
    if not value:
        return f"{detail.name}: none\n"
    return f"{detail.name}:\n" + _indent(_table(detail, value, style, now))


def detail_json(value: Any) -> Any:
    """A detail as JSON, with AWS member names."""
    return {"error": str(value)} if isinstance(value, CloudError) else plain_response(value)


def _table(detail: Detail, value: Sequence[Mapping[str, Any]], style: Style, now: datetime) -> str:
    common = _common_prefix(detail.columns)
    heads = [head(column, common) for column in detail.columns]
    rows = [[_cell(element.get(column)) for column in detail.columns] for element in value]
    if detail.span:
        position = min(2, len(heads))
        heads.insert(position, "DURATION")
        for row, element in zip(rows, value, strict=True):
            row.insert(position, _duration_text(element, detail.span, now))
    state = next((at for at, name in enumerate(heads) if name.endswith("STATUS")), -1)
    styles = {word: STYLES.get(phase, "") for word, phase in COMMON_STATUS_PHASES.items()}
    narrower = Style(style.width - 2, style.colour)
    return table(heads, rows, narrower, kept=min(2, len(heads)), styles=styles, state=state)


def _cell(value: Any) -> str:
    value = plain_response(value)
    return "" if value is None else tail(value) if isinstance(value, str) else str(value)


def _duration_text(element: Mapping[str, Any], span: tuple[str, str], now: datetime) -> str:
    began, ended = (element.get(member) for member in span)
    if not isinstance(began, datetime):
        return ""
    until = ended if isinstance(ended, datetime) else now.astimezone(UTC)
    return format_duration((until - began).total_seconds())


def _common_prefix(columns: Sequence[str]) -> str:
    """The part before the first column's last word, shared by two columns: ``StepName``, ``StepStatus``."""
    common = "".join(split_name(columns[0])[:-1])
    return common if sum(column.startswith(common) for column in columns) > 1 else ""


def _indent(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
