"""References to secrets as values of environments and hyperparameters.

Describe shows the plain value, so the comparison reads it from the live body; it never leaves
``engine/secret_references.py``. ``rotated`` beside ``valueFrom`` is our mark: it is set from the first change of the
secret on, so that a spec whose secret changed is another spec.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from controller.core.path import MAPPINGS, Path, expand, get, with_value
from controller.schema.shape import Shape, shape

SOURCE, ROTATED = "valueFrom", "rotated"
_NAMES = ("Environment", "HyperParameters")  # or members that end so, as OverrideEnvironment


def referable(of: Shape) -> tuple[str, ...]:
    """The dotted members of a spec that are maps of strings whose values may be references."""
    return tuple(_maps_of_text(of, "", frozenset()))


def _maps_of_text(of: Shape, at: str, above: frozenset[str]) -> Iterator[str]:
    if of.type == "list":
        yield from _maps_of_text(shape(of.element), f"{at}[]", above)
    elif of.type == "map" and at.endswith(_NAMES) and shape(of.value).type == "string":
        yield at
    elif of.type == "structure" and of.name not in above:
        for name, inner in sorted(of.members.items()):
            yield from _maps_of_text(shape(inner), f"{at}.{name}" if at else name, above | {of.name})


def is_reference(value: Any) -> bool:
    """Whether a value is a checked reference, with or without our mark."""
    return isinstance(value, MAPPINGS) and SOURCE in value and set(value) <= {SOURCE, ROTATED}


def references(spec: Mapping[str, Any], patterns: Iterable[str]) -> list[tuple[Path, Mapping[str, Any]]]:
    """The references in a spec (AWS member names), with their paths."""
    return [
        ((*path, key), value)
        for pattern in patterns
        for path, held in expand(spec, pattern)
        if isinstance(held, Mapping)
        for key, value in held.items()
        if is_reference(value)
    ]


def without_sources(spec: Mapping[str, Any], patterns: Iterable[str]) -> dict[str, Any]:
    """The spec without the sources of its references, because the source does not determine the value."""
    return with_values(
        spec, {path: {SOURCE: each.get(ROTATED, "")} for path, each in references(spec, patterns)}
    )


def with_values(value: Mapping[str, Any], given: Mapping[Path, Any]) -> dict[str, Any]:
    """A copy of a spec or a body with other values at these paths."""
    changed: Any = dict(value)
    for path, each in given.items():
        changed = with_value(changed, path, each)
    return dict(changed)


def text_at(body: Mapping[str, Any], path: Path) -> str | None:
    """The string at a path; None if there is none."""
    found = get(body, path)
    return found if isinstance(found, str) else None
