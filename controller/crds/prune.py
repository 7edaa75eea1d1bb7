"""What fits a schema: objects that an earlier definition let through may hold anything anywhere."""

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


def fitted(value: Any, schema: Schema) -> dict[str, Any]:
    """A mapping without what is of another type than the schema says.

    What is required, patterns, limits and choices are the API server's matter, and so is what the schema leaves open.
    """
    found = _fitted(value, schema)
    return found if isinstance(found, dict) else {}


def mismatches(value: Any, schema: Schema, at: str) -> Iterator[str]:
    """The places below ``at`` where a value is of another type than the schema says, or lacks what is required."""
    desired = schema.get("type", "")
    if not _is(value, schema):
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
    """What in a value of the right types breaks a choice, a limit or a pattern of its schema; no value is shown."""
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {', '.join(map(str, schema['enum']))}"
    elif isinstance(value, str):
        if "pattern" in schema and re.search(schema["pattern"], value) is None:
            yield f"{at} does not match {schema['pattern']}"
        yield from _sized(value, schema, at, "Length")
    elif isinstance(value, list):
        yield from _sized(value, schema, at, "Items")
        for number, each in enumerate(value):
            yield from violations(each, schema.get("items", {}), f"{at}[{number}]")
    elif isinstance(value, Mapping):
        yield from _sized(value, schema, at, "Properties")
        for name, inner in value.items():
            yield from violations(inner, _member(name, schema) or {}, f"{at}.{name}")


def _sized(value: Sized, schema: Schema, at: str, limit: str) -> Iterator[str]:
    least, most = schema.get(f"min{limit}", 0), schema.get(f"max{limit}", len(value))
    if not least <= len(value) <= most:
        yield f"{at} has {len(value)} {_UNITS[limit]}, and {least} to {most} are allowed"


def _fitted(value: Any, schema: Schema) -> Any:
    if not _is(value, schema):
        return _LEFT_OUT
    if schema.get("type") == "array":
        kept = [_fitted(each, schema["items"]) for each in value]
        return [each for each in kept if each is not _LEFT_OUT]
    if schema.get("type") != "object":
        return value
    found = {}
    for name, inner in value.items():
        member_schema = _member(name, schema)
        kept = inner if member_schema is None else _fitted(inner, member_schema)
        if kept is not _LEFT_OUT:
            found[name] = kept
    return found


def _is(value: Any, schema: Schema) -> bool:
    """Whether a value is of the type that a schema says, if it says one."""
    desired = str(schema.get("type", ""))
    if desired in _SCALARS:
        of = _SCALARS[desired]
        return isinstance(value, of) and (desired == "boolean") is isinstance(value, bool)
    if desired == "object":
        return isinstance(value, Mapping)
    return desired != "array" or isinstance(value, list)


def _member(name: str, schema: Schema) -> Schema | None:
    """The schema of a member; None where it has none."""
    document = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
    return document if isinstance(document, dict) else None
