"""Export of live resources as documents: with links by document name, and without defaults."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from controller.core.digest import digest
from controller.core.path import expand, get
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.discovery import DiscoveredResource
from controller.engine.live_spec import spec_members, without_defaults
from controller.engine.observed import Live, is_foreign_tag
from controller.insight.document_names import DocumentNames, document_of_owner, name_documents, values
from controller.insight.written_spec import OmittedMember, written_spec
from controller.manifests.document import NO_TAGS, Adopt, IgnoredTags
from controller.manifests.interpolation import escape
from controller.manifests.normal_form import normal_spec
from controller.manifests.resolve import HASH_DIGITS
from controller.schema.contract import Contract, contract
from controller.schema.identifiers import applicable_links, named_within


@dataclass(frozen=True)
class SetTags:
    """The settings of a set about tags: default tags, and ignored ones."""

    default: Mapping[str, str] = field(default_factory=dict)
    ignored: IgnoredTags = NO_TAGS

    def explicit_tags(self, live: Mapping[str, str]) -> dict[str, str]:
        """The live tags that a document must contain itself."""
        return {
            key: value
            for key, value in live.items()
            if not is_foreign_tag(key) and not self.ignored.matches(key) and self.default.get(key) != value
        }


NO_SET_TAGS = SetTags()


@dataclass(frozen=True)
class Exported:
    """The document of a live resource: ``spec`` and ``policy`` as they are written in files."""

    ref: Ref
    spec: Mapping[str, Any]
    policy: Mapping[str, Any]
    omitted: tuple[OmittedMember, ...] = ()


def left_out(found: Iterable[DiscoveredResource]) -> Mapping[DiscoveredResource, str]:
    """The resources that get no document, with the reason: they can't be planned, or AWS made them for another one.

    A link between two resources that are left out is left out with them.
    """
    listed = tuple(found)
    out = {each: reason for each in listed if (reason := _reason(each))}
    gone = {value for each in out for value in values(each)}
    for each in listed:
        kind_contract = contract(each.name.kind)
        ends = (
            [value for value in _linked_names(each.live.body, kind_contract) if value in gone]
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
    """The documents of the resources, sorted by kind and name.

    Args:
        found: the resources; those of ``left_out`` get no document.
        adopt: whether to write the policy that lets the documents adopt resources without an owner.
        fixed_names: whether to write the AWS name of what cannot be changed, instead of ``policy.arn``: a change of it
            is then refused.
        set_tags: the settings about tags of the set that will have the documents; its tags are not repeated.

    """
    listed = tuple(found)
    without = left_out(listed)
    specs = {each: _spec(each) for each in listed if each not in without}
    own = name_documents(specs, frozenset())
    names = name_documents(specs, frozenset(_undocumented_targets(specs, own)))
    documents = (
        _document(each, spec, names, set_tags, adopt=adopt, fixed=fixed_names) for each, spec in specs.items()
    )
    return tuple(sorted(documents, key=lambda document: document.ref))


def _undocumented_targets(
    specs: Mapping[DiscoveredResource, Mapping[str, Any]], own: DocumentNames
) -> Iterator[tuple[str, str]]:
    """The kinds and names in linked fields that stay as they are: no document of that namespace has the resource."""
    for each, spec in specs.items():
        for value in _linked_names(spec, contract(each.name.kind)):
            target = own.of(*value)
            if target is None or target.namespace != own.refs[each].namespace:
                yield value


def _spec(each: DiscoveredResource) -> dict[str, Any]:
    """The spec with AWS's member names, with the members that only List returns, without a name."""
    kind_contract, body = contract(each.name.kind), each.live.body
    given = {
        member: value for member, value in each.name.given.items() if member in kind_contract.spec.members
    }
    return _yaml_data({**without_defaults(spec_members(body, kind_contract), body, kind_contract), **given})  # type: ignore[no-any-return]


def _yaml_data(value: Any) -> Any:
    """Plain data that YAML can represent: timestamps as strings."""
    if isinstance(value, Mapping):
        return {key: _yaml_data(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_yaml_data(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _linked_names(spec: Mapping[str, Any], contract: Contract) -> list[tuple[str, str]]:
    return [
        (link.to, name)
        for link in applicable_links(contract.kind.identity.links, spec)
        for _, text in expand(spec, link.field)
        if isinstance(text, str) and (name := named_within(link, text)) is not None
    ]


def _document(
    each: DiscoveredResource,
    spec: Mapping[str, Any],
    names: DocumentNames,
    set_tags: SetTags,
    *,
    adopt: bool,
    fixed: bool,
) -> Exported:
    kind_contract, ref = contract(each.name.kind), names.refs[each]
    explicit = _explicit_name(each, spec, ref, kind_contract)
    hashed = kind_contract.kind.lifecycle.has_hashed_names
    by_arn = _is_numbered(spec, kind_contract) or (hashed and bool(explicit) and not fixed)
    explicit = {} if by_arn else explicit
    camel, omitted = written_spec({**explicit, **spec}, kind_contract, ref, names.of)
    tags = {key: escape(value) for key, value in sorted(set_tags.explicit_tags(each.live.tags or {}).items())}
    policy = {
        **({"adopt": Adopt.IF_UNOWNED.value} if adopt else {}),
        **({"arn": _arn_with_case(each.live)} if by_arn else {}),
    }
    return Exported(ref, {**camel, **({"tags": tags} if tags else {})}, policy, omitted)


def _is_numbered(spec: Mapping[str, Any], contract: Contract) -> bool:
    """Whether the resource can be found only by its ARN."""
    found_by = contract.kind.identity.found_by
    return found_by is not None and not found_by.matches and found_by.when in spec


def _arn_with_case(live: Live) -> str:
    """The ARN with the case of the resource's name: SageMaker's ARNs are in lower case, and Describe accepts both."""
    return (
        live.arn[: -len(live.name)] + live.name if live.arn.lower().endswith(live.name.lower()) else live.arn
    )


def _explicit_name(
    each: DiscoveredResource, spec: Mapping[str, Any], ref: Ref, contract: Contract
) -> dict[str, str]:
    """The AWS name, unless the document's own name gives the same."""
    found_by = contract.kind.identity.found_by
    if contract.kind.identity.key is not None or contract.name_member not in contract.identity:
        return {}
    if found_by is not None and found_by.when in spec:
        return {}
    led_to = ref.name
    if contract.kind.lifecycle.has_hashed_names:
        led_to = f"{ref.name}-{digest(contract.fixed_part(normal_spec(spec, contract.kind, ref.name)))[:HASH_DIGITS]}"
    known = contract.name_member in contract.spec.members
    return {contract.name_member: each.live.name} if known and led_to != each.live.name else {}
