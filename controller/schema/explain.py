"""Facts about a field from model and row: type, limits, and the effect of a change."""

import re
from dataclasses import dataclass
from enum import Enum

from controller.core.did_you_mean import did_you_mean
from controller.core.path import Path, dotted_path
from controller.core.phase import Phase
from controller.kinds import Default, Kind
from controller.schema.contract import Contract
from controller.schema.descriptions import description
from controller.schema.kind_names import one_of
from controller.schema.names import by_camel, camel_path, lower_camel
from controller.schema.shape import Shape, shape


class Mutability(Enum):
    """How a change of a member is applied; the value is the displayed text."""

    IDENTITY = "another resource: it is its name"
    UPDATE = "updated in place"
    WHILE_IT_RUNS = "updated in place, only while it runs"
    ONCE_IT_ENDED = "updated in place, only once it has run"
    UNTIL_RELEASE = "updated in place; once it was approved a new version takes over"
    GROWS = "updated in place, by new elements only"
    GENERATION = "a new generation takes over"
    VERSION = "a new version takes over"
    RUN = "it runs again"
    FROZEN = "refused; policy.replace: Allow deletes it and its data first, while nothing uses it"


_MUTABILITY_BY_PHASE = {Phase.CHANGING: Mutability.WHILE_IT_RUNS, Phase.READY: Mutability.ONCE_IT_ENDED}


def mutability(contract: Contract, path: Path) -> Mutability:
    """The effect of a change at a path of the spec (AWS member names)."""
    row, name = contract.kind, str(path[0])
    if name in contract.identity:
        return Mutability.IDENTITY
    if name == "Tags":
        return Mutability.UPDATE
    if contract.is_updatable(path):
        return _mutability_of(row, name)
    if row.lifecycle.runs:
        return Mutability.RUN
    if row.lifecycle.has_hashed_names:
        return Mutability.GENERATION
    return (
        Mutability.VERSION
        if row.identity.found_by and row.identity.found_by.generations
        else Mutability.FROZEN
    )


def _mutability_of(row: Kind, name: str) -> Mutability:
    """How an update applies a change, and when."""
    if row.lifecycle.release and name in row.lifecycle.release.defines:
        return Mutability.UNTIL_RELEASE
    delta = row.write.deltas.get(name)
    mutability = (
        _MUTABILITY_BY_PHASE.get(row.write.updatable_in_phase[name], Mutability.UPDATE)
        if name in row.write.updatable_in_phase
        else None
    )
    return mutability or (Mutability.GROWS if delta and delta.add and not delta.fixed else Mutability.UPDATE)


_LABELS = {
    "structure": "object",
    "map": "map",
    "string": "string",
    "timestamp": "time",
    "boolean": "boolean",
    "integer": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
}

_MANY = {"object": "objects", "string": "strings"}


@dataclass(frozen=True)
class Field:
    """One field: ``path`` as documents write it; an empty one is the spec itself.

    ``meaning`` is its description, ``links`` are the kinds that it may name, ``key`` the member that identifies a
    list's elements.
    """

    kind: str
    path: str
    meaning: str
    type: str
    required: bool
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    pattern: str
    change: Mutability | None
    default: Default | None
    links: tuple[str, ...]
    secret: bool
    referable: bool
    unreadable: bool
    document: bool
    unordered: bool
    key: str
    members: tuple["Field", ...] = ()


class NoSuchField(Exception):  # noqa: N818 - a person's slip
    """An unknown path; ``hint`` names a similar one."""

    def __init__(self, part: str, where: str, hint: str) -> None:
        super().__init__(f"{where} has no field '{part}'")
        self.hint = hint


def explain(contract: Contract, parts: tuple[str, ...]) -> Field:
    """The field at a path as people write it, in any case; list positions and map keys may be left out.

    Raises:
        NoSuchField: the path is unknown.

    """
    path, here, required, described = tuple[str, ...](), contract.spec, False, ""
    for part in parts:
        holder = _innermost(here)
        known = by_camel(holder.name) if holder.type == "structure" else {}
        name = one_of(part, known) or one_of(part, known.values())
        if name is None:
            where = f"{contract.name}.{_document_path(_walk_path(contract, path)[1], contract)}".rstrip(".")
            choices = [camel for camel, member in known.items() if member not in holder.tokens]
            hint = did_you_mean(part, choices) or (f"it has {', '.join(choices)}" if choices else "")
            raise NoSuchField(part, where, hint)
        member = known.get(name, name)
        path, required, described = (*path, member), member in holder.required, description(holder, member)
        here = shape(holder.members[member])
    return _field(contract, path, here, described=described, required=required, inside=True)


def _innermost(of: Shape) -> Shape:
    """The shape of the innermost elements of lists and values of maps."""
    while of.type in ("list", "map"):
        of = shape(of.element or of.value)
    return of


def _field(
    contract: Contract, path: Path, of: Shape, *, described: str, required: bool, inside: bool
) -> Field:
    row, (pattern, real) = contract.kind, _walk_path(contract, path)
    tags = path == ("Tags",)
    return Field(
        kind=contract.name,
        path=_document_path(real, contract),
        meaning=described,
        type="map of string to string" if tags else _type(of),
        required=required and path[-1:] != (contract.name_member,),
        choices=_leaf(of).enum,
        minimum=None if tags else of.minimum,
        maximum=None if tags else of.maximum,
        pattern=_leaf(of).pattern,
        change=mutability(contract, real) if path else None,
        default=row.compare.defaults.get(pattern),
        links=tuple(link.to for link in row.identity.links if link.field in (pattern, f"{pattern}[]")),
        secret=pattern in contract.secrets,
        referable=pattern in contract.referable,
        unreadable=any(pattern == each or pattern.startswith(f"{each}.") for each in contract.unreadable),
        document=pattern in row.compare.documents,
        unordered=pattern in row.compare.unordered,
        key=lower_camel(row.compare.keyed.get(pattern, "")) if pattern in row.compare.keyed else "",
        members=_members(contract, path, of) if inside and not tags else (),
    )


def _members(contract: Contract, path: Path, of: Shape) -> tuple[Field, ...]:
    holder = _innermost(of)
    return tuple(
        _field(
            contract,
            (*path, name),
            shape(member),
            described=description(holder, name),
            required=name in holder.required,
            inside=False,
        )
        for name, member in holder.members.items()
        if name not in holder.tokens
        and _walk_path(contract, (*path, name))[0] not in contract.kind.write.outputs
    )


def _walk_path(contract: Contract, path: Path) -> tuple[str, Path]:
    """The path in the rows' spelling, and as a value has it: with lists and maps before a member."""
    text, here = "", contract.spec
    real: Path = ()
    for part in path:
        while here.type in ("list", "map"):
            text += "[]" if here.type == "list" else "{}"
            real = (*real, 0 if here.type == "list" else "key")
            here = shape(here.element or here.value)
        text, real = f"{text}.{part}" if text else str(part), (*real, part)
        here = shape(here.members[str(part)])
    return text, real


def _document_path(real: Path, content: Contract) -> str:
    """The path as documents spell it, with ``[]`` for the elements of a list."""
    return re.sub(r"\[\d+\]", "[]", dotted_path(camel_path(real, content.spec)))


def _type(of: Shape) -> str:
    if of.type == "list":
        inner = _type(shape(of.element))
        return f"list of {_MANY.get(inner, inner)}"
    if of.type == "map":
        return f"map of string to {_type(shape(of.value))}"
    return _LABELS[of.type]


def _leaf(of: Shape) -> Shape:
    return shape(of.element) if of.type == "list" else of
