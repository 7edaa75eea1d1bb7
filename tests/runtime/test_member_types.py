import itertools
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import pytest

from controller.runtime.member_types import check_members


class _Word(Enum):
    A = "a"


@dataclass(frozen=True)
class _Inner:
    number: int = 1


@dataclass(frozen=True)
class _Outer:
    text: str = ""
    word: _Word = _Word.A
    inner: _Inner | None = None
    several: tuple[_Inner, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


def _made(number: Any) -> _Inner:
    return _Inner(number)


_GOOD = _Outer("a", _Word.A, _Inner(), (_Inner(), _Inner(2)), {"a": 1})


def test_declared_types_are_taken() -> None:
    """A value of the declared types raises nothing, with and without what is optional."""
    check_members(_GOOD)
    check_members(_Outer())


@pytest.mark.parametrize(
    ("member", "value"),
    [
        *itertools.product(["text"], [None, 1, True, [], b""]),
        *itertools.product(["word"], ["a", None]),
        *itertools.product(["inner"], [{}, 1, _made("x"), _made(True)]),
        *itertools.product(["several"], [[], "ab", (1,), (_made(None),), None]),
        *itertools.product(["counts"], [[], {1: 1}, {"a": "1"}, {"a": True}, None]),
    ],
)
def test_another_type_is_an_error_at_any_depth(member: str, value: Any) -> None:
    """Each member is refused where it, or anything in it, has another type; the message shows no value."""
    with pytest.raises(TypeError) as caught:
        check_members(replace(_GOOD, **{member: value}))
    assert str(caught.value).split()[0] in (member, "number")
