"""Botocore's model of a service: operations with compiled input, output and redaction."""

import functools
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.loaders import Loader

from controller.sandbox.check import checker
from controller.sandbox.rules import Json

Pick = Callable[[Any], Any]


def projector(shapes: Mapping[str, Json], name: str, *, widens: bool = False) -> Callable[[Json], Json]:
    """Return a function that keeps only the members of the shape `name`.

    With `widens` it writes a number of 32 bits with all digits of the same number in 64.
    """
    return _Compiler(shapes, _single_precision if widens else _identity).pick(name)


class _Compiler:
    """Compiles shapes to functions that select members, once each, so that recursive shapes terminate."""

    def __init__(self, shapes: Mapping[str, Json], single: Pick) -> None:
        self._shapes = shapes
        self._leaves = {"timestamp": _milliseconds, "float": single}
        self._made: dict[str, Pick] = {}

    def pick(self, name: str) -> Pick:
        made = self._made.get(name)
        if made is None:
            self._made[name] = lambda value: self._made[name](value)  # noqa: PLW0108 - it is replaced below
            shape = self._shapes[name]
            build = {"structure": self._structure, "list": self._list, "map": self._map}.get(shape["type"])
            leaf = self._leaves.get(shape["type"], _identity)
            made = self._made[name] = leaf if build is None else build(shape)
        return made

    def _structure(self, shape: Json) -> Pick:
        members = [(name, self.pick(member["shape"])) for name, member in shape["members"].items()]

        def pick(value: Json) -> Json:
            return {
                name: item if inner is _identity else inner(item)
                for name, inner in members
                if (item := value.get(name)) is not None
            }

        return pick

    def _list(self, shape: Json) -> Pick:
        inner = self.pick(shape["member"]["shape"])
        return _identity if inner is _identity else lambda value: [inner(item) for item in value]

    def _map(self, shape: Json) -> Pick:
        inner = self.pick(shape["value"]["shape"])
        if inner is _identity:
            return _identity
        return lambda value: {key: inner(item) for key, item in value.items()}


def _milliseconds(value: float) -> float:
    """Return a time as AWS JSON 1.1 writes it: epoch seconds with milliseconds at most."""
    return round(value, 3)


def _single_precision(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _identity(value: Any) -> Any:
    return value


HIDDEN = "***"


def masker(shapes: Json, name: str) -> Callable[[Any], Any] | None:
    """Return a function that hides the sensitive parts of a value of that shape; None if the shape has none."""
    return _masker(shapes, name, frozenset())


def _masker(shapes: Json, name: str, above: frozenset[str]) -> Callable[[Any], Any] | None:
    shape = shapes[name]
    if shape.get("sensitive"):
        return lambda _: HIDDEN
    if name in above:
        return None
    inner = above | {name}
    if shape["type"] == "structure":
        return _of_members({m: _masker(shapes, t["shape"], inner) for m, t in shape["members"].items()})
    if shape["type"] == "list":
        return _of_items(_masker(shapes, shape["member"]["shape"], inner))
    if shape["type"] == "map":
        return _of_values(_masker(shapes, shape["value"]["shape"], inner))
    return None


def _of_members(by_member: dict[str, Callable[[Any], Any] | None]) -> Callable[[Any], Any] | None:
    hides = {member: hide for member, hide in by_member.items() if hide}
    if not hides:
        return None
    return lambda value: (
        {m: hides[m](v) if m in hides else v for m, v in value.items()} if isinstance(value, dict) else value
    )


def _of_items(hide: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    if hide is None:
        return None
    return lambda value: [hide(item) for item in value] if isinstance(value, list) else value


def _of_values(hide: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    if hide is None:
        return None
    return lambda value: {k: hide(v) for k, v in value.items()} if isinstance(value, dict) else value


@dataclass(frozen=True, slots=True)
class CompiledOperation:
    """One operation, with functions that check requests and shape responses."""

    name: str
    members: frozenset[str]  # of its input
    check: Callable[[Json], Json]
    project: Callable[[Json], Json] | None  # None: the response has no body
    mask: Callable[[Json], Json] | None  # None: no input is sensitive


class Model:
    """The operations of one service, compiled on first use."""

    def __init__(self, raw: Json) -> None:
        self._operations: Json = raw["operations"]
        self.shapes: Json = raw["shapes"]
        self.prefix: str = raw["metadata"].get("targetPrefix", "")
        self.namespace: str = raw["metadata"].get("xmlNamespace", "")
        self._compiled: dict[str, CompiledOperation] = {}
        self._widened: dict[str, Callable[[Json], Json]] = {}

    def operation(self, name: str) -> CompiledOperation | None:
        """Return the compiled operation; None if the service does not have it."""
        made = self._compiled.get(name)
        if made is None and name in self._operations:
            made = self._compiled[name] = self._compile(name)
        return made

    def widening_projector(self, name: str) -> Callable[[Json], Json]:
        """Return the function that shapes an operation's response, with numbers of 32 bits written in 64."""
        if name not in self._widened:
            self._widened[name] = projector(self.shapes, self.output_of(name), widens=True)
        return self._widened[name]

    def input_of(self, name: str) -> str:
        """Return the name of an operation's input shape; empty if it has none, or if there is no such operation."""
        return str(self._operations.get(name, {}).get("input", {}).get("shape", ""))

    def output_of(self, name: str) -> str:
        """Return the name of an operation's output shape."""
        return str(self._operations[name]["output"]["shape"])

    def _compile(self, name: str) -> CompiledOperation:
        row = self._operations[name]
        shape, out = row["input"]["shape"], row.get("output")
        return CompiledOperation(
            name=name,
            members=frozenset(self.shapes[shape]["members"]),
            check=checker(self.shapes, shape),
            project=projector(self.shapes, out["shape"]) if out else None,
            mask=masker(self.shapes, shape),
        )


@functools.cache
def load(service: str) -> Model:
    """Return the model of `service` in the installed botocore.

    ``Loader.load_service_model`` would first look through the folders of all 400 services, for 60 ms.
    """
    loader = Loader()
    version = loader.determine_latest_version(service, "service-2")
    raw: dict[str, Any] = loader.load_data(f"{service}/{version}/service-2")
    return Model(raw)
