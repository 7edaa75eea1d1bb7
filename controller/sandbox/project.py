"""Projects what the sandbox knows on an operation's output shape: nothing else leaves it."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.sandbox.rules import Json

Pick = Callable[[Any], Any]


def projector(shapes: Mapping[str, Json], name: str) -> Callable[[Json], Json]:
    """Return a function that keeps only the members of the shape `name`."""
    return _Compiler(shapes).pick(name)


class _Compiler:
    """Turns shapes into picking functions, once each, so that recursive shapes end."""

    def __init__(self, shapes: Mapping[str, Json]) -> None:
        self._shapes = shapes
        self._made: dict[str, Pick] = {}

    def pick(self, name: str) -> Pick:
        made = self._made.get(name)
        if made is None:
            self._made[name] = lambda value: self._made[name](value)  # noqa: PLW0108 - it is replaced below
            shape = self._shapes[name]
            build = {"structure": self._structure, "list": self._list, "map": self._map}.get(shape["type"])
            leaf = _milliseconds if shape["type"] == "timestamp" else _whole
            made = self._made[name] = leaf if build is None else build(shape)
        return made

    def _structure(self, shape: Json) -> Pick:
        members = [(name, self.pick(member["shape"])) for name, member in shape["members"].items()]

        def pick(value: Json) -> Json:
            return {
                name: item if inner is _whole else inner(item)
                for name, inner in members
                if (item := value.get(name)) is not None
            }

        return pick

    def _list(self, shape: Json) -> Pick:
        inner = self.pick(shape["member"]["shape"])
        return _whole if inner is _whole else lambda value: [inner(item) for item in value]

    def _map(self, shape: Json) -> Pick:
        inner = self.pick(shape["value"]["shape"])
        if inner is _whole:
            return _whole
        return lambda value: {key: inner(item) for key, item in value.items()}


def _milliseconds(value: float) -> float:
    """Return an instant as AWS JSON 1.1 writes it: epoch seconds with a fraction of milliseconds at most."""
    return round(value, 3)


def _whole(value: Any) -> Any:
    return value
