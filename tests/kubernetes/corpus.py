"""Documents with one mistake each, made from the model: every constraint of every shape of a kind, once.

The judge of what is a mistake is the offline check (``schema/check.py``), not the definitions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from controller.core.finding import Severity
from controller.core.path import Path, dotted_path, get, with_value, without_value
from controller.kinds.rule import Choice
from controller.manifests.interpolation import is_deferred
from controller.schema.check import check, check_name
from controller.schema.contract import Contract, contract
from controller.schema.names import lower_camel
from controller.schema.pattern import matches
from controller.schema.shape import Shape, shape
from tests.kinds import kept_rules
from tests.kubernetes.pattern_texts import text_like, texts_like
from tests.kubernetes.sample import least_structure, least_value, repeated_values

_WRONG = ("!", " ", "\n", "#?", "é", "-", "\x07", "ab\ncd", "http://[", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")
_NONSENSE = "Nonsense"


class Mistake(Enum):
    """What is wrong with a document."""

    REQUIRED = "a required member is missing"
    TYPE = "wrong type"
    ENUM = "not one of the choices"
    LONG = "too long"
    SHORT = "too short"
    RANGE = "out of range"
    PATTERN = "does not match"
    MANY = "too many elements"
    FEW = "too few elements"
    KEY = "bad key of a map"
    UNKNOWN = "unknown field"
    CHOICE = "members that exclude each other"
    NAME = "metadata.name is no name in AWS"
    FROZEN = "change of what can't be changed"


@dataclass(frozen=True)
class Case:
    """A document with one error, its path, and the terms by which a refusal may name that path."""

    kind: str
    mistake: Mistake
    path: Path
    spec: dict[str, Any]
    name: str = "sample"
    before: dict[str, Any] | None = None

    @property
    def expected_terms(self) -> tuple[str, ...]:
        """Any of these in a message names the field."""
        if self.mistake is Mistake.NAME:
            return ("metadata.name",)
        if self.mistake is Mistake.CHOICE:  # it is about two fields, and the rule's message names both
            return (str(self.path[-1]),)
        message = dotted_path(("spec", *self.path))
        parent = dotted_path(("spec", *self.path[:-1]))
        return (message, f"{parent}.{self.path[-1]}", f"{parent}[{self.path[-1]}]")


@dataclass(frozen=True)
class _Position:
    """A position, the path to it in a sample, and the sample that contains it."""

    of: Contract
    member: str
    like: Shape
    path: Path
    spec: dict[str, Any]

    def with_(self, value: Any, mistake: Mistake, *more: str | int) -> Case:
        path = (*self.path, *more)
        return Case(self.of.name, mistake, path, with_value(self.spec, path, value))


def least_spec(of: Contract) -> dict[str, Any]:
    """The minimal valid spec of a kind."""
    return satisfy_rules(of, least_structure(of, "", of.spec), ())


def satisfy_rules(of: Contract, spec: dict[str, Any], kept: Path) -> dict[str, Any]:
    """The spec with the row's rules satisfied; the members on the path stay."""
    return kept_rules.satisfy_rules(of, spec, kept, lambda member, like: least_value(of, member, like))


def error_cases(kind: str) -> Iterator[Case]:
    """All errors of a kind that the offline check finds, each in an otherwise valid document."""
    of = contract(kind)
    for case in (*_error_cases(of), *_exclusive_members(of)):
        if any(each.severity is Severity.ERROR for each in check(case.spec, of, defers=is_deferred)):
            yield case
    for name in ("dotted.name", "a" * 200):
        if any(check_name(name, least_spec(of), of)):
            yield Case(kind, Mistake.NAME, (), least_spec(of), name)


def _error_cases(of: Contract) -> Iterator[Case]:
    seen: set[tuple[str, str]] = set()
    waiting = [_Position(of, "", of.spec, (), least_spec(of))]
    while waiting:
        position = waiting.pop()
        yield from _mistakes(position)
        for inner in _positions_inside(position):
            mark = (position.like.name, inner.member.rsplit(".", 1)[-1])
            if mark not in seen:
                seen.add(mark)
                waiting.append(inner)


def _positions_inside(position: _Position) -> Iterator[_Position]:
    member, of = position.member, position.of
    rowed = {
        *of.secrets,
        *of.kind.compare.documents,
        *of.kind.write.outputs,
        "Tags",
        *(link.field for link in of.kind.identity.links),
    }
    if member in rowed:
        return
    if position.like.type == "structure":
        for name in sorted(set(position.like.members) - position.like.tokens):
            yield _position_at(position, f"{member}.{name}" if member else name, name, lower_camel(name))
    elif position.like.type == "list":
        yield _position_at(position, f"{member}[]", position.like.element, 0)
    elif position.like.type == "map":
        held = get(position.spec, position.path) or {"a": None}
        yield _position_at(position, f"{member}{{}}", position.like.value, next(iter(held)))


