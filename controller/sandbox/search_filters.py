"""Search expressions: their validation, and whether a record satisfies one."""

import operator
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from controller.sandbox.rules import Json
from controller.sandbox.search_properties import Property, Type, items_shape, property_of
from controller.sandbox.service_error import invalid

MOST_CONDITIONS = 50
ORDERED = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
EXISTENCE = ("Exists", "NotExists")
TEXTUAL = ("Contains", "In")
# The documentation of Filter.Operator lists the properties that Contains takes more than once.
OFTEN = {
    "Experiment": ("DisplayName", "ExperimentName", "Tags"),
    "Trial": ("DisplayName", "TrialName", "Tags"),
    "TrialComponent": ("DisplayName", "TrialComponentName", "Tags", "InputArtifacts", "OutputArtifacts"),
}
Test = Callable[[Json], bool]


def test_of(shape: str, expression: Json) -> Test:
    """Return the predicate of an expression on records of `shape`, or refuse the expression."""
    parts = list(_parts(expression))
    if len(parts) > MOST_CONDITIONS:
        raise invalid(f"A search expression can have at most {MOST_CONDITIONS} conditions, not {len(parts)}.")
    contains = [part for part in parts if part.get("Operator") == "Contains" and "Name" in part]
    if sum(part["Name"].partition(".")[0] not in OFTEN.get(shape, ()) for part in contains) > 1:
        raise invalid("'CONTAINS' operator usage limit of 1 exceeded.")
    return _expression_test(shape, expression)


def known_property(shape: str, name: str) -> Property:
    """Return a property, or refuse an unknown name."""
    found = property_of(shape, name)
    if found is None:
        raise invalid(f"Unknown property name: {name}")
    return found


def _parts(expression: Json) -> Iterator[Json]:
    """All filters, nested filters and expressions below this one."""
    yield from expression.get("Filters", ())
    for nested in expression.get("NestedFilters", ()):
        yield nested
        yield from nested["Filters"]
    for inner in expression.get("SubExpressions", ()):
        yield inner
        yield from _parts(inner)


def _expression_test(shape: str, expression: Json) -> Test:
    tests = [_filter(shape, one) for one in expression.get("Filters", ())]
    tests += [_nested_test(shape, one) for one in expression.get("NestedFilters", ())]
    tests += [_expression_test(shape, one) for one in expression.get("SubExpressions", ())]
    if not tests:
        raise invalid("A search expression must have at least one filter, nested filter or sub-expression.")
    match_same_item = any if expression.get("Operator") == "Or" else all
    return lambda record: match_same_item(test(record) for test in tests)


def _nested_test(shape: str, nested: Json) -> Test:
    """One item of the list must satisfy all filters."""
    stem = nested["NestedPropertyName"]
    item, held = items_shape(shape, stem), property_of(shape, stem)
    if item is None or held is None:
        raise invalid(f"Unknown property name: {stem}")
    foreign = [one["Name"] for one in nested["Filters"] if not one["Name"].startswith(f"{stem}.")]
    if foreign:
        raise invalid(f"Unknown property name: {foreign[0]}")
    tests = [_filter(item, one | {"Name": one["Name"][len(stem) + 1 :]}) for one in nested["Filters"]]
    return lambda record: any(all(test(each) for test in tests) for each in held.values(record))


def _filter(shape: str, one: Json) -> Test:
    name, does = one["Name"], one.get("Operator", "Equals")
    found = known_property(shape, name)
    if does in EXISTENCE:
        if "Value" in one:
            raise invalid(f"Operator {does} of property {name} takes no Value.")
        return lambda record: bool(found.values(record)) == (does == "Exists")
    if "Value" not in one:
        raise invalid(f"Operator {does} of property {name} needs a Value.")
    _check_operator(found.type, does, name)
    test = _comparison_test(found.type, does, one["Value"], name)
    if does == "NotEquals":  # assumption: a missing property is not equal
        return lambda record: not any(test(value) for value in found.values(record))
    return lambda record: any(test(value) for value in found.values(record))


def _check_operator(kind: Type, does: str, name: str) -> None:
    """Refuse combinations that the documentation of Filter.Operator excludes. The messages are our own."""
    ordered = kind in {Type.NUMBER, Type.TIME, Type.MIXED}
    textual = kind in {Type.TEXT, Type.MIXED} or (kind is Type.GROUP and does == "Contains")
    if (does in ORDERED and not ordered) or (does in TEXTUAL and not textual):
        raise invalid(f"Operator {does} is not supported for {kind.value} property {name}.")
    if kind is Type.GROUP and does not in TEXTUAL:
        raise invalid(f"Operator {does} is not supported for {kind.value} property {name}.")


def _comparison_test(kind: Type, does: str, value: str, name: str) -> Callable[[Any], bool]:
    if does == "Contains":
        return lambda held: value in (held if isinstance(held, str) else str(held))
    if does == "In":
        parts = {word.strip() for word in value.split(",")}
        return lambda held: str(held) in parts
    if kind is Type.MIXED:
        return _mixed_test(does, value)
    desired = _PARSED[kind](value, name)
    compare = ORDERED.get(does, operator.eq)
    return lambda held: bool(compare(held, desired))


def _mixed_test(does: str, value: str) -> Callable[[Any], bool]:
    compare, desired = ORDERED.get(does, operator.eq), _number_or_none(value)

    def test(held: Any) -> bool:
        number = _number_or_none(held)
        if number is None or desired is None:
            return does not in ORDERED and str(held) == value
        # The documentation of Filter: with an integer Value, decimals are compared as integers.
        whole = desired.is_integer() and "." not in value
        return bool(compare(float(int(number)) if whole else number, desired))

    return test


def _number_or_none(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _number(value: str, name: str) -> float:
    number = _number_or_none(value)
    if number is None:
        raise invalid(f"The value of property {name} must be a number, not '{value}'.")
    return number


def _instant(value: str, name: str) -> float:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(f"The value of property {name} must be YYYY-mm-dd'T'HH:MM:SS, not '{value}'.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _truth(value: str, name: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise invalid(f"The value of property {name} must be true or false, not '{value}'.")
    return value.lower() == "true"


_PARSED: dict[Type, Callable[[str, str], Any]] = {
    Type.TEXT: lambda value, _: value,
    Type.NUMBER: _number,
    Type.TIME: _instant,
    Type.BOOLEAN: _truth,
}
