"""Checks a request against its shape as the service does, and reports every violation at once.

Unknown members are ignored, as AWS JSON services do. A value of the wrong JSON type is a `SerializationException`; all
other violations are collected into one `ValidationException` with the messages of Coral, Amazon's service framework.
"""

from collections.abc import Callable, Mapping
from typing import Any

from controller.sandbox.rules import Json, all_required, rules
from controller.sandbox.service_error import ServiceError, invalid

Visit = Callable[[Any, str, list[str]], Any]

WRONG = {str: "STRING_VALUE", bool: "TRUE_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE"}
ABSENT = "Member must not be null"
# Smithy: exactly one member of a union is set. The message of a violation is unverified.
ONE_OF = "Member must satisfy union constraint: exactly one member must be set"
OPENING = {dict: "Start of structure or map", list: "Start of list"}
DESIRED: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "String"),
    "boolean": ((bool,), "Boolean"),
    "integer": ((int,), "Integer"),
    "long": ((int,), "Long"),
    "float": ((int, float), "Float"),
    "double": ((int, float), "Double"),
    "timestamp": ((int, float), "Timestamp"),
    "structure": ((dict,), "Structure"),
    "map": ((dict,), "Map"),
    "list": ((list,), "List"),
}


def checker(shapes: Mapping[str, Json], name: str) -> Callable[[Json], Json]:
    """Return a function that returns the known members of a request, or raises `ServiceError`."""
    visit = _Compiler(shapes).visit(name)

    def check(params: Json) -> Json:
        found: list[str] = []
        clean: Json = visit(params, "", found)
        if found:
            errors = "error" if len(found) == 1 else "errors"
            raise invalid(f"{len(found)} validation {errors} detected: {'; '.join(found)}")
        return clean

    return check


def as_java(value: Any) -> str:
    """Return a value as Java's `toString` prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(as_java, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={as_java(item)}" for key, item in value.items()) + "}"
    return "null" if value is None else str(value)


def _violation_text(value: Any, path: str, text: str, *, secret: bool) -> str:
    shown = "Value" if secret else f"Value '{as_java(value)}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {text}"


def _with_type(value: Any, kind: str) -> Any:
    types, desired = DESIRED[kind]
    right = isinstance(value, types) and (bool in types or not isinstance(value, bool))
    if right:
        return value
    if isinstance(value, float) and int in types and value.is_integer():
        return int(value)
    if isinstance(value, dict | list):
        raise ServiceError("SerializationException", f"{OPENING[type(value)]} found where not expected")
    raise ServiceError("SerializationException", f"{WRONG[type(value)]} can not be converted to a {desired}")


class _Compiler:
    """Compiles shapes to checking functions, once each, so that recursive shapes terminate."""

    def __init__(self, shapes: Mapping[str, Json]) -> None:
        self._shapes = shapes
        self._made: dict[str, Visit] = {}

    def visit(self, name: str) -> Visit:
        made = self._made.get(name)
        if made is None:
            self._made[name] = lambda value, path, found: self._made[name](value, path, found)  # noqa: PLW0108 - it is replaced below
            shape = self._shapes[name]
            build = {"structure": self._structure, "list": self._list, "map": self._map}
            made = self._made[name] = build.get(shape["type"], self._scalar)(shape)
        return made

    def _scalar(self, shape: Json) -> Visit:
        kind, own, secret = shape["type"], rules(shape), bool(shape.get("sensitive"))

        def visit(value: Any, path: str, found: list[str]) -> Any:
            value = _with_type(value, kind)
            found.extend(
                _violation_text(value, path, rule.text, secret=secret) for rule in own if rule.broken(value)
            )
            return value

        return visit

    def _structure(self, shape: Json) -> Visit:
        required, union = frozenset(shape.get("required", ())), bool(shape.get("union"))
        members = [
            (name, name[:1].lower() + name[1:], name in required, self.visit(member["shape"]))
            for name, member in shape["members"].items()
        ]

        def visit(value: Any, path: str, found: list[str]) -> Json:
            given, clean, stem = _with_type(value, "structure"), {}, f"{path}." if path else ""
            for name, spelled, needed, check in members:
                item = given.get(name)
                if item is not None:
                    clean[name] = check(item, stem + spelled, found)
                elif needed:
                    found.append(f"Value null at '{stem}{spelled}' failed to satisfy constraint: {ABSENT}")
            if union and len(clean) != 1:
                found.append(f"Value at '{path}' failed to satisfy constraint: {ONE_OF}")
            return clean

        return visit

    def _list(self, shape: Json) -> Visit:
        item_shape = self._shapes[shape["member"]["shape"]]
        check, own = self.visit(shape["member"]["shape"]), rules(shape)
        nested = item_shape["type"] in {"structure", "list", "map"}
        constraints = all_required(rules(item_shape))

        def visit(value: Any, path: str, found: list[str]) -> list[Any]:
            items = [item for item in _with_type(value, "list") if item is not None]
            texts = [rule.text for rule in own if rule.broken(items)]
            found.extend(_violation_text(items, path, text, secret=False) for text in texts)
            if nested:
                return [check(item, f"{path}.{n}.member", found) for n, item in enumerate(items, 1)]
            inner: list[str] = []
            clean = [check(item, path, inner) for item in items]
            if inner:  # Coral names the list, not the item, when the items are plain values
                text = f"Member must satisfy constraint: {constraints}"
                found.append(_violation_text(items, path, text, secret=bool(item_shape.get("sensitive"))))
            return clean

        return visit

    def _map(self, shape: Json) -> Visit:
        key_shape = self._shapes[shape["key"]["shape"]]
        value_shape = self._shapes[shape["value"]["shape"]]
        keys, check, own = rules(key_shape), self.visit(shape["value"]["shape"]), rules(shape)
        plain = value_shape["type"] not in {"structure", "list", "map"}
        key_texts, value_texts = all_required(keys), all_required(rules(value_shape))
        secret = bool(value_shape.get("sensitive"))

        def visit(value: Any, path: str, found: list[str]) -> Json:
            items = {key: item for key, item in _with_type(value, "map").items() if item is not None}
            texts = [rule.text for rule in own if rule.broken(items)]
            if any(rule.broken(key) for key in items for rule in keys):
                texts.append(f"Map keys must satisfy constraint: {key_texts}")
            inner: list[str] = []
            into = inner if plain else found
            clean = {key: check(item, f"{path}.{key}.member", into) for key, item in items.items()}
            if inner:
                texts.append(f"Map value must satisfy constraint: {value_texts}")
            found.extend(_violation_text(items, path, text, secret=secret) for text in texts)
            return clean

        return visit
