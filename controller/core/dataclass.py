"""A dataclass whose methods are generated when they are first needed, and in one compilation.

``dataclasses.dataclass`` compiles each method of a class by itself while the class is defined (together since Python
3.13), which takes as long as the import of a small module. A command imports hundreds of classes and makes instances
of a few dozen.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any

_LOCK = RLock()
_DEFAULTS: Mapping[str, bool] = {"frozen": False, "eq": True, "order": False, "kw_only": False}
_ORDER: Mapping[str, str] = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
_ABSENT = object()  # the default of a parameter whose member has a default factory


class _Fields:
    """What stands for ``__dataclass_fields__`` in a class whose methods are not generated yet."""

    def __init__(self, generate: Callable[[], None]) -> None:
        self._generate = generate

    def __get__(self, instance: object, owner: Any) -> Any:
        self._generate()
        return owner.__dataclass_fields__


def _deferred(cls: Any, options: Mapping[str, bool]) -> Any:
    """The class with an ``__init__`` and ``__dataclass_fields__`` that generate its methods.

    Raises:
        TypeError: the class has an ``__init__``, or there is no such option.

    """
    if options.keys() - _DEFAULTS.keys() or "__init__" in cls.__dict__:
        raise TypeError(f"{cls.__qualname__} needs dataclasses.dataclass")

    def generate() -> None:
        with _LOCK:
            if cls.__dict__["__init__"] is init:
                _generate(cls, {**_DEFAULTS, **options})

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        generate()
        cls.__init__(self, *args, **kwargs)

    cls.__init__ = init
    cls.__dataclass_fields__ = _Fields(generate)
    return cls


def _generate(cls: Any, options: Mapping[str, bool]) -> None:
    """Set the methods that the class does not define; ``__init__`` last, so that no thread uses half of them."""
    import dataclasses

    own = {name for name, value in cls.__dict__.items() if name != "__hash__" or value is not None}
    inherits = any(dataclasses.is_dataclass(base) for base in cls.__bases__)
    dataclasses.dataclass(
        init=False, repr=False, eq=False, frozen=inherits and options["frozen"], kw_only=options["kw_only"]
    )(cls)
    cls.__dataclass_params__.frozen = options["frozen"]  # what the decorator of a derived class looks at
    fields = dataclasses.fields(cls)
    names: dict[str, Any] = {"_ABSENT": _ABSENT, "_set": object.__setattr__}
    source = [
        *_methods(fields, options),
        _init(fields, names, hasattr(cls, "__post_init__"), options["frozen"]),
    ]
    exec("\n".join(source), names)  # noqa: S102 - names of members only
    made = {name: value for name, value in names.items() if name.startswith("__") and callable(value)}
    if options["frozen"]:
        made = {**_frozen(cls, {field.name for field in fields}, dataclasses.FrozenInstanceError), **made}
    elif options["eq"]:
        made = {"__hash__": None, **made}
    for name, method in made.items():
        if name == "__init__" or name not in own:
            if method is not None:
                method.__qualname__ = f"{cls.__qualname__}.{name}"
                method.__module__ = cls.__module__
            setattr(cls, name, method)


def _methods(fields: Sequence[Any], options: Mapping[str, bool]) -> Iterator[str]:
    """The sources of the methods beside ``__init__``."""
    shown = ", ".join(f"{field.name}={{self.{field.name}!r}}" for field in fields if field.repr)
    yield f"def __repr__(self):\n return f'{{self.__class__.__qualname__}}({shown})'"
    mine, theirs = (
        f"({''.join(f'{who}.{field.name},' for field in fields if field.compare)})"
        for who in ("self", "other")
    )
    signs = {**({"__eq__": "=="} if options["eq"] else {}), **(_ORDER if options["order"] else {})}
    for name, sign in signs.items():
        yield f"def {name}(self, other):\n if other.__class__ is self.__class__:\n  return {mine} {sign} {theirs}"
        yield " return NotImplemented"
    if options["eq"] and options["frozen"]:
        yield f"def __hash__(self):\n return hash({mine})"


def _init(fields: Sequence[Any], names: dict[str, Any], after: bool, frozen: bool) -> str:
    """The source of ``__init__``; the defaults that it refers to go into ``names``."""
    from dataclasses import MISSING

    head, body = ["self"], [" self.__post_init__()"] if after else [" pass"]
    for field in sorted(fields, key=lambda each: bool(each.kw_only)):
        name, value = field.name, field.name
        if field.default_factory is not MISSING:
            names[f"_new_{name}"], default = field.default_factory, "=_ABSENT"
            value = f"_new_{name}() if {name} is _ABSENT else {name}" if field.init else f"_new_{name}()"
        else:
            names[f"_default_{name}"] = field.default
            default = "" if field.default is MISSING else f"=_default_{name}"
        if field.init:
            head += ["*"] if field.kw_only and "*" not in head else []
            head.append(f"{name}{default}")
        if field.init or default == "=_ABSENT":
            body.insert(-1, f" _set(self, '{name}', {value})" if frozen else f" self.{name} = {value}")
    return f"def __init__({', '.join(head)}):\n" + "\n".join(body)


def _frozen(cls: Any, members: set[str], error: type[Exception]) -> dict[str, Any]:
    """The methods that refuse to change a member, as ``dataclasses`` words it."""

    def set_member(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in members:
            raise error(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def delete_member(self: Any, name: str) -> None:
        if type(self) is cls or name in members:
            raise error(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return {"__setattr__": set_member, "__delattr__": delete_member}


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - exported from here, for mypy
else:

    def dataclass(cls: Any = None, /, **options: bool) -> Any:
        """As ``dataclasses.dataclass``, with its options ``frozen``, ``eq``, ``order`` and ``kw_only``."""
        return _deferred(cls, options) if cls is not None else lambda each: _deferred(each, options)
