"""Values without what the model marks sensitive: for fingerprints and for what is remembered."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.core.digest import canonical, keyed
from controller.service.shape import Shape, shape

MASK = "(sensitive)"


def masked(value: Any, of: Shape | None, mask: Callable[[Any], str] = lambda _: MASK) -> Any:
    """The value with a mask in every place whose shape is sensitive; references to secrets stay."""
    if of is not None and of.sensitive and value is not None and not isinstance(value, Mapping):
        return mask(value)
    if isinstance(value, Mapping):
        return {str(key): masked(inner, _inner(of, str(key)), mask) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner, _inner(of, ""), mask) for inner in value]
    return value


def sealed(value: Mapping[str, Any], of: Shape, key: str) -> dict[str, Any]:
    """The value with a keyed digest in every sensitive place: it tells that something changed, and not what."""
    return dict(masked(value, of, lambda secret: f"(sensitive {keyed(key, canonical(secret))})"))


def _inner(of: Shape | None, part: str) -> Shape | None:
    if of is None:
        return None
    inner = of.members.get(part) if of.type == "structure" else of.element or of.value
    return shape(inner) if inner else None
