"""Values that fit a shape, made from the model alone."""

from collections.abc import Iterable
from typing import Any

from controller.schema.contract import Contract
from controller.schema.names import lower_camel
from controller.schema.shape import Shape, shape
from tests.kubernetes.pattern_texts import text_like, texts_like


def least_value(of: Contract, member: str, like: Shape) -> Any:
    """The minimal valid value of a member; ``member`` is its name in the rows."""
    as_written = _as_written(of, member)
    if as_written is not None:
        return as_written
    match like.type:
        case "structure":
            return least_structure(of, member, like)
        case "list":
            return repeated_values(of, member, like, max(int(like.minimum or 0), 1))
        case "map":
            keys = _map_keys(like, max(int(like.minimum or 0), 1))
            return dict.fromkeys(keys, least_value(of, member + "{}", shape(like.value)))
    return scalar_value(like)


def _as_written(of: Contract, member: str) -> Any:
    """The form in which documents have a value, if it differs from AWS's; None for others."""
    if member in of.secrets:
        return {"valueFrom": {"secretKeyRef": {"name": "secrets", "key": "one"}}}
    if member in of.kind.compare.documents:
        return {"Version": "2020-12-01", "Steps": []}
    if any(link.field == member for link in of.kind.identity.links):
        return "linked"
    return {"team": "risk"} if member == "Tags" else None


def least_structure(of: Contract, member: str, like: Shape) -> dict[str, Any]:
    """A structure with its required members only; names come from metadata."""
    desired = like.required - like.tokens - ({of.name_member} if not member else set())
    return {
        lower_camel(name): least_value(of, f"{member}.{name}" if member else name, shape(like.members[name]))
        for name in sorted(desired)
    }


def repeated_values(of: Contract, member: str, like: Shape, count: int) -> list[Any]:
    """A list of that many elements, each a little different if the row requires that."""
    inner = shape(like.element)
    made = [least_value(of, member + "[]", inner) for _ in range(count)]
    key = of.kind.compare.keyed.get(member)
    if key and count > 1:
        texts = texts_like(shape(inner.members[key]), count)
        return [{**each, lower_camel(key): text} for each, text in zip(made, texts, strict=False)]
    if member in of.kind.compare.unordered and inner.type == "string" and count > 1:
        return list(inner.enum[:count]) if inner.enum else texts_like(inner, count)
    return made


def scalar_value(like: Shape) -> Any:
    """A valid string, number, boolean or time."""
    if like.type == "boolean":
        return True
    if like.type == "timestamp":
        return "2026-01-31T12:00:00Z"
    if like.type != "string":
        return int(like.minimum) if like.minimum is not None else min(1, int(like.maximum or 1))
    return like.enum[0] if like.enum else text_like(like)


def _map_keys(like: Shape, count: int) -> Iterable[str]:
    key = shape(like.key)
    return texts_like(key, count) if count > 1 else [text_like(key)] if not key.enum else [key.enum[0]]
