"""Substitutes variables in the strings of a spec, with its shape.

Only strings change, never keys or structure. A string that is exactly one variable becomes its value; a string value
(from ``--var``) becomes a number or boolean if the field has that type. Output references stay.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import is_
from typing import Any

from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code, Remedy
from controller.core.path import Path
from controller.manifests.interpolation import (
    OutputRef,
    SensitiveValue,
    VariableName,
    escape,
    malformed_references,
    pieces,
)
from controller.manifests.scalar import plain_scalar
from controller.schema.contract import Contract
from controller.schema.leaf import SpecPosition, Violation, has_type
from controller.schema.names import by_camel
from controller.schema.shape import Shape, shape

_EXACT = 2**53
_FRACTIONS = frozenset({"float", "double"})
_NOT_TEXT = frozenset({"integer", "long", "float", "double", "boolean"})


@dataclass(frozen=True)
class Substituted:
    """A spec with substituted variables, the violations, and the paths of sensitive values."""

    spec: dict[str, Any]
    problems: tuple[Violation, ...]
    sensitive: tuple[Path, ...] = ()


def substitute(spec: dict[str, Any], of: Contract, variables: Mapping[str, Any]) -> Substituted:
    """The spec with variables substituted, and without null members, which ``kubectl`` drops too.

    Unchanged parts are not copied: most specs have no variables, and a copy is half of a document's memory.
    """
    if _is_settled(spec, of.spec):
        return Substituted(spec, ())
    plain_values = {
        name: each.value if isinstance(each, SensitiveValue) else each for name, each in variables.items()
    }
    hidden = frozenset(name for name, each in variables.items() if isinstance(each, SensitiveValue))
    work = _Work(plain_values, frozenset(of.kind.compare.documents), hidden)
    filled: dict[str, Any] = work.value(spec, SpecPosition((), "", of.spec))
    return Substituted(filled, tuple(work.problems), tuple(work.sensitive))


def _is_settled(value: Any, of: Shape | None) -> bool:
    """Whether substitution leaves a value unchanged."""
    if isinstance(value, str):
        return "${" not in value
    if isinstance(value, dict):
        if of is not None and of.type == "structure":
            members, names = of.members, by_camel(of.name)
            return all(
                inner is not None and _is_settled(inner, shape(members[names[key]]) if key in names else None)
                for key, inner in value.items()
            )
        below = shape(of.value) if of is not None and of.type == "map" else None
        return all(_is_settled(inner, below) for inner in value.values())
    if isinstance(value, list):
        below = shape(of.element) if of is not None and of.type == "list" else None
        return all(_is_settled(inner, below) for inner in value)
    return of is None or of.type not in _FRACTIONS or isinstance(value, bool | None)


@dataclass
class _Work:
    variables: Mapping[str, Any]
    documents: frozenset[str]
    hidden: frozenset[str]
    problems: list[Violation] = field(default_factory=list)
    sensitive: list[Path] = field(default_factory=list)

    def value(self, value: Any, position: SpecPosition) -> Any:
        if isinstance(value, str):
            return self._text(value, position) if "${" in value else value
        if isinstance(value, list):
            elements = [self.value(inner, position.into(at)) for at, inner in enumerate(value)]
            return value if all(map(is_, elements, value)) else elements
        if isinstance(value, dict):
            kept = position.shape is None or position.shape.type != "structure"
            members = {
                key: self.value(inner, position.into(key))
                for key, inner in value.items()
                if kept or inner is not None
            }
            same = len(members) == len(value) and all(map(is_, members.values(), value.values()))
            return value if same else members
        return _one_spelling(value, position)

    def _text(self, text: str, position: SpecPosition) -> Any:
        for part in malformed_references(text):
            hint = "write ${var.NAME}, ${Kind/name.path}, or $${ for a literal ${"
            self._problem(
                Code.BAD_REFERENCE, position, f"{self._shown_part(part, position)} is not a reference", hint
            )
        lines = pieces(text)
        names = [piece.name for piece in lines if isinstance(piece, VariableName)]
        if not names or not self._all_known(names, position):
            return text
        if self.hidden.intersection(names):
            self.sensitive.append(position.path)
        if len(lines) == 1:
            return _one_spelling(_escape_whole(self.variables[names[0]], position), position)
        return self._join_pieces(lines, position)

    def _all_known(self, names: list[str], position: SpecPosition) -> bool:
        unknown = [name for name in names if not self._is_known(name, position)]
        return not unknown

    def _join_pieces(self, lines: tuple[Any, ...], position: SpecPosition) -> str:
        out, literal = "", ""
        for piece in lines:
            if isinstance(piece, OutputRef):
                if literal.endswith("$"):
                    message = "a '$' before an output reference would make it a literal"
                    self._problem(Code.BAD_REFERENCE, position, message)
                out, literal = out + escape(literal) + str(piece), ""
            else:
                literal += piece if isinstance(piece, str) else self._variable_text(piece, position)
        return out + escape(literal)

    def _variable_text(self, piece: VariableName, position: SpecPosition) -> str:
        value = self.variables[piece.name]
        spelled = value if isinstance(value, str) else json.dumps(value)
        # In a JSON document a value must not end the string that contains it.
        return json.dumps(spelled)[1:-1] if position.member in self.documents else spelled

    def _is_known(self, name: str, position: SpecPosition) -> bool:
        if name not in self.variables:
            hint = did_you_mean(name, self.variables) or f"give it by {Remedy.VARIABLE.of(name)}"
            self._problem(Code.UNDEFINED_VARIABLE, position, f"no variable '{name}' is defined", hint)
            return False
        if not isinstance(self.variables[name], str | int | float):
            message = f"the variable '{name}' is not a string, number or boolean"
            self._problem(Code.TYPE, position, message, "variables cannot hold lists or mappings")
            return False
        return True

    def _shown_part(self, part: str, position: SpecPosition) -> str:
        open_field = position.shape is not None and not position.in_map and not position.shape.sensitive
        shown = open_field and position.member not in self.documents
        return f"'{part[:60]}'" if shown else "a part that starts with '${'"

    def _problem(self, code: Code, position: SpecPosition, message: str, hint: str = "") -> None:
        self.problems.append(Violation(code, position.path, message, hint))


def _escape_whole(value: Any, position: SpecPosition) -> Any:
    if not isinstance(value, str):
        return value
    if position.shape is not None and position.shape.type in _NOT_TEXT:
        document = plain_scalar(value.strip())
        if has_type(document, position.shape.type):
            return document
    return escape(value)


def _one_spelling(value: Any, position: SpecPosition) -> Any:
    # kubectl turns 1.0 into 1: with one form, digests are equal for files and the API server.
    if position.shape is not None and position.shape.type in _FRACTIONS and has_type(value, "integer"):
        return float(value) if abs(value) < _EXACT else value
    return value
