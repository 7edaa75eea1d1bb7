"""JSON documents in a string, compared as data: keyed lists by their key, sets as sets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from controller.core.digest import canonical
from controller.core.path import Path
from controller.kinds import Kind
from controller.manifests.normal_form import document, document_sets, several

Difference: TypeAlias = tuple[Path, Any, Any]
Rest: TypeAlias = Callable[[Path, Any, Any], Iterator[Difference]]

# By what people call the elements of lists in the documents of AWS: steps and parameters, statements, rules.
_KEYS = ("Name", "Sid", "Id", "name", "id")


def list_key(*lists: Sequence[Any]) -> str:
    """The member that tells the elements of all these lists apart; empty where there is none."""
    for key in _KEYS:
        named = [[each.get(key) if isinstance(each, Mapping) else None for each in one] for one in lists]
        if all(_tells(names) for names in named) and any(named):
            return key
    return ""


def _tells(names: list[Any]) -> bool:
    return all(isinstance(name, str) and name for name in names) and len(set(names)) == len(names)


def same_document(wanted: Any, actual: Any, kind: Kind, pattern: str) -> bool:
    """Whether two documents say the same; in a set, order means nothing and one element may stand alone."""
    return canonical(document(wanted, kind, pattern)) == canonical(document(actual, kind, pattern))


@dataclass(frozen=True)
class Documents:
    """Compares two documents of a kind; ``rest`` compares lists that have no key."""

    kind: Kind
    rest: Rest

    def differences(self, path: Path, wanted: Any, actual: Any, pattern: str) -> Iterator[Difference]:
        """What differs, each with its path and what is there and what is wanted."""
        found = list(self._walk(path, wanted, actual, pattern))
        yield from found or self.rest(path, wanted, actual)  # nothing but the order of a keyed list differs

    def _walk(self, path: Path, wanted: Any, actual: Any, pattern: str) -> Iterator[Difference]:
        if same_document(wanted, actual, self.kind, pattern):
            return
        if pattern in document_sets(self.kind):
            mine, theirs = (several(each, self.kind, pattern) for each in (wanted, actual))
            yield from _set_differences(path, mine, theirs)
        elif isinstance(wanted, Mapping) and isinstance(actual, Mapping):
            for key in sorted({*wanted, *actual}):
                yield from self._member((*path, key), wanted, actual, f"{pattern}.{key}")
        elif isinstance(wanted, list) and isinstance(actual, list):
            yield from self._list(path, wanted, actual, pattern)
        else:
            yield path, actual, wanted

    def _list(self, path: Path, wanted: list[Any], actual: list[Any], pattern: str) -> Iterator[Difference]:
        key = list_key(wanted, actual)
        if not key and len(wanted) == len(actual):
            for index, (mine, theirs) in enumerate(zip(wanted, actual, strict=True)):
                yield from self._walk((*path, index), mine, theirs, f"{pattern}[]")
            return
        if not key:
            yield from self.rest(path, wanted, actual)
            return
        ours, live = ({each[key]: each for each in one} for one in (wanted, actual))
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


def _set_differences(path: Path, wanted: list[Any], actual: list[Any]) -> Iterator[Difference]:
    here, there = ({canonical(each) for each in one} for one in (wanted, actual))
    yield from (((*path, i), each, None) for i, each in enumerate(actual) if canonical(each) not in here)
    yield from (((*path, i), None, each) for i, each in enumerate(wanted) if canonical(each) not in there)
