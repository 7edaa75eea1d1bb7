"""The results of a List or a Search as a table: name, status, age, and the most distinguishing columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from controller.core.phase import Phase
from controller.core.times import age
from controller.kinds.display import COMMON_STATUS_PHASES, DisplayColumn
from controller.output.terminal import Style, table
from controller.output.values import plain_response, scalar
from controller.schema.identifiers import tail
from controller.schema.kind_names import split_name
from controller.schema.shape import Shape, shape

STYLES = {Phase.READY: "green", Phase.FAILED: "red", Phase.CHANGING: "yellow", Phase.DELETING: "yellow"}
_CREATED = ("CreationTime", "CreateDate", "CreatedAt", "StartTime")
_PLAIN_TYPES = ("string", "integer", "long", "float", "double", "boolean")

Cell = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class ListedKind:
    """The type of the elements: their name in the API, their shape, and the display columns of the kind.

    ``key`` are the members that identify one, if not the name; ``first`` are the members of the request's filters.
    ``named`` are the members with name and ARN, if they are not ``<Kind>Name`` and ``<Kind>Arn``.
    """

    name: str
    element: Shape
    columns: tuple[DisplayColumn, ...] = ()
    status_phases: Mapping[str, Phase] | None = None
    key: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def summaries_text(found: Sequence[Mapping[str, Any]], of: ListedKind, style: Style, now: datetime) -> str:
    """The table. Elements must have gone through ``Redactor.answer``."""
    columns: list[tuple[str, Cell]] = [("NAME", partial(_identifier, of)), *_columns(of, now)]
    heads = [head for head, _ in columns]
    kept = 1 + sum(head in ("STATUS", "AGE") for head in heads)
    known = {**COMMON_STATUS_PHASES, **(of.status_phases or {})}
    styles = {word: STYLES.get(phase, "") for word, phase in known.items()}
    return table(
        heads, [[cell(each) for _, cell in columns] for each in found], style, kept=kept, styles=styles
    )


def _columns(of: ListedKind, now: datetime) -> Iterable[tuple[str, Cell]]:
    members = of.element.members
    status = next((m for m in (f"{of.name}Status", "Status") if m in members), "") or next(
        (m for m in members if m.endswith("Status")), ""
    )
    status = status if status and shape(members[status]).type == "string" else ""
    created = next((m for m in _CREATED if m in members), "")
    if status:
        yield "STATUS", _member_reader(DisplayColumn(status))
    if created:
        yield "AGE", lambda each: _age(each.get(created), now)
    shown = {status, created, *_names(of)}
    for name in of.first:
        if name not in shown:
            shown.add(name)
            yield name, partial(_property, name)
    for show in (*of.columns, *map(DisplayColumn, _scalars(of.element))):
        if show.member not in shown and show.member in members:
            shown.add(show.member)
            yield head(show.member, of.name), _member_reader(show)


def _names(of: ListedKind) -> tuple[str, ...]:
    return of.named or (f"{of.name}Name", f"{of.name}Arn")


def _identifier(of: ListedKind, each: Mapping[str, Any]) -> str:
    """The short identifier: the name, or the tail of the ARN, which ``get`` takes as well."""
    if of.key:
        return " ".join(tail(str(each.get(member) or "?")) for member in of.key)
    name, arn = (str(each.get(member) or "") for member in _names(of))
    if name:
        return name
    for member, value in each.items():
        if not arn and member.endswith(("Name", "Arn")):
            return tail(str(value))
    return tail(arn)


def _scalars(of: Shape) -> list[str]:
    """Members with a string or number; those with few values first."""
    shapes = {name: shape(inner) for name, inner in of.members.items()}
    plain_ones = [
        name for name, inner in shapes.items() if inner.type in _PLAIN_TYPES and not name.endswith("Arn")
    ]
    return sorted(plain_ones, key=lambda name: (not shapes[name].enum, list(shapes).index(name)))


def _property(name: str, record: Mapping[str, Any]) -> str:
    """The value of a property in a record: a tag, or a dotted member, through the elements of lists."""
    first, _, rest = name.partition(".")
    if first == "Tags" and rest:
        held = [tag.get("Value") for tag in record.get("Tags", ()) if tag.get("Key") == rest]
    else:
        held = list(_values(record, name.split(".")))
    return ", ".join(plain_value(DisplayColumn(name), value) for value in held)


def _values(here: Any, path: Sequence[str]) -> Iterator[Any]:
    if isinstance(here, list | tuple):
        for each in here:
            yield from _values(each, path)
    elif not path:
        yield here
    elif isinstance(here, Mapping) and path[0] in here:
        yield from _values(here[path[0]], path[1:])


def _member_reader(show: DisplayColumn) -> Cell:
    return lambda each: plain_value(show, each.get(show.member))


def plain_value(show: DisplayColumn, value: Any) -> str:
    """A member's value in one line; empty for none."""
    if value is None:
        return ""
    if show.formatter is None:
        value = plain_response(value)
        return tail(value) if isinstance(value, str) else scalar(value)
    return "; ".join(map(show.formatter, value)) if isinstance(value, list | tuple) else show.formatter(value)


def head(member: str, kind: str = "") -> str:
    """A column's head: the member's words, without the kind's name."""
    short = member.removeprefix(kind) or member
    return " ".join(split_name(short)).upper()


def _age(created: Any, now: datetime) -> str:
    return age((now - created).total_seconds()) if isinstance(created, datetime) else ""
