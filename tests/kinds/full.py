"""Specs with every writable member filled, made from the model.

No spec can hold all of a kind's members at once where some exclude others, so a kind has as many specs as
the longest of its groups of alternatives; together they hold every member but those that ``bounds`` names.
"""

import json
import pickle
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from controller.core.path import Path
from controller.kinds import KINDS
from controller.kinds.rule import Choice
from controller.schema.contract import Contract, contract
from controller.schema.names import camel_path, lower_camel
from controller.schema.shape import Shape, shape
from tests.kinds.bounds import ALTERNATIVES, CHOSEN, NEVER, REQUESTED_MEMBERS
from tests.kinds.examples import example, members_of
from tests.kinds.kept_rules import satisfy_rules
from tests.kinds.linked_documents import NAMES

Json = dict[str, Any]


def alternative_groups(kind: str) -> tuple[tuple[str, ...], ...]:
    """The groups of dotted members of which a spec has one: the row's, and those the sandbox enforces."""
    choices = [rule for rule in KINDS[kind].write.rules if isinstance(rule, Choice) and rule.most == 1]
    return (
        *(tuple(_member_path(rule.within, member) for member in rule.members) for rule in choices),
        *(group.members for group in ALTERNATIVES.get(kind, ())),
    )


def _member_path(within: str, member: str) -> str:
    return f"{within}.{member}".lstrip(".").replace("{}", "[]")


def specs(kind: str) -> Iterator[Json]:
    """Specs in lowerCamelCase that satisfy the row's rules and together have every writable member; each is new."""
    yield from pickle.loads(_pickled_specs(kind))  # noqa: S301 - what _made wrote


@cache
def _pickled_specs(kind: str) -> bytes:
    return pickle.dumps(list(_specs(kind)))


def _specs(kind: str) -> Iterator[Json]:
    missing = writable_members(kind) - frozenset(NEVER.get(kind, {}))
    for spec in _specs_by_alternative(kind):
        kept = _satisfy_rules(kind, spec, ())
        missing -= filled_members(kept, kind)
        yield kept
    while missing:
        member = min(missing, key=lambda each: (each.count("."), each))
        path = tuple(int(part) if part.isdigit() else part for part in member.replace("[]", ".0").split("."))
        holding = (each for each in _specs_by_alternative(kind) if member in filled_members(each, kind))
        spec = next(holding, {}) or _spec_with_member(kind, member)
        kept = _satisfy_rules(kind, spec, camel_path(path, contract(kind).spec))
        assert member in filled_members(kept, kind), (kind, member)
        missing -= filled_members(kept, kind)
        yield kept


def _satisfy_rules(kind: str, spec: Json, path: Path) -> Json:
    made = _SpecBuilder(contract(kind), frozenset(NEVER.get(kind, {})))
    return satisfy_rules(
        made.of, spec, path, lambda member, of: made.value(of, member.replace("{}", "[]"), ())
    )


def _specs_by_alternative(kind: str) -> Iterator[Json]:
    groups = alternative_groups(kind)
    for round_number in range(max((len(group) for group in groups), default=1)):
        without = {each for group in groups for i, each in enumerate(group) if i != round_number % len(group)}
        made = _SpecBuilder(contract(kind), frozenset(without) | frozenset(NEVER.get(kind, {})))
        yield made.value(made.of.spec, "", ())


def _spec_with_member(kind: str, member: str) -> Json:
    """A spec with the alternatives of a member, if no pass has them together."""
    without = set(NEVER.get(kind, {}))
    for group in alternative_groups(kind):
        kept = next((each for each in group if re.match(rf"{re.escape(each)}(\.|\[|$)", member)), group[0])
        without |= set(group) - {kept}
    made = _SpecBuilder(contract(kind), frozenset(without))
    return made.value(made.of.spec, "", ())  # type: ignore[no-any-return]


def least_spec(kind: str) -> Json:
    """The minimal spec that the service accepts: what the model and the documentation require."""
    made = _SpecBuilder(contract(kind), frozenset(), frozenset(REQUESTED_MEMBERS.get(kind, ())))
    return made.value(made.of.spec, "", ())  # type: ignore[no-any-return]


