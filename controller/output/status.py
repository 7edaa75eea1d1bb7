"""The status of every document as a table and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.discovery import Reading
from controller.engine.jobs import is_stop_desired
from controller.engine.observed import OWNER, Live, ObservedAccount, Owner, owner_of
from controller.engine.renames import is_generation
from controller.engine.sensitive import body_patterns
from controller.kinds.display import Detail, DisplayColumn
from controller.manifests.bundle import Bundle
from controller.output.details import detail_json, detail_text
from controller.output.redact import Redactor
from controller.output.summaries import head, plain_value
from controller.output.terminal import Style, escape_unprintable
from controller.output.values import plain_response
from controller.schema.contract import contract
from controller.schema.identifiers import tail

_STYLES = {"ready": "green", "failed": "red", "absent": "red", "unreadable": "red", "changing": "yellow"}
_STOPPED = "stopped"  # as its document specifies
_HEADS = ("ADDRESS", "AWS NAME", "OURS", "PHASE", "AWS STATUS", "REASON")


@dataclass(frozen=True)
class StatusRow:
    """One row: a declared resource, an old generation, or one whose document was removed."""

    address: str
    aws_name: str
    ours: str
    phase: str
    aws_status: str
    reason: str

    @property
    def is_unhealthy(self) -> bool:
        """Whether it is not as its document specifies: missing, failed or unreadable."""
        return self.phase in ("absent", "failed", "unreadable")


def lines(bundle: Bundle, observed: ObservedAccount, of: str) -> tuple[StatusRow, ...]:
    """All rows, in the order of the documents' addresses."""
    rows: list[StatusRow] = []
    for ref in sorted(bundle.resources):
        rows.append(_desired_line(ref, observed, of))
        for live in observed.old.get(ref, ()):
            remark = (
                "an old generation" if is_generation(observed.resolved[ref], live) else "orphaned: renamed"
            )
            rows.append(_row(ref, live, of, remark))
    for ref, live_resources in sorted(observed.orphans.items()):
        rows += [_row(ref, live, of, "no document") for live in live_resources]
    return tuple(rows)


def _desired_line(ref: Ref, observed: ObservedAccount, of: str) -> StatusRow:
    error = observed.errors.get(ref)
    live = observed.live.get(ref)
    resolved = observed.resolved.get(ref)
    requested = resolved is not None and is_stop_desired(resolved)
    if live is not None:
        row = _row(ref, live, of, str(error) if error else "")
        return replace(row, phase=_STOPPED) if requested and live.phase is Phase.FAILED else row
    name = resolved.name if resolved else None
    shown = name if isinstance(name, str) else str(name or "(AWS names it)")
    if requested and error is None:
        return StatusRow(str(ref), shown, "", _STOPPED, "", "not started: desired state is stopped")
    if error is not None:
        return StatusRow(str(ref), shown, "?", "unreadable", "", str(error))
    return StatusRow(str(ref), shown, "", Phase.ABSENT.value, "", "not in the account")


def _row(ref: Ref, live: Live, of: str, remark: str) -> StatusRow:
    reason = "; ".join(text for text in (remark, live.reason) if text)
    return StatusRow(str(ref), live.name, _owner_text(ref, live, of), live.phase.value, live.status, reason)


def _owner_text(ref: Ref, live: Live, of: str) -> str:
    found_by = contract(ref.kind).kind.identity.found_by
    marked: Mapping[str, Any] = live.body.get(found_by.marker, {}) if found_by else {}
    holder = str(marked.get(OWNER, "")) or owner_of(live.tags or {})
    if holder:
        return "yes" if holder == str(Owner(of, ref)) else f"no: {holder}"
    if not contract(ref.kind).taggable:
        return "no tags"  # such kinds take none; the inventory records them
    return "?" if live.tags is None and not marked else "no owner"


