"""Optional members that we applied and the document no longer has: removed where the service can, else left.

The row declares what is removed, and how (``cleared``, ``deltas`` and ``side_updates`` of ``Kind.write``, and
``Kind.lifecycle.memberships``); a member inside a structure that an Update replaces as a whole is removed by omission.
A member that can't be removed is recorded (``Entry.left``) and shown until it is declared again, ignored, or gone.
Members that we never applied are left alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from controller.core.path import MAPPINGS, SCALARS, Path, dotted_path, from_pointer, get, pointer
from controller.engine.compare import by_key, is_empty, is_satisfied, live_member, pattern_below
from controller.engine.decision_input import DecisionInput
from controller.engine.diff import comparable_members, not_updatable, relied_on
from controller.engine.ignored_members import with_live_values
from controller.engine.live_spec import at_default
from controller.engine.observed import Live
from controller.engine.plan import Change, Step
from controller.engine.sensitive import applied_with_known_values
from controller.inventory.model import Entry
from controller.kinds import Kind, SameAs
from controller.manifests.resolve import Resolved
from controller.schema.contract import Contract
from controller.schema.names import camel_path
from controller.schema.shape import Shape, shape, shape_at

_NOTHING: Mapping[str, Any] = {}


def removed_from_live(case: DecisionInput, live: Live) -> tuple[Change, ...]:
    """The members that the document of a case dropped and the live resource still shows."""
    return removals(case.entry, case.resolved, live, case.ignored_paths, case.key)


def removals(
    entry: Entry, resolved: Resolved, live: Live, ignored: tuple[Path, ...], key: str
) -> tuple[Change, ...]:
    """The members that a document dropped and the live resource still shows, as changes that remove or keep them."""
    contract = resolved.resource.contract
    applied = applied_with_known_values(entry, resolved.resource, key, resolved.spec, live.body)
    if applied is None:
        return ()
    spec = comparable_members(with_live_values(resolved.spec, live.body, contract, ignored), contract)
    seen = {name: live_member(name, live.body, contract.kind) for name in contract.settable}
    left = (contract.state_member, *contract.kind.compare.rewritten)  # these are left as they are
    then = comparable_members({name: value for name, value in applied.items() if name not in left}, contract)
    gone = dict(_dropped_members(then, spec, seen, contract))
    for each in entry.left:
        path, written, value = _recorded_change(from_pointer(each), spec, seen, contract.kind)
        if is_empty(written) and not is_empty(value) and not _is_within(path, ignored):
            gone.setdefault(path, value)
    # A member that was left when it was dropped stays: later reliance of others on it is no reason for a replacement.
    kept = relied_on(contract.kind, live.body, applied) - {str(from_pointer(each)[0]) for each in entry.left}
    changes = (
        _change(path, value, then, live, contract)
        for path, value in gone.items()
        if not at_default(
            value, _pattern(path, contract), get(seen, path[:-1]) or _NOTHING, live.body, contract
        )
    )
    return tuple(
        replace(change, forces=True, stays=False) if str(change.path[0]) in kept else change
        for change in changes
    )


def dropped_since(case: DecisionInput, old: Live) -> tuple[Change, ...]:
    """The members that the document dropped since an old generation was created; the new one lacks them."""
    return tuple(
        replace(change, after=None, forces=True, stays=False) for change in removed_from_live(case, old)
    )


def left_of(step: Step) -> tuple[str, ...]:
    """The step's members that can't be removed, as JSON pointers with AWS member names, for the inventory."""
    return tuple(pointer(change.path) for change in step.changes if change.stays)


def change_text(changes: Sequence[Change], contract: Contract) -> str:
    """The note about members that can't be removed."""
    names = ", ".join(dotted_path(camel_path(change.path, contract.spec)) for change in changes)
    return (
        f"{names}: no document contains it any more, and SageMaker can't remove it; write a value, list it in "
        "policy.ignore, or replace the resource"
    )


def _is_within(path: Path, ignored: tuple[Path, ...]) -> bool:
    return any(path[: len(each)] == each for each in ignored)


def _recorded_change(path: Path, now: Any, seen: Any, kind: Kind) -> tuple[Path, Any, Any]:
    """A recorded path in the form of changes, with its values in the spec and the live resource."""
    found: Path = ()
    pattern = ""
    for part in map(str, path):
        key: str | int = part
        if isinstance(now, list) and isinstance(seen, list | tuple):
            there = {
                str(each): (each, inner) for each, inner in _shared_elements(now, now, seen, kind, pattern)
            }
            key, (_, now, seen) = there.get(part, (part, (None, None, None)))
            pattern = f"{pattern}[]"
        else:
            now, seen = (each.get(part) if isinstance(each, Mapping) else None for each in (now, seen))
            pattern = pattern_below(pattern, part)
        found = (*found, key)
    return found, now, seen


def _dropped_members(
    then: Mapping[str, Any], now: Mapping[str, Any], seen: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[Path, Any]]:
    for name in sorted(then):
        kept: Any = now.get(name)
        if name in contract.kind.write.deltas and isinstance(then[name], Mapping) and is_empty(kept):
            kept = {"": None}  # a map whose entries Update removes by key: those of others stay
        if name in _memberships(contract) and is_empty(kept):
            ours = [each for each in then[name] or () if each in (seen[name] or ())]
            yield from [((name,), ours)] if ours else []
        elif name in _removed_by_key(contract) and is_empty(kept):
            key = contract.kind.compare.keyed[name]
            mine, there = by_key(then[name] or [], key), by_key(seen[name] or [], key)
            yield from (((name, each), there[each]) for each in mine if each in there)
        else:
            yield from _dropped_at((name,), (then[name], kept, seen[name]), contract.kind, name)


