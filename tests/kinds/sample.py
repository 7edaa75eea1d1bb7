"""The kinds for which ``make test`` checks the laws that ``make soak`` checks for all.

They are chosen by data: together they have every trait of any kind. A new kind with a new trait is included.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from controller.kinds import KINDS
from controller.schema.contract import contract
from tests.soak import soak

_PARTS = ("identity", "compare", "write", "lifecycle", "display")


@cache
def traits(kind: str) -> frozenset[str]:
    """The columns that the row uses, and facts of its contract."""
    return frozenset(_traits(kind))


def _traits(kind: str) -> Iterator[str]:
    its, row = contract(kind), KINDS[kind]
    for part in _PARTS:
        of: Any = getattr(row, part)
        for column in fields(of):
            if getattr(of, column.name) != getattr(type(of)(), column.name):
                yield f"{part}.{column.name}"
    for name in (
        "taggable",
        "updates",
        "deletes",
        "lists",
        "status_member",
        "secrets",
        "state_member",
        "referable",
    ):
        yield f"{name}: {bool(getattr(its, name))}"
    found_by = row.identity.found_by
    yield f"hashed: {row.lifecycle.has_hashed_names}"
    yield f"marker: {found_by is not None and bool(found_by.marker)}"
    yield f"parts: {len(row.identity.key or ())}"


@cache
def covering_kinds() -> frozenset[str]:
    """Kinds that together have every trait: each time the one with most of the traits not covered yet."""
    left = {trait for kind in KINDS for trait in traits(kind)}
    chosen: set[str] = set()
    while left:
        kind = max(KINDS, key=lambda each: len(left & traits(each)))
        chosen.add(kind)
        left -= traits(kind)
    return frozenset(chosen)


def walk(kinds: Iterable[str]) -> list[Any]:
    """Parameters of a test: the kinds of the sample, and the others for ``make soak``."""
    listed = list(kinds)
    short = [kind for kind in listed if kind in covering_kinds()] or listed[:1]
    return [*short, *soak(*(kind for kind in listed if kind not in short))]


def walk_cases(cases: Iterable[tuple[str, Any]]) -> list[Any]:
    """The same for cases, each a kind and a variant, for parameters of two names."""
    listed = list(cases)
    short = [case for case in listed if case[0] in covering_kinds()] or listed[:1]
    return [*short, *soak(*(case for case in listed if case not in short), names=2)]
