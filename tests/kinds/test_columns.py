"""A column that one kind alone uses needs a reason; all others have at least two users."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from controller.kinds import KINDS
from controller.kinds.kind import Compare, Display, KindIdentity, Lifecycle, Write

DEFAULTS: Mapping[str, Any] = {
    "identity": KindIdentity(),
    "compare": Compare(),
    "write": Write(),
    "lifecycle": Lifecycle(),
    "display": Display(),
}
# Why each stays a column although one kind uses it (docs/decisions/0041-columns-of-one-kind.md).
OF_ONE_KIND = {
    "identity.absence": "the error table would take the same code for absence in other operations",
    "identity.name_member": "the member is the service's, and loader, CRD, export and IAM read the name by it",
    "compare.further": "the engine makes the read, and a function of a row makes no calls",
    "write.sent_with": "amend is not given the spec",
    "write.side_updates": "the calls are planned, shown and permitted one by one",
    "write.children": "the elements have calls of their own, planned, shown and permitted one by one",
    "write.presets": "loader, CRD and explain read it, and amend is a function of an update",
    "lifecycle.update_status_path": "the state of an update decides the step before there is one",
    "lifecycle.release": "it decides between an update and a new version, before there is an update",
    "lifecycle.snapshots": "it decides whether an endpoint has converged, which no call does",
    "lifecycle.holds": "it makes further calls of another kind, ordered with those of the update",
    "lifecycle.overrides": "it leaves a step out, and blocks it, by a resource of another kind",
    "lifecycle.shared": "it decides whether a deletion is made at all",
    "display.other_lists": "a second List of the same kind",
    "display.short_name": "kubectl's, which would be that of another kind",
}


def _used(kind: str) -> Iterator[str]:
    row: Any = KINDS[kind]
    for part, default in DEFAULTS.items():
        for column in fields(default):
            if getattr(getattr(row, part), column.name) != getattr(default, column.name):
                yield f"{part}.{column.name}"


def test_a_column_has_two_users_or_a_reason() -> None:
    """One without any user is deleted; a reason that is not needed any more as well."""
    users = defaultdict(list)
    for kind in KINDS:
        for column in _used(kind):
            users[column].append(kind)
    columns = {f"{part}.{column.name}" for part, default in DEFAULTS.items() for column in fields(default)}
    assert columns - users.keys() == set()
    assert {column for column, kinds in users.items() if len(kinds) == 1} == OF_ONE_KIND.keys()
