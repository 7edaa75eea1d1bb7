"""The account seen through the documents: a table for people, the same as JSON for programs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.jobs import wanted_stopped
from controller.engine.observed import Live, World
from controller.engine.ownership import OWNER, Owner, owner_of
from controller.engine.renames import is_generation
from controller.manifests.bundle import Bundle
from controller.output.terminal import Style, clean
from controller.schema.contract import contract
from controller.schema.identifiers import tail

_STYLES = {"ready": "green", "failed": "red", "absent": "red", "unreadable": "red", "changing": "yellow"}
_STOPPED = "stopped"  # as a document asks
_HEADS = ("ADDRESS", "AWS NAME", "OURS", "PHASE", "AWS STATUS", "REASON")


@dataclass(frozen=True)
class Line:
    """One row: a document's resource, an old generation, or what lost its document."""

    address: str
    aws_name: str
    ours: str
    phase: str
    aws_status: str
    reason: str

    @property
    def bad(self) -> bool:
        """Whether it is not as a document wants it: missing, failed or unreadable."""
        return self.phase in ("absent", "failed", "unreadable")


def lines(bundle: Bundle, world: World, of: str) -> tuple[Line, ...]:
    """All rows, in the order of the documents' addresses."""
    rows: list[Line] = []
    for ref in sorted(bundle.resources):
        rows.append(_wanted(ref, world, of))
        for live in world.old.get(ref, ()):
            remark = "an old generation" if is_generation(world.resolved[ref], live) else "orphaned: renamed"
            rows.append(_row(ref, live, of, remark))
    for ref, lives in sorted(world.orphans.items()):
        rows += [_row(ref, live, of, "no document") for live in lives]
    return tuple(rows)


def _wanted(ref: Ref, world: World, of: str) -> Line:
    error = world.errors.get(ref)
    live = world.live.get(ref)
    resolved = world.resolved.get(ref)
    requested = resolved is not None and wanted_stopped(resolved)
    if live is not None:
        row = _row(ref, live, of, str(error) if error else "")
        return replace(row, phase=_STOPPED) if requested and live.phase is Phase.FAILED else row
    name = resolved.name if resolved else None
    shown = name if isinstance(name, str) else str(name or "(AWS names it)")
    if requested and error is None:
        return Line(str(ref), shown, "", _STOPPED, "", "not started: desired state is stopped")
    if error is not None:
        return Line(str(ref), shown, "?", "unreadable", "", str(error))
    return Line(str(ref), shown, "", Phase.ABSENT.value, "", "not in the account")


def _row(ref: Ref, live: Live, of: str, remark: str) -> Line:
    reason = "; ".join(text for text in (remark, live.reason) if text)
    return Line(str(ref), live.name, _ours(ref, live, of), live.phase.value, live.status, reason)


def _ours(ref: Ref, live: Live, of: str) -> str:
    found_by = contract(ref.kind).kind.identity.found_by
    marked: Mapping[str, Any] = live.body.get(found_by.marker, {}) if found_by else {}
    holder = str(marked.get(OWNER, "")) or owner_of(live.tags or {})
    if holder:
        return "yes" if holder == str(Owner(of, ref)) else f"no: {holder}"
    if not contract(ref.kind).taggable:
        return "no tags"  # such kinds take none; the inventory knows
    return "?" if live.tags is None and not marked else "no owner"


def status_text(rows: tuple[Line, ...], style: Style) -> str:
    """A table; columns are as wide as they need, and the last one takes what is left. ARNs are cut to their tails."""
    short = (replace(row, aws_name=tail(row.aws_name)) for row in rows)
    cells = [_HEADS, *(tuple(map(clean, asdict(row).values())) for row in short)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEADS) - 1)]
    out = []
    for row in cells:
        padded = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        padded[3] = style.paint(padded[3], _STYLES.get(row[3], ""))
        taken = sum(widths) + 2 * len(widths)
        out.append("  ".join([*padded, style.fit(row[-1], taken)]).rstrip())
    return "\n".join(out) + "\n"


def status_json(
    rows: tuple[Line, ...],
    world: World,
    of: str,
    version: str,
    more: Mapping[tuple[str, str], Mapping[str, Any]],
) -> dict[str, Any]:
    """The same rows for programs, with what is told of each by its address and AWS name."""
    return {
        "format_version": "1.0",
        "tool_version": version,
        "account_id": world.identity.account,
        "region": world.identity.region,
        "set": of,
        "resources": [
            {**asdict(row), "shows": {}, "details": {}, **more.get((row.address, row.aws_name), {})}
            for row in rows
        ],
        "errored": any(row.bad for row in rows),
    }
