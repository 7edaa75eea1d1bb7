"""The rules of a kind's row (``kinds/rule.py``) as CEL rules of the structures that they are about.

CEL can't access members whose type is open: JSON documents, and maps whose values may be references. A choice with a
document is written as ``oneOf`` instead; a rule about such a map is checked by the operator. Strings with an output
reference are exempt, because their value is not known at admission. Doubtful rules are left to the operator, which
warns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.crds.rules import cel, cel_string
from controller.crds.scalar import Schema
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
from controller.schema.rule_text import camel_member, parts, statement
from controller.schema.shape import Shape, shape, shape_at

_LATER = cel_string("${")


def rules_schema(of: Contract, within: str) -> Schema:
    """The schema that the row's rules add to the structure at a dotted path."""
    rules = [rule for rule in of.kind.write.rules if rule.within == within and not rule.doubtful]
    shapes = [_choice_schema(of, rule) for rule in rules if isinstance(rule, Choice) and _open(of, rule)]
    seen = [
        rule for rule in rules if is_seen(rule, of) and not (isinstance(rule, Choice) and _open(of, rule))
    ]
    scope = _Cel(of, shape_at(of.spec, parts(within)) or of.spec)
    written = [
        {"rule": expression, "message": statement(rule, of)}
        for rule in seen
        if (expression := _EXPRESSIONS[type(rule)](rule, scope))
    ]
    found: Schema = {"allOf": shapes} if len(shapes) > 1 else dict(*shapes)
    return {**found, "x-kubernetes-validations": written} if written else found


def is_seen(rule: Rule, of: Contract) -> bool:
    """Whether CEL can access all members of a rule: none has values that may be references."""
    named = [value for value in vars(rule).values() if isinstance(value, str)]
    return not any(f"{rule.within}.{name}".lstrip(".") in of.referable for name in named)


def _open(of: Contract, rule: Choice) -> bool:
    return any(f"{rule.within}.{member}".lstrip(".") in of.kind.compare.documents for member in rule.members)


def _choice_schema(of: Contract, rule: Choice) -> Schema:
    names = [camel_member(member, of.spec) for member in rule.members]
    return {"oneOf": [{"required": [name]} for name in names]} if rule.least else {"not": {"required": names}}


@dataclass(frozen=True)
class _Cel:
    """Writes CEL expressions about a structure, whose variable is ``side``."""

    of: Contract
    shape: Shape
    side: str = "self"

    def path(self, member: str) -> str:
        """The expression of a member without lists in its path."""
        return ".".join([self.side, *(cel(str(part)) for part in camel_path(parts(member), self.shape))])

    def is_given(self, member: str) -> str:
        """The test that a member is given; ``[]`` stands for any element."""
        head, marked, rest = member.partition("[].")
        if marked:
            return self.any_element(head, lambda inner: inner.is_given(rest))
        names = [cel(str(part)) for part in camel_path(parts(member), self.shape)]
        chain = [".".join([self.side, *names[:end]]) for end in range(1, len(names) + 1)]
        listed = shape_at(self.shape, parts(member))
        some = [f"{chain[-1]}.size() > 0"] if listed is not None and listed.type == "list" else []
        return " && ".join([*(f"has({each})" for each in chain), *some])

    def any_element(self, elements: str, test: Callable[["_Cel"], str]) -> str:
        """The expression that a test holds for at least one element of a list."""
        return (
            f"{self.is_given(elements)} && {self.path(elements)}.exists(e, {test(self.inner(elements, 'e'))})"
        )

    def inner(self, elements: str, side: str) -> "_Cel":
        """The same writer for an element of a list, with ``side`` as its variable.

        Raises:
            KeyError: there is no such list.

        """
        listed = shape_at(self.shape, parts(elements))
        if listed is None:
            raise KeyError(elements)
        return _Cel(self.of, shape(listed.element), side)

    def all_hold(self, conditions: tuple[If, ...]) -> str:
        """The test that all conditions hold; ``true`` without conditions."""
        return " && ".join(f"({self._test_of(each)})" for each in conditions) or "true"

    def _test_of(self, when: If) -> str:
        head, marked, rest = when.member.partition("[].")
        if marked:
            inner = If(rest, when.values, when.like)
            found = self.any_element(head, lambda element: element._test_of(inner))  # noqa: SLF001 - its own class
            return found if when.holds else f"!({found})"
        given = self.is_given(when.member)
        test = self._test(when)
        found = f"{given} && {test}" if test else given
        return found if when.holds else f"!({found})"

    def _test(self, when: If) -> str:
        if when.like:
            return f"{self.path(when.member)}.matches({cel_string(f'^({when.like})$')})"
        values = [cel_string(each) if isinstance(each, str) else str(each).lower() for each in when.values]
        return f"{self.path(when.member)} in [{', '.join(values)}]" if values else ""

    def is_known(self, member: str) -> str:
        """The test that a string is given and contains no output reference."""
        return f"{self.is_given(member)} && !{self.path(member)}.contains({_LATER})"


def _choice_rule(rule: Choice, scope: _Cel) -> str:
    present = ", ".join(scope.is_given(member) for member in rule.members)
    count = f"[{present}].filter(each, each).size()"
    limits = [f"{count} >= {rule.least}"] if rule.least else []
    limits += [f"{count} <= {rule.most}"] if rule.most < len(rule.members) else []
    return f"{count} == 1" if (rule.least, rule.most) == (1, 1) else " && ".join(limits)