def writable_members(kind: str) -> frozenset[str]:
    """Every dotted member that can be written."""
    return frozenset(members_of(contract(kind).spec, ""))


class _SpecBuilder:
    """The construction of one spec."""

    def __init__(
        self, of: Contract, without: frozenset[str], requested: frozenset[str] | None = None
    ) -> None:
        self.of = of
        self.without = without
        self.desired_members = requested  # None: all of them
        self.links = {link.field: link.to for link in reversed(of.kind.identity.links)}

    def value(self, of: Shape, at: str, path: Path) -> Any:
        """A value of the shape, with all possible members."""
        if at in CHOSEN.get(self.of.name, {}):
            return CHOSEN[self.of.name][at]
        if at in self.of.secrets:
            return {"valueFrom": {"env": "SECRET"}}
        if at == "Tags":
            return {"team": "risk"}
        if at in self.of.kind.compare.documents:
            return json.loads(example(of))  # written out, and compared by its meaning
        if at in self.links:
            return NAMES[self.links[at]]
        return self._inside(of, at, path)

    def _inside(self, of: Shape, at: str, path: Path) -> Any:
        if of.type == "structure":
            return {
                lower_camel(name): self.value(shape(inner), below, (*path, name))
                for name, inner in of.members.items()
                if name not in of.tokens and self._holds(of, name, below := f"{at}.{name}".lstrip("."))
            }
        if of.type == "list":
            return [self.value(shape(of.element), f"{at}[]", path) for _ in range(int(of.minimum or 0) or 1)]
        if of.type == "map":
            return {example(shape(of.key)): self.value(shape(of.value), f"{at}[]", path)}
        return _scalar(of)

    def _holds(self, of: Shape, name: str, at: str) -> bool:
        if self.desired_members is None:
            return at not in self.without
        return at in self.desired_members or (name in of.required and at != self.of.name_member)


def _scalar(of: Shape) -> Any:
    if of.type == "string":
        return example(of)
    if of.type == "boolean":
        return True
    if of.type == "timestamp":
        return "2026-01-01T01:00:00Z"
    least = max(of.minimum or 0, 1)
    number = least if of.maximum is None or least <= of.maximum else of.maximum
    return float(number) if of.type in ("float", "double") else int(number)


def filled_members(spec: Mapping[str, Any], kind: str) -> frozenset[str]:
    """The dotted members of a spec."""
    return frozenset(_filled_members(spec, contract(kind).spec, ""))


def _filled_members(value: Any, of: Shape, at: str) -> Iterator[str]:
    if of.type == "structure" and isinstance(value, Mapping):
        for name, inner in of.members.items():
            if lower_camel(name) in value:
                below = f"{at}.{name}".lstrip(".")
                yield below
                yield from _filled_members(value[lower_camel(name)], shape(inner), below)
    elif of.type == "list" and isinstance(value, list):
        for each in value:
            yield from _filled_members(each, shape(of.element), f"{at}[]")
    elif of.type == "map" and isinstance(value, Mapping):
        for each in value.values():
            yield from _filled_members(each, shape(of.value), f"{at}[]")


def least_valid_spec(kind: str) -> Json:
    """The minimal spec that satisfies the row's rules."""
    return satisfy_rules(contract(kind), least_spec(kind), (), least_value(kind))


def unique_least(kind: str) -> Json:
    """The same, with all members whose values are unique in an account (column ``unique``)."""
    spec, value = least_valid_spec(kind), least_value(kind)
    members = contract(kind).spec.members
    unique = KINDS[kind].identity.unique or ()
    return {lower_camel(each): value(each, shape(members[each])) for each in unique} | spec


def least_value(kind: str) -> Any:
    """The minimal value of a member."""
    made = _SpecBuilder(contract(kind), frozenset(), frozenset(REQUESTED_MEMBERS.get(kind, ())))
    return lambda member, of: made.value(of, member.replace("{}", "[]"), ())
