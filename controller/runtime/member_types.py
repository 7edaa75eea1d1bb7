"""Type checks of a dataclass that was built from untrusted data."""

from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def check_members(value: Any) -> None:
    """Check that each member of a dataclass has the type that is declared for it, at any depth.

    Args:
        value: a dataclass whose members are strings, numbers, enums, dataclasses, tuples of one type and dictionaries.

    Raises:
        TypeError: one has another type; the message names the member and quotes no value.

    """
    hints = _hints(value.__class__)
    for field in fields(value):
        member = getattr(value, field.name)
        if not _matches_hint(member, hints[field.name]):
            raise TypeError(f"{field.name} is a {type(member).__name__}")


@cache
def _hints(of: type) -> dict[str, Any]:
    return get_type_hints(of)


def _matches_hint(value: Any, hint: Any) -> bool:
    inner = get_args(hint)
    match get_origin(hint):
        case origin if origin in (Union, UnionType):
            return any(_matches_hint(value, each) for each in inner)
        case origin if origin is tuple:
            return type(value) is tuple and all(_matches_hint(each, inner[0]) for each in value)
        case origin if origin is dict:
            return type(value) is dict and all(
                _matches_hint(key, inner[0]) and _matches_hint(each, inner[1]) for key, each in value.items()
            )
    if type(value) is not hint:  # bool is not accepted as int
        return False
    if is_dataclass(value):
        check_members(value)
    return True
