"""Whether the live body holds what the spec says: a plain subset comparison, the cheap first look.

Only members that the spec names are compared; the service adds defaults to what it echoes. Empty and absent
are one value. A row says which lists are sets, which are keyed, and which strings hold JSON.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from controller.desired.resolve import Unknown
from controller.engine.documents import same_document
from controller.kinds import Kind

EMPTY: tuple[Any, ...] = (None, "", [], {}, ())


def is_empty(value: Any) -> bool:
    """Whether a value means the same as absence: ``None``, or an empty text, list or map."""
    return value is None or (isinstance(value, str | Sequence | Mapping) and not value)


def pruned(value: Any) -> Any:
    """Plain data without what means the same as absence."""
    if isinstance(value, Mapping):
        return {key: kept for key, inner in value.items() if not is_empty(kept := pruned(inner))}
    return [pruned(inner) for inner in value] if isinstance(value, list | tuple) else value


def below(pattern: str, part: str) -> str:
    """The pattern of a member of what stands at a pattern."""
    return f"{pattern}.{part}" if pattern else part


def live_member(name: str, body: Mapping[str, Any], kind: Kind) -> Any:
    """What Describe shows for a member of the spec, under whatever name and form."""
    return kind.reads[name](body) if name in kind.reads else body.get(name)


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
        return is_empty(actual) or (isinstance(wanted, Mapping) and pattern not in kind.cleared)
    if pattern in kind.documents:
        return same_document(parsed(wanted), parsed(actual), kind, pattern)
    if isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(
            same(value, actual.get(key), kind, below(pattern, key)) for key, value in wanted.items()
        )
    if isinstance(wanted, list | tuple):
        return isinstance(actual, list | tuple) and _same_list(wanted, actual, kind, pattern)
    return _same_time(wanted, actual) if isinstance(actual, datetime) else _same_scalar(wanted, actual)


def _same_time(wanted: Any, actual: datetime) -> bool:
    """Whether a written time is the live one; without a zone it is the machine's, as botocore sends it."""
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return wanted == actual.timestamp()
    try:
        return datetime.fromisoformat(str(wanted)).astimezone(actual.tzinfo) == actual
    except ValueError:
        return False


def _same_scalar(wanted: Any, actual: Any) -> bool:
    """Whether two scalars are one value to AWS, for which 1 and true are two."""
    return bool(wanted == actual) and isinstance(wanted, bool) is isinstance(actual, bool)


def _same_list(wanted: Sequence[Any], actual: Sequence[Any], kind: Kind, pattern: str) -> bool:
    if len(wanted) != len(actual):
        return False
    element = pattern + "[]"
    if pattern in kind.unordered:
        added, gone = unmatched(wanted, actual, kind, pattern)
        return not added and not gone
    if pattern in kind.keyed:
        theirs = by_key(actual, kind.keyed[pattern])
        return all(
            same(item, theirs.get(key), kind, element)
            for key, item in by_key(wanted, kind.keyed[pattern]).items()
        )
    return all(same(mine, theirs, kind, element) for mine, theirs in zip(wanted, actual, strict=True))


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


def by_key(items: Sequence[Any], key: str) -> dict[str, Any]:
    """The elements of a keyed list by their key; an element without one is known by its position."""
    return {
        str(item.get(key, i)) if isinstance(item, Mapping) else str(i): item for i, item in enumerate(items)
    }


def parsed(text: Any) -> Any:
    """A JSON document as data; what is no JSON stays as it is."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
