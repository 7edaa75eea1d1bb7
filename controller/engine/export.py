"""Live resources become documents: what a person would have written, with links by document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller.core.digest import digest
from controller.core.path import Path, dotted, expand, get, replaced
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.desired.document import Adopt
from controller.desired.resolve import HASH_DIGITS
from controller.desired.variables import escape
from controller.engine.census import Found
from controller.engine.compare import below, parsed
from controller.engine.naming import Naming, naming
from controller.engine.ownership import foreign
from controller.engine.shown import shown, stripped
from controller.kinds import Link
from controller.service.contract import Contract, contract
from controller.service.names import camel_path, to_camel
from controller.service.shape import Shape, shape
from controller.service.spelling import kebab

_NO_REFERENCE: Mapping[str, Any] = {
    "valueFrom": {}
}  # what `validate` refuses, and says what to write instead


@dataclass(frozen=True)
class Hole:
    """What the service never shows and Create requires, or what we may not show.

    ``path`` says where it stands, and ``variable`` may fill it; a secret takes a reference and no variable.
    """

    path: str
    variable: str = ""


@dataclass(frozen=True)
class Exported:
    """A document for a live resource: ``spec`` and ``policy`` as they are written in files."""

    ref: Ref
    spec: Mapping[str, Any]
    policy: Mapping[str, Any]
    holes: tuple[Hole, ...] = ()


def worth_it(each: Found) -> bool:
    """Whether a document can stand for it: what is going, and a run that failed, would not plan."""
    ended_badly = each.live.phase is Phase.FAILED and contract(each.name.kind).kind.runs
    return each.live.phase is not Phase.DELETING and not ended_badly


def export(found: Iterable[Found], *, adopt: bool) -> tuple[Exported, ...]:
    """The documents for what was found, in the order of their kinds and names.

    ``adopt`` writes the policy that lets them take over what nobody owns.
    """
    specs = {each: _spec(each) for each in found if worth_it(each)}
    linked = frozenset(
        value for each, spec in specs.items() for value in _linked(spec, contract(each.name.kind))
    )
    own = naming(specs, frozenset())
    names = naming(specs, frozenset(value for value in linked if value not in own.by_value))
    documents = (_document(each, spec, names, adopt=adopt) for each, spec in specs.items())
    return tuple(sorted(documents, key=lambda document: document.ref))


def _spec(each: Found) -> dict[str, Any]:
    """The spec in AWS's words, with what only a List told, without a name."""
    told, body = contract(each.name.kind), each.live.body
    given = {member: value for member, value in each.name.given.items() if member in told.spec.members}
    return _plain({**stripped(shown(body, told), body, told), **given})  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    """Plain data as YAML holds it: times as text."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _linked(spec: Mapping[str, Any], told: Contract) -> list[tuple[str, str]]:
    return [
        (link.to, text)
        for link in told.kind.links
        for _, text in expand(spec, link.field)
        if isinstance(text, str)
    ]


def _document(each: Found, spec: Mapping[str, Any], names: Naming, *, adopt: bool) -> Exported:
    told, ref = contract(each.name.kind), names.refs[each]
    written = _opened(_escaped(_relinked(spec, told.kind.links, names)), told)
    explicit = _explicit_name(each, spec, ref, told)
    full, holes = _with_holes({**explicit, **written}, told, ref)
    camel = to_camel(_ordered(full, told.spec), told.spec)
    tags = {key: escape(value) for key, value in sorted((each.live.tags or {}).items()) if not foreign(key)}
    numbered = told.kind.found_by is not None and not told.kind.found_by.matches
    by_arn = numbered and told.kind.found_by is not None and told.kind.found_by.when in spec
    policy = {
        **({"adopt": Adopt.IF_UNOWNED.value} if adopt else {}),
        **({"arn": each.live.arn} if by_arn else {}),
    }
    return Exported(ref, {**camel, **({"tags": tags} if tags else {})}, policy, holes)


def _explicit_name(each: Found, spec: Mapping[str, Any], ref: Ref, told: Contract) -> dict[str, str]:
    """The AWS name, where the document's own name would not lead to it."""
    found_by, succession = told.kind.found_by, told.kind.succession
    if told.kind.key is not None or told.name_member not in told.identity:
        return {}
    if found_by is not None and found_by.when in spec:
        return {}
    led_to = ref.name
    if succession is not None and succession.hashed:
        led_to = f"{ref.name}-{digest(told.lasting(spec))[:HASH_DIGITS]}"
    known = told.name_member in told.spec.members
    return {told.name_member: each.live.name} if known and led_to != each.live.name else {}


