"""The fields of a status that only others own, by ``metadata.managedFields``: our writes leave them unchanged."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.operator.constants import MANAGER

# A tree in the format FieldsV1: f:NAME for a member, k:{...} for the element of a list by its keys (API reference,
# ManagedFieldsEntry; sigs.k8s.io/structured-merge-diff).
Tree = Mapping[str, Any]


@dataclass(frozen=True)
class StatusOwners:
    """The field trees of a status: those of other managers, and ours."""

    others: tuple[Tree, ...] = ()
    ours: tuple[Tree, ...] = ()

    def owned_part(self, status: Mapping[str, Any]) -> Mapping[str, Any]:
        """The status without the fields that only others own."""
        return _own_part(status, self.others, self.ours) if self.others else status


NO_OTHERS = StatusOwners()


def status_owners(metadata: Mapping[str, Any]) -> StatusOwners:
    """The owners of the status fields of an object; empty if there are no others."""
    listed = metadata.get("managedFields")
    entries = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    others, ours = (
        _subtrees(
            (each.get("fieldsV1") for each in entries if (each.get("manager") == MANAGER) is own), "f:status"
        )
        for own in (False, True)
    )
    return StatusOwners(others, ours) if others else NO_OTHERS


def _subtrees(trees: Iterable[Any], name: str) -> tuple[Tree, ...]:
    """The subtrees below a name."""
    below = [each.get(name) for each in trees if isinstance(each, Mapping)]
    return tuple(each for each in below if isinstance(each, Mapping))


def _own_part(value: Any, others: tuple[Tree, ...], ours: tuple[Tree, ...]) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _own_part(inner, theirs, mine)
            for name, inner in value.items()
            for theirs, mine in [(_subtrees(others, f"f:{name}"), _subtrees(ours, f"f:{name}"))]
            if mine or not theirs
        }
    if isinstance(value, list):
        found = [(each, _element(each, others), _element(each, ours)) for each in value]
        return [_own_part(each, theirs, mine) for each, theirs, mine in found if mine or not theirs]
    return value


def _element(value: Any, trees: tuple[Tree, ...]) -> tuple[Tree, ...]:
    """The subtrees of a list's element, by its keys."""
    if not isinstance(value, Mapping):
        return ()
    names = {name for tree in trees for name in tree if name.startswith("k:")}
    mine = [name for name in names if json.loads(name[2:]).items() <= value.items()]
    return tuple(tree for name in mine for tree in _subtrees(trees, name))
