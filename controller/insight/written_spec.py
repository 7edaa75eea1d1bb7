"""A live spec in the form of documents: links by document name, JSON as YAML, and no secrets."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.path import Path, dotted_path, expand, get, with_value
from controller.core.ref import Ref
from controller.engine.compare import parse_json, pattern_below
from controller.kinds import Link
from controller.manifests.interpolation import escape
from controller.schema.contract import Contract
from controller.schema.identifiers import applicable_links, named_within, renamed_within
from controller.schema.kind_names import kebab
from controller.schema.names import camel_path, to_camel
from controller.schema.shape import Shape, shape

# A placeholder that `validate` refuses, with a message about the sources of secrets.
_NO_REFERENCE: Mapping[str, Any] = {"valueFrom": {}}


@dataclass(frozen=True)
class OmittedMember:
    """A member left out of an export: Create requires it but no read returns it, or its value is sensitive.

    ``path`` is its path, and ``variable`` the variable that may fill it; a secret takes a reference and no variable.
    """

    path: str
    variable: str = ""


def written_spec(
    spec: Mapping[str, Any], contract: Contract, ref: Ref, target: Callable[[str, str], Ref | None]
) -> tuple[dict[str, Any], tuple[OmittedMember, ...]]:
    """A spec in the form of documents, and the members that a person must fill in.

    Args:
        spec: with AWS's member names.
        contract: the contract of the kind.
        ref: the document.
        target: the document of the resource that a linked field names, by kind and name, ARN or ID; None if there is
            none.

    """
    linked = _link_documents(spec, contract.kind.identity.links, target, ref.namespace)
    full, omitted = _with_placeholders(_open_json(_escape_references(linked), contract), contract, ref)
    return to_camel(_in_model_order(full, contract.spec), contract.spec), omitted


def _link_documents(
    spec: Mapping[str, Any], links: tuple[Link, ...], target: Callable[[str, str], Ref | None], namespace: str
) -> Any:
    """The spec with document names in links; documents of other namespaces are not linked by name."""
    links = applicable_links(links, spec)
    plain = [link.field for link in links if not link.within]
    several = {field for field in plain if plain.count(field) > 1}
    written: Any = spec
    for link in links:
        for path, text in expand(spec, link.field):
            named = named_within(link, text) if isinstance(text, str) else None
            found = target(link.to, named) if named is not None else None
            if found is not None and found.namespace == namespace:
                name = f"{found.kind}/{found.name}" if link.field in several else found.name
                written = with_value(written, path, renamed_within(link, text, name))
    return written


def _escape_references(value: Any) -> Any:
    """The value with ``$`` escaped in strings that would be read as references."""
    if isinstance(value, Mapping):
        return {key: _escape_references(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_escape_references(inner) for inner in value]
    return escape(value) if isinstance(value, str) else value


def _open_json(spec: Any, contract: Contract) -> Any:
    """The spec with its JSON documents as YAML, if they are mappings."""
    for pattern in contract.kind.compare.documents:
        for path, text in expand(spec, pattern):
            inside = parse_json(text)
            spec = (
                with_value(spec, path, inside) if isinstance(inside, Mapping) and _is_plain(inside) else spec
            )
    return spec


def _is_plain(value: Any) -> bool:
    """Whether YAML can represent the JSON value: finite numbers, and no key that looks like a reference."""
    if isinstance(value, Mapping):
        return all("${" not in key and _is_plain(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return not isinstance(value, float) or math.isfinite(value)


def _with_placeholders(
    spec: Mapping[str, Any], contract: Contract, ref: Ref
) -> tuple[dict[str, Any], tuple[OmittedMember, ...]]:
    """The spec with a placeholder for each member that Create requires and Describe never returns."""
    omitted: list[OmittedMember] = []
    filled: Any = dict(spec)
    for path in (
        *_missing_members(filled, contract.spec, (), contract),
        *_sensitive(filled, contract.spec, ()),
    ):
        member, value = _placeholder(path, contract, ref)
        filled = _with_value(filled, path, value)
        omitted.append(member)
    return dict(filled), tuple(omitted)


def _placeholder(path: Path, contract: Contract, ref: Ref) -> tuple[OmittedMember, Any]:
    where = dotted_path(camel_path(path, contract.spec))
    if ".".join(part for part in path if isinstance(part, str)) in contract.secrets:
        return OmittedMember(where), dict(_NO_REFERENCE)
    parts = [kebab(ref.kind), ref.name.replace(".", "-"), *(kebab(str(part)) for part in path)]
    variable = "-".join(parts)
    return OmittedMember(where, variable), f"${{var.{variable}}}"


def _missing_members(value: Mapping[str, Any], of: Shape, path: Path, contract: Contract) -> list[Path]:
    """The paths of required members that are missing because no read returns them, at any depth."""
    at = ".".join(part for part in path if isinstance(part, str))
    found: list[Path] = []
    for name, member in of.members.items():
        here, inner = pattern_below(at, name), shape(member)
        hidden = any(each == here or each.startswith(f"{here}.") for each in contract.unreadable)
        if not hidden or (name not in value and name not in of.required):
            continue
        if inner.type == "structure" and here not in contract.unreadable:
            found += _missing_members(value.get(name, {}), inner, (*path, name), contract)
        elif name not in value:
            found.append((*path, name))
    return found


def _sensitive(value: Any, of: Shape, path: Path) -> list[Path]:
    """The paths of the sensitive values that are present."""
    if of.sensitive:
        return [path]
    if of.type == "structure" and isinstance(value, Mapping):
        inner = ((name, each, shape(of.members[name])) for name, each in value.items() if name in of.members)
        return [found for name, each, at in inner for found in _sensitive(each, at, (*path, name))]
    return []


def _with_value(value: Any, path: Path, new: Any) -> Any:
    for end in range(1, len(path)):
        if get(value, path[:end]) is None:
            value = with_value(value, path[:end], {})
    return with_value(value, path, new)


def _in_model_order(value: Any, of: Shape) -> Any:
    """The members in the order of the model, which is that of its documentation."""
    if of.type == "structure" and isinstance(value, Mapping) and set(value) <= set(of.members):
        return {
            name: _in_model_order(value[name], shape(of.members[name]))
            for name in of.members
            if name in value
        }
    if of.type == "list" and isinstance(value, list):
        return [_in_model_order(inner, shape(of.element)) for inner in value]
    return value
