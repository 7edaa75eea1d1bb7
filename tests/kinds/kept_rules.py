"""Specs that satisfy the rules of a row, made from the rules."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import singledispatch
from typing import Any

from controller.core.path import Path, expand, get, with_value, without_value
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
from controller.schema.contract import Contract
from controller.schema.names import camel_path, to_aws, to_camel
from controller.schema.rule_text import parts
from controller.schema.rules import breaches
from controller.schema.shape import Shape, shape_at

Json = dict[str, Any]
Least = Callable[[str, Shape], Any]
_ROUNDS = 40


def satisfy_rules(of: Contract, spec: Json, kept: Path, least: Least) -> Json:
    """The spec with every rule satisfied; members on the path (in the form of documents) stay."""
    mender = RuleMender(of, least, kept)
    written = to_aws(spec, of.spec)
    for _ in range(_ROUNDS):
        broken = next(_broken_rules(of, written), None)
        if broken is None:
            break
        written = mender.mended(*broken, written)
    return dict(to_camel(written, of.spec))


def _broken_rules(of: Contract, written: Json) -> Iterator[tuple[Rule, Path]]:
    for rule in of.kind.write.rules:
        for path in breaches(rule, written, lambda _: False):
            yield rule, path


class RuleMender:
    """Corrects one violation after the other; specs have AWS member names."""

    def __init__(self, of: Contract, least: Least, kept: Path) -> None:
        self.of, self.least, self.kept = of, least, kept

    def mended(self, rule: Rule, path: Path, spec: Json) -> Json:
        """The spec with one violation corrected."""
        scope = next(
            pointer
            for pointer, _ in (expand(spec, rule.within) if rule.within else [((), spec)])
            if path[: len(pointer)] == pointer and any(True for _ in self._breaches(rule, get(spec, pointer)))
        )
        return (
            with_value(spec, scope, _mend(rule, self, get(spec, scope), scope))
            if scope
            else _mend(rule, self, spec, ())
        )

    def _breaches(self, rule: Rule, scope: Any) -> Iterator[Path]:
        return breaches(replace(rule, within=""), scope, lambda _: False)

    def keeps(self, scope: Path, member: str) -> bool:
        """Whether a member is on the kept path."""
        written = camel_path((*scope, *member.split("[].", maxsplit=1)[0].split(".")), self.of.spec)
        return bool(self.kept) and self.kept[: len(written)] == written

    def given(self, value: Json, scope: Path, member: str) -> Json:
        """The structure with the minimal value of a member; of a list, in its first element."""
        pattern = pattern_of(scope, self.of)
        here: Any = value
        path: Path = ()
        for part in parts(member):
            step: str | int = 0 if part == "[]" else part
            pattern = f"{pattern}[]" if part == "[]" else f"{pattern}.{part}".lstrip(".")
            path = (*path, step)
            if get(here, path) is None:
                shape = shape_at(self.of.spec, parts(pattern))
                assert shape is not None, pattern
                here = with_value(here, path, to_aws(self.least(pattern, shape), shape))
        return dict(here)

    def lifted(self, value: Json, condition: If, scope: Path) -> Json:
        """The structure with a condition made false."""
        found = [path for path, _ in expand(value, condition.member)]
        if condition.holds:
            for path in reversed(found):
                value = without_value(value, path)
            return value
        value = value if found else self.given(value, scope, condition.member)
        for path, _ in expand(value, condition.member) if condition.values else ():
            value = with_value(value, path, condition.values[0])
        return value

    def all_fulfilled(self, value: Json, conditions: tuple[If, ...], scope: Path) -> Json:
        """The structure with all conditions made true."""
        for condition in conditions:
            value = self.fulfilled(value, condition, scope)
        return value

    def fulfilled(self, value: Json, condition: If, scope: Path) -> Json:
        """The structure with a condition made true."""
        if not condition.holds:
            shape = shape_at(
                self.of.spec, parts(f"{pattern_of(scope, self.of)}.{condition.member}".lstrip("."))
            )
            others = [each for each in shape.enum if each not in condition.values] if shape else []
            if others and condition.values:
                value = self.given(value, scope, condition.member)
                return dict(with_value(value, expand(value, condition.member)[0][0], others[0]))
            for path in reversed([path for path, _ in expand(value, condition.member)]):
                value = without_value(value, path)
            return value
        value = self.given(value, scope, condition.member)
        desired = (
            condition.values[0]
            if condition.values
            else condition_text(condition.like)
            if condition.like
            else None
        )
        if desired is not None:
            path, _ = expand(value, condition.member)[0]
            value = with_value(value, path, desired)
        return value


# Texts that match the regular expressions of the rows.
_LIKE: Mapping[str, str] = {
    ".*:workteam/public-crowd/.*": "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default",
    ".*:PRE-VerificationSemanticSegmentation": (
        "arn:aws:lambda:us-east-1:432418664414:function:PRE-VerificationSemanticSegmentation"
    ),
}
_FILES = "arn:aws:lambda:us-east-1:432418664414:function:PRE-SemanticSegmentation"
_TEXTS = ("one", "one-ref", "Fractional", "Glue", "one-metadata", "write_time", "String", "Iceberg")


def pattern_of(scope: Path, of: Contract) -> str:
    """A path in the form of the rows."""
    text, here = "", of.spec
    for part in scope:
        many = here.type in ("list", "map")
        text += ("[]" if here.type == "list" else "{}") if many else f".{part}" if text else str(part)
        inner = shape_at(here, (part,))
        assert inner is not None
        here = inner
    return text


def condition_text(like: str) -> str:
    """A text that satisfies a condition of a row."""
    return _LIKE.get(like, _FILES)


@singledispatch
def _mend(rule: Rule, mender: RuleMender, value: Json, scope: Path) -> Json:
    raise NotImplementedError(type(rule))


@_mend.register
def _(rule: Choice, mender: RuleMender, value: Json, scope: Path) -> Json:
    given = [member for member in rule.members if expand(value, member)]
    kept = [member for member in given if mender.keeps(scope, member)]
    if len(given) < rule.least:
        desired = [member for member in rule.members if mender.keeps(scope, member)]
        return mender.given(value, scope, (desired or list(rule.members))[0])
    extra = next(member for member in reversed(given) if member not in kept)
    return dict(without_value(value, tuple(extra.split("."))))


@_mend.register
def _(rule: Requires, mender: RuleMender, value: Json, scope: Path) -> Json:
    return mender.given(value, scope, rule.member)


@_mend.register
def _(rule: Excludes, mender: RuleMender, value: Json, scope: Path) -> Json:
    if mender.keeps(scope, rule.member):
        return mender.lifted(value, rule.when[-1], scope)
    for path in reversed([path for path, _ in expand(value, rule.member)]):
        value = without_value(value, path)
    return value


@_mend.register
def _(rule: SumLimit, mender: RuleMender, value: Json, scope: Path) -> Json:
    total = sum(inner for part in rule.parts for _, inner in expand(value, part)) + rule.below
    if not mender.keeps(scope, rule.whole) and total <= (_maximum(mender, scope, rule.whole) or total):
        return dict(with_value(value, tuple(rule.whole.split(".")), total))
    return dict(without_value(value, tuple(rule.parts[0].split("."))))


def _maximum(mender: RuleMender, scope: Path, member: str) -> float | None:
    shape = shape_at(mender.of.spec, parts(f"{pattern_of(scope, mender.of)}.{member}".lstrip(".")))
    return shape.maximum if shape is not None else None


@_mend.register
def _(rule: Product, mender: RuleMender, value: Json, scope: Path) -> Json:
    return {**value, **dict.fromkeys(rule.factors, 1)}


@_mend.register
def _(rule: InRange, mender: RuleMender, value: Json, scope: Path) -> Json:
    return dict(with_value(value, tuple(rule.member.split(".")), max(rule.least, rule.step)))


@_mend.register
def _(rule: Count, mender: RuleMender, value: Json, scope: Path) -> Json:
    path = tuple(rule.member.split("."))
    return dict(with_value(value, path, get(value, path)[: rule.most]))


@_mend.register
def _(rule: Unique, mender: RuleMender, value: Json, scope: Path) -> Json:
    found = [each for elements in rule.lists for each in expand(value, f"{elements}[].{rule.key}")]
    for number, (path, text) in enumerate(found):
        if number:
            value = with_value(value, path, f"{text}{number}")
    return value


@_mend.register
def _(rule: Uniform, mender: RuleMender, value: Json, scope: Path) -> Json:
    elements = get(value, tuple(rule.elements.split(".")))
    first = expand(elements[0], rule.member)
    path = tuple(rule.member.split("."))
    if first:
        made = [with_value(each, path, first[0][1]) for each in elements]
    else:
        made = [without_value(each, path) for each in elements]
    return dict(with_value(value, tuple(rule.elements.split(".")), made))


@_mend.register
def _(rule: Names, mender: RuleMender, value: Json, scope: Path) -> Json:
    elements = tuple(rule.elements.split("."))
    last = get(value, elements)[-1]
    for condition in rule.when:
        last = mender.fulfilled(last, condition, (*scope, *elements, 0))
    last = {key: inner for key, inner in last.items() if key not in ("CollectionType", "CollectionConfig")}
    value = with_value(value, elements, [*get(value, elements)[:-1], last])
    return dict(with_value(value, tuple(rule.member.split(".")), last[rule.key]))


@_mend.register
def _(rule: Form, mender: RuleMender, value: Json, scope: Path) -> Json:
    path = tuple(rule.member.split("."))
    return dict(with_value(value, path, matching_text(rule, mender.of, desired=not rule.never)))


def matching_text(rule: Form, of: Contract, *, desired: bool) -> str:
    """A text that matches the rule's expression, or one that does not."""
    shape = shape_at(of.spec, parts(f"{rule.within}.{rule.member}".lstrip(".")))
    texts = shape.enum if shape is not None and shape.enum else _TEXTS
    return next(text for text in texts if (re.fullmatch(rule.like, text) is not None) is desired)