def _requires_rule(rule: Requires, scope: _Cel) -> str:
    return f"!({scope.all_hold(rule.when)}) || ({scope.is_given(rule.member)})"


def _excludes(rule: Excludes, scope: _Cel) -> str:
    return f"!({scope.all_hold(rule.when)}) || !({scope.is_given(rule.member)})"


def _sum(rule: SumLimit, scope: _Cel) -> str:
    any_part = " || ".join(f"({scope.is_given(part)})" for part in rule.parts)
    total = " + ".join(f"({scope.is_given(part)} ? {scope.path(part)} : 0)" for part in rule.parts)
    compared = "<" if rule.below else "<="
    whole = scope.path(rule.whole)
    return f"!({scope.is_given(rule.whole)} && ({any_part})) || {total} {compared} {whole}"


def _product(rule: Product, scope: _Cel) -> str:
    given = " && ".join(scope.is_given(factor) for factor in rule.factors)
    return f"!({given}) || {' * '.join(map(scope.path, rule.factors))} <= {rule.most}"


def _range_rule(rule: InRange, scope: _Cel) -> str:
    value = scope.path(rule.member)
    tests = [f"{value} >= {rule.least}"]
    tests += [f"{value} <= {rule.most}"] if rule.most is not None else []
    tests += [f"{value} % {rule.step} == 0"] if rule.step > 1 else []
    return f"!({scope.all_hold((If(rule.member), *rule.when))}) || ({' && '.join(tests)})"


def _count(rule: Count, scope: _Cel) -> str:
    return f"!({scope.all_hold((If(rule.member), *rule.when))}) || {scope.path(rule.member)}.size() <= {rule.most}"


def _unique_rule(rule: Unique, scope: _Cel) -> str:
    """Keys of a list are unique; that of a keyed list is part of the schema (``x-kubernetes-list-type: map``)."""
    tests = []
    for number, elements in enumerate(rule.lists):
        outer, inner = scope.inner(elements, "e"), scope.inner(elements, "f")
        if not _is_keyed(f"{rule.within}.{elements}".lstrip("."), scope.of):
            times = f"{scope.path(elements)}.exists_one(f, {inner.is_given(rule.key)} && {{}})"
            same = times.format(f"{inner.path(rule.key)} == {outer.path(rule.key)}")
            single = f"{scope.path(elements)}.all(e, !({outer.is_given(rule.key)}) || {same})"
            tests.append(f"(!({scope.is_given(elements)}) || {single})")
        for other in rule.lists[number + 1 :]:
            clash = f"{outer.path(rule.key)} == {inner.path(rule.key)}"
            pair = f"{scope.path(elements)}.exists(e, {scope.path(other)}.exists(f, {clash}))"
            tests.append(f"!({scope.is_given(elements)} && {scope.is_given(other)} && {pair})")
    return " && ".join(tests)


def _is_keyed(elements: str, of: Contract) -> bool:
    listed = shape_at(of.spec, parts(elements))
    key = of.kind.compare.keyed.get(elements)
    return listed is not None and key is not None and key in shape(listed.element).required


def _uniform_rule(rule: Uniform, scope: _Cel) -> str:
    outer, inner = scope.inner(rule.elements, "e"), scope.inner(rule.elements, "f")
    path = scope.path(rule.elements)
    has, has_too = outer.is_given(rule.member), inner.is_given(rule.member)
    if rule.same:
        known = f"({outer.is_known(rule.member)}) && ({inner.is_known(rule.member)})"
        equal = f"{outer.path(rule.member)} == {inner.path(rule.member)}"
        return f"!({scope.is_given(rule.elements)}) || {path}.all(e, {path}.all(f, !({known}) || {equal}))"
    return f"!({scope.is_given(rule.elements)}) || {path}.all(e, {has}) || !{path}.exists(f, {has_too})"


def _names(rule: Names, scope: _Cel) -> str:
    inner = scope.inner(rule.elements, "e")
    later = f"{inner.path(rule.key)}.contains({_LATER})"
    fits = f"{inner.path(rule.key)} == {scope.path(rule.member)} && {inner.all_hold(rule.when)}"
    found = f"{scope.path(rule.elements)}.exists(e, {later} || ({fits}))"
    return f"!({scope.is_known(rule.member)}) || !({scope.is_given(rule.elements)}) || {found}"


def _form(rule: Form, scope: _Cel) -> str:
    value = scope.path(rule.member)
    matched = f"{value}.matches({cel_string(f'^({rule.like})$')})"
    desired = f"!{matched}" if rule.never else matched
    return f"!({scope.is_known(rule.member)} && {scope.all_hold(rule.when)}) || {desired}"


_EXPRESSIONS: Mapping[type[Rule], Callable[[Any, _Cel], str]] = {
    Uniform: _uniform_rule,
    InRange: _range_rule,
    Choice: _choice_rule,
    Count: _count,
    Excludes: _excludes,
    Form: _form,
    Names: _names,
    Requires: _requires_rule,
    Product: _product,
    SumLimit: _sum,
    Unique: _unique_rule,
}