def _position_at(position: _Position, member: str, name: str, part: str | int) -> _Position:
    like = shape(position.like.members.get(name, name))
    path = (*position.path, part)
    spec = position.spec
    if get(spec, path) is None:
        spec = satisfy_rules(
            position.of, with_value(spec, path, least_value(position.of, member, like)), path
        )
    return _Position(position.of, member, like, path, spec)


def _mistakes(position: _Position) -> Iterator[Case]:
    if position.path:
        yield position.with_("text" if position.like.type not in {"string", "timestamp"} else 5, Mistake.TYPE)
    if position.like.type == "structure":
        yield from _structure_mistakes(position)
    elif position.like.type in {"list", "map"}:
        yield from _collection_mistakes(position)
    elif position.like.type == "string":
        yield from _text_mistakes(position)
    elif position.like.type not in {"boolean", "timestamp"}:
        yield from _number_mistakes(position)


def _structure_mistakes(position: _Position) -> Iterator[Case]:
    yield position.with_(1, Mistake.UNKNOWN, "nonsense")
    for name in sorted(position.like.required - position.like.tokens):
        path = (*position.path, lower_camel(name))
        if get(position.spec, path) is not None:
            yield Case(position.of.name, Mistake.REQUIRED, path, without_value(position.spec, path))


def _collection_mistakes(position: _Position) -> Iterator[Case]:
    low, high = position.like.minimum or 0, position.like.maximum
    empty: Any = [] if position.like.type == "list" else {}
    if low:
        yield position.with_(empty, Mistake.FEW)
    if high is not None and position.like.type == "list" and position.member != "Tags":
        yield position.with_(
            repeated_values(position.of, position.member, position.like, int(high) + 1), Mistake.MANY
        )
    if position.like.type == "map":
        key, inner = (
            shape(position.like.key),
            least_value(position.of, position.member + "{}", shape(position.like.value)),
        )
        if high is not None:
            names = texts_like(key, int(high) + 1)
            yield position.with_(dict.fromkeys(names, inner), Mistake.MANY)
        if key.maximum is not None:
            yield position.with_({"a" * (int(key.maximum) + 1): inner}, Mistake.KEY)


def _text_mistakes(position: _Position) -> Iterator[Case]:
    like = position.like
    if like.enum:
        yield position.with_(f"{_NONSENSE} {_NONSENSE}" if like.open else _NONSENSE, Mistake.ENUM)
        return
    if like.minimum:
        yield position.with_("", Mistake.SHORT)
    if like.maximum is not None:
        more = text_like(like)[-1] * (int(like.maximum) + 1)
        yield position.with_(text_like(like) + more, Mistake.LONG)
    wrong = (
        next((text for text in _unmatched_texts(like) if not matches(like.pattern, text)), None)
        if like.pattern
        else None
    )
    if wrong is not None:
        yield position.with_(wrong, Mistake.PATTERN)


def _unmatched_texts(like: Shape) -> Iterator[str]:
    room = like.maximum or 64
    for text in _WRONG:
        stretched = text * max(int(like.minimum or 1), 1)
        if len(stretched) <= room:
            yield stretched


def _number_mistakes(position: _Position) -> Iterator[Case]:
    if position.like.minimum is not None:
        yield position.with_(int(position.like.minimum) - 1, Mistake.RANGE)
    if position.like.maximum is not None:
        yield position.with_(int(position.like.maximum) + 1, Mistake.RANGE)


def _exclusive_members(of: Contract) -> Iterator[Case]:
    for exactly, choice in _choices(of):
        paths = [tuple(lower_camel(part) for part in member.split(".")) for member in choice]
        spec = least_spec(of)
        if exactly:
            none = spec
            for path in paths:
                none = without_value(none, path)
            yield Case(of.name, Mistake.CHOICE, paths[0], none)
        for member, path in zip(choice, paths, strict=True):
            spec = with_value(spec, path, least_value(of, member, _member_shape(of, member)))
        yield Case(of.name, Mistake.CHOICE, paths[0], spec)


def _choices(of: Contract) -> list[tuple[bool, tuple[str, ...]]]:
    rules = [
        rule
        for rule in of.kind.write.rules
        if isinstance(rule, Choice) and not rule.within and rule.most == 1
    ]
    return [(bool(rule.least), rule.members) for rule in rules]


def _member_shape(of: Contract, member: str) -> Shape:
    here = of.spec
    for part in member.split("."):
        here = shape(here.members[part])
    return here
