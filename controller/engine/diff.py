"""The differences between spec and live body, by member; deepdiff is used only where ``compare`` finds one."""

from collections.abc import Iterator, Mapping
from typing import Any

from controller.core.path import Path, expand, without_value
from controller.engine.compare import (
    Documents,
    by_key,
    is_satisfied,
    live_member,
    parse_json,
    pattern_below,
    unmatched_positions,
)
from controller.engine.ignored_members import with_live_values
from controller.engine.plan import Change
from controller.kinds import Kind
from controller.manifests.normal_form import by_name, is_empty, normal_form, spelled_as
from controller.manifests.resolve import Resolved, Unknown
from controller.schema.contract import Contract


def comparable_members(spec: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """The members of a spec that Describe shows: not the name, nor hidden and write-only members."""
    left: Any = {
        key: value
        for key, value in spec.items()
        if key not in contract.identity
        and key not in contract.kind.write.write_only
        and key not in _desired_state_member(contract)
    }
    for hidden in contract.unreadable:
        left = _without_path(left, hidden.replace("[]", ".[]").split("."))
    return dict(left)


def _desired_state_member(contract: Contract) -> frozenset[str]:
    """The member with a run's desired state, with which the run's status is compared."""
    return frozenset({contract.kind.lifecycle.runs.state} if contract.kind.lifecycle.runs else ())


def _without_path(value: Any, parts: list[str]) -> Any:
    head, rest = parts[0], parts[1:]
    if head == "[]" and isinstance(value, list):
        return [_without_path(item, rest) for item in value]
    if isinstance(value, Mapping) and head in value:
        if not rest:
            return without_value(value, (head,))
        return {**value, head: _without_path(value[head], rest)}
    return value


def diff(
    resolved: Resolved,
    body: Mapping[str, Any],
    ignored: tuple[Path, ...],
    applied: Mapping[str, Any] | None = None,
) -> tuple[Change, ...]:
    """The changes that would make the live body equal to the spec.

    Args:
        resolved: the desired resource.
        body: the live body.
        ignored: the ignored paths, with AWS member names.
        applied: the last applied spec, if the inventory has one.

    """
    contract = resolved.resource.contract
    left = comparable_members(with_live_values(resolved.spec, body, contract, ignored), contract)
    spec = by_name(left, contract.kind, resolved.identity)
    seen = {name: live_member(name, body, contract.kind) for name in spec}
    shown = spelled_as(spec, by_name(seen, contract.kind, resolved.identity), contract.kind, (left, seen))
    kept = relied_on(contract.kind, body, applied or {})
    changes: list[Change] = []
    for name in sorted(spec):
        actual = shown[name]
        if _is_rewritten(name, spec[name], body, applied or {}, contract.kind):
            continue
        if is_satisfied(spec[name], actual, contract.kind, name) or is_filled(
            spec[name], actual, name, body, contract.kind
        ):
            continue
        changes += [
            Change(path, before, after, name in kept or _forces(name, path, (before, after), contract))
            for path, before, after in _walk((name,), spec[name], actual, contract.kind, name)
        ]
    return tuple(changes)


def _is_rewritten(
    name: str, desired: Any, body: Mapping[str, Any], applied: Mapping[str, Any], kind: Kind
) -> bool:
    """Whether another part of the resource set the live value, and the document is unchanged since it was applied."""
    setter = kind.compare.rewritten.get(name)
    if setter is None or (applied and not is_satisfied(desired, applied.get(name), kind, name)):
        return False
    return not setter or any(value == body.get(name) for _, value in expand(body, setter))


def is_filled(desired: Any, actual: Any, name: str, body: Mapping[str, Any], kind: Kind) -> bool:
    """Whether a member that Describe omits has the value of the live member that is its default."""
    return (
        is_empty(actual)
        and not isinstance(desired, Unknown)
        and normal_form(desired, kind, name, body) is None
    )


def relied_on(kind: Kind, body: Mapping[str, Any], applied: Mapping[str, Any]) -> frozenset[str]:
    """The members that other resources rely on, so that no update may change them."""
    release = kind.lifecycle.release
    if release is None or is_empty(state := body.get(release.member)):
        return frozenset()
    was_released = applied.get(release.member) == release.released
    return frozenset(release.defines if was_released or state not in release.open else ())


def _forces(name: str, path: Path, values: tuple[Any, Any], contract: Contract) -> bool:
    """Whether no update can make a change; a delta without removal only adds elements."""
    before, after = values
    delta = contract.kind.write.deltas.get(name)
    if delta is not None and delta.fixed:
        return len(path) > 2 and path[2] in delta.fixed  # noqa: PLR2004 - member, key, and what is inside
    if delta is not None and delta.add and delta.remove and name not in contract.kind.compare.keyed:
        return False
    if delta is not None and delta.add:
        return before is not None or len(path) > 2  # noqa: PLR2004 - member and key: a new element
    return bool(not_updatable(path, after, contract))


def not_updatable(path: Path, value: Any, contract: Contract) -> tuple[Path, ...]:
    """The paths, at or below one, of the parts that Update does not take: its shapes may have fewer members."""
    if not contract.is_updatable(path):
        return (path,)
    inside = dict(enumerate(value)) if isinstance(value, list | tuple) else value
    items = inside.items() if isinstance(inside, Mapping) else ()
    return tuple(each for key, inner in items for each in not_updatable((*path, key), inner, contract))


def _walk(path: Path, desired: Any, actual: Any, kind: Kind, at: str) -> Iterator[tuple[Path, Any, Any]]:
    if at in kind.compare.documents and not isinstance(desired, Unknown):
        yield from Documents(kind, _nested_differences).differences(
            path, parse_json(desired), parse_json(actual), at
        )
    elif isinstance(desired, Mapping) and isinstance(actual, Mapping):
        for key in desired:
            if not is_satisfied(desired[key], actual.get(key), kind, pattern_below(at, key)):
                yield from _walk((*path, key), desired[key], actual.get(key), kind, pattern_below(at, key))
    elif isinstance(desired, list) and isinstance(actual, list):
        yield from _walk_list(path, desired, actual, kind, at)
    else:
        yield path, actual, desired


def _walk_list(
    path: Path, desired: list[Any], actual: list[Any], kind: Kind, at: str
) -> Iterator[tuple[Path, Any, Any]]:
    if at in kind.compare.unordered:
        added, gone = unmatched_positions(desired, actual, kind, at)
        yield from (((*path, j), actual[j], None) for j in gone)
        yield from (((*path, i), None, desired[i]) for i in added)
        return
    if at not in kind.compare.keyed and len(desired) != len(actual):
        yield from _nested_differences(path, desired, actual)
        return
    pairs = _pairs(desired, actual, kind.compare.keyed.get(at, ""))
    for key, (mine, theirs) in pairs.items():
        if mine is None or not is_satisfied(mine, theirs, kind, at + "[]"):
            yield from _walk((*path, key), mine, theirs, kind, at + "[]")


def _pairs(desired: list[Any], actual: list[Any], key: str) -> dict[str | int, tuple[Any, Any]]:
    """Desired and live elements side by side: by key where there is one, else by position."""
    if not key:
        return {i: (mine, theirs) for i, (mine, theirs) in enumerate(zip(desired, actual, strict=True))}
    mine, theirs = by_key(desired, key), by_key(actual, key)
    return {each: (mine.get(each), theirs.get(each)) for each in dict.fromkeys([*mine, *theirs])}


def _nested_differences(path: Path, desired: Any, actual: Any) -> Iterator[tuple[Path, Any, Any]]:
    if not isinstance(desired, Mapping | list) or type(desired) is not type(actual):
        yield path, actual, desired
        return
    from deepdiff import DeepDiff

    tree = DeepDiff(actual, desired, view="tree", ignore_numeric_type_changes=True)
    found = [
        ((*path, *level.path(output_format="list")), _none_if_absent(level.t1), _none_if_absent(level.t2))
        for group in tree.values()
        for level in group
    ]
    yield from sorted(found, key=lambda each: [str(part) for part in each[0]])


def _none_if_absent(value: Any) -> Any:
    return None if type(value).__name__ == "NotPresent" else value
