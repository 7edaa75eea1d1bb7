"""Checks of a whole spec: everything that the service would refuse, as far as it can be detected without a call.

A spec is plain data in lowerCamelCase. Members with facts in a row are checked by the row: links may hold a document's
name, secrets are references, JSON documents may be written as mappings, ``tags`` are a map, and the name member may be
left out.
"""

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code
from controller.core.path import Path
from controller.core.ref import LONGEST, is_key, is_subdomain
from controller.kinds import KINDS, Kind
from controller.schema.contract import Contract, contract
from controller.schema.leaf import SpecPosition, Violation, check_tags, has_type, leaf, size, wrong_type
from controller.schema.names import by_camel, lower_camel
from controller.schema.rules import check_name, check_rules
from controller.schema.shape import Shape
from controller.schema.shape import shape as shape_of

__all__ = ["Violation", "check", "check_name"]


_INVALID = object()


def check_document(
    value: Any, position: SpecPosition, shape: Shape, kind: Kind, defers: Callable[[str], bool]
) -> Iterator[Violation]:
    """Check a document, written as text or as a mapping."""
    document = kind.compare.documents[position.member]
    parsed: Any = value if isinstance(value, dict) else _INVALID
    if isinstance(value, str):
        text = value.replace("$${", "${")
        problem, parsed = _parse_json(text, position)
        if problem is not None and not (document.python_literal and _is_literal(text)):
            yield problem
    elif not isinstance(value, dict):
        yield wrong_type(value, position, shape)
    length = len(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))
    if shape.maximum is not None and length > shape.maximum:
        yield Violation(
            Code.RANGE, position.path, f"a document of {length} characters; at most {shape.maximum}"
        )
    if document.rule is not None and parsed is not _INVALID:
        for path, message in document.rule(parsed, defers):
            yield Violation(Code.RULE, (*position.path, *path), message)


def _parse_json(text: str, position: SpecPosition) -> tuple[Violation | None, Any]:
    try:
        return None, json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        location = f"line {error.lineno}, column {error.colno} of the text"
        return Violation(
            Code.BAD_JSON, position.path, f"this is not JSON: {error.msg} ({location})"
        ), _INVALID
    except (ValueError, RecursionError):
        message = "this is not JSON: a number or its nesting is too large"
        return Violation(Code.BAD_JSON, position.path, message), _INVALID


def _is_literal(text: str) -> bool:
    """Whether a text is a mapping or a list in Python's syntax, with single quotes."""
    try:
        return isinstance(ast.literal_eval(text.strip()), dict | list)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return False


def _no_constant(_: str) -> None:
    raise ValueError


_HINT = (
    "write {valueFrom: {env: NAME}}, {valueFrom: {file: PATH}} or {valueFrom: {secretKeyRef: {name, key}}}"
)

_NAMES = {
    "name": f"small letters, digits, '-' and '.', {LONGEST} at most, a letter or digit first and last",
    "key": f"letters, digits, '-', '_' and '.', {LONGEST} at most",
}


def check_secret(value: Any, position: SpecPosition) -> Iterator[Violation]:
    """Check that a secret is a reference; messages never contain the value."""
    if not isinstance(value, dict):
        yield Violation(
            Code.LITERAL_SECRET, position.path, "a secret must not be a literal in a document", _HINT
        )
    elif not _is_reference(value):
        yield Violation(Code.BAD_SECRET, position.path, "this is not a reference to a secret", _HINT)
    else:
        yield from _check_secret_names(value["valueFrom"].get("secretKeyRef") or {}, position)


def _is_reference(value: dict[str, Any]) -> bool:
    source = value.get("valueFrom")
    if len(value) != 1 or not isinstance(source, dict) or len(source) != 1:
        return False
    ((kind, document),) = source.items()
    if kind == "secretKeyRef":
        return (
            isinstance(document, dict)
            and set(document) == {"name", "key"}
            and all(map(_is_text, document.values()))
        )
    return kind in {"env", "file"} and _is_text(document)


def _check_secret_names(key_ref: dict[str, str], position: SpecPosition) -> Iterator[Violation]:
    """Check the names of a Secret and its key, which become parts of a path of the API server."""
    for member, is_valid, what in (("name", is_subdomain, "Secret"), ("key", is_key, "key of a Secret")):
        if member in key_ref and not is_valid(key_ref[member]):
            path = (*position.path, "valueFrom", "secretKeyRef", member)
            yield Violation(Code.BAD_SECRET, path, f"no {what} can have this name", _NAMES[member])


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


_LONGEST_LINK = 2048
_FEW = 2


def check(
    spec: Mapping[str, Any], of: Contract, *, defers: Callable[[str], bool], sensitive: tuple[Path, ...] = ()
) -> tuple[Violation, ...]:
    """Check a spec against the kind's contract.

    ``defers`` is whether a string's value is known only later; such a field is not checked. A null member counts as
    absent, as it does for ``kubectl``. Values at ``sensitive`` paths are in no message.
    """
    links = frozenset(link.field for link in of.kind.identity.links)
    secrets, referable = frozenset(of.secrets), frozenset(f"{each}{{}}" for each in of.referable)
    check = _SpecCheck(of, links, secrets, referable, frozenset(of.kind.compare.documents), defers)
    return (
        *check.value(dict(spec), SpecPosition((), "", of.spec, sensitive=sensitive)),
        *check_rules(spec, of, defers),
    )


