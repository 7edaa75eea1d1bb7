"""``controller.core.dataclass`` beside the standard library's decorator."""

import dataclasses
import importlib
import inspect
import pkgutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, field, fields, replace
from threading import Barrier
from typing import Any

import pytest

import controller
from controller.core.dataclass import dataclass

OPTIONS: tuple[dict[str, bool], ...] = (
    {},
    {"frozen": True},
    {"frozen": True, "order": True},
    {"eq": False},
    {"frozen": True, "eq": False},
    {"frozen": True, "kw_only": True},
)
OPERATIONS: dict[str, Any] = {
    "repr": lambda a, _: repr(a),
    "hash": lambda a, _: hash(a) == hash(replace(a)),
    "equal": lambda a, _: a == replace(a),
    "unequal": lambda a, b: a == b,
    "unequal where it is not compared": lambda a, _: a == replace(a, hidden=1),
    "hash of what is not compared": lambda a, _: hash(a) == hash(replace(a, hidden=1)),
    "given": lambda a, _: type(a)(name="a", names=["b"]),
    "another type": lambda a, _: a == 1,
    "less": lambda a, b: a < b,
    "at most": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "at least": lambda a, b: a >= b,
    "set": lambda a, _: setattr(a, "name", "c"),
    "delete": lambda a, _: delattr(a, "name"),
    "fields": lambda a, _: [(each.name, each.repr, each.compare) for each in fields(a)],
    "match": lambda a, _: type(a).__match_args__,
    "signature": lambda a, _: _parameters(type(a)),
    "missing": lambda a, _: type(a)(),
    "unknown": lambda a, _: type(a)(name="a", nothing=1),
    "too many": lambda a, _: type(a)(*"abcdefg"),
}


def _parameters(of: type) -> list[tuple[str, str, bool]]:
    parameters = inspect.signature(of.__init__).parameters.values()  # type: ignore[misc]
    return [(each.name, str(each.kind), each.default is each.empty) for each in parameters]


def _made(decorator: Any, options: dict[str, bool]) -> Any:
    class Base:
        name: Any
        hidden: Any = field(default=0, repr=False, compare=False)
        names: Any = field(default_factory=list)

        def __post_init__(self) -> None:
            self.names.append("after")

    class Derived(decorator(**options)(Base)):  # type: ignore[misc]
        last: Any = 3
        counted: Any = field(init=False, default=4)

    return decorator(**options)(Derived)


def _outcome(operation: Any, made: Any) -> Any:
    try:
        return operation(made(name="a"), made(name="b", last=1))
    except (TypeError, FrozenInstanceError) as error:
        return type(error), str(error).partition("(")[0]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_does_what_the_standard_decorator_does(operation: str, options: dict[str, bool]) -> None:
    """For each combination of options, an operation has the same result, or the same error."""
    ours, theirs = (
        _outcome(OPERATIONS[operation], _made(each, options)) for each in (dataclass, dataclasses.dataclass)
    )
    for result in (ours, theirs):
        assert result is not NotImplemented
    assert str(ours) == str(theirs)


def test_what_a_class_defines_itself_is_kept() -> None:
    """A ``__repr__``, ``__eq__`` or ``__hash__`` of the class's own is not replaced."""

    @dataclass(frozen=True)
    class Named:
        name: str

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    assert (repr(Named("a")), Named("a") == 1, hash(Named("a"))) == ("own", True, 7)


def test_threads_that_make_the_first_instances_at_once_see_a_whole_class() -> None:
    """Of a hundred classes, eight threads each make the first instance; all are equal and have one hash."""
    barrier = Barrier(8)

    def first(made: Any) -> Any:
        barrier.wait()
        return made("a")

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for _ in range(100):

                @dataclass(frozen=True)
                class Value:
                    name: str

                assert len(set(pool.map(first, [Value] * 8))) == 1
    finally:
        sys.setswitchinterval(usual)


def test_what_it_does_not_support_is_refused() -> None:
    """An option that it lacks, and a class with an ``__init__``, are refused where the class is defined."""
    with pytest.raises(TypeError, match=r"needs dataclasses\.dataclass"):
        dataclass(slots=True)(type("Slotted", (), {}))
    with pytest.raises(TypeError, match=r"needs dataclasses\.dataclass"):
        dataclass(type("Own", (), {"__init__": lambda self: None}))


def test_every_dataclass_of_the_project_has_the_standard_signature() -> None:
    """The ``__init__`` of each class takes what that of a standard dataclass with its fields takes."""
    walked = 0
    for module in pkgutil.walk_packages(controller.__path__, "controller."):
        for made in vars(importlib.import_module(module.name)).values():
            if not isinstance(made, type) or made.__module__ != module.name:
                continue
            if "__dataclass_fields__" not in vars(made) or "__init__" not in vars(made):
                continue
            twin = dataclasses.make_dataclass(
                made.__name__,
                [(each.name, "Any", _copy(each)) for each in fields(made)],
            )
            walked += 1
            assert _parameters(made) == _parameters(twin), made
    assert walked > 300


def _copy(of: Any) -> Any:
    given = {"default": of.default, "default_factory": of.default_factory}
    return field(
        init=of.init, kw_only=of.kw_only, **{k: v for k, v in given.items() if v is not dataclasses.MISSING}
    )
