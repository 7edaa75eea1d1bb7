"""The rules of a row: checking a spec against them."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from controller.core.finding import Code, Severity
from controller.core.path import Path, expand
from controller.kinds.rule import (
    Choice,
    Count,
    Excludes,
    Form,
    If,
    InRange,
    Names,
    Product,
    Requires,
    Rule,
    SumLimit,
    Uniform,
    Unique,
)
from controller.schema.contract import Contract, contract
from controller.schema.leaf import SpecPosition, Violation, text
from controller.schema.names import camel_path, lower_camel, to_aws
from controller.schema.rule_text import statement
from controller.schema.shape import member

Defers = Callable[[str], bool]


class RuleScope(NamedTuple):
    """A structure on which a rule is evaluated, and its path."""

    path: Path
    value: Any
    defers: Defers

    def values_of(self, member: str) -> list[tuple[Path, Any]]:
        """The given values of a member, with their paths; an empty list counts as not given."""
        found = expand(self.value, member)
        return [((*self.path, *path), value) for path, value in found if value is not None and value != []]

    def value_of(self, member: str) -> Any:
        """The member's value; None if it is not given or known only later."""
        found = self.values_of(member)
        return found[0][1] if found and not self.is_later(found[0][1]) else None

    def path_of(self, member: str) -> Path:
        """The path of a member, present or not."""
        return (*self.path, *member.split("."))

    def is_later(self, value: Any) -> bool:
        """Whether a value is known only later."""
        return isinstance(value, str) and self.defers(value)

    def holds(self, *conditions: If) -> bool:
        """Whether all conditions provably hold."""
        return all(self._holds(condition) for condition in conditions)

    def _holds(self, when: If) -> bool:
        values = [value for _, value in self.values_of(when.member)]
        if not when.values and not when.like:
            return bool(values) is when.holds
        fits = any(_holds_value(value, when) for value in values)
        later = any(self.is_later(value) for value in values)
        return fits is when.holds and (fits or not later)


def breaches(rule: Rule, spec: Mapping[str, Any], defers: Defers) -> Iterator[Path]:
    """The paths (AWS member names) at which a spec breaks a rule."""
    for path, value in _structures(spec, rule.within):
        yield from _JUDGES[type(rule)](rule, RuleScope(path, value, defers))


def _structures(spec: Mapping[str, Any], within: str) -> list[tuple[Path, Any]]:
    """The structures at a dotted path, with their paths; the spec itself at an empty one."""
    places = expand(spec, within) if within else [((), spec)]
    return [(path, value) for path, value in places if isinstance(value, Mapping)]


def _holds_value(value: Any, when: If) -> bool:
    if when.like:
        return isinstance(value, str) and re.fullmatch(when.like, value) is not None
    return any(value == desired and type(value) is type(desired) for desired in when.values)


def _number(value: Any) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return value if good else None


def _break_choice(rule: Choice, scope: RuleScope) -> Iterator[Path]:
    given = [path for member in rule.members for path, _ in scope.values_of(member)[:1]]
    if len(given) < rule.least:
        yield scope.path
    yield from given[rule.most :]


def _break_requires(rule: Requires, scope: RuleScope) -> Iterator[Path]:
    if not scope.values_of(rule.member) and scope.holds(*rule.when):
        yield scope.path_of(rule.member)


def _excludes(rule: Excludes, scope: RuleScope) -> Iterator[Path]:
    given = scope.values_of(rule.member)
    if given and scope.holds(*rule.when):
        yield given[0][0]


def _sum(rule: SumLimit, scope: RuleScope) -> Iterator[Path]:
    whole = _number(scope.value_of(rule.whole))
    given = [(part, _number(scope.value_of(part))) for part in rule.parts if scope.values_of(part)]
    known = [value for _, value in given if value is not None]
    if whole is None or not given or len(known) < len(given):
        return
    if sum(known) > whole or (rule.below and sum(known) == whole):
        yield scope.path_of(given[0][0])


def _product(rule: Product, scope: RuleScope) -> Iterator[Path]:
    known = [value for factor in rule.factors if (value := _number(scope.value_of(factor))) is not None]
    if len(known) == len(rule.factors) and math.prod(known) > rule.most:
        yield scope.path_of(rule.factors[0])


def _break_range(rule: InRange, scope: RuleScope) -> Iterator[Path]:
    value = _number(scope.value_of(rule.member))
    if value is None or not scope.holds(*rule.when):
        return
    most = math.inf if rule.most is None else rule.most
    if not rule.least <= value <= most or value % rule.step:
        yield scope.path_of(rule.member)


def _count(rule: Count, scope: RuleScope) -> Iterator[Path]:
    value = scope.value_of(rule.member)
    if isinstance(value, list) and len(value) > rule.most and scope.holds(*rule.when):
        yield scope.path_of(rule.member)


def _break_unique(rule: Unique, scope: RuleScope) -> Iterator[Path]:
    seen: list[Any] = []
    for path, value in (each for name in rule.lists for each in scope.values_of(f"{name}[].{rule.key}")):
        if value in seen:
            yield path
        seen.append(value)