@dataclass(frozen=True)
class _SpecCheck:
    """One check of a spec; the sets are members in the rows' spelling."""

    of: Contract
    links: frozenset[str]
    secrets: frozenset[str]
    referable: frozenset[str]
    documents: frozenset[str]
    defers: Callable[[str], bool]

    def value(self, value: Any, position: SpecPosition) -> Iterator[Violation]:
        shape = position.shape
        if shape is None:
            return
        if position.member in self.secrets or (isinstance(value, dict) and position.member in self.referable):
            yield from check_secret(value, position)
        elif position.member == "Tags":
            yield from check_tags(value, position, self.defers)
        elif isinstance(value, str) and self.defers(value) and self._takes_scalar(position, shape):
            return
        elif position.member in self.links:
            yield from _link(value, position, shape)
        elif position.member in self.documents:
            yield from check_document(value, position, shape, self.of.kind, self.defers)
        elif shape.type in {"structure", "list", "map"} and has_type(value, shape.type):
            yield from self._check_elements(value, position, shape)
        else:
            yield from leaf(value, position, shape)

    def _takes_scalar(self, position: SpecPosition, shape: Shape) -> bool:
        """Whether a scalar, which is all that an output is, is valid there."""
        return shape.type not in {"structure", "list", "map"} or position.member in self.documents

    def _check_elements(self, value: Any, position: SpecPosition, shape: Shape) -> Iterator[Violation]:
        if shape.type == "structure":
            yield from self._members(value, position, shape)
            return
        yield from size(value, position, shape)
        if shape.type == "map":
            yield from self._keys(value, position, shape)
        for key, inner in enumerate(value) if shape.type == "list" else value.items():
            yield from self.value(inner, position.into(key))

    def _keys(self, value: Mapping[str, Any], position: SpecPosition, shape: Shape) -> Iterator[Violation]:
        for key in value:
            at = position.into(key)
            yield from leaf(key, SpecPosition(at.path, at.member, None), shape_of(shape.key))

    def _members(self, value: Mapping[str, Any], position: SpecPosition, shape: Shape) -> Iterator[Violation]:
        known = by_camel(shape.name)
        for name, inner in value.items():
            if name not in known:
                yield _unknown_field(name, position, shape)
                continue
            at = position.into(name)
            if known[name] in shape.tokens:
                message = "it is an idempotency token that sagectl writes"
                yield Violation(Code.UNKNOWN_FIELD, at.path, message, "leave it out")
            elif at.member in self.of.kind.write.outputs:
                yield Violation(Code.UNKNOWN_FIELD, at.path, "the field is read-only", "leave it out")
            elif inner is not None:
                yield from self.value(inner, at)
        for name in _required_members(shape):
            if value.get(lower_camel(name)) is None and (position.path or name != self.of.name_member):
                yield Violation(Code.REQUIRED, (*position.path, lower_camel(name)), "it is required")


@cache
def _required_members(shape: Shape) -> tuple[str, ...]:
    """The required members of a structure."""
    return tuple(sorted(shape.required - shape.tokens))


def _unknown_field(name: str, position: SpecPosition, shape: Shape) -> Violation:
    path = (*position.path, name)
    if name in shape.members:
        hint = f"fields are written in lowerCamelCase: '{lower_camel(name)}'"
        return Violation(Code.UNKNOWN_FIELD, path, f"'{name}' is AWS's own spelling", hint)
    choices = [choice for choice, member in by_camel(shape.name).items() if member not in shape.tokens]
    hint = _kind_called(name) or did_you_mean(name, choices) or _kinds_with(name)
    return Violation(Code.UNKNOWN_FIELD, path, "there is no such field", hint)


def _kind_called(name: str) -> str:
    """The hint for a field with the name of a kind, which is a document of its own."""
    kind = next((kind for kind in KINDS if kind.casefold() == name.casefold()), "")
    return f"{kind} is a kind: write a document of it" if kind else ""


def _kinds_with(name: str) -> str:
    """The hint with the kinds that have such a field, if they are few."""
    kinds = sorted(kind for kind in KINDS if name in by_camel(contract(kind).spec.name))
    return f"it is a field of {' and '.join(kinds)}" if 0 < len(kinds) <= _FEW else ""


def _link(value: Any, position: SpecPosition, shape: Shape) -> Iterator[Violation]:
    if not isinstance(value, str):
        yield wrong_type(value, position, shape)
    elif not value.strip() or len(value) > _LONGEST_LINK:
        message = f"a link is a name or an ARN of 1 to {_LONGEST_LINK} characters"
        yield Violation(Code.RANGE, position.path, message)
