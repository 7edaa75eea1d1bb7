"""Live resources become documents: what a person would have written, with links by document."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from controller.core.digest import digest
from controller.core.path import Path, dotted, expand, get, replaced
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.compare import below, parsed
from controller.engine.discovery import DiscoveredResource
from controller.engine.live_spec import shown, stripped
from controller.engine.observed import Live, foreign
from controller.insight.document_names import Naming, document_of_owner, naming, values
from controller.kinds import Link
from controller.manifests.document import NO_TAGS, Adopt, IgnoredTags
from controller.manifests.interpolation import escape
from controller.manifests.normal_form import normal_spec
from controller.manifests.resolve import HASH_DIGITS
from controller.schema.contract import Contract, contract
from controller.schema.identifiers import applying, named_within, renamed_within
from controller.schema.kind_names import kebab
from controller.schema.names import camel_path, to_camel
from controller.schema.shape import Shape, shape

_NO_REFERENCE: Mapping[str, Any] = {
    "valueFrom": {}
}  # what `validate` refuses, and says what to write instead


@dataclass(frozen=True)
class SetTags:
    """What a set says of the tags of all its resources: the default ones, and those that it leaves alone."""

    default: Mapping[str, str] = field(default_factory=dict)
    ignored: IgnoredTags = NO_TAGS

    def own(self, live: Mapping[str, str]) -> dict[str, str]:
        """The live tags that a document has to say itself."""
        return {
            key: value
            for key, value in live.items()
            if not foreign(key) and not self.ignored.matches(key) and self.default.get(key) != value
        }


NO_SET_TAGS = SetTags()


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


def left_out(found: Iterable[DiscoveredResource]) -> Mapping[DiscoveredResource, str]:
    """What gets no document, with the reason: it would not plan, or AWS made it for something else.

    A link between two resources that are left out is left out with them.
    """
    listed = tuple(found)
    out = {each: reason for each in listed if (reason := _reason(each))}
    gone = {value for each in out for value in values(each)}
    for each in listed:
        kind_contract = contract(each.name.kind)
        ends = (
            [value for value in _linked(each.live.body, kind_contract) if value in gone]
            if kind_contract.kind.identity.key
            else []
        )
        if ends and each not in out:
            out[each] = f"it links {ends[0][0]} {ends[0][1].rpartition('/')[2]}, which was left out"
    return out


def _reason(each: DiscoveredResource) -> str:
    row = contract(each.name.kind).kind
    if each.live.phase is Phase.DELETING:
        return "it is being deleted"
    if each.live.phase is Phase.FAILED and row.lifecycle.runs:
        return "it failed, and a document would run it anew"
    if document_of_owner(each):
        return ""
    makers = (
        made.by
        for made in row.identity.made
        if (made.member and get(each.live.body, tuple(made.member.split("."))))
        or (made.name and re.fullmatch(made.name, each.live.name))
    )
    maker = next(makers, "")
    return f"{maker} made it" if maker else ""


def export(
    found: Iterable[DiscoveredResource],
    *,
    adopt: bool,
    fixed_names: bool = False,
    set_tags: SetTags = NO_SET_TAGS,
) -> tuple[Exported, ...]:
    """The documents for what was found, in the order of their kinds and names.

    Args:
        found: the resources; those of ``left_out`` get no document.
        adopt: whether to write the policy that lets the documents adopt resources without an owner.
        fixed_names: whether to write the AWS name of what cannot be changed, instead of ``policy.arn``: a change of
            it is then refused.
        set_tags: what the settings of the set that the documents are for say of tags: those are not repeated.

    """
    listed = tuple(found)
    without = left_out(listed)
    specs = {each: _spec(each) for each in listed if each not in without}
    own = naming(specs, frozenset())
    names = naming(specs, frozenset(_outside(specs, own)))
    documents = (
        _document(each, spec, names, set_tags, adopt=adopt, fixed=fixed_names) for each, spec in specs.items()
    )
    return tuple(sorted(documents, key=lambda document: document.ref))


def _outside(specs: Mapping[DiscoveredResource, Mapping[str, Any]], own: Naming) -> Iterator[tuple[str, str]]:
    """The kinds and names in linked fields that stay as they are: no document of that namespace has the resource."""
    for each, spec in specs.items():
        for value in _linked(spec, contract(each.name.kind)):
            target = own.of(*value)
            if target is None or target.namespace != own.refs[each].namespace:
                yield value


def _spec(each: DiscoveredResource) -> dict[str, Any]:
    """The spec in AWS's words, with the members that only List returns, without a name."""
    kind_contract, body = contract(each.name.kind), each.live.body
    given = {
        member: value for member, value in each.name.given.items() if member in kind_contract.spec.members
    }
    return _plain({**stripped(shown(body, kind_contract), body, kind_contract), **given})  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    """Plain data as YAML holds it: times as text."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _linked(spec: Mapping[str, Any], contract: Contract) -> list[tuple[str, str]]:
    return [
        (link.to, name)
        for link in applying(contract.kind.identity.links, spec)
        for _, text in expand(spec, link.field)
        if isinstance(text, str) and (name := named_within(link, text)) is not None
    ]


def _document(
    each: DiscoveredResource,
    spec: Mapping[str, Any],
    names: Naming,
    set_tags: SetTags,
    *,
    adopt: bool,
    fixed: bool,
) -> Exported:
    kind_contract, ref = contract(each.name.kind), names.refs[each]
    written = _opened(
        _escaped(_relinked(spec, kind_contract.kind.identity.links, names, ref.namespace)), kind_contract
    )
    explicit = _explicit_name(each, spec, ref, kind_contract)
    hashed = (
        kind_contract.kind.lifecycle.succession is not None and kind_contract.kind.lifecycle.succession.hashed
    )
    by_arn = _is_numbered(spec, kind_contract) or (hashed and bool(explicit) and not fixed)
    explicit = {} if by_arn else explicit
    full, holes = _with_holes({**explicit, **written}, kind_contract, ref)
    camel = to_camel(_ordered(full, kind_contract.spec), kind_contract.spec)
    tags = {key: escape(value) for key, value in sorted(set_tags.own(each.live.tags or {}).items())}
    policy = {
        **({"adopt": Adopt.IF_UNOWNED.value} if adopt else {}),
        **({"arn": _arn(each.live)} if by_arn else {}),
    }
    return Exported(ref, {**camel, **({"tags": tags} if tags else {})}, policy, holes)


def _is_numbered(spec: Mapping[str, Any], contract: Contract) -> bool:
    """Whether only an ARN finds it."""
    found_by = contract.kind.identity.found_by
    return found_by is not None and not found_by.matches and found_by.when in spec


def _arn(live: Live) -> str:
    """The ARN with the name spelt as it is: SageMaker wrote names in ARNs in lower case, and Describe takes them."""
    return (
        live.arn[: -len(live.name)] + live.name if live.arn.lower().endswith(live.name.lower()) else live.arn
    )


def _explicit_name(
    each: DiscoveredResource, spec: Mapping[str, Any], ref: Ref, contract: Contract
) -> dict[str, str]:
    """The AWS name, where the document's own name would not lead to it."""
    found_by, succession = contract.kind.identity.found_by, contract.kind.lifecycle.succession
    if contract.kind.identity.key is not None or contract.name_member not in contract.identity:
        return {}
    if found_by is not None and found_by.when in spec:
        return {}
    led_to = ref.name
    if succession is not None and succession.hashed:
        led_to = (
            f"{ref.name}-{digest(contract.lasting(normal_spec(spec, contract.kind, ref.name)))[:HASH_DIGITS]}"
        )
    known = contract.name_member in contract.spec.members
    return {contract.name_member: each.live.name} if known and led_to != each.live.name else {}


