"""Values without what the model marks sensitive, for fingerprints that nobody may guess a secret from."""

from collections.abc import Mapping
from typing import Any

from controller.service.shape import Shape, shape

MASK = "(sensitive)"


def masked(value: Any, of: Shape | None) -> Any:
    """The value with a mask in every place whose shape is sensitive."""
    if of is not None and of.sensitive:
        return None if value is None else MASK
    if isinstance(value, Mapping):
        return {str(key): masked(inner, _inner(of, str(key))) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner, _inner(of, "")) for inner in value]
    return value


def _inner(of: Shape | None, part: str) -> Shape | None:
    if of is None:
        return None
    inner = of.members.get(part) if of.type == "structure" else of.element or of.value
    return shape(inner) if inner else None
