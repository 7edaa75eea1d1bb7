"""The rules of a row in words: what a finding, a definition and ``explain`` say of them."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.core.path import dotted
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
from controller.schema.shape import Shape, at

Spell = Callable[[str], str]


def statement(rule: Rule, of: Contract) -> str:
    """What must hold, with the members as people write them."""
    return _STATEMENTS[type(rule)](rule, speller(rule, of))


def speller(rule: Rule, of: Contract) -> Spell:
    """How a member of a rule is written in lowerCamelCase."""
    start = scope_shape(rule, of)
    return lambda member: spelled(member, start)


def scope_shape(rule: Rule, of: Contract) -> Shape:
    """The shape of the structures that a rule is about.

    Raises:
        KeyError: the row names a member that the service does not have.

    """
    found = at(of.spec, parts(rule.within))
    if found is None:
        raise KeyError(f"{of.name} has no {rule.within}")
    return found


def parts(member: str) -> tuple[str, ...]:
    """The parts of a dotted member, with ``[]`` and ``{}`` as parts of their own."""
    text = member.replace("[]", ".[]").replace("{}", ".{}")
    return tuple(text.split(".")) if text else ()


def spelled(member: str, start: Shape) -> str:
    """A dotted member in lowerCamelCase."""
    return dotted(camel_path(parts(member), start)).replace(".[]", "[]").replace(".{}", "{}")


def _conditions(conditions: tuple[If, ...], spell: Spell) -> str:
    return f" {', '.join(_condition(each, spell) for each in conditions)}" if conditions else ""


def _condition(when: If, spell: Spell) -> str:
    name = spell(when.member)
    if when.like:
        return f"{'when' if when.holds else 'unless'} {name} matches {when.like}"
    if not when.values:
        return f"when {name} is given" if when.holds else f"without {name}"
    values = " or ".join(str(each).lower() if isinstance(each, bool) else each for each in when.values)
    return f"{'when' if when.holds else 'unless'} {name} is {values}"


def _choice(rule: Choice, spell: Spell) -> str:
    listed = ", ".join(map(spell, rule.members))
    if rule.least and rule.most < len(rule.members):
        return f"exactly one of {listed} must be given"
    return f"at least one of {listed} must be given" if rule.least else f"only one of {listed} may be given"


def _sum(rule: SumLimit, spell: Spell) -> str:
    compared = "less than" if rule.below else "at most"
    return f"{' + '.join(map(spell, rule.parts))} must be {compared} {spell(rule.whole)}"


def _between(rule: InRange, spell: Spell) -> str:
    limits = f"at least {rule.least}" if rule.most is None else f"{rule.least} to {rule.most}"
    desired = f"a multiple of {rule.step}" if rule.step > 1 else limits
    return f"{spell(rule.member)} must be {desired}{_conditions(rule.when, spell)}"


def _count(rule: Count, spell: Spell) -> str:
    elements = "element" if rule.most == 1 else "elements"
    return f"{spell(rule.member)} may have only {rule.most} {elements}{_conditions(rule.when, spell)}"


def _unique(rule: Unique, spell: Spell) -> str:
    key = spell(f"{rule.lists[0]}[].{rule.key}").rpartition("[].")[2]
    return f"each {key} must be unique in {' and '.join(map(spell, rule.lists))}"


def _alike(rule: Uniform, spell: Spell) -> str:
    member = spell(f"{rule.elements}[].{rule.member}").rpartition("[].")[2]
    if rule.same:
        return f"all elements of {spell(rule.elements)} must have the same {member}"
    return f"all elements of {spell(rule.elements)} must have {member}, or none"


def _names(rule: Names, spell: Spell) -> str:
    def inner(member: str) -> str:
        return spell(f"{rule.elements}[].{member}").rpartition("[].")[2]

    listed = f"{spell(rule.member)} must be the {inner(rule.key)} of one of {spell(rule.elements)}"
    return listed + _conditions(rule.when, inner).replace(" when ", " whose ")


_STATEMENTS: Mapping[type, Callable[[Any, Spell], str]] = {
    Uniform: _alike,
    InRange: _between,
    Choice: _choice,
    Count: _count,
    Excludes: lambda rule, spell: f"{spell(rule.member)} cannot be given{_conditions(rule.when, spell)}",
    Form: lambda rule, spell: f"{spell(rule.member)} must {rule.description}{_conditions(rule.when, spell)}",
    Names: _names,
    Requires: lambda rule, spell: f"{spell(rule.member)} is required{_conditions(rule.when, spell)}",
    Product: lambda rule, spell: f"{' * '.join(map(spell, rule.factors))} must be at most {rule.most}",
    SumLimit: _sum,
    Unique: _unique,
}