def _relinked(spec: Mapping[str, Any], links: tuple[Link, ...], names: Naming) -> Any:
    """The spec with documents' names where it names their resources."""
    several = {link.field for link in links if sum(other.field == link.field for other in links) > 1}
    written: Any = spec
    for link in links:
        for path, text in expand(spec, link.field):
            target = names.of(link.to, text) if isinstance(text, str) else None
            if target is not None:
                name = f"{target.kind}/{target.name}" if link.field in several else target.name
                written = replaced(written, path, name)
    return written


def _escaped(value: Any) -> Any:
    """Texts that no reader takes for references."""
    if isinstance(value, Mapping):
        return {key: _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(inner) for inner in value]
    return escape(value) if isinstance(value, str) else value


def _opened(spec: Any, told: Contract) -> Any:
    """JSON documents as YAML, where they are mappings."""
    for pattern in told.kind.documents:
        for path, text in expand(spec, pattern):
            inside = parsed(text)
            spec = replaced(spec, path, inside) if isinstance(inside, Mapping) else spec
    return spec


def _with_holes(spec: Mapping[str, Any], told: Contract, ref: Ref) -> tuple[dict[str, Any], tuple[Hole, ...]]:
    """The spec with a place for each member that Create requires and Describe never shows."""
    holes: list[Hole] = []
    filled: Any = dict(spec)
    for path in (*_missing(filled, told.spec, (), told), *_sensitive(filled, told.spec, ())):
        hole, value = _hole(path, told, ref)
        filled = _put(filled, path, value)
        holes.append(hole)
    return dict(filled), tuple(holes)


def _hole(path: Path, told: Contract, ref: Ref) -> tuple[Hole, Any]:
    where = dotted(camel_path(path, told.spec))
    if ".".join(part for part in path if isinstance(part, str)) in told.secrets:
        return Hole(where), dict(_NO_REFERENCE)
    words = [kebab(ref.kind), ref.name.replace(".", "-"), *(kebab(str(part)) for part in path)]
    variable = "-".join(words)
    return Hole(where, variable), f"${{var.{variable}}}"


def _missing(value: Mapping[str, Any], of: Shape, path: Path, told: Contract) -> list[Path]:
    """The paths of required members that are hidden and so not there, however deep."""
    at = ".".join(part for part in path if isinstance(part, str))
    found: list[Path] = []
    for name, member in of.members.items():
        here, inner = below(at, name), shape(member)
        hidden = any(each == here or each.startswith(f"{here}.") for each in told.unreadable)
        if not hidden or (name not in value and name not in of.required):
            continue
        if inner.type == "structure" and here not in told.unreadable:
            found += _missing(value.get(name, {}), inner, (*path, name), told)
        elif name not in value:
            found.append((*path, name))
    return found


def _sensitive(value: Any, of: Shape, path: Path) -> list[Path]:
    """The paths of what is there and may not be shown."""
    if of.sensitive:
        return [path]
    if of.type == "structure" and isinstance(value, Mapping):
        inner = ((name, each, shape(of.members[name])) for name, each in value.items() if name in of.members)
        return [found for name, each, at in inner for found in _sensitive(each, at, (*path, name))]
    return []


def _put(value: Any, path: Path, new: Any) -> Any:
    for end in range(1, len(path)):
        if get(value, path[:end]) is None:
            value = replaced(value, path[:end], {})
    return replaced(value, path, new)


def _ordered(value: Any, of: Shape) -> Any:
    """Members in the order of the model, which is the one of its documentation."""
    if of.type == "structure" and isinstance(value, Mapping) and set(value) <= set(of.members):
        return {name: _ordered(value[name], shape(of.members[name])) for name in of.members if name in value}
    if of.type == "list" and isinstance(value, list):
        return [_ordered(inner, shape(of.element)) for inner in value]
    return value
