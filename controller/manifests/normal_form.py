"""The normal form of a spec: values that the service treats as equal have one form, for ``compare`` and for digests.

Empty and absent values are equal, and so are a written default and an omitted one. Sets and keyed lists have one order,
JSON documents one spelling, numbers one type and their precision, times one zone. The row and the recorded shapes
determine where.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from controller.core.cloud import Identity
from controller.core.digest import canonical
from controller.core.path import MAPPINGS, SCALARS, expand, get, with_value
from controller.kinds import KINDS, Kind, OneOf, SameAs, TargetForm
from controller.schema.contract import contract
from controller.schema.shape import Shape, shape
from controller.schema.single_precision import shortest_float

_NUMBERS = frozenset({"integer", "long", "float", "double"})


def is_empty(value: Any) -> bool:
    """Whether a value is equivalent to absence: ``None``, or an empty string, list or map."""
    if value or isinstance(value, (int, float)):  # first: that false is no Sequence takes long to find
        return False
    return value is None or isinstance(value, (str, dict, list, tuple, Sequence, Mapping))


def pattern_below(pattern: str, part: str) -> str:
    """The pattern of a member of the value at a pattern."""
    return f"{pattern}.{part}" if pattern else part


def normal_spec(spec: Mapping[str, Any], kind: Kind, name: str = "") -> dict[str, Any]:
    """The normal form of a spec without unknowns; ``name`` is the AWS name, which the spec may omit."""
    root = {contract(kind.name).name_member: name, **spec}
    members = {key: normal_form(value, kind, key, root) for key, value in spec.items()}
    return {key: value for key, value in members.items() if not is_empty(value)}


def normal_form(value: Any, kind: Kind, pattern: str, root: Mapping[str, Any] | None = None) -> Any:
    """The normal form of the value at a pattern of a spec; None if it is equivalent to absence.

    Args:
        value: plain data with AWS member names.
        kind: the row with the lists, documents and defaults.
        pattern: where it is, such as ``ProductionVariants[].ModelName``.
        root: the whole spec with its name, for defaults that repeat another member.

    """
    form = _form(value, kind, pattern, root)
    return None if is_empty(form) or _is_default(form, kind, pattern, root) else form


def _form(value: Any, kind: Kind, pattern: str, root: Mapping[str, Any] | None) -> Any:
    if is_empty(value):
        return None
    if pattern in kind.compare.documents:
        return document(parse_json(value), kind, pattern)
    if isinstance(value, SCALARS):
        return scalar(value, kind, pattern)
    if isinstance(value, MAPPINGS):
        inner = {
            key: normal_form(each, kind, pattern_below(pattern, key), root) for key, each in value.items()
        }
        return {key: each for key, each in inner.items() if not is_empty(each)}
    if isinstance(value, list | tuple):
        return _list_form(
            value, [normal_form(each, kind, f"{pattern}[]", root) for each in value], kind, pattern
        )
    return scalar(value, kind, pattern)


def _list_form(written: Sequence[Any], items: list[Any], kind: Kind, pattern: str) -> list[Any]:
    if pattern in kind.compare.unordered:
        return sorted(items, key=canonical)
    pairs = by_key(written, kind.compare.keyed[pattern]) if pattern in kind.compare.keyed else {}
    if len(pairs) != len(items):
        return items
    return [item for _, item in sorted(zip(pairs, items, strict=True), key=lambda pair: pair[0])]


def _is_default(form: Any, kind: Kind, pattern: str, root: Mapping[str, Any] | None) -> bool:
    """Whether a value equals the service's default; a value that the service chooses or generates is unknown."""
    default = kind.compare.defaults.get(pattern)
    if default is None:
        return False
    if isinstance(default, OneOf):
        default = default.values[0]  # the current one, by the order of the row
    if isinstance(default, SameAs):
        return root is not None and bool(form == root.get(default.member))
    if not isinstance(default, str | int | float):
        return False
    return bool(form == default) and isinstance(form, bool) is isinstance(default, bool)


def scalar(value: Any, kind: Kind, pattern: str) -> Any:
    """The normal form of a scalar: a number by its value, a time in UTC, by the recorded shape."""
    of = _type_at(kind.name, pattern)
    if isinstance(value, datetime) or of == "timestamp":
        return _time(value)
    if of in _NUMBERS and isinstance(value, str):
        value = _read_number(value)
    if of == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return canonical(_number(value))
    return _number(shortest_float(value) if of == "float" and isinstance(value, float) else value)


