"""Checks of values against a schema, without the API server.

Objects that were admitted by an earlier definition may have any value in any field.
"""

import re
from collections.abc import Iterator, Mapping, Sized
from typing import Any

from controller.crds.scalar import Schema

_LEFT_OUT = object()
_UNITS = {"Length": "characters", "Items": "items", "Properties": "members"}
_SCALARS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def prune_mistyped(value: Any, schema: Schema) -> dict[str, Any]:
    """The mapping without values of a type that the schema does not allow.

    Required fields, patterns, limits and choices are not checked, nor fields of an open schema.
    """
    found = _prune_value(value, schema)
    return found if isinstance(found, dict) else {}


def mismatches(value: Any, schema: Schema, at: str) -> Iterator[str]:
    """The paths below ``at`` whose value has the wrong type, or where a required field is missing, as messages."""
    desired = schema.get("type", "")
    if not _has_type(value, schema):
        yield f"{at} is not of type {desired}"
    elif desired == "array":
        for number, each in enumerate(value):
            yield from mismatches(each, schema["items"], f"{at}[{number}]")
    elif desired == "object":
        yield from (f"{at}.{name} is required" for name in schema.get("required", ()) if name not in value)
        for name, inner in value.items():
            member_schema = _member(name, schema)
            if member_schema is not None:
                yield from mismatches(inner, member_schema, f"{at}.{name}")


def violations(value: Any, schema: Schema, at: str) -> Iterator[str]:
    """The violations of choices, limits and patterns, as messages without values; the types must be right."""
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {', '.join(map(str, schema['enum']))}"
    elif isinstance(value, str):
        if "pattern" in schema and re.search(schema["pattern"], value) is None:
            yield f"{at} does not match {schema['pattern']}"
        yield from _size_errors(value, schema, at, "Length")
    elif isinstance(value, list):
        yield from _size_errors(value, schema, at, "Items")
        for number, each in enumerate(value):
            yield from violations(each, schema.get("items", {}), f"{at}[{number}]")
    elif isinstance(value, Mapping):
        yield from _size_errors(value, schema, at, "Properties")
        for name, inner in value.items():
            yield from violations(inner, _member(name, schema) or {}, f"{at}.{name}")


def _size_errors(value: Sized, schema: Schema, at: str, limit: str) -> Iterator[str]:
    least, most = schema.get(f"min{limit}", 0), schema.get(f"max{limit}", len(value))
    if not least <= len(value) <= most:
        yield f"{at} has {len(value)} {_UNITS[limit]}, and {least} to {most} are allowed"


def _prune_value(value: Any, schema: Schema) -> Any:
    if not _has_type(value, schema):
        return _LEFT_OUT
    if schema.get("type") == "array":
        kept = [_prune_value(each, schema["items"]) for each in value]
        return [each for each in kept if each is not _LEFT_OUT]
    if schema.get("type") != "object":
        return value
    found = {}
    for name, inner in value.items():
        member_schema = _member(name, schema)
        kept = inner if member_schema is None else _prune_value(inner, member_schema)
        if kept is not _LEFT_OUT:
            found[name] = kept
    return found


def _has_type(value: Any, schema: Schema) -> bool:
    """Whether a value has the type of the schema, or the schema has none."""
    desired = str(schema.get("type", ""))
    if desired in _SCALARS:
        of = _SCALARS[desired]
        return isinstance(value, of) and (desired == "boolean") is isinstance(value, bool)
    if desired == "object":
        return isinstance(value, Mapping)
    return desired != "array" or isinstance(value, list)


def _member(name: str, schema: Schema) -> Schema | None:
    """The schema of a member; None if it has none."""
    document = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
    return document if isinstance(document, dict) else None
