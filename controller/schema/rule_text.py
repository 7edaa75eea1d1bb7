"""The texts of a row's rules, for findings, custom resource definitions and ``explain``."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.core.path import dotted_path
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
from controller.schema.names import camel_path
from controller.schema.shape import Shape, shape_at

Format = Callable[[str], str]


def statement(rule: Rule, of: Contract) -> str:
    """The condition as text, with lowerCamelCase members."""
    return _STATEMENTS[type(rule)](rule, formatter(rule, of))


def formatter(rule: Rule, of: Contract) -> Format:
    """A function that writes a rule's member in lowerCamelCase."""
    start = scope_shape(rule, of)
    return lambda member: camel_member(member, start)


def scope_shape(rule: Rule, of: Contract) -> Shape:
    """The shape of a rule's structures.

    Raises:
        KeyError: the row names a member that the service does not have.

    """
    found = shape_at(of.spec, parts(rule.within))
    if found is None:
        raise KeyError(f"{of.name} has no {rule.within}")
    return found


def parts(member: str) -> tuple[str, ...]:
    """The parts of a dotted member, with ``[]`` and ``{}`` as parts of their own."""
    text = member.replace("[]", ".[]").replace("{}", ".{}")
    return tuple(text.split(".")) if text else ()


def camel_member(member: str, start: Shape) -> str:
    """A dotted member in lowerCamelCase."""
    return dotted_path(camel_path(parts(member), start)).replace(".[]", "[]").replace(".{}", "{}")


def _conditions(conditions: tuple[If, ...], text_of: Format) -> str:
    return f" {', '.join(_condition(each, text_of) for each in conditions)}" if conditions else ""


def _condition(when: If, text_of: Format) -> str:
    name = text_of(when.member)
    if when.like:
        return f"{'when' if when.holds else 'unless'} {name} matches {when.like}"
    if not when.values:
        return f"when {name} is given" if when.holds else f"without {name}"
    values = " or ".join(str(each).lower() if isinstance(each, bool) else each for each in when.values)
    return f"{'when' if when.holds else 'unless'} {name} is {values}"


def _choice_text(rule: Choice, text_of: Format) -> str:
    listed = ", ".join(map(text_of, rule.members))
    if rule.least and rule.most < len(rule.members):
        return f"exactly one of {listed} must be given"
    return f"at least one of {listed} must be given" if rule.least else f"only one of {listed} may be given"


def _sum(rule: SumLimit, text_of: Format) -> str:
    compared = "less than" if rule.below else "at most"
    return f"{' + '.join(map(text_of, rule.parts))} must be {compared} {text_of(rule.whole)}"


def _range_text(rule: InRange, text_of: Format) -> str:
    limits = f"at least {rule.least}" if rule.most is None else f"{rule.least} to {rule.most}"
    desired = f"a multiple of {rule.step}" if rule.step > 1 else limits
    return f"{text_of(rule.member)} must be {desired}{_conditions(rule.when, text_of)}"


def _count(rule: Count, text_of: Format) -> str:
    elements = "element" if rule.most == 1 else "elements"
    return f"{text_of(rule.member)} may have only {rule.most} {elements}{_conditions(rule.when, text_of)}"


def _unique_text(rule: Unique, text_of: Format) -> str:
    key = text_of(f"{rule.lists[0]}[].{rule.key}").rpartition("[].")[2]
    return f"each {key} must be unique in {' and '.join(map(text_of, rule.lists))}"


def _uniform_text(rule: Uniform, text_of: Format) -> str:
    member = text_of(f"{rule.elements}[].{rule.member}").rpartition("[].")[2]
    if rule.same:
        return f"all elements of {text_of(rule.elements)} must have the same {member}"
    return f"all elements of {text_of(rule.elements)} must have {member}, or none"


def _names(rule: Names, text_of: Format) -> str:
    def inner(member: str) -> str:
        return text_of(f"{rule.elements}[].{member}").rpartition("[].")[2]

    listed = f"{text_of(rule.member)} must be the {inner(rule.key)} of one of {text_of(rule.elements)}"
    return listed + _conditions(rule.when, inner).replace(" when ", " whose ")


_STATEMENTS: Mapping[type, Callable[[Any, Format], str]] = {
    Uniform: _uniform_text,
    InRange: _range_text,
    Choice: _choice_text,
    Count: _count,
    Excludes: lambda rule, text_of: (
        f"{text_of(rule.member)} cannot be given{_conditions(rule.when, text_of)}"
    ),
    Form: lambda rule, text_of: (
        f"{text_of(rule.member)} must {rule.description}{_conditions(rule.when, text_of)}"
    ),
    Names: _names,
    Requires: lambda rule, text_of: f"{text_of(rule.member)} is required{_conditions(rule.when, text_of)}",
    Product: lambda rule, text_of: f"{' * '.join(map(text_of, rule.factors))} must be at most {rule.most}",
    SumLimit: _sum,
    Unique: _unique_text,
}
