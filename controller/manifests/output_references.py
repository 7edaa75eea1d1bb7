"""Output references: ``${Kind/name.path}`` inside the strings of a spec."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.did_you_mean import did_you_mean
from controller.core.path import Path
from controller.core.ref import Ref
from controller.manifests.variables import OutputRef, pieces
from controller.schema.contract import contract
from controller.schema.names import by_camel
from controller.schema.shape import Shape, shape

NAME, ARN = "name", "arn"  # short for the AWS name and the ARN, whatever the kind calls them


@dataclass(frozen=True)
class OutputUse:
    """One use: the path of the string in the spec (AWS's words), whose output, and which."""

    path: Path
    ref: Ref
    output: tuple[str, ...]

    def trouble(self) -> tuple[str, str]:
        """What is wrong with it as far as the model tells, and a hint; two empty texts when nothing is."""
        if self.output in ((NAME,), (ARN,)):
            return "", ""
        here: Shape | None = contract(self.ref.kind).body
        for part in self.output:
            members = by_camel(here.name) if here and here.type == "structure" else {}
            if here is not None and here.type in ("map", "list"):
                here = shape(here.value or here.element)
            elif here is not None and part in members:
                here = shape(here.members[members[part]])
            else:
                return f"{self.ref.kind} has no output '{'.'.join(self.output)}'", did_you_mean(part, members)
        if here is not None and here.type in ("structure", "list", "map"):
            return f"'{'.'.join(self.output)}' of {self.ref.kind} is a {here.type}, not a single value", ""
        return "", ""


def near(ref: Ref, here: str) -> Ref:
    """The document that is meant by a document in the namespace ``here``: where none is named, that one."""
    return ref if ref.namespace else Ref(ref.kind, ref.name, here)


def outputs_in(spec: Any, here: str, path: Path = ()) -> tuple[OutputUse, ...]:
    """All uses in a spec of the namespace ``here``, in the order of their paths."""
    if isinstance(spec, Mapping):
        return tuple(use for key, inner in spec.items() for use in outputs_in(inner, here, (*path, key)))
    if isinstance(spec, list | tuple):
        return tuple(use for i, inner in enumerate(spec) for use in outputs_in(inner, here, (*path, i)))
    if isinstance(spec, str) and "${" in spec:
        return tuple(
            OutputUse(path, near(p.ref, here), p.path) for p in pieces(spec) if isinstance(p, OutputRef)
        )
    return ()