def _number(value: Any) -> Any:
    """The number as JSON has it: 1 and 1.0 are equal."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _read_number(text: str) -> Any:
    try:
        return float(text) if any(mark in text for mark in ".eE") else int(text)
    except ValueError:
        return text


def _time(value: Any) -> Any:
    """A time as text in UTC; one without a zone is local time, as in botocore."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC).isoformat()
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return moment.astimezone(UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return value


@cache
def _type_at(kind: str, pattern: str) -> str:
    """The type of the shape at a pattern of a spec; empty where no shape has it."""
    here: Shape | None = contract(kind).spec if kind in KINDS else None
    for part in pattern.replace("[]", ".[]").split("."):
        inner = (
            (here.members.get(part) if here.type == "structure" else here.element or here.value)
            if here
            else ""
        )
        here = shape(inner) if inner else None
    return here.type if here else ""


def by_key(items: Sequence[Any], key: str) -> dict[str, Any]:
    """The elements of a keyed list by their key; an element without one is identified by its position."""
    return {
        str(item.get(key, i)) if isinstance(item, Mapping) else str(i): item for i, item in enumerate(items)
    }


def parse_json(text: Any) -> Any:
    """A JSON document as data; a string that is no JSON is returned unchanged."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def document(value: Any, kind: Kind, pattern: str) -> Any:
    """The normal form of JSON data; in a set, order is irrelevant and one element needs no list."""
    if pattern in document_sets(kind):
        return sorted((_plain_data(each) for each in set_elements(value, kind, pattern)), key=canonical)
    if isinstance(value, Mapping):
        return {key: document(each, kind, f"{pattern}.{key}") for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [document(each, kind, f"{pattern}[]") for each in value]
    return _number(value)


def set_elements(value: Any, kind: Kind, pattern: str) -> list[Any]:
    """The elements of a set in their normal forms."""
    forms = [each.forms[pattern] for each in kind.compare.documents.values() if pattern in each.forms]
    items = value if isinstance(value, list) else [value]
    return [forms[0](each) for each in items] if forms else items


def document_sets(kind: Kind) -> tuple[str, ...]:
    """The dotted lists inside a kind's documents whose order is irrelevant."""
    return tuple(pattern for each in kind.compare.documents.values() for pattern in each.unordered)


def _plain_data(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain_data(each) for key, each in value.items()}
    return [_plain_data(each) for each in value] if isinstance(value, list | tuple) else _number(value)


def by_name(spec: Mapping[str, Any], kind: Kind, identity: Identity | None) -> dict[str, Any]:
    """The spec with the name in each field that links by name and holds the ARN of a resource of this account."""
    written: Any = spec
    for link in kind.identity.links if identity else ():
        for path, text in expand(written, link.field) if link.by is TargetForm.NAME else ():
            name = _name_in(text, link.to, identity) if identity else ""
            written = with_value(written, path, name) if name else written
    return dict(written)


def without_case(spec: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """The spec with the ARNs in linked fields in lower case: SageMaker wrote the names in ARNs so until 2023.

    Such an ARN names the same resource regardless of case.
    """
    written: Any = spec
    for link in kind.identity.links:
        for path, text in expand(written, link.field):
            if isinstance(text, str) and text.startswith("arn:"):
                written = with_value(written, path, text.lower())
    return dict(written)


def spelled_as(
    desired: Mapping[str, Any], shown: Mapping[str, Any], kind: Kind, raw: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The live members, with the desired spelling in linked fields that differ only by an ARN's lost case.

    Args:
        desired: the spec, by name.
        shown: the live members, by name.
        kind: the row with the links.
        raw: both unchanged.

    """
    seen: Any = shown
    for link in kind.identity.links:
        for path, text in expand(seen, link.field):
            desired_text = get(desired, path)
            if not isinstance(desired_text, str) or str(text).casefold() != desired_text.casefold():
                continue
            if any(_lost_case(get(each, path)) for each in raw):
                seen = with_value(seen, path, desired_text)
    return dict(seen)


def _lost_case(text: Any) -> bool:
    return isinstance(text, str) and text.startswith("arn:") and text == text.lower()


def is_elsewhere(text: str, identity: Identity | None) -> bool:
    """Whether a text is an ARN of another account or region than the current one."""
    here = (identity.region, identity.account) if identity else None
    return here is not None and text.startswith("arn:") and tuple(text.split(":")[3:5]) != here


def _name_in(text: Any, kind: str, identity: Identity) -> str:
    """The name in the ARN of a resource of a kind, in the current account and region; else empty."""
    start = f"arn:{identity.partition}:sagemaker:{identity.region}:{identity.account}:"
    if not isinstance(text, str) or not text.startswith(start):
        return ""
    for template in contract(kind).arns:
        before, braces, after = template.partition("{}")
        name = text.removeprefix(start + before)
        if braces and not after and name and name != text and "/" not in name:
            return name
    return ""
