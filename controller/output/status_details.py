"""What status tells of a resource below the table: the members its row shows, and its details."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller.core.ref import Ref
from controller.engine.details import Reading
from controller.engine.observed import Live, World
from controller.engine.sensitive import body_patterns
from controller.kinds.display import Detail, Show
from controller.output.details import detail_json, detail_text
from controller.output.json_response import plain
from controller.output.redact import Redactor
from controller.output.summaries import head, plain_value
from controller.output.terminal import Style, clean
from controller.schema.contract import contract


@dataclass(frozen=True)
class More:
    """More about one live resource; its values may be shown."""

    ref: Ref
    name: str
    columns: tuple[tuple[Show, Any], ...]
    details: tuple[tuple[Detail, Any], ...]


def more_of(world: World, details: Mapping[Ref, Reading], redactor: Redactor) -> tuple[More, ...]:
    """More about everything that was seen, in the order of the addresses."""
    found = (
        _more(ref, live, details.get(ref, {}), redactor, world) for ref, live in sorted(world.live.items())
    )
    return tuple(each for each in found if each.columns or each.details)


def _more(ref: Ref, live: Live, details: Reading, redactor: Redactor, world: World) -> More:
    kind_contract = contract(ref.kind)
    sensitive = world.resolved[ref].resource.sensitive if ref in world.resolved else frozenset()
    body = redactor.live(live.body, kind_contract, body_patterns(live.body, kind_contract, sensitive))
    columns = tuple(
        (show, body[show.member]) for show in kind_contract.kind.display.columns if body.get(show.member)
    )
    read = tuple(
        (each, details[each.name]) for each in kind_contract.kind.display.details if each.name in details
    )
    return More(ref, live.name, columns, tuple((each, redactor.detail(each, value)) for each, value in read))


def more_text(of: tuple[More, ...], style: Style, now: datetime) -> str:
    """A paragraph for each resource."""
    return "".join(
        f"\n{style.paint(clean(str(each.ref)), 'bold')}\n{_paragraph(each, style, now)}" for each in of
    )


def _paragraph(of: More, style: Style, now: datetime) -> str:
    lines = [line for show, value in of.columns for line in _shown(show, value, of.ref.kind)]
    narrower = Style(style.width - 2, style.colour)
    for detail, value in of.details:
        lines += detail_text(detail, value, narrower, now).splitlines()
    return "".join(f"  {line}\n" for line in lines)


def _shown(show: Show, value: Any, kind: str) -> list[str]:
    label = head(show.member, kind).lower()
    if show.says is not None and isinstance(value, list | tuple):
        return [f"{label}:", *(f"  {clean(show.says(each))}" for each in value)]
    return [f"{label}: {clean(plain_value(show, value))}"]


def more_json(of: tuple[More, ...]) -> dict[tuple[str, str], dict[str, Any]]:
    """The same for programs, in AWS's words, by address and AWS name."""
    return {
        (str(each.ref), each.name): {
            "shows": {show.member: plain(value) for show, value in each.columns},
            "details": {detail.member: detail_json(value) for detail, value in each.details},
        }
        for each in of
    }
