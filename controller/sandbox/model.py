"""Botocore's model of a service: which operations it has, and their compiled input and output."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.loaders import Loader

from controller.sandbox.check import checker
from controller.sandbox.project import projector
from controller.sandbox.redaction import masker
from controller.sandbox.rules import Json


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, ready to check requests and to shape answers."""

    name: str
    members: frozenset[str]  # of its input
    check: Callable[[Json], Json]
    project: Callable[[Json], Json] | None  # None: the answer has no body
    mask: Callable[[Json], Json] | None  # None: no input is sensitive


class Model:
    """The operations of one service, compiled when first asked for."""

    def __init__(self, raw: Json) -> None:
        self._operations: Json = raw["operations"]
        self.shapes: Json = raw["shapes"]
        self.prefix: str = raw["metadata"].get("targetPrefix", "")
        self._compiled: dict[str, Operation] = {}

    def operation(self, name: str) -> Operation | None:
        """Return the compiled operation; None when the service has no such one."""
        made = self._compiled.get(name)
        if made is None and name in self._operations:
            made = self._compiled[name] = self._compile(name)
        return made

    def _compile(self, name: str) -> Operation:
        row = self._operations[name]
        shape, out = row["input"]["shape"], row.get("output")
        return Operation(
            name=name,
            members=frozenset(self.shapes[shape]["members"]),
            check=checker(self.shapes, shape),
            project=projector(self.shapes, out["shape"]) if out else None,
            mask=masker(self.shapes, shape),
        )


@functools.cache
def load(service: str) -> Model:
    """Return the model of `service` as the installed botocore has it."""
    raw: dict[str, Any] = Loader().load_service_model(service, "service-2")
    return Model(raw)
