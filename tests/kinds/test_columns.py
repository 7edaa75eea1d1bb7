"""A column, or a member of a column's type, that only one kind uses needs a reason; all others have two users."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from inspect import get_annotations
from typing import Any

from controller import kinds
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
# The same of the members of the columns' types. Those of a column that has a reason above share it.
MEMBERS_OF_ONE_KIND = {
    "Uniform.same": "equal values in all elements of a list; Choice and Needs compare members of one element",
    "InRange.step": "a multiple, which is neither the least nor the most",
    "InRange.when": "the condition of a rule, as Needs, Excludes and Form have it",
    "Consequence.stages": "the lines follow from numbers of the spec, so that no constant text holds them",
    "Count.when": "the condition of a rule, as Needs, Excludes and Form have it",
    "Delta.fixed": "what Update refuses inside of an element decides whether there is an update at all",
    "DesiredState.stops_from": "a stop that the service refuses is not planned; without it the run ends in a refusal",
    "DesiredState.stops_to_change": "the two calls around an update are planned, shown and permitted",
    "Detail.given": "the order of a List; without it the newest step comes first",
    "Detail.when": "each read is a call more for each resource, so that not all are made at once",
    "Fleet.count": "the member is called otherwise by the service, and effects and cost read the number by it",
    "Fleet.through": "the machines are in the spec of another kind, and change with the link",
    "AssignedIdentity.marker": "such resources take no tags, so that their ownership is in a map of theirs",
    "If.like": "one of several ARNs that no list can hold; Form and Needs are judged by it",
    "JsonDocument.python_literal": "without it a document that the service takes is refused, or differs for ever",
    "JsonDocument.rule": "a rule of JSON in a string, of which a Rule sees the string only",
    "Link.held": "a use that Describe shows elsewhere than in the field; without it what is in use is deleted",
    "Link.when": "one field names a kind of several, by the value of another member",
    "Link.within": "a field that holds more than a name, which loader, CRD, export and proof of use read by it",
    "Names.when": "the condition of a rule, as Needs, Excludes and Form have it",
    "OneOf.values": "a default that AWS changed; with one value the resources of the other time differ for ever",
    "JobRun.resume": "a call that is planned, shown and permitted",
    "JobRun.scheduled": "the status in which the call of `start` is planned, and not one that waits",
    "JobRun.start": "a call that is planned, shown and permitted",
    "JobRun.stop_defaults": "Stop requires what Describe alone knows; `amend` is a function of an update",
    "SumLimit.below": "less than, where the other sums may be equal",
    "Membership.add": "a call that is planned, shown and permitted; other kinds' ties are cut at deletion only",
    "Membership.member": "the member by which a document declares the ties, read by loader, CRD, export and explain",
}


def _used_columns(kind: str) -> Iterator[str]:
    row: Any = KINDS[kind]
    for part, default in DEFAULTS.items():
        for column in fields(default):
            if getattr(getattr(row, part), column.name) != getattr(default, column.name):
                yield f"{part}.{column.name}"


def test_a_column_has_two_users_or_a_reason() -> None:
    """A column without a user is deleted; so is a reason that is not needed any more."""
    users = defaultdict(list)
    for kind in KINDS:
        for column in _used_columns(kind):
            users[column].append(kind)
    columns = {f"{part}.{column.name}" for part, default in DEFAULTS.items() for column in fields(default)}
    assert columns - users.keys() == set()
    assert {column for column, kinds in users.items() if len(kinds) == 1} == OF_ONE_KIND.keys()


def _nested_members(value: Any) -> Iterator[str]:
    """The members that a column's value uses, at any depth, as ``Type.member`` of the class that defines it."""
    if is_dataclass(value):
        for member in fields(value):
            held = getattr(value, member.name)
            if held != _default_of(member):
                yield f"{_defining_class(type(value), member.name).__name__}.{member.name}"
            yield from _nested_members(held)
    elif isinstance(value, Mapping):
        for each in (*value, *value.values()):
            yield from _nested_members(each)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from _nested_members(each)


def _default_of(member: Any) -> Any:
    """A member's default; MISSING, which equals nothing, if it has none."""
    return member.default if member.default_factory is MISSING else member.default_factory()


def _defining_class(of: type, name: str) -> type:
    """The class that defines a member, which its subclasses share."""
    return next(each for each in reversed(of.__mro__) if name in get_annotations(each))


def _members(rows: Mapping[str, Any]) -> tuple[dict[str, set[str]], set[str]]:
    """The kinds that use each member of a type in a column without a reason, and the members used in any column."""
    users: dict[str, set[str]] = defaultdict(set)
    used: set[str] = set()
    for kind, row in rows.items():
        for part, default in DEFAULTS.items():
            for column in fields(default):
                found = set(_nested_members(getattr(getattr(row, part), column.name)))
                used |= found
                for member in found if f"{part}.{column.name}" not in OF_ONE_KIND else ():
                    users[member].add(kind)
    return users, used


def _defined_members() -> set[str]:
    """The members of all types of columns."""
    types = [
        each
        for module in (kinds.columns, kinds.defaults, kinds.display, kinds.effects, kinds.rule)
        for each in vars(module).values()
        if isinstance(each, type) and is_dataclass(each) and each.__module__ == module.__name__
    ]
    return {
        f"{_defining_class(each, member.name).__name__}.{member.name}"
        for each in types
        for member in fields(each)
    }


def test_a_member_of_a_columns_type_has_two_users_or_a_reason() -> None:
    """A member without a user is a constant of its type; a reason that is not needed any more is deleted."""
    users, used = _members(KINDS)
    assert _defined_members() - used == set()
    assert {member for member, found in users.items() if len(found) == 1} == MEMBERS_OF_ONE_KIND.keys()


@dataclass(frozen=True)
class _Row:
    """A planted row with one column."""

    identity: Any = DEFAULTS["identity"]
    compare: Any = DEFAULTS["compare"]
    write: Any = DEFAULTS["write"]
    lifecycle: Any = DEFAULTS["lifecycle"]
    display: Any = DEFAULTS["display"]


def test_a_use_is_found_at_any_depth() -> None:
    """In a rule's condition, a mapping's value and a tuple; a default is no use, nor is a column with a reason."""
    condition = kinds.rule.If("A", like="x")
    ruled = Write(
        rules=(kinds.rule.Requires("B", (condition,), source="here"),),
        deltas={"C": kinds.columns.Delta(add="C")},
    )
    held = Lifecycle(holds=(kinds.columns.UpdateHold("A", "B", "C", "D", ("E",)),))
    users, used = _members({"one": _Row(write=ruled), "two": _Row(lifecycle=held)})
    seen = {"_Rule.source", "Requires.member", "Requires.when", "If.member", "If.like", "Delta.add"}
    assert users == {member: {"one"} for member in seen}
    assert used - seen == {f"UpdateHold.{name}" for name in ("field", "through", "parts", "named", "frozen")}
