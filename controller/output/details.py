"""Details of a resource for people: lists as tables, documents laid out, refusals as one line."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from controller.core.cloud import CloudError
from controller.core.duration import lasted
from controller.kinds.display import Detail
from controller.kinds.status_phases import COMMON_STATUS_PHASES
from controller.output.json_response import plain
from controller.output.summaries import STYLES, head
from controller.output.table import table
from controller.output.terminal import Style
from controller.output.yaml_layout import laid_out
from controller.schema.identifiers import tail
from controller.schema.kind_names import split_name


def detail_text(detail: Detail, value: Any, style: Style, now: datetime) -> str:
    """One detail. It must have gone through ``Redactor.answer`` before."""
    if isinstance(value, CloudError):
        return f"{detail.name}: can't be read: {value}\n"
    if not detail.columns:
        return laid_out({detail.member: value}, style)
    if not value:
        return f"{detail.name}: none\n"
    return f"{detail.name}:\n" + _indented(_table(detail, value, style, now))


def detail_json(value: Any) -> Any:
    """The same for programs, in AWS's words."""
    return {"error": str(value)} if isinstance(value, CloudError) else plain(value)


def _table(detail: Detail, value: Sequence[Mapping[str, Any]], style: Style, now: datetime) -> str:
    common = _common_prefix(detail.columns)
    heads = [head(column, common) for column in detail.columns]
    rows = [[_cell(element.get(column)) for column in detail.columns] for element in value]
    if detail.span:
        position = min(2, len(heads))
        heads.insert(position, "DURATION")
        for row, element in zip(rows, value, strict=True):
            row.insert(position, _duration(element, detail.span, now))
    state = next((at for at, name in enumerate(heads) if name.endswith("STATUS")), -1)
    styles = {word: STYLES.get(phase, "") for word, phase in COMMON_STATUS_PHASES.items()}
    narrower = Style(style.width - 2, style.colour)
    return table(heads, rows, narrower, kept=min(2, len(heads)), styles=styles, state=state)


def _cell(value: Any) -> str:
    value = plain(value)
    return "" if value is None else tail(value) if isinstance(value, str) else str(value)


def _duration(element: Mapping[str, Any], span: tuple[str, str], now: datetime) -> str:
    began, ended = (element.get(member) for member in span)
    if not isinstance(began, datetime):
        return ""
    until = ended if isinstance(ended, datetime) else now.astimezone(UTC)
    return lasted((until - began).total_seconds())


def _common_prefix(columns: Sequence[str]) -> str:
    """What stands before the first column's last word, shared by two columns: ``StepName``, ``StepStatus``."""
    common = "".join(split_name(columns[0])[:-1])
    return common if sum(column.startswith(common) for column in columns) > 1 else ""


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
