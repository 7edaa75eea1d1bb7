"""Variables and output references inside strings: ``${var.name}`` and ``${Kind/name.path}``.

This is the only parser of such strings. An output reference can't name a document with a dot in its name, because the
name ends at the first dot.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from controller.core.did_you_mean import did_you_mean
from controller.core.path import MAPPINGS, Path
from controller.core.ref import Ref
from controller.schema.contract import contract
from controller.schema.names import by_camel
from controller.schema.shape import Shape, shape

_TOKEN = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_VARIABLE = re.compile(r"var\.([A-Za-z_][A-Za-z0-9_-]*)", re.ASCII)
_OUTPUT = re.compile(
    r"([A-Z][A-Za-z0-9]*(?:/[a-z0-9][a-z0-9-]*){1,2})((?:\.(?:[A-Za-z][A-Za-z0-9]*|[0-9]+))+)", re.ASCII
)


@dataclass(frozen=True)
class SensitiveValue:
    """The value of a sensitive variable; its ``repr`` hides it."""

    value: Any = field(repr=False)


def with_sensitive(variables: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The variables, with those of these names as sensitive ones."""
    return {
        name: SensitiveValue(value) if name in names and not isinstance(value, SensitiveValue) else value
        for name, value in variables.items()
    }


def open_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables without the sensitive ones: for digests, which are not keyed."""
    return {name: value for name, value in variables.items() if not isinstance(value, SensitiveValue)}


def sensitive_texts(variables: Mapping[str, Any]) -> frozenset[str]:
    """The values of the sensitive variables as texts."""
    found = (each.value for each in variables.values() if isinstance(each, SensitiveValue))
    return frozenset(str(value) for value in found if not isinstance(value, bool))


@dataclass(frozen=True)
class VariableName:
    """``${var.name}``."""

    name: str


@dataclass(frozen=True)
class OutputRef:
    """``${Kind/name.path}``: a value of another document's resource, known once it is Ready.

    ``path`` is in lowerCamelCase; list positions are digits.
    """

    ref: Ref
    path: tuple[str, ...]

    def __str__(self) -> str:
        """The reference as a document has it."""
        return "${" + f"{self.ref}.{'.'.join(self.path)}" + "}"


@dataclass(frozen=True)
class MalformedReference:
    """A text that starts like a reference and is invalid."""

    text: str


Piece: TypeAlias = str | VariableName | OutputRef


def pieces(text: str) -> tuple[Piece, ...]:
    """Split a text into literal text (with ``$${`` as ``${``), variables and output references.

    An invalid reference counts as literal text; ``malformed`` lists them.
    """
    if "${" not in text:
        return (text,) if text else ()
    out: list[Piece] = []
    for piece in _scan(text):
        value = piece.text if isinstance(piece, MalformedReference) else piece
        if isinstance(value, str) and out and isinstance(out[-1], str):
            out[-1] += value
        elif value != "":
            out.append(value)
    return tuple(out)


def malformed_references(text: str) -> tuple[str, ...]:
    """The invalid references in a text."""
    if "${" not in text:
        return ()
    return tuple(piece.text for piece in _scan(text) if isinstance(piece, MalformedReference))


def outputs(text: str) -> tuple[OutputRef, ...]:
    """The output references of a text."""
    return tuple(piece for piece in pieces(text) if isinstance(piece, OutputRef))


def is_deferred(text: str) -> bool:
    """Whether the text's value is known only after other resources are Ready."""
    return "${" in text and bool(outputs(text))


def escape(text: str) -> str:
    """Escape a text so that ``pieces`` returns it as one literal."""
    return text.replace("${", "$${")


def _scan(text: str) -> list[Piece | MalformedReference]:
    out: list[Piece | MalformedReference] = []
    end = 0
    for match in _TOKEN.finditer(text):
        out += [text[end : match.start()], _token(match)]
        end = match.end()
    return [*out, text[end:]]


def _token(match: re.Match[str]) -> Piece | MalformedReference:
    if match[0] == "$${":
        return "${"
    inner = match[1] or ""
    if variable := _VARIABLE.fullmatch(inner):
        return VariableName(variable[1])
    if output := _OUTPUT.fullmatch(inner):
        return OutputRef(Ref.parse(output[1]), tuple(output[2][1:].split(".")))
    return MalformedReference(match[0])


NAME, ARN = "name", "arn"  # aliases of the AWS name and the ARN for all kinds


@dataclass(frozen=True)
class OutputUse:
    """One output reference in a spec: the path of its string (AWS member names), the document, and the output."""

    path: Path
    ref: Ref
    output: tuple[str, ...]

    def problem(self) -> tuple[str, str]:
        """The error by the service model, and a hint; two empty strings if it is valid."""
        if self.output in ((NAME,), (ARN,)):
            return "", ""
        here: Shape | None = contract(self.ref.kind).body
        for part in self.output:
            members = by_camel(here.name) if here and here.type == "structure" else {}
            if here is not None and here.type in ("map", "list"):
                here = shape(here.value or here.element)
            elif here is not None and part in members:
                here = shape(here.members[members[part]])
            else:
                return f"{self.ref.kind} has no output '{'.'.join(self.output)}'", did_you_mean(part, members)
        if here is not None and here.type in ("structure", "list", "map"):
            return f"'{'.'.join(self.output)}' of {self.ref.kind} is a {here.type}, not a single value", ""
        return "", ""


def referenced_document(ref: Ref, here: str) -> Ref:
    """The referenced document; without a namespace that of ``here``."""
    return ref if ref.namespace else Ref(ref.kind, ref.name, here)


def outputs_in(spec: Any, here: str, path: Path = ()) -> tuple[OutputUse, ...]:
    """All output references in a spec of the namespace ``here``, in the order of their paths."""
    if isinstance(spec, str) and "${" not in spec:
        return ()
    if isinstance(spec, MAPPINGS):
        return tuple(use for key, inner in spec.items() for use in outputs_in(inner, here, (*path, key)))
    if isinstance(spec, list | tuple):
        return tuple(use for i, inner in enumerate(spec) for use in outputs_in(inner, here, (*path, i)))
    if isinstance(spec, str):
        return tuple(
            OutputUse(path, referenced_document(p.ref, here), p.path)
            for p in pieces(spec)
            if isinstance(p, OutputRef)
        )
    return ()
