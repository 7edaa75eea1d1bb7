"""Resolution of links and output references to values, as far as these are known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import is_
from typing import Any, Protocol

from controller.core.cloud import Identity, Json
from controller.core.digest import canonical, digest
from controller.core.path import MAPPINGS, SCALARS, expand, get, with_value, without_value
from controller.core.ref import Ref
from controller.kinds import Link, TargetForm
from controller.manifests.bundle import LinkedField, Resource
from controller.manifests.interpolation import ARN, NAME, OutputRef, pieces, referenced_document
from controller.manifests.normal_form import by_name, is_elsewhere, normal_spec, without_case
from controller.schema.contract import ABSENT, KEY_GAP, SINGLE, contract
from controller.schema.identifiers import renamed_within
from controller.schema.names import aws_path
from controller.schema.pattern import matches
from controller.schema.secret_references import without_sources
from controller.schema.sensitive import with_marks
from controller.schema.shape import shape_at

HASH_DIGITS = 10


@dataclass(frozen=True, order=True)
class Unknown:
    """A value that is known only after a document is ready."""

    after: Ref

    def __str__(self) -> str:
        """Terraform's text for it."""
        return f"(known after {self.after})"


class KnownOutputs(Protocol):
    """The known values of documents that others refer to."""

    @property
    def identity(self) -> Identity | None:
        """The current account and region; None while unknown."""

    def generation(self, resolved: "Resolved") -> str | None:
        """The name of the generation that was created from an equal spec; None if there is none."""

    def identifier(self, ref: Ref) -> str | None:
        """The AWS name, or the ARN of a resource that the service numbers; None while unknown."""

    def body(self, ref: Ref) -> Mapping[str, Any] | None:
        """The live body once it is ready, else None."""

    def outputs(self, ref: Ref) -> Mapping[str, Any] | None:
        """The live body once it is ready and nothing is about to change it, else None."""

    def undeclared_body(self, kind: str, text: str) -> Mapping[str, Any] | None:
        """The live body of a linked resource without a document; None while unknown."""


@dataclass(frozen=True)
class Resolved:
    """A resource whose references are values; those not known yet are ``Unknown`` inside ``spec``.

    ``name`` is the AWS name, or the written key of a kind without names: None for what the service numbers, ``Unknown``
    while it depends on unknowns. ``digest`` covers the normal form of the spec without name and tags; it is None while
    anything is unknown. ``written`` is the digest of that spec as sent: client tokens depend on it, and releases before
    the normal form recorded it. ``identity`` is the current account and region.
    """

    resource: Resource
    spec: Json
    name: str | Unknown | None
    digest: str | None
    unknown: tuple[Unknown, ...]
    written: str = ""
    identity: Identity | None = None

    @property
    def has_assigned_identity(self) -> bool:
        """Whether the service assigns the identity."""
        found_by = self.resource.contract.kind.identity.found_by
        return found_by is not None and found_by.when in self.spec

    @property
    def has_marker(self) -> bool:
        """Whether a marker in the body shows our ownership, because such resources take no tags."""
        found_by = self.resource.contract.kind.identity.found_by
        return self.has_assigned_identity and found_by is not None and bool(found_by.marker)

    @property
    def has_owner_tags(self) -> bool:
        """Whether tags show our ownership."""
        return self.resource.contract.taggable and not self.has_marker

    @property
    def generation(self) -> str:
        """The name of the spec's generation, if names contain the hash and nothing is unknown."""
        return hashed_name(self, normal_content(self.spec, self.resource, self.identity))

    @property
    def has_hashed_name(self) -> bool:
        """Whether the name contains the hash of the spec, so that a change is a new generation."""
        contract = self.resource.contract
        return contract.kind.lifecycle.has_hashed_names and contract.name_member not in self.resource.spec


def resolve(resource: Resource, known: KnownOutputs) -> Resolved:
    """Replace references by values. Values are inserted into parsed data, so they can't change the structure."""
    spec: Any = resource.spec
    for linked in resource.links:
        if linked.target is not None and not is_elsewhere(linked.text, known.identity):
            value = _link_value(linked.target, linked.link, known)
        else:
            value = _undeclared_value(resource, linked, known) or linked.text
        if linked.link.within and isinstance(value, str):
            value = renamed_within(linked.link, get(spec, linked.path), value)
        spec = with_value(spec, linked.path, value)
    for path in {use.path: None for use in resource.outputs}:
        spec = with_value(spec, path, _text_value(get(spec, path), known, resource.ref.namespace))
    spec = _written_out(_unescape(spec), resource)
    for path, value in resource.remembered.items():
        if get(spec, path[:-1]) is not None:
            spec = without_value(spec, path) if value is None else with_value(spec, path, value)
    unknown = tuple(sorted(set(unknowns(spec))))
    contract = resource.contract
    named = contract.kind.identity.key is None and contract.name_member in contract.identity
    content = {key: value for key, value in spec.items() if not named or key != contract.name_member}
    bare = without_sources(content, contract.referable)
    written = "" if unknown else digest(without_sensitive_values(bare, resource))
    whole = (
        None
        if unknown
        else digest(without_sensitive_values(normal_content(bare, resource, known.identity), resource))
    )
    partial = Resolved(resource, spec, None, whole, unknown, written, known.identity)
    name = _name(partial, known)
    if named and isinstance(name, str | Unknown) and contract.name_member in contract.spec.members:
        spec = {contract.name_member: name, **content}
    if partial.has_hashed_name and contract.kind.identity.key is not None:
        spec = {contract.name_member: contract.link_name(name) if isinstance(name, str) else name, **spec}
    return replace(partial, spec=spec, name=name)


