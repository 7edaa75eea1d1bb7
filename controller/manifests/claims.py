"""A document's claims in the account: its AWS name, and values that must be unique.

Both are read from its spec with AWS member names, which ``written_spec`` returns.
"""

from collections.abc import Mapping
from typing import Any

from controller.core.cloud import Json
from controller.core.digest import canonical
from controller.core.ref import Ref
from controller.kinds import Kind
from controller.manifests.document import Document
from controller.schema.contract import KEY_GAP, SINGLE, contract
from controller.schema.names import lower_camel, to_aws


def written_spec(document: Document) -> dict[str, Any]:
    """The spec with AWS member names, with the document's name as the default of the name in its identity."""
    kind_contract = contract(document.ref.kind)
    spec = to_aws(document.spec, kind_contract.spec)
    fills = kind_contract.names_within and not kind_contract.kind.lifecycle.has_hashed_names
    return {kind_contract.name_member: document.ref.name, **spec} if fills else spec


def shared_value(document: Document, written: Json) -> str:
    """The values that must be unique in the account, besides the name; empty if unknown or not unique."""
    kind_contract = contract(document.ref.kind)
    if kind_contract.kind.identity.unique is None:
        return ""
    values = shared_value_of(kind_contract.kind, written)
    return "" if "${" in values else values


def shared_value_of(kind: Kind, spec: Json) -> str:
    """The unique values of a spec with AWS member names; constant for a kind that the account has only once."""
    return canonical([_in_order(spec.get(member), kind, member) for member in kind.identity.unique or ()])


def shared_message(ref: Ref, other: str) -> str:
    """The message about two resources of a kind that can't exist in one account (column ``unique``)."""
    named = " and ".join(lower_camel(member) for member in contract(ref.kind).kind.identity.unique or ())
    shared = f"have the same {named}" if named else f"are both of {ref.kind}"
    return f"{ref} and {other} {shared}, and an account has one such resource"


def _in_order(value: Any, kind: Kind, pattern: str) -> Any:
    """A value with sorted unordered lists."""
    if isinstance(value, Mapping):
        return {key: _in_order(inner, kind, f"{pattern}.{key}") for key, inner in value.items()}
    if isinstance(value, list) and pattern in kind.compare.unordered:
        return sorted(value, key=canonical)
    return value


def fixed_name(document: Document, written: Json) -> str:
    """The AWS name that a document fixes; empty if it depends on the spec or the service."""
    kind_contract = contract(document.ref.kind)
    settles = kind_contract.identity | (
        {kind_contract.kind.identity.found_by.when} if kind_contract.kind.identity.found_by else set()
    )
    if any(("spec", lower_camel(member)) in document.faults for member in settles):
        return ""
    if kind_contract.kind.identity.key is not None:
        named = kind_contract.name_member not in kind_contract.kind.identity.key
        settled = named or kind_contract.name_member in written
        return _fixed_key(kind_contract.kind.identity.key, written, document.ref.namespace) if settled else ""
    explicit, unique = written.get(kind_contract.name_member), kind_contract.kind.identity.unique
    if kind_contract.kind.identity.arn_parts and unique not in (None, (kind_contract.name_member,)):
        return ""  # a name within a parent
    if isinstance(explicit, str):
        return "" if "${" in explicit else explicit
    found_by = kind_contract.kind.identity.found_by
    if (found_by and found_by.when in written) or kind_contract.kind.lifecycle.has_hashed_names:
        return ""
    return document.ref.name


def _fixed_key(key: tuple[str, ...], written: Json, namespace: str) -> str:
    """The written key of a kind without names, by its text; two documents with one key conflict."""
    texts = [str(written.get(member, "")) for member in key]
    if any("${" in text for text in texts):
        return ""
    return f"{namespace}/{KEY_GAP.join(texts)}" if key else SINGLE
