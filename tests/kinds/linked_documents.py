"""The documents that a document links to, from the tree of all kinds."""

from collections.abc import Mapping
from functools import cache

import yaml

from controller.core.ref import Ref
from controller.kinds import KINDS
from tests.journeys.stage import compile_documents
from tests.journeys.tree import TREE
from tests.kinds.bounds import INSTEAD

NAMES: Mapping[str, str] = {
    kind: str(yaml.safe_load(text)["metadata"]["name"]) for kind, text in TREE.items()
}


@cache
def _needs() -> Mapping[Ref, frozenset[Ref]]:
    made = compile_documents(*TREE.values())
    return {ref: frozenset(resource.needs) for ref, resource in made.resources.items()}


def dependencies_of(kind: str, number: int = 0) -> tuple[str, ...]:
    """The documents of the tree that a document with every link of that kind depends on, transitively."""
    row = KINDS[kind]
    todo = {*(link.to for link in row.identity.links), *row.identity.after}
    seen: set[str] = set()
    while todo:
        each = todo.pop()
        seen.add(each)
        todo |= {ref.kind for ref in _needs()[Ref(each, NAMES[each])]} - seen
    held = {**TREE, **INSTEAD.get((kind, number), {})}
    return tuple(held[each] for each in TREE if each in seen)


@cache
def dependencies_in_tree(kind: str) -> tuple[str, ...]:
    """All dependencies of the tree's document of a kind, by links and by outputs, direct or not."""
    todo, seen = set(_needs()[Ref(kind, NAMES[kind])]), set[Ref]()
    while todo:
        each = todo.pop()
        seen.add(each)
        todo |= _needs()[each] - seen
    kinds = {each.kind for each in seen}
    return tuple(TREE[each] for each in TREE if each in kinds)
