"""The objects that this operator reconciles, where several share a cluster: label selectors and kinds."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from controller.core.did_you_mean import did_you_mean
from controller.operator.cached_object import Item
from controller.operator.constants import KIND_NAMES

_SET = re.compile(r"(?P<key>[\w./-]+)\s+(?P<not>not)?in\s+\((?P<values>[^()]*)\)|(?P<rest>.+)")
_PLAIN = re.compile(r"(?P<no>!)?(?P<key>[\w./-]+)\s*((?P<sign>==|=|!=)\s*(?P<value>[\w.-]*))?")


class SelectorError(ValueError):
    """A selector is invalid."""


@dataclass(frozen=True)
class _Term:
    key: str
    values: frozenset[str] | None  # None: only the key is required
    desired: bool

    def matches(self, labels: Mapping[str, str]) -> bool:
        found = self.key in labels if self.values is None else labels.get(self.key) in self.values
        return found is self.desired


def parse_selector(text: str) -> Callable[[Item], bool]:
    """A test for objects: ``key=value``, ``key!=value``, ``key in (a, b)``, ``key notin (a, b)``, ``key``, ``!key``.

    Raises:
        SelectorError: the text is none of these, joined by commas.

    """
    terms = tuple(_term(part.strip()) for part in re.split(r",(?![^()]*\))", text) if part.strip())
    return lambda item: all(term.matches(item.labels) for term in terms)


def selected_kinds(names: Iterable[str]) -> frozenset[str]:
    """The kinds of these names, case-insensitive; all if empty.

    Raises:
        SelectorError: one is not the name of a kind.

    """
    known = {each.casefold(): each for each in KIND_NAMES}
    wrong = sorted(each for each in names if each.casefold() not in known)
    if wrong:
        near = "; ".join(filter(None, (did_you_mean(each, KIND_NAMES) for each in wrong)))
        raise SelectorError(f"not a kind: {', '.join(wrong)}" + (f"; {near}" if near else ""))
    return frozenset(known[each.casefold()] for each in names) or KIND_NAMES


def _term(text: str) -> _Term:
    many = _SET.fullmatch(text)
    if many and many["key"]:
        values = frozenset(value.strip() for value in many["values"].split(","))
        return _Term(many["key"], values, desired=not many["not"])
    one = _PLAIN.fullmatch(text)
    if one is None or (one["no"] and one["sign"]):
        raise SelectorError(f"'{text}' is not a label selector such as team=risk or 'shard in (a, b)'")
    if one["sign"]:
        return _Term(one["key"], frozenset({one["value"]}), desired=one["sign"] != "!=")
    return _Term(one["key"], None, desired=not one["no"])
