"""Ignored parts of a live resource: ``policy.ignore``, and the tags that a whole set ignores.

An ignored member counts as written with its live value. So it never differs, and an Update that replaces a whole
structure sends the live value. A recreated resource gets the value of its document.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from controller.core.digest import canonical
from controller.core.path import Path, get, with_value, without_value
from controller.engine.compare import by_key, is_satisfied, live_member, parse_json, pattern_below
from controller.engine.observed import PREFIX
from controller.inventory.model import Entry, Inventory
from controller.kinds import Kind
from controller.manifests.bundle import Bundle, Resource
from controller.schema.contract import Contract
from controller.schema.names import aws_path
from controller.schema.sensitive import mask_sensitive
from controller.schema.shape import shape_at

_NOTHING: Any = object()
_TAGS = "Tags"


def ignored_paths(resource: Resource) -> tuple[Path, ...]:
    """``policy.ignore`` with AWS member names."""
    return tuple(aws_path(path, resource.contract.spec) for path in resource.policy.ignore)


def ignores_tag(resource: Resource, key: str) -> bool:
    """Whether a tag is left alone; our own ownership tags never are."""
    if key.startswith(PREFIX):
        return False
    written = any(path in ((_TAGS,), (_TAGS, key)) for path in ignored_paths(resource))
    return written or resource.ignored_tags.matches(key)


def with_live_values(
    spec: Mapping[str, Any], body: Mapping[str, Any], contract: Contract, ignored: tuple[Path, ...]
) -> dict[str, Any]:
    """The spec with the live values of ignored members, or without those that have none.

    A member that Describe never shows stays as written: its live value is unknown.
    """
    for path in sorted(ignored, key=_sort_key, reverse=True):  # from the end: elements may be removed
        name = str(path[0])
        if (
            name in contract.identity
            or name in contract.kind.write.write_only
            or _is_unreadable(path, contract)
        ):
            continue
        live = live_member(name, body, contract.kind)
        value = _with_live_value(
            spec.get(name, _NOTHING), _NOTHING if live is None else live, path[1:], name, contract.kind
        )
        spec = {key: each for key, each in spec.items() if key != name or value is not _NOTHING}
        spec = spec if value is _NOTHING else {**spec, name: value}
    return dict(spec)


def with_remembered(bundle: Bundle, inventory: Inventory) -> Bundle:
    """The bundle with the last applied values of ignored members that can't be updated.

    The name of a generation, and the identity of a run, follow from the whole spec: otherwise a change of an ignored
    member would create another one.
    """
    found = {
        ref: values
        for ref, each in bundle.resources.items()
        if each.policy.ignore and (values := _applied_values(each, inventory.of(ref)))
    }
    resources = {
        ref: replace(each, remembered=found[ref]) if ref in found else each
        for ref, each in bundle.resources.items()
    }
    return replace(bundle, resources=resources) if found else bundle


def _applied_values(resource: Resource, entry: Entry) -> dict[Path, Any]:
    contract, applied = resource.contract, entry.applied
    lasts = contract.kind.lifecycle.runs or contract.kind.lifecycle.has_hashed_names
    if applied is None or not lasts:
        return {}
    shown = mask_sensitive(applied, contract.spec, patterns=resource.sensitive)
    return {
        path: get(applied, path)
        for path in ignored_paths(resource)
        if path[0] != _TAGS and shape_at(contract.spec, path) and get(shown, path) == get(applied, path)
    }


def _sort_key(path: Path) -> list[tuple[bool, str | int]]:
    return [(isinstance(part, int), part) for part in path]


def is_ignored(pattern: str, ignored: tuple[Path, ...]) -> bool:
    """Whether the value at a dotted pattern is ignored, in at least one element of a list."""
    return any(_is_within(pattern, _pattern(path)) for path in ignored)


def _is_unreadable(path: Path, contract: Contract) -> bool:
    return any(_is_within(_pattern(path), hidden) for hidden in contract.unreadable)


def _is_within(pattern: str, whole: str) -> bool:
    return pattern == whole or pattern.startswith((f"{whole}.", f"{whole}["))


def _pattern(path: Path) -> str:
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _with_live_value(desired: Any, live: Any, rest: Path, pattern: str, kind: Kind) -> Any:
    """The desired value, with the live value at the rest of the path."""
    if not rest:
        return live
    if pattern in kind.compare.documents:
        return _document(desired, live, rest)
    head = rest[0]
    if isinstance(desired, list) and isinstance(head, int):
        return _element(desired, live, rest, pattern, kind)
    if desired is not _NOTHING and not isinstance(desired, Mapping):
        return desired
    mine = {} if desired is _NOTHING else desired
    theirs = live if isinstance(live, Mapping) else {}
    key = str(head)
    value = _with_live_value(
        mine.get(key, _NOTHING), theirs.get(key, _NOTHING), rest[1:], pattern_below(pattern, key), kind
    )
    if value is not _NOTHING:
        return {**mine, key: value}
    left = {name: each for name, each in mine.items() if name != key}
    return left if left or desired is not _NOTHING else _NOTHING


def _element(desired: list[Any], live: Any, rest: Path, pattern: str, kind: Kind) -> Any:
    """The list with the live value of one element, or of a part of it; the row's key matches the elements."""
    position = int(rest[0])
    if position >= len(desired):
        return desired
    theirs = _counterpart(desired, position, live if isinstance(live, list | tuple) else (), pattern, kind)
    value = _with_live_value(desired[position], theirs, rest[1:], f"{pattern}[]", kind)
    kept = [] if value is _NOTHING else [value]
    return [*desired[:position], *kept, *desired[position + 1 :]]


def _counterpart(desired: list[Any], position: int, live: Any, pattern: str, kind: Kind) -> Any:
    mine = desired[position]
    if pattern in kind.compare.keyed and isinstance(mine, Mapping):
        return by_key(live, kind.compare.keyed[pattern]).get(
            str(mine.get(kind.compare.keyed[pattern], position)), _NOTHING
        )
    if pattern in kind.compare.unordered:
        return next((each for each in live if is_satisfied(mine, each, kind, f"{pattern}[]")), _NOTHING)
    return live[position] if position < len(live) else _NOTHING


def _document(desired: Any, live: Any, rest: Path) -> Any:
    """A JSON document in a text, with the live value at a path inside it."""
    mine, theirs = parse_json(desired), parse_json(live)
    if not isinstance(mine, Mapping | list):
        return desired
    found = get(theirs, rest, _NOTHING)
    if found is _NOTHING:
        return _document_form(desired, without_value(mine, rest))
    if get(mine, rest[:-1], _NOTHING) is _NOTHING:
        return desired
    return _document_form(desired, with_value(mine, rest, found))


def _document_form(desired: Any, value: Any) -> Any:
    """The document in the form in which it was desired."""
    return canonical(value) if isinstance(desired, str) else json.loads(canonical(value))