def _break_uniform(rule: Uniform, scope: RuleScope) -> Iterator[Path]:
    elements = [each for _, each in scope.values_of(f"{rule.elements}[]") if isinstance(each, Mapping)]
    given = [value for _, value in scope.values_of(f"{rule.elements}[].{rule.member}")]
    if rule.same:
        known = [value for value in given if not scope.is_later(value)]
        broken = any(value != known[0] for value in known)
    else:
        broken = 0 < len(given) < len(elements)
    if broken:
        yield scope.path_of(rule.elements)


def _names(rule: Names, scope: RuleScope) -> Iterator[Path]:
    value, elements = scope.value_of(rule.member), scope.value_of(rule.elements)
    if not isinstance(value, str) or not isinstance(elements, list):
        return
    inner = [RuleScope((), each, scope.defers) for each in elements if isinstance(each, Mapping)]
    if any(each.is_later(key) for each in inner for _, key in each.values_of(rule.key)):
        return
    if not any(each.value_of(rule.key) == value and each.holds(*rule.when) for each in inner):
        yield scope.path_of(rule.member)


def _form(rule: Form, scope: RuleScope) -> Iterator[Path]:
    value = scope.value_of(rule.member)
    if isinstance(value, str) and scope.holds(*rule.when):
        value = value.replace("$${", "${")
        if (re.fullmatch(rule.like, value) is not None) is rule.never:
            yield scope.path_of(rule.member)


_JUDGES: Mapping[type, Callable[[Any, RuleScope], Iterator[Path]]] = {
    Uniform: _break_uniform,
    InRange: _break_range,
    Choice: _break_choice,
    Count: _count,
    Excludes: _excludes,
    Form: _form,
    Names: _names,
    Requires: _break_requires,
    Product: _product,
    SumLimit: _sum,
    Unique: _break_unique,
}


class _Empty(dict[str, Any]):
    """An empty structure that records which members were looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_for: set[str] = set()

    def __contains__(self, key: object) -> bool:
        self.looked_for.add(str(key))
        return False


@cache
def _rules(kind: str) -> Mapping[str, tuple[tuple[Rule, frozenset[str] | None], ...]]:
    """The rules of a kind by their structures, each with the members without which it holds.

    A rule that an empty structure satisfies has looked up some members: it also holds for every structure without
    these. They are None if an empty structure breaks the rule. Most rules are about members that a document omits:
    skipping these saves three quarters of the time.
    """
    found: dict[str, list[tuple[Rule, frozenset[str] | None]]] = {}
    for rule in contract(kind).kind.write.rules:
        empty = _Empty()
        broken = any(True for _ in _JUDGES[type(rule)](rule, RuleScope((), empty, lambda _: False)))
        found.setdefault(rule.within, []).append((rule, None if broken else frozenset(empty.looked_for)))
    return {within: tuple(rules) for within, rules in found.items()}


def _broken_rules(spec: Mapping[str, Any], of: Contract, defers: Defers) -> Iterator[tuple[Rule, Path]]:
    """The rules of the row that a spec with AWS member names breaks, and where."""
    for within, rules in _rules(of.name).items():
        for path, value in _structures(spec, within):
            for rule, looked_for in rules:
                if looked_for is None or not looked_for.isdisjoint(value):
                    judged = _JUDGES[type(rule)](rule, RuleScope(path, value, defers))
                    yield from ((rule, each) for each in judged)


_HASH = "-0123456789"


def check_rules(spec: Mapping[str, Any], of: Contract, defers: Callable[[str], bool]) -> Iterator[Violation]:
    """Check the row's rules between members, and that tags are given only where the service takes them."""
    written = to_aws(spec, of.spec)
    for rule, path in _broken_rules(written, of, defers):
        severity = Severity.WARNING if rule.doubtful else Severity.ERROR
        yield Violation(Code.RULE, camel_path(path, of.spec), statement(rule, of), severity=severity)
    marked = of.kind.identity.found_by is not None and bool(of.kind.identity.found_by.marker)
    if of.taggable and marked and spec.get("tags") and _has_service_identity(spec, of):
        message = "a resource that SageMaker numbers has no tags of its own"
        yield Violation(Code.RULE, ("tags",), message, "tag the group instead")


def check_name(name: str, spec: Mapping[str, Any], of: Contract) -> Iterator[Violation]:
    """Check ``metadata.name`` where it is the name in AWS; the path of the violations is empty.

    Generations are called ``<name>-<hash>``, so such names need room for the hash.
    """
    shape = member(of.spec, of.name_member)
    if shape is None or spec.get(lower_camel(of.name_member)) is not None or _has_service_identity(spec, of):
        return
    hashed = of.kind.lifecycle.has_hashed_names
    aws_name = name + _HASH if hashed else name
    written = lower_camel(of.name_member)
    why = f"'{name}', with '-' and a hash of {len(_HASH) - 1}," if hashed else f"'{name}'"
    for problem in text(aws_name, SpecPosition((), of.name_member, shape), shape):
        limits = f"{shape.minimum or 0} to {shape.maximum} characters"
        desired = limits if problem.code is Code.RANGE else shape.pattern
        message = f"{why} cannot be a {written}: {desired}"
        yield Violation(problem.code, (), message, f"rename it, or write spec.{written}")


def _has_service_identity(spec: Mapping[str, Any], of: Contract) -> bool:
    when = of.kind.identity.found_by.when if of.kind.identity.found_by is not None else ""
    return bool(when) and spec.get(lower_camel(when)) is not None
