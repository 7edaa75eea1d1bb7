"""Masking and digests of sensitive values, for fingerprints and the inventory.

Sensitive are members that the model marks, and values at a pattern that a document marks (``policy.sensitive``), such
as ``PrimaryContainer.Environment.TOKEN`` or ``Containers[].Mode``: a list position counts for every element.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from controller.core.digest import canonical, keyed_digest
from controller.core.path import MAPPINGS, SCALARS, Path
from controller.runtime.bounded_text import parse_bounded
from controller.runtime.redaction import MASK, SHORTEST
from controller.schema.contract import Contract
from controller.schema.secret_references import is_reference
from controller.schema.shape import Shape, holds_sensitive, shape

_DIGEST_TEXT = re.compile(r"\(sensitive [0-9a-f]{64}\)")
_MOST_VALUES = 100_000  # of a JSON document in a string


def pattern(path: Path, contract: Contract) -> str:
    """The pattern of a path of a spec (AWS member names): an element of a list, by position or key, is ``[]``.

    A path inside of a JSON document gives the pattern of the whole document.
    """
    text, of = "", contract.spec if path else None
    for part in path:
        below = f".{part}" if text else str(part)
        text += "[]" if of is not None and of.type == "list" else below
        if text in contract.kind.compare.documents:
            break
        of = inner_shape(of, str(part))
    return text


def is_within(of: str, patterns: Collection[str]) -> bool:
    """Whether a pattern is one of these, or inside of one."""
    return any(of == each or of.startswith((f"{each}.", f"{each}[")) for each in patterns)


def mask_sensitive(
    value: Any,
    of: Shape | None,
    mask: Callable[[Any], str] = lambda _: MASK,
    patterns: Collection[str] = (),
    at: str = "",
) -> Any:
    """The value with all sensitive parts masked; references to secrets stay."""
    if at != MASK and not patterns and not (of and holds_sensitive(of)):
        return _plain_data(value)
    if is_reference(value):
        return value
    marked = bool(patterns) and at in patterns
    if of is not None and of.sensitive and value is not None and not isinstance(value, Mapping):
        return mask(value)
    if marked or at == MASK:
        patterns, at = (MASK,), MASK  # all below it
        if isinstance(value, str | int | float | datetime):
            return mask(value)
    if isinstance(value, MAPPINGS):
        return {
            str(key): mask_sensitive(
                inner, inner_shape(of, str(key)), mask, patterns, _path_below(at, f".{key}")
            )
            for key, inner in value.items()
        }
    listed = isinstance(value, list | tuple)
    below = inner_shape(of, "") if listed else None
    return (
        [mask_sensitive(inner, below, mask, patterns, _path_below(at, "[]")) for inner in value]
        if listed
        else value
    )


def _plain_data(value: Any) -> Any:
    if isinstance(value, SCALARS):
        return value
    if isinstance(value, MAPPINGS):
        return {str(key): _plain_data(inner) for key, inner in value.items()}
    return [_plain_data(inner) for inner in value] if isinstance(value, list | tuple) else value


def _path_below(at: str, part: str) -> str:
    return at if at == MASK else f"{at}{part}".lstrip(".")


def with_digests(
    value: Mapping[str, Any], of: Shape, key: str, patterns: Collection[str] = ()
) -> dict[str, Any]:
    """The value with keyed digests instead of sensitive parts, which show changes but not the value."""
    return dict(mask_sensitive(value, of, lambda secret: digest_text(secret, key), patterns))


def digest_text(value: Any, key: str) -> str:
    """The digest that replaces a sensitive value; a digest is returned unchanged."""
    if isinstance(value, str) and _DIGEST_TEXT.fullmatch(value):
        return value
    return f"(sensitive {keyed_digest(key, canonical(value))})"


def with_known_values(value: Any, known: Mapping[str, Any]) -> Any:
    """The value with digests replaced by their known values."""
    if isinstance(value, Mapping):
        return {key: with_known_values(inner, known) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [with_known_values(inner, known) for inner in value]
    return known.get(value, value) if isinstance(value, str) else value


def scalars(value: Any) -> list[Any]:
    """All strings, numbers and booleans inside of plain data, and the keys of its mappings."""
    return [*_values(value), *_keys(value)]


def _values(value: Any) -> list[Any]:
    if is_reference(value):
        return []
    if isinstance(value, Mapping | list | tuple):
        inside = value.values() if isinstance(value, Mapping) else value
        return [each for inner in inside for each in _values(inner)]
    return [value] if isinstance(value, str | int | float) else []


def _keys(value: Any) -> list[str]:
    if is_reference(value) or not isinstance(value, Mapping | list | tuple):
        return []
    own, inside = (map(str, value), value.values()) if isinstance(value, Mapping) else ((), value)
    return [*own, *(each for inner in inside for each in _keys(inner))]


def values_at(value: Any, patterns: Collection[str], at: str = "") -> list[Any]:
    """All values at sensitive patterns."""
    if at in patterns:
        return [value]
    if patterns and isinstance(value, Mapping):
        inside = ((inner, _path_below(at, f".{key}")) for key, inner in value.items())
    elif patterns and isinstance(value, list | tuple):
        inside = ((inner, _path_below(at, "[]")) for inner in value)
    else:
        return []
    return [found for inner, where in inside for found in values_at(inner, patterns, where)]


def texts_at(value: Any, patterns: Collection[str]) -> frozenset[str]:
    """The strings at sensitive patterns that are long enough to be recognized in other text.

    Values inside a JSON document are included, because AWS may repeat one of them alone. Keys are not: those of
    structures, such as ``Name``, are in every output.
    """
    found = _values(values_at(value, patterns))
    found += [inner for each in found if isinstance(each, str) for inner in _values_of_json(each)]
    texts = (str(each) for each in found if not isinstance(each, bool))
    return frozenset(text for text in texts if len(text) >= SHORTEST)


def _values_of_json(text: str) -> list[Any]:
    if not text.lstrip().startswith(("{", "[")):
        return []
    try:
        return _values(parse_bounded(text.encode(), _MOST_VALUES))
    except ValueError:
        return []


def with_marks(
    value: Mapping[str, Any], patterns: Collection[str], marks: Mapping[str, str]
) -> dict[str, Any]:
    """The value for a digest without a key, with sensitive parts replaced by the mark of their last change, if any."""
    for each in sorted(patterns):
        mark = f"{MASK}{marks.get(each, '')}"
        value = mask_sensitive(value, None, partial(_constant, mark), (each,))
    return dict(value)


def inner_shape(of: Shape | None, part: str) -> Shape | None:
    """The shape of a member, an element or a map's value; None where the model has none."""
    if of is None:
        return None
    inner = of.members.get(part) if of.type == "structure" else of.element or of.value
    return shape(inner) if inner else None


def _constant(mark: str, _: Any) -> str:
    return mark
