"""Schemas of single values.

A text with a pattern or a short limit may instead hold an output reference, whose value nobody knows at
admission. Choices, numbers, switches and times take plain values only, so that the API server can name what
is wrong with them (docs/kubernetes.md).
"""

from typing import Any, TypeAlias

from controller.core.dns import LONGEST, SUBDOMAIN
from controller.crds.re2 import translated
from controller.schema.choices import LONGEST as LONGEST_WORD
from controller.schema.choices import WORD
from controller.schema.shape import Shape

Schema: TypeAlias = dict[str, Any]

# ${Kind/name.path} or ${Kind/namespace/name.path}, anywhere in the text (desired/variables.py).
REFERENCE = r"\$\{[A-Z]\w*(/[a-z0-9-]+){1,2}(\.\w+)+\}"
_ROOM = 512  # a longer limit leaves room for references: a text that holds some is measured as it stands
LONGEST_LINK = 2048
_NUMBERS = {
    "integer": ("integer", "int32"),
    "long": ("integer", "int64"),
    "float": ("number", "float"),
    "double": ("number", "double"),
}


def scalar(of: Shape) -> Schema:
    """The schema of a shape that holds no others."""
    if of.type in _NUMBERS:
        kind, form = _NUMBERS[of.type]
        return {"type": kind, "format": form, **_bounds(of, "minimum", "maximum")}
    if of.type == "timestamp":
        return {"type": "string", "format": "date-time"}
    if of.type == "boolean":
        return {"type": "boolean"}
    if of.enum and of.open:
        return {"type": "string", "maxLength": LONGEST_WORD, "pattern": WORD}
    if of.enum:
        return {"type": "string", "enum": list(of.enum)}
    return _text(of)


def link() -> Schema:
    """A link: a document's name, an AWS name, an ARN or a reference; which of them, the operator finds out."""
    return {"type": "string", "minLength": 1, "maxLength": LONGEST_LINK, "pattern": r"\S"}


def object_name() -> Schema:
    """The name of another object of Kubernetes."""
    return {"type": "string", "maxLength": LONGEST, "pattern": f"^{SUBDOMAIN}$"}


def limits(of: Shape) -> Schema:
    """What a text itself must be: its length and its pattern."""
    found = _bounds(of, "minLength", "maxLength")
    translation = translated(of.pattern) if of.pattern else None
    if translation is None:
        return found
    found["pattern"] = translation.must[0]
    if translation.must[1:]:
        found["allOf"] = [{"pattern": pattern} for pattern in translation.must[1:]]
    if translation.never:
        found["not"] = {"anyOf": [{"pattern": pattern} for pattern in translation.never]}
    return found


def elements(of: Shape) -> Schema:
    """How many elements a list or a map holds."""
    if of.type == "list":
        return _bounds(of, "minItems", "maxItems")
    return _bounds(of, "minProperties", "maxProperties")


def _text(of: Shape) -> Schema:
    found = limits(of)
    if "pattern" not in found and (of.maximum is None or of.maximum >= _ROOM):
        return {"type": "string", **found}
    longest = {} if of.maximum is None else {"maxLength": max(int(of.maximum), _ROOM)}
    return {"type": "string", **longest, "anyOf": [found, {"pattern": REFERENCE}]}


def _bounds(of: Shape, least: str, most: str) -> Schema:
    """Both limits where the model has them; a length of at least none says nothing."""
    counted = least.startswith("min") and least != "minimum"
    found: Schema = {}
    if of.minimum is not None and not (counted and of.minimum <= 0):
        found[least] = of.minimum
    if of.maximum is not None:
        found[most] = of.maximum
    return found
