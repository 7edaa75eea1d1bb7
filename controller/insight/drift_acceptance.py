"""The edits of documents that accept a drift, and the differences that a person must resolve."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.path import Path, dotted_path, get
from controller.engine.compare import list_key, live_member, parse_json, pattern_below
from controller.engine.live_spec import non_default
from controller.engine.observed import Live
from controller.engine.plan import Change
from controller.engine.secret_references import OTHER
from controller.engine.sensitive import is_hidden
from controller.insight.drift import DriftCategory, DriftedResource
from controller.manifests.bundle import Resource
from controller.manifests.interpolation import escape
from controller.manifests.yaml_writer import Edit
from controller.schema.contract import Contract
from controller.schema.names import camel_path, to_camel
from controller.schema.secret_references import is_reference
from controller.schema.sensitive import is_within, pattern
from controller.schema.shape import shape_at


@dataclass(frozen=True)
class UnacceptedDrift:
    """A difference that can't be written into the documents, with its path and the reason."""

    where: str
    why: str


def edits(
    found: DriftedResource, resource: Resource, live: Live | None
) -> tuple[list[Edit], list[UnacceptedDrift]]:
    """The edits that set a document to the live values, and the differences that they can't express."""
    if found.left:
        return [], [UnacceptedDrift(f"{found.ref}: {found.name}", found.left)]
    if found.missing or live is None:
        why = found.missing or "there is no live resource"
        return [], [UnacceptedDrift(str(found.ref), why)] if found.drifts else []
    made: dict[Path, Edit] = {}
    left: list[UnacceptedDrift] = []
    for change in (*found.of(DriftCategory.DECLARED), *found.of(DriftCategory.UNDECLARED)):
        target = _target(change, resource, live)
        path = ("spec", *camel_path(target.path, resource.contract.spec))
        secret = is_reference(get(resource.spec, change.path)) or change.before == OTHER
        if secret or _touches_sensitive(target.path, resource):
            left.append(
                UnacceptedDrift(
                    f"{found.ref}: {dotted_path(path)}", "it is a secret; bring it back, or change its source"
                )
            )
        elif _is_linked(target.path, resource):
            left.append(
                UnacceptedDrift(f"{found.ref}: {dotted_path(path)}", "it is a link; name another document")
            )
        else:
            made[path] = Edit(found.ref, path, target.value)
    return list(made.values()), left


@dataclass(frozen=True)
class _ChangeTarget:
    """The path in a document that a change is written to, and the live value in the form of documents."""

    path: Path
    value: Any


def _target(change: Change, resource: Resource, live: Live) -> _ChangeTarget:
    """The path of a change; of a list whose elements can't be matched by position it is that of the whole list."""
    contract = resource.contract
    head = str(change.path[0])
    if head == "Tags":
        return _ChangeTarget(change.path, None if change.before is None else escape(str(change.before)))
    walk = _Walk(contract, resource.spec.get(head), live_member(head, live.body, contract.kind))
    path, inside, stopped = walk.resolve(change.path)
    value = walk.live_at(path) if stopped else change.before
    if value is None:
        return _ChangeTarget(path, None)
    if inside:
        written = get({head: resource.spec.get(head)}, inside)
        text = isinstance(written, str)
        if path == inside:
            value = json.dumps(parse_json(value), indent=2) if text else parse_json(value)
        return _ChangeTarget(path, _escape_text(value))
    pattern = _pattern(path)
    kept = (
        non_default(value, pattern, {}, live.body, contract) if isinstance(value, Mapping | list) else value
    )
    of = shape_at(contract.spec, path)
    return _ChangeTarget(path, _escape_text(to_camel(value if kept is None else kept, of) if of else value))


@dataclass(frozen=True)
class _Walk:
    """A walk through a member of the spec and the live member in parallel."""

    contract: Contract
    desired: Any
    seen: Any

    def resolve(self, path: Path) -> tuple[Path, Path, bool]:
        """The path by positions, the path of the JSON document that contains it, and whether it ends early."""
        done: Path = path[:1]
        inside: Path = ()
        pattern, mine, theirs = str(path[0]), self.desired, self.seen
        for part in path[1:]:
            if pattern in self.contract.kind.compare.documents and not inside:
                inside = done
                if isinstance(mine, str):
                    return done, inside, True
                theirs = parse_json(theirs)
            position = self._locate_part(mine, theirs, pattern, part, inside=bool(inside))
            if position is None:
                return done, inside, True
            mine, theirs = _child(mine, position[0]), _child(theirs, position[1])
            done = (*done, position[0])
            pattern = (
                f"{pattern}[]"
                if isinstance(part, int) or position[0] != part
                else pattern_below(pattern, str(part))
            )
        if pattern in self.contract.kind.compare.documents and not inside:
            return done, done, True
        return done, inside, False

    def _locate_part(
        self, mine: Any, theirs: Any, pattern: str, part: str | int, *, inside: bool
    ) -> tuple[str | int, str | int] | None:
        """The keys of the next part in the spec and in the live value; None if they don't match."""
        if not isinstance(mine, list):
            return part, part
        listed = isinstance(theirs, list)
        key = (
            list_key(mine, theirs if listed else [])
            if inside
            else self.contract.kind.compare.keyed.get(pattern, "")
        )
        if key:
            indexes = [_index(items, key, str(part)) for items in (mine, theirs)]
            return None if None in indexes else (indexes[0] or 0, indexes[1] or 0)
        free = pattern in self.contract.kind.compare.unordered and not inside
        fits = listed and len(mine) == len(theirs) and isinstance(part, int)
        return (part, part) if fits and not free else None

    def live_at(self, path: Path) -> Any:
        """The live value at a path from ``to``."""
        pattern, mine, theirs = str(path[0]), self.desired, self.seen
        for part in path[1:]:
            location: str | int | None = part
            key = self.contract.kind.compare.keyed.get(pattern, "")
            if isinstance(mine, list) and key and isinstance(part, int):
                location = _index(theirs, key, str(mine[part].get(key)))
            mine, theirs = (
                _child(mine, part),
                _child(parse_json(theirs), location if location is not None else part),
            )
            pattern = f"{pattern}[]" if isinstance(part, int) else pattern_below(pattern, str(part))
        return theirs


def _child(value: Any, part: str | int) -> Any:
    return get(value, (part,))


def _index(items: Any, key: str, desired: str) -> int | None:
    if not isinstance(items, list):
        return None
    return next((i for i, item in enumerate(items) if str(item.get(key, i)) == desired), None)


def _pattern(path: Path) -> str:
    text = ""
    for part in path:
        text = f"{text}[]" if isinstance(part, int) else pattern_below(text, part)
    return text


def _touches_sensitive(path: Path, resource: Resource) -> bool:
    """Whether a path is sensitive, contains something sensitive, or is within something sensitive."""
    here = pattern(path, resource.contract)
    return is_hidden(resource, here) or any(is_within(each, (here,)) for each in resource.sensitive)


def _is_linked(path: Path, resource: Resource) -> bool:
    """Whether a path is a link, or contains one."""
    return any(link.path[: len(path)] == path for link in resource.links)


def _escape_text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _escape_text(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_escape_text(inner) for inner in value]
    return escape(value) if isinstance(value, str) else value
