"""Where a spec breaks a rule of its row. Specs are in AWS's words here; what is known only later is not judged."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.path import Path, expand
from controller.kinds.rule import (
    Alike,
    Between,
    Choice,
    Count,
    Excludes,
    Form,
    If,
    Names,
    Needs,
    Product,
    Rule,
    Sum,
    Unique,
)

Defers = Callable[[str], bool]


@dataclass(frozen=True)
class Scope:
    """A structure in which a rule is judged, and the path that leads to it."""

    path: Path
    value: Any
    defers: Defers

    def all(self, member: str) -> list[tuple[Path, Any]]:
        """What is given at a member, with its path; an empty list counts as nothing."""
        found = expand(self.value, member)
        return [((*self.path, *path), value) for path, value in found if value is not None and value != []]

    def one(self, member: str) -> Any:
        """The member's value; None where it is not given or known only later."""
        found = self.all(member)
        return found[0][1] if found and not self.is_later(found[0][1]) else None

    def at(self, member: str) -> Path:
        """Where a member stands, or would."""
        return (*self.path, *member.split("."))

    def is_later(self, value: Any) -> bool:
        """Whether a value is known only later."""
        return isinstance(value, str) and self.defers(value)

    def holds(self, *conditions: If) -> bool:
        """Whether all conditions are known to hold."""
        return all(self._holds(condition) for condition in conditions)

    def _holds(self, when: If) -> bool:
        values = [value for _, value in self.all(when.member)]
        if not when.values and not when.like:
            return bool(values) is when.holds
        fits = any(_fits(value, when) for value in values)
        later = any(self.is_later(value) for value in values)
        return fits is when.holds and (fits or not later)


def breaches(rule: Rule, spec: Mapping[str, Any], defers: Defers) -> Iterator[Path]:
    """The places, as paths in AWS's words, at which a spec breaks a rule."""
    places = expand(spec, rule.within) if rule.within else [((), spec)]
    for path, value in places:
        if isinstance(value, Mapping):
            yield from _JUDGES[type(rule)](rule, Scope(path, value, defers))


def _fits(value: Any, when: If) -> bool:
    if when.like:
        return isinstance(value, str) and re.fullmatch(when.like, value) is not None
    return any(value == wanted and type(value) is type(wanted) for wanted in when.values)


def _number(value: Any) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return value if good else None


def _choice(rule: Choice, scope: Scope) -> Iterator[Path]:
    given = [path for member in rule.members for path, _ in scope.all(member)[:1]]
    if len(given) < rule.least:
        yield scope.path
    yield from given[rule.most :]


def _needs(rule: Needs, scope: Scope) -> Iterator[Path]:
    if not scope.all(rule.member) and scope.holds(*rule.when):
        yield scope.at(rule.member)


def _excludes(rule: Excludes, scope: Scope) -> Iterator[Path]:
    given = scope.all(rule.member)
    if given and scope.holds(*rule.when):
        yield given[0][0]


def _sum(rule: Sum, scope: Scope) -> Iterator[Path]:
    whole = _number(scope.one(rule.whole))
    given = [(part, _number(scope.one(part))) for part in rule.parts if scope.all(part)]
    known = [value for _, value in given if value is not None]
    if whole is None or not given or len(known) < len(given):
        return
    if sum(known) > whole or (rule.below and sum(known) == whole):
        yield scope.at(given[0][0])


def _product(rule: Product, scope: Scope) -> Iterator[Path]:
    known = [value for factor in rule.factors if (value := _number(scope.one(factor))) is not None]
    if len(known) == len(rule.factors) and math.prod(known) > rule.most:
        yield scope.at(rule.factors[0])


def _between(rule: Between, scope: Scope) -> Iterator[Path]:
    value = _number(scope.one(rule.member))
    if value is None or not scope.holds(*rule.when):
        return
    most = math.inf if rule.most is None else rule.most
    if not rule.least <= value <= most or value % rule.step:
        yield scope.at(rule.member)


def _count(rule: Count, scope: Scope) -> Iterator[Path]:
    value = scope.one(rule.member)
    if isinstance(value, list) and len(value) > rule.most and scope.holds(*rule.when):
        yield scope.at(rule.member)


def _unique(rule: Unique, scope: Scope) -> Iterator[Path]:
    seen: list[Any] = []
    for path, value in (each for name in rule.lists for each in scope.all(f"{name}[].{rule.key}")):
        if value in seen:
            yield path
        seen.append(value)


def _alike(rule: Alike, scope: Scope) -> Iterator[Path]:
    elements = [each for _, each in scope.all(f"{rule.elements}[]") if isinstance(each, Mapping)]
    given = [value for _, value in scope.all(f"{rule.elements}[].{rule.member}")]
    if rule.same:
        known = [value for value in given if not scope.is_later(value)]
        broken = any(value != known[0] for value in known)
    else:
        broken = 0 < len(given) < len(elements)
    if broken:
        yield scope.at(rule.elements)


def _names(rule: Names, scope: Scope) -> Iterator[Path]:
    value, elements = scope.one(rule.member), scope.one(rule.elements)
    if not isinstance(value, str) or not isinstance(elements, list):
        return
    inner = [Scope((), each, scope.defers) for each in elements if isinstance(each, Mapping)]
    if any(each.is_later(key) for each in inner for _, key in each.all(rule.key)):
        return
    if not any(each.one(rule.key) == value and each.holds(*rule.when) for each in inner):
        yield scope.at(rule.member)


def _form(rule: Form, scope: Scope) -> Iterator[Path]:
    value = scope.one(rule.member)
    if isinstance(value, str) and scope.holds(*rule.when):
        value = value.replace("$${", "${")
        if (re.fullmatch(rule.like, value) is not None) is rule.never:
            yield scope.at(rule.member)


_JUDGES: Mapping[type, Callable[[Any, Scope], Iterator[Path]]] = {
    Alike: _alike,
    Between: _between,
    Choice: _choice,
    Count: _count,
    Excludes: _excludes,
    Form: _form,
    Names: _names,
    Needs: _needs,
    Product: _product,
    Sum: _sum,
    Unique: _unique,
}