def _relinked(spec: Mapping[str, Any], links: tuple[Link, ...], names: Naming, namespace: str) -> Any:
    """The spec with documents' names where it names their resources; other namespaces are not reached by name."""
    links = applying(links, spec)
    plain = [link.field for link in links if not link.within]
    several = {field for field in plain if plain.count(field) > 1}
    written: Any = spec
    for link in links:
        for path, text in expand(spec, link.field):
            named = named_within(link, text) if isinstance(text, str) else None
            target = names.of(link.to, named) if named is not None else None
            if target is not None and target.namespace == namespace:
                name = f"{target.kind}/{target.name}" if link.field in several else target.name
                written = replaced(written, path, renamed_within(link, text, name))
    return written


def _escaped(value: Any) -> Any:
    """Texts that no reader takes for references."""
    if isinstance(value, Mapping):
        return {key: _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(inner) for inner in value]
    return escape(value) if isinstance(value, str) else value


def _opened(spec: Any, contract: Contract) -> Any:
    """JSON documents as YAML, where they are mappings."""
    for pattern in contract.kind.compare.documents:
        for path, text in expand(spec, pattern):
            inside = parsed(text)
            spec = replaced(spec, path, inside) if isinstance(inside, Mapping) and _is_plain(inside) else spec
    return spec


def _is_plain(value: Any) -> bool:
    """Whether YAML holds it as JSON does: finite numbers, and no key that reads like a reference."""
    if isinstance(value, Mapping):
        return all("${" not in key and _is_plain(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return not isinstance(value, float) or math.isfinite(value)


def _with_holes(
    spec: Mapping[str, Any], contract: Contract, ref: Ref
) -> tuple[dict[str, Any], tuple[Hole, ...]]:
    """The spec with a place for each member that Create requires and Describe never shows."""
    holes: list[Hole] = []
    filled: Any = dict(spec)
    for path in (*_missing(filled, contract.spec, (), contract), *_sensitive(filled, contract.spec, ())):
        hole, value = _hole(path, contract, ref)
        filled = _put(filled, path, value)
        holes.append(hole)
    return dict(filled), tuple(holes)


def _hole(path: Path, contract: Contract, ref: Ref) -> tuple[Hole, Any]:
    where = dotted(camel_path(path, contract.spec))
    if ".".join(part for part in path if isinstance(part, str)) in contract.secrets:
        return Hole(where), dict(_NO_REFERENCE)
    parts = [kebab(ref.kind), ref.name.replace(".", "-"), *(kebab(str(part)) for part in path)]
    variable = "-".join(parts)
    return Hole(where, variable), f"${{var.{variable}}}"


def _missing(value: Mapping[str, Any], of: Shape, path: Path, contract: Contract) -> list[Path]:
    """The paths of required members that are hidden and so not there, however deep."""
    at = ".".join(part for part in path if isinstance(part, str))
    found: list[Path] = []
    for name, member in of.members.items():
        here, inner = below(at, name), shape(member)
        hidden = any(each == here or each.startswith(f"{here}.") for each in contract.unreadable)
        if not hidden or (name not in value and name not in of.required):
            continue
        if inner.type == "structure" and here not in contract.unreadable:
            found += _missing(value.get(name, {}), inner, (*path, name), contract)
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
