"""The part of a live body that a spec could contain, and which of it are defaults of the service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.path import get, with_value
from controller.engine.compare import is_empty, live_member, pattern_below, without_empty
from controller.engine.diff import comparable_members
from controller.engine.observed import PREFIX
from controller.engine.update_call import trim_to_shape
from controller.kinds import Default, DerivedFrom, OneOf, SameAs, ServiceValue
from controller.kinds.rule import Requires
from controller.schema.contract import Contract
from controller.schema.leaf import SpecPosition, text
from controller.schema.rules import breaches
from controller.schema.shape import Shape, shape

_NOTHING: Any = object()


def spec_members(body: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """The members of a live body that a spec has too, with AWS member names, without names and ownership tags."""
    members = {name: live_member(name, body, contract.kind) for name in sorted(contract.settable)}
    seen = {name: trim_to_shape(value, shape(contract.spec.members[name])) for name, value in members.items()}
    return dict(without_empty(_without_own_keys(comparable_members(seen, contract))))


def _without_own_keys(value: Any) -> Any:
    """Plain data without our own keys."""
    if isinstance(value, Mapping):
        return {
            key: _without_own_keys(inner) for key, inner in value.items() if not str(key).startswith(PREFIX)
        }
    return [_without_own_keys(inner) for inner in value] if isinstance(value, list | tuple) else value


def without_defaults(seen: Mapping[str, Any], body: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """The shown members without defaults, and without those that Create would not take.

    What Create or a rule of the row requires stays, even if it has its default. A value that the service chose stays
    too.
    """
    view = _LiveView(contract, body, frozenset({ServiceValue.CHOSEN}))
    kept = view.value(seen, contract.spec, "", seen)
    return {} if kept is _NOTHING else _with_required(dict(kept), seen, contract)


def _with_required(kept: dict[str, Any], seen: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """The kept members, and those that a rule requires besides."""
    rules = [rule for rule in contract.kind.write.rules if isinstance(rule, Requires)]
    for path in [path for rule in rules for path in breaches(rule, kept, lambda _: False)]:
        value = get(seen, path)
        if value is not None:
            kept = with_value(kept, path, value)
    return kept


def non_default(
    value: Any, pattern: str, container: Mapping[str, Any], body: Mapping[str, Any], contract: Contract
) -> Any:
    """The part of an undeclared live value that differs from the default; None if all of it is at its default.

    Args:
        value: the live value.
        pattern: where it is, such as ``ProductionVariants[].InitialVariantWeight``.
        container: the structure that holds it.
        body: the whole live body.
        contract: the contract of the kind.

    """
    kept = _LiveView(contract, body, frozenset()).declared_part(value, pattern, container)
    return None if kept is _NOTHING else kept


def at_default(
    value: Any, pattern: str, container: Mapping[str, Any], body: Mapping[str, Any], contract: Contract
) -> bool:
    """Whether all of a live value is at its default."""
    return (
        _LiveView(contract, body, frozenset({ServiceValue.CHOSEN})).declared_part(value, pattern, container)
        is _NOTHING
    )


def shape_at(pattern: str, start: Shape) -> Shape | None:
    """The shape of the value at a pattern; None where no shape has it."""
    here: Shape | None = start
    for part in pattern.replace("[]", ".[]").split("."):
        if here is None:
            return None
        here = _inner_shape(here, part)
    return here


def _inner_shape(of: Shape, part: str) -> Shape | None:
    if of.type == "structure":
        return shape(of.members[part]) if part in of.members else None
    return shape(of.element or of.value) if of.element or of.value else None


@dataclass(frozen=True)
class _LiveView:
    """One traversal of a live value; ``keeps`` are the kinds of default that are kept as if somebody had set them."""

    contract: Contract
    body: Mapping[str, Any]
    keeps: frozenset[ServiceValue]

    def declared_part(self, value: Any, pattern: str, container: Mapping[str, Any]) -> Any:
        """The part of the value at a pattern that somebody must have set, or ``_NOTHING``."""
        of = shape_at(pattern, self.contract.spec)
        return self.value(value, of, pattern, container) if of else value

    def value(self, value: Any, of: Shape, pattern: str, container: Mapping[str, Any]) -> Any:
        """The part of a value that somebody must have set, or ``_NOTHING``."""
        if self._is_default(value, pattern, container):
            return _NOTHING
        if of.type == "structure" and isinstance(value, Mapping):
            return self._structure(value, of, pattern)
        if of.type == "list" and isinstance(value, list | tuple):
            element = shape(of.element)
            items = [(item, self.value(item, element, f"{pattern}[]", {})) for item in value]
            return [item if kept is _NOTHING else kept for item, kept in items]
        return _NOTHING if is_empty(value) else value

    def _is_default(self, value: Any, pattern: str, container: Mapping[str, Any]) -> bool:
        default = self.contract.kind.compare.defaults.get(pattern)
        return (
            default is not None
            and default not in self.keeps
            and _matches(value, default, container, self.body)
        )

    def _structure(self, value: Mapping[str, Any], of: Shape, pattern: str) -> Any:
        inner = {
            name: self.value(each, shape(of.members[name]), pattern_below(pattern, name), value)
            for name, each in value.items()
            if name in of.members
        }
        document = {name: each for name, each in inner.items() if each is not _NOTHING}
        if pattern and (not document or not self._complete(value, of, pattern)):
            return _NOTHING
        return {
            name: document.get(name, value[name]) for name in inner if name in document or name in of.required
        }

    def _complete(self, value: Mapping[str, Any], of: Shape, pattern: str) -> bool:
        """Whether Create would take it: no required member is missing, but for those that are never shown."""
        hidden = self.contract.unreadable
        return all(
            _is_given(value.get(name), shape(of.members[name]))
            or any(each.startswith(pattern_below(pattern, name)) for each in hidden)
            for name in of.required
        )


def _is_given(value: Any, of: Shape) -> bool:
    if value is None:
        return False
    return not (value == "" and any(True for _ in text("", SpecPosition((), "", of), of)))


def _matches(value: Any, default: Default, container: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    match default:
        case ServiceValue():
            return True
        case SameAs(member):
            return bool(value == get(body, (member,)))
        case DerivedFrom(of):
            return not is_empty(get(container, tuple(of.split("."))))
        case OneOf(values):
            return value in values
    return bool(value == default) and isinstance(value, bool) is isinstance(default, bool)