def status_text(rows: tuple[StatusRow, ...], style: Style) -> str:
    """A table; columns are as wide as needed, and the last one takes the rest. ARNs are cut to their tails."""
    short = (replace(row, aws_name=tail(row.aws_name)) for row in rows)
    cells = [_HEADS, *(tuple(map(escape_unprintable, asdict(row).values())) for row in short)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEADS) - 1)]
    out = []
    for row in cells:
        padded = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        padded[3] = style.paint(padded[3], _STYLES.get(row[3], ""))
        taken = sum(widths) + 2 * len(widths)
        out.append("  ".join([*padded, style.fit(row[-1], taken)]).rstrip())
    return "\n".join(out) + "\n"


def status_json(
    rows: tuple[StatusRow, ...],
    observed: ObservedAccount,
    of: str,
    version: str,
    more: Mapping[tuple[str, str], Mapping[str, Any]],
) -> dict[str, Any]:
    """The same rows as JSON, by address and AWS name."""
    return {
        "format_version": "1.0",
        "tool_version": version,
        "account_id": observed.identity.account,
        "region": observed.identity.region,
        "set": of,
        "resources": [
            {**asdict(row), "shows": {}, "details": {}, **more.get((row.address, row.aws_name), {})}
            for row in rows
        ],
        "errored": any(row.is_unhealthy for row in rows),
    }


@dataclass(frozen=True)
class ResourceDetails:
    """Details of one live resource, without sensitive values."""

    ref: Ref
    name: str
    columns: tuple[tuple[DisplayColumn, Any], ...]
    details: tuple[tuple[Detail, Any], ...]


def more_of(
    observed: ObservedAccount, details: Mapping[Ref, Reading], redactor: Redactor
) -> tuple[ResourceDetails, ...]:
    """The details of all observed resources, in the order of the addresses."""
    found = (
        _resource_details(ref, live, details.get(ref, {}), redactor, observed)
        for ref, live in sorted(observed.live.items())
    )
    return tuple(each for each in found if each.columns or each.details)


def _resource_details(
    ref: Ref, live: Live, details: Reading, redactor: Redactor, observed: ObservedAccount
) -> ResourceDetails:
    kind_contract = contract(ref.kind)
    sensitive = observed.resolved[ref].resource.sensitive if ref in observed.resolved else frozenset()
    body = redactor.live(live.body, kind_contract, body_patterns(live.body, kind_contract, sensitive))
    columns = tuple(
        (show, body[show.member]) for show in kind_contract.kind.display.columns if body.get(show.member)
    )
    read = tuple(
        (each, details[each.name]) for each in kind_contract.kind.display.details if each.name in details
    )
    return ResourceDetails(
        ref, live.name, columns, tuple((each, redactor.detail(each, value)) for each, value in read)
    )


def more_text(of: tuple[ResourceDetails, ...], style: Style, now: datetime) -> str:
    """A paragraph for each resource."""
    return "".join(
        f"\n{style.paint(escape_unprintable(str(each.ref)), 'bold')}\n{_paragraph(each, style, now)}"
        for each in of
    )


def _paragraph(of: ResourceDetails, style: Style, now: datetime) -> str:
    lines = [line for show, value in of.columns for line in _column_lines(show, value, of.ref.kind)]
    narrower = Style(style.width - 2, style.colour)
    for detail, value in of.details:
        lines += detail_text(detail, value, narrower, now).splitlines()
    return "".join(f"  {line}\n" for line in lines)


def _column_lines(show: DisplayColumn, value: Any, kind: str) -> list[str]:
    label = head(show.member, kind).lower()
    if show.formatter is not None and isinstance(value, list | tuple):
        return [f"{label}:", *(f"  {escape_unprintable(show.formatter(each))}" for each in value)]
    return [f"{label}: {escape_unprintable(plain_value(show, value))}"]


def more_json(of: tuple[ResourceDetails, ...]) -> dict[tuple[str, str], dict[str, Any]]:
    """The same as JSON, with AWS member names, by address and AWS name."""
    return {
        (str(each.ref), each.name): {
            "shows": {show.member: plain_response(value) for show, value in each.columns},
            "details": {detail.member: detail_json(value) for detail, value in each.details},
        }
        for each in of
    }
