"""Specs that violate one rule of a row, made from the rules."""

from functools import singledispatch

from controller.core.path import Path, get, with_value, without_value
from controller.kinds.rule import (
    Choice,
    Count,
    Excludes,
    Form,
    InRange,
    Names,
    Product,
    Requires,
    Rule,
    SumLimit,
    Uniform,
    Unique,
)
from controller.schema.contract import Contract
from controller.schema.names import to_aws, to_camel
from controller.schema.rule_text import parts
from controller.schema.shape import shape_at
from tests.kinds.kept_rules import Json, Least, RuleMender, matching_text, pattern_of


def break_rule(of: Contract, rule: Rule, start: Json, least: Least) -> Json:
    """A spec in the form of documents that violates the rule; ``start`` is one that satisfies all."""
    mender = RuleMender(of, least, ())
    written: Json = to_aws(start, of.spec)
    marks: dict[str, str | int] = {"[]": 0, "{}": "depth"}
    scope: Path = tuple(marks.get(part, part) for part in parts(rule.within))
    if scope and get(written, scope) is None:
        written = _apply_mend(mender, written, scope)
    value = _break(rule, mender, dict(get(written, scope) or {}), scope)
    return dict(to_camel(with_value(written, scope, value), of.spec))


def _apply_mend(mender: RuleMender, written: Json, scope: Path) -> Json:
    for end in range(1, len(scope) + 1):
        path = scope[:end]
        if get(written, path) is None:
            pattern = pattern_of(path, mender.of)
            shape = shape_at(mender.of.spec, parts(pattern))
            assert shape is not None
            written = with_value(written, path, to_aws(mender.least(pattern, shape), shape))
    return written


def _with_all(mender: RuleMender, value: Json, scope: Path, members: tuple[str, ...]) -> Json:
    for member in members:
        value = mender.given(value, scope, member)
    return value


def _repeat_elements(value: Json, elements: str, size: int = 2) -> Json:
    path = tuple(elements.split("."))
    return dict(with_value(value, path, [get(value, path)[0]] * size))


@singledispatch
def _break(rule: Rule, mender: RuleMender, value: Json, scope: Path) -> Json:
    raise NotImplementedError(type(rule))


@_break.register
def _(rule: Choice, mender: RuleMender, value: Json, scope: Path) -> Json:
    if rule.most < len(rule.members):
        return _with_all(mender, value, scope, rule.members)
    for member in rule.members:
        value = without_value(value, tuple(member.split(".")))
    return value


@_break.register
def _(rule: Requires, mender: RuleMender, value: Json, scope: Path) -> Json:
    value = mender.all_fulfilled(value, rule.when, scope)
    return dict(without_value(value, tuple(rule.member.split("."))))


@_break.register
def _(rule: Excludes, mender: RuleMender, value: Json, scope: Path) -> Json:
    value = mender.given(value, scope, rule.member)
    return mender.all_fulfilled(value, rule.when, scope)


@_break.register
def _(rule: SumLimit, mender: RuleMender, value: Json, scope: Path) -> Json:
    value = _with_all(mender, value, scope, (*rule.parts, rule.whole))
    limit = get(value, tuple(rule.whole.split(".")))
    value = with_value(value, tuple(rule.whole.split(".")), limit)
    return dict(with_value(value, tuple(rule.parts[0].split(".")), limit + 1))


@_break.register
def _(rule: Product, mender: RuleMender, value: Json, scope: Path) -> Json:
    return {**value, **dict.fromkeys(rule.factors, rule.most)}


@_break.register
def _(rule: InRange, mender: RuleMender, value: Json, scope: Path) -> Json:
    value = mender.given(value, scope, rule.member)
    value = mender.all_fulfilled(value, rule.when, scope)
    wrong = rule.least + 1 if rule.step > 1 else (rule.most or 0) + 1
    return dict(with_value(value, tuple(rule.member.split(".")), wrong))


@_break.register
def _(rule: Count, mender: RuleMender, value: Json, scope: Path) -> Json:
    value = mender.given(value, scope, rule.member)
    value = mender.all_fulfilled(value, rule.when, scope)
    return _repeat_elements(value, rule.member, rule.most + 1)


@_break.register
def _(rule: Unique, mender: RuleMender, value: Json, scope: Path) -> Json:
    value = mender.given(value, scope, f"{rule.lists[0]}[].{rule.key}")
    return _repeat_elements(value, rule.lists[0])


@_break.register
def _(rule: Uniform, mender: RuleMender, value: Json, scope: Path) -> Json:
    value = _repeat_elements(mender.given(value, scope, f"{rule.elements}[].{rule.member}"), rule.elements)
    path: Path = (*rule.elements.split("."), 1, *rule.member.split("."))
    return dict(with_value(value, path, "other1") if rule.same else without_value(value, path))


@_break.register
def _(rule: Names, mender: RuleMender, value: Json, scope: Path) -> Json:
    return dict(with_value(value, tuple(rule.member.split(".")), "stranger"))


@_break.register
def _(rule: Form, mender: RuleMender, value: Json, scope: Path) -> Json:
    value = mender.given(value, scope, rule.member)
    value = mender.all_fulfilled(value, rule.when, scope)
    return dict(
        with_value(value, tuple(rule.member.split(".")), matching_text(rule, mender.of, desired=rule.never))
    )
