"""Whether the live body holds what the spec says: a plain subset comparison, the cheap first look.

Only members that the spec names are compared; the service adds defaults to what it echoes. What is equal is what
has one normal form (``desired.normal``), from which the digests are computed too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from controller.core.digest import canonical
from controller.kinds import Kind
from controller.manifests.normal_form import below, by_key, document, is_empty, normal, parsed, scalar
from controller.manifests.resolve import Unknown

__all__ = ["below", "by_key", "is_empty", "live_member", "parsed", "pruned", "same", "unmatched"]


def pruned(value: Any) -> Any:
    """Plain data without what means the same as absence."""
    if isinstance(value, Mapping):
        return {key: kept for key, inner in value.items() if not is_empty(kept := pruned(inner))}
    return [pruned(inner) for inner in value] if isinstance(value, list | tuple) else value


def live_member(name: str, body: Mapping[str, Any], kind: Kind) -> Any:
    """What Describe shows for a member of the spec, under whatever name and form."""
    return kind.compare.reads[name](body) if name in kind.compare.reads else body.get(name)


def same(wanted: Any, actual: Any, kind: Kind, pattern: str) -> bool:
    """Whether the live value satisfies the wanted one.

    Args:
        wanted: plain data in AWS's words.
        actual: likewise, as Describe shows it.
        kind: the row that knows the lists and documents.
        pattern: where they stand, such as ``ProductionVariants[].ModelName``.

    """
    if isinstance(wanted, Unknown):
        return False
    if is_empty(wanted):
        # an empty structure asks for nothing, unless emptiness is how the service lifts the member
        lifted = isinstance(wanted, Mapping) and pattern not in kind.write.cleared
        return lifted or normal(actual, kind, pattern) is None
    if is_empty(actual):
        return normal(wanted, kind, pattern) is None  # the written default of what is absent
    return _same_value(wanted, actual, kind, pattern)


def _same_value(wanted: Any, actual: Any, kind: Kind, pattern: str) -> bool:
    if pattern in kind.compare.documents:
        return same_form(document(parsed(wanted), kind, pattern), document(parsed(actual), kind, pattern))
    if isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(
            same(value, actual.get(key), kind, below(pattern, key)) for key, value in wanted.items()
        )
    if isinstance(wanted, list | tuple):
        return isinstance(actual, list | tuple) and _same_list(wanted, actual, kind, pattern)
    same_text = isinstance(wanted, str) and wanted == actual
    return same_text or same_form(scalar(wanted, kind, pattern), scalar(actual, kind, pattern))


def same_form(wanted: Any, actual: Any) -> bool:
    """Whether two normal forms are one value, for which 1 and true are two."""
    return canonical(wanted) == canonical(actual)


def _same_list(wanted: Sequence[Any], actual: Sequence[Any], kind: Kind, pattern: str) -> bool:
    if len(wanted) != len(actual):
        return False
    element = pattern + "[]"
    if pattern in kind.compare.unordered:
        added, gone = unmatched(wanted, actual, kind, pattern)
        return not added and not gone
    if pattern in kind.compare.keyed:
        mine, theirs = (
            by_key(wanted, kind.compare.keyed[pattern]),
            by_key(actual, kind.compare.keyed[pattern]),
        )
        if len(mine) == len(theirs) == len(wanted):
            return mine.keys() == theirs.keys() and all(
                same(item, theirs[key], kind, element) for key, item in mine.items()
            )
    return all(same(each, other, kind, element) for each, other in zip(wanted, actual, strict=True))


def unmatched(
    wanted: Sequence[Any], actual: Sequence[Any], kind: Kind, pattern: str
) -> tuple[list[int], list[int]]:
    """The positions in two sets that have no counterpart: of the wanted, and of the live elements."""
    free = list(range(len(actual)))
    added = []
    for i, item in enumerate(wanted):
        found = next((j for j in free if same(item, actual[j], kind, pattern + "[]")), None)
        if found is None:
            added.append(i)
        else:
            free.remove(found)
    return added, free
