"""Comparison of spec and live body: a subset comparison, with JSON documents in strings compared as data.

Only members that the spec has are compared, because the service adds defaults. Values are equal if their normal forms
are (``normal_form.normal``), from which the digests are computed too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from controller.core.digest import canonical
from controller.core.path import MAPPINGS, Path
from controller.kinds import Kind
from controller.manifests.normal_form import (
    by_key,
    document,
    document_sets,
    is_empty,
    normal_form,
    parse_json,
    pattern_below,
    scalar,
    set_elements,
)
from controller.manifests.resolve import Unknown
from controller.schema.contract import contract

__all__ = [
    "by_key",
    "is_empty",
    "is_satisfied",
    "live_member",
    "parse_json",
    "pattern_below",
    "unmatched_positions",
    "without_empty",
]


Difference: TypeAlias = tuple[Path, Any, Any]
Rest: TypeAlias = Callable[[Path, Any, Any], Iterator[Difference]]

# The members that name the elements of lists in the documents of AWS: steps and parameters, statements, rules.
_KEYS = ("Name", "Sid", "Id", "name", "id")


def list_key(*lists: Sequence[Any]) -> str:
    """The member that distinguishes the elements of all these lists; empty where there is none."""
    for key in _KEYS:
        named = [[each.get(key) if isinstance(each, Mapping) else None for each in one] for one in lists]
        if all(_are_unique(names) for names in named) and any(named):
            return key
    return ""


def _are_unique(names: list[Any]) -> bool:
    return all(isinstance(name, str) and name for name in names) and len(set(names)) == len(names)


def same_document(desired: Any, actual: Any, kind: Kind, pattern: str) -> bool:
    """Whether two documents are equivalent; in a set, order is irrelevant and one element needs no list."""
    return canonical(document(desired, kind, pattern)) == canonical(document(actual, kind, pattern))


@dataclass(frozen=True)
class Documents:
    """Compares two documents of a kind; ``rest`` compares lists that have no key."""

    kind: Kind
    rest: Rest

    def differences(self, path: Path, desired: Any, actual: Any, pattern: str) -> Iterator[Difference]:
        """The differences, each with its path, the live and the desired value."""
        found = list(self._walk(path, desired, actual, pattern))
        yield from found or self.rest(path, desired, actual)  # only the order of a keyed list differs

    def _walk(self, path: Path, desired: Any, actual: Any, pattern: str) -> Iterator[Difference]:
        if same_document(desired, actual, self.kind, pattern):
            return
        if pattern in document_sets(self.kind):
            mine, theirs = (set_elements(each, self.kind, pattern) for each in (desired, actual))
            yield from _set_differences(path, mine, theirs)
        elif isinstance(desired, Mapping) and isinstance(actual, Mapping):
            for key in sorted({*desired, *actual}):
                yield from self._member((*path, key), desired, actual, f"{pattern}.{key}")
        elif isinstance(desired, list) and isinstance(actual, list):
            yield from self._list(path, desired, actual, pattern)
        else:
            yield path, actual, desired

    def _list(self, path: Path, desired: list[Any], actual: list[Any], pattern: str) -> Iterator[Difference]:
        key = list_key(desired, actual)
        if not key and len(desired) == len(actual):
            for index, (mine, theirs) in enumerate(zip(desired, actual, strict=True)):
                yield from self._walk((*path, index), mine, theirs, f"{pattern}[]")
            return
        if not key:
            yield from self.rest(path, desired, actual)
            return
        ours, live = ({each[key]: each for each in one} for one in (desired, actual))
        for name in dict.fromkeys([*ours, *live]):
            yield from self._member((*path, name), ours, live, f"{pattern}[]")

    def _member(
        self, path: Path, mine: Mapping[str, Any], theirs: Mapping[str, Any], pattern: str
    ) -> Iterator[Difference]:
        key = str(path[-1])
        if key in mine and key in theirs:
            yield from self._walk(path, mine[key], theirs[key], pattern)
        elif mine.get(key, theirs.get(key)) is not None:
            yield path, theirs.get(key), mine.get(key)


def _set_differences(path: Path, desired: list[Any], actual: list[Any]) -> Iterator[Difference]:
    here, there = ({canonical(each) for each in one} for one in (desired, actual))
    yield from (((*path, i), each, None) for i, each in enumerate(actual) if canonical(each) not in here)
    yield from (((*path, i), None, each) for i, each in enumerate(desired) if canonical(each) not in there)


def without_empty(value: Any) -> Any:
    """Plain data without the values that are equivalent to absence."""
    if isinstance(value, Mapping):
        return {key: kept for key, inner in value.items() if not is_empty(kept := without_empty(inner))}
    return [without_empty(inner) for inner in value] if isinstance(value, list | tuple) else value


def live_member(name: str, body: Mapping[str, Any], kind: Kind) -> Any:
    """The live value of a member of the spec, which Describe may show under another name or form."""
    state = kind.lifecycle.desired_state
    if state is not None and name == state.member:
        status = body.get(contract(kind.name).status_member)
        return status if status in (state.stopped, *state.not_running) else state.started
    return kind.compare.reads[name](body) if name in kind.compare.reads else body.get(name)


def is_satisfied(desired: Any, actual: Any, kind: Kind, pattern: str) -> bool:
    """Whether the live value satisfies the desired one.

    Args:
        desired: plain data with AWS member names.
        actual: likewise, as Describe shows it.
        kind: the row with the lists and documents.
        pattern: their position, such as ``ProductionVariants[].ModelName``.

    """
    if isinstance(desired, Unknown):
        return False
    if is_empty(desired):
        # an empty structure requests nothing, unless the service removes the member by an empty one
        lifted = isinstance(desired, Mapping) and pattern not in kind.write.cleared
        return lifted or normal_form(actual, kind, pattern) is None
    if is_empty(actual):
        return normal_form(desired, kind, pattern) is None  # the written default of what is absent
    return _same_value(desired, actual, kind, pattern)


def _same_value(desired: Any, actual: Any, kind: Kind, pattern: str) -> bool:
    if pattern in kind.compare.documents:
        return same_form(
            document(parse_json(desired), kind, pattern), document(parse_json(actual), kind, pattern)
        )
    if isinstance(desired, MAPPINGS):
        return isinstance(actual, MAPPINGS) and all(
            is_satisfied(value, actual.get(key), kind, pattern_below(pattern, key))
            for key, value in desired.items()
        )
    if isinstance(desired, list | tuple):
        return isinstance(actual, list | tuple) and _same_list(desired, actual, kind, pattern)
    same_text = isinstance(desired, str) and desired == actual
    return same_text or same_form(scalar(desired, kind, pattern), scalar(actual, kind, pattern))


def same_form(desired: Any, actual: Any) -> bool:
    """Whether two normal forms are equal; unlike in Python, 1 and true differ."""
    return canonical(desired) == canonical(actual)


def _same_list(desired: Sequence[Any], actual: Sequence[Any], kind: Kind, pattern: str) -> bool:
    if len(desired) != len(actual):
        return False
    element = pattern + "[]"
    if pattern in kind.compare.unordered:
        added, gone = unmatched_positions(desired, actual, kind, pattern)
        return not added and not gone
    if pattern in kind.compare.keyed:
        mine, theirs = (
            by_key(desired, kind.compare.keyed[pattern]),
            by_key(actual, kind.compare.keyed[pattern]),
        )
        if len(mine) == len(theirs) == len(desired):
            return mine.keys() == theirs.keys() and all(
                is_satisfied(item, theirs[key], kind, element) for key, item in mine.items()
            )
    return all(is_satisfied(each, other, kind, element) for each, other in zip(desired, actual, strict=True))


def unmatched_positions(
    desired: Sequence[Any], actual: Sequence[Any], kind: Kind, pattern: str
) -> tuple[list[int], list[int]]:
    """The positions in two sets that have no counterpart: of the desired, and of the live elements."""
    free = list(range(len(actual)))
    added = []
    for i, item in enumerate(desired):
        found = next((j for j in free if is_satisfied(item, actual[j], kind, pattern + "[]")), None)
        if found is None:
            added.append(i)
        else:
            free.remove(found)
    return added, free
