"""The outcome of a Condition step: what its conditions say of the parameters of an execution.

The grammar is that of the pipeline definition's JSON schema, version 2020-12-01: Equals, GreaterThan(OrEqualTo),
LessThan(OrEqualTo), In, Not and Or; all Conditions of a step must hold.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from controller.sandbox.rules import Json

ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
PARAMETER = "Parameters."
Values = Mapping[str, Any]


class Unknown(Exception):  # noqa: N818 - it is an outcome, not a mistake
    """A value that is not known here: the property of a step, of the execution, or the content of a file."""


def outcome(step: Json, values: Values) -> bool | None:
    """Return whether the conditions of a step hold; None when that depends on what no parameter says."""
    return _all(step.get("Arguments", {}).get("Conditions", ()), values)


def typed_values(definition: Json, parameters: Sequence[Json]) -> dict[str, Any]:
    """Return the values of an execution's parameters as their declared types."""
    types = {one["Name"]: one.get("Type", "String") for one in definition.get("Parameters", [])}
    return {one["Name"]: _typed(types[one["Name"]], one["Value"]) for one in parameters}


def _typed(kind: str, value: str) -> Any:
    if kind == "Boolean":
        return value.lower() == "true"
    try:
        return {"Integer": int, "Float": float}.get(kind, str)(value)
    except ValueError:  # a default of another type than the declared one
        return value


def _all(conditions: Iterable[Json], values: Values) -> bool | None:
    found = [_holds(one, values) for one in conditions]
    return False if False in found else None if None in found or not found else True


def _holds(condition: Json, values: Values) -> bool | None:
    kind = condition.get("Type")
    if kind == "Not":
        inner = _holds(condition.get("Expression", {}), values)
        return None if inner is None else not inner
    if kind == "Or":
        found = [_holds(one, values) for one in condition.get("Conditions", ())]
        return True if True in found else None if None in found or not found else False
    try:
        return _compared(condition, values)
    except (Unknown, KeyError, TypeError):
        return None


def _compared(condition: Json, values: Values) -> bool | None:
    kind = condition["Type"]
    if kind == "In":
        sought = _value(condition["QueryValue"], values)
        return any(_same(sought, _value(one, values)) for one in condition["Values"])
    left, right = _value(condition["LeftValue"], values), _value(condition["RightValue"], values)
    if kind == "Equals":
        return _same(left, right)
    return ORDERED[kind](left, right)


def _same(left: Any, right: Any) -> bool:
    """Return whether two values are equal; in Python `True == 1`, in JSON it is not."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _value(term: Any, values: Values) -> Any:
    """Return what a term of a condition stands for: a literal, a parameter, or texts joined."""
    if not isinstance(term, dict):
        return term
    if "Std:Join" in term:
        join = term["Std:Join"]
        return str(join["On"]).join(_spelled(_value(one, values)) for one in join["Values"])
    path = term.get("Get")
    if not isinstance(path, str) or not path.startswith(PARAMETER):
        raise Unknown
    return values[path.removeprefix(PARAMETER)]


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