def normal_content(spec: Json, resource: Resource, identity: Identity | None) -> Json:
    """The normal form of a document's spec: equal for all spellings of one desired state."""
    contract = resource.contract
    name = str(resource.spec.get(contract.name_member, resource.ref.name))
    return normal_spec(
        without_case(by_name(spec, contract.kind, identity), contract.kind), contract.kind, name
    )


def without_sensitive_values(spec: Json, resource: Resource) -> Json:
    """A spec for digests without a key: without sensitive values, which could be guessed from them."""
    return with_marks(spec, resource.sensitive, resource.marks) if resource.sensitive else spec


def hashed_name(resolved: Resolved, spec: Json) -> str:
    """The name of a spec's generation, with the hash of all that no Update can change."""
    contract = resolved.resource.contract
    fixed = contract.fixed_part(without_sensitive_values(spec, resolved.resource))
    return f"{resolved.resource.ref.name}-{digest(fixed)[:HASH_DIGITS]}"


def _link_value(target: Ref, link: Link, known: KnownOutputs) -> Any:
    if link.by is TargetForm.NAME:
        return _link_name(target, known)
    body = known.body(target)
    return (body or {}).get(_member(link)) or Unknown(target)


def _link_name(target: Ref, known: KnownOutputs) -> str | Unknown:
    identifier = known.identifier(target)
    return contract(target.kind).link_name(identifier) if identifier else Unknown(target)


def _undeclared_value(resource: Resource, linked: LinkedField, known: KnownOutputs) -> Any:
    """The value for a linked resource without a document, in a form that the field takes; None for the text itself."""
    body = known.undeclared_body(linked.link.to, linked.text)
    if body is None:
        return None
    if not linked.text.startswith("arn:"):
        return None if linked.link.by is TargetForm.NAME else body.get(_member(linked.link))
    if linked.link.by is not TargetForm.NAME:
        shown = str(body.get(_member(linked.link)))
        return shown if shown.casefold() == linked.text.casefold() else None
    name = body.get(contract(linked.link.to).name_member)
    if not isinstance(name, str):
        return None
    field = shape_at(resource.contract.spec, linked.path)
    if field is not None and field.pattern and not matches(field.pattern, linked.text):
        return name
    cased = linked.text[: -len(name)] + name
    return cased if cased.casefold() == linked.text.casefold() else None  # as Describe spells it


def _member(link: Link) -> str:
    """The member of the target's Describe that a link takes."""
    return contract(link.to).arn_member if link.by is TargetForm.ARN else f"{link.to}Id"


def _name(resolved: Resolved, known: KnownOutputs) -> str | Unknown | None:
    contract = resolved.resource.contract
    if resolved.has_assigned_identity:
        return None
    key = contract.kind.identity.key
    spec = by_name(resolved.spec, contract.kind, resolved.identity) if key is not None else {}
    if not resolved.has_hashed_name:
        if key is not None:
            return _written_key(key, spec)
        explicit = resolved.spec.get(contract.name_member, resolved.resource.ref.name)
        return explicit if isinstance(explicit, str | Unknown) else str(explicit)
    if resolved.digest is None:
        return resolved.unknown[0]
    name = known.generation(resolved) or resolved.generation
    return name if key is None else _written_key(key, {**spec, contract.name_member: name})


def _written_key(key: tuple[str, ...], spec: Json) -> str | Unknown:
    """The written key of a kind without names; a constant for a kind that the account has only once."""
    values = [spec.get(member, ABSENT) for member in key]
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    return unknown or KEY_GAP.join(map(str, values)) or SINGLE


def _text_value(text: str, known: KnownOutputs, here: str) -> Any:
    values = [
        _output(referenced_document(piece.ref, here), piece.path, known)
        if isinstance(piece, OutputRef)
        else piece
        for piece in pieces(text)
    ]
    if len(values) == 1:
        return values[0]
    for value in values:
        if isinstance(value, Unknown):
            return value
    return "".join(value if isinstance(value, str) else canonical(value) for value in values)


def _output(ref: Ref, output: tuple[str, ...], known: KnownOutputs) -> Any:
    if output == (NAME,):
        return _link_name(ref, known)
    body = known.body(ref) if output == (ARN,) else known.outputs(ref)
    if body is None:
        return Unknown(ref)
    kind_contract = contract(ref.kind)
    path = (kind_contract.arn_member,) if output == (ARN,) else aws_path(output, kind_contract.body)
    found = get(body, path)
    if isinstance(found, datetime):
        return found.isoformat()
    return Unknown(ref) if found is None else found


def _written_out(spec: Any, resource: Resource) -> Any:
    """The spec with JSON documents as the strings that AWS takes."""
    for pattern in resource.contract.kind.compare.documents:
        for path, value in expand(spec, pattern):
            if not isinstance(value, str | Unknown) and not unknowns(value):
                spec = with_value(spec, path, canonical(value))
    return spec


def _unescape(value: Any) -> Any:
    """The value without escapes; a value without any is not copied, to save memory during the pass."""
    if isinstance(value, SCALARS):
        return value.replace("$${", "${") if isinstance(value, str) else value
    if isinstance(value, MAPPINGS):
        inner = {key: _unescape(each) for key, each in value.items()}
        return value if all(inner[key] is each for key, each in value.items()) else inner
    if isinstance(value, list | tuple):
        items = [_unescape(each) for each in value]
        return value if isinstance(value, list) and all(map(is_, items, value)) else items
    return value


def unknowns(value: Any) -> list[Unknown]:
    """The unknowns in a value."""
    if isinstance(value, SCALARS):
        return []
    if isinstance(value, Unknown):
        return [value]
    if isinstance(value, MAPPINGS):
        return [each for inner in value.values() for each in unknowns(inner)]
    if isinstance(value, list | tuple):
        return [each for inner in value for each in unknowns(inner)]
    return []