def _memberships(contract: Contract) -> frozenset[str]:
    """Lists of strings whose elements are added and removed one by one: those of others stay."""
    deltas = contract.kind.write.deltas.items()
    return frozenset(
        {membership.member for membership in contract.kind.lifecycle.memberships if membership.member}
        | set(contract.kind.write.side_updates)
        | {name for name, each in deltas if each.add and each.remove} - set(contract.kind.compare.keyed)
    )


def _removed_by_key(contract: Contract) -> frozenset[str]:
    """Keyed lists whose elements Update removes by key: those of others stay."""
    keyed = contract.kind.compare.keyed
    return frozenset(
        name for name, each in contract.kind.write.deltas.items() if each.remove and name in keyed
    )


def _dropped_at(
    path: Path, values: tuple[Any, Any, Any], kind: Kind, pattern: str
) -> Iterator[tuple[Path, Any]]:
    then, now, seen = values
    if is_empty(then) or is_empty(seen):
        return
    if is_empty(now) and kind.write.merges and isinstance(then, MAPPINGS) and isinstance(seen, MAPPINGS):
        for key in sorted(then):
            yield from _dropped_at(
                (*path, key), (then[key], None, seen.get(key)), kind, pattern_below(pattern, key)
            )
    elif is_empty(now):
        yield path, seen
    elif isinstance(then, SCALARS) or pattern in kind.compare.documents:  # compared as data, as a whole
        return
    elif isinstance(then, MAPPINGS) and isinstance(now, MAPPINGS) and isinstance(seen, MAPPINGS):
        for key in sorted(then):
            inner = (then[key], now.get(key), seen.get(key))
            yield from _dropped_at((*path, key), inner, kind, pattern_below(pattern, key))
    elif isinstance(then, list) and isinstance(now, list) and isinstance(seen, list | tuple):
        for key, inner in _shared_elements(then, now, seen, kind, pattern):
            yield from _dropped_at((*path, key), inner, kind, f"{pattern}[]")


def _shared_elements(
    then: list[Any], now: list[Any], seen: Sequence[Any], kind: Kind, pattern: str
) -> Iterator[tuple[str | int, tuple[Any, Any, Any]]]:
    """The elements that are in all three lists: matched by key, in a set by value, else by position."""
    if pattern in kind.compare.keyed:
        keyed = [by_key(each, kind.compare.keyed[pattern]) for each in (then, now, seen)]
        shared = [key for key in keyed[1] if key in keyed[0] and key in keyed[2]]
        yield from ((key, (keyed[0][key], keyed[1][key], keyed[2][key])) for key in shared)
    elif pattern in kind.compare.unordered:
        for i, mine in enumerate(now):
            ours, theirs = (
                next((each for each in many if is_satisfied(mine, each, kind, f"{pattern}[]")), None)
                for many in (then, seen)
            )
            yield i, (ours, mine, theirs)
    elif len(then) == len(now) == len(seen):
        yield from ((i, each) for i, each in enumerate(zip(then, now, seen, strict=True)))


def _change(path: Path, value: Any, then: Mapping[str, Any], live: Live, contract: Contract) -> Change:
    name, pattern = str(path[0]), _pattern(path, contract)
    if pattern in contract.kind.write.cleared:
        default: Any = contract.kind.write.cleared[pattern]
        after: Any = live.body.get(default.member) if isinstance(default, SameAs) else default
        return Change(path, value, None if is_empty(after) else after)
    if name in _memberships(contract):
        return Change(path, value, None)
    if name in contract.kind.write.deltas:
        delta = contract.kind.write.deltas[name]
        stuck = not delta.remove or bool(set(path[2:3]) & set(delta.fixed))
        return Change(
            path,
            value,
            None,
            forces=stuck and not contract.kind.lifecycle.runs,
            stays=stuck and bool(contract.kind.lifecycle.runs),
        )
    if not_updatable(path, get(then, path), contract):
        return Change(path, value, None, forces=True)  # Update takes the member only in part
    return Change(path, value, None, stays=not _by_omission(path, pattern, contract))


def _by_omission(path: Path, pattern: str, contract: Contract) -> bool:
    """Whether a member is removed by sending its structure without it, if Update takes that."""
    if len(path) == 1 or pattern in contract.kind.write.kept or contract.updates is None:
        return False
    if contract.kind.write.merges and "[]" not in pattern:
        return False
    around: Shape | None = shape(contract.updates.input)
    for part in (contract.update_name(str(path[0])), *path[1:-1]):
        around = shape_at(around, (part,)) if around else None
    return around is None or path[-1] not in around.required


def _pattern(path: Path, contract: Contract) -> str:
    """The pattern of a path: ``[]`` for an element of a list, given by position or key."""
    text, here = "", contract.spec
    for part in path:
        inside = here.type == "list"
        text = f"{text}[]" if inside else pattern_below(text, str(part))
        inner = here.members.get(str(part)) if here.type == "structure" else here.element or here.value
        if inner is None:
            break
        here = shape(inner)
    return text
