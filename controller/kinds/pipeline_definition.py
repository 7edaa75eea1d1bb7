"""The service's requirements of a pipeline's definition, as far as the text shows them.

Source: developer guide, "Pipeline Definition JSON Schema"; the input of the jobs that steps start is checked by
the service when a pipeline is created (moto and the SageMaker SDK: "step NAME: ...").
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Any, TypeAlias

from controller.core.path import Path, get

Mistake: TypeAlias = tuple[Path, str]
Defers: TypeAlias = Callable[[str], bool]

_BRANCHES = ("IfSteps", "ElseSteps")
# CloudFormation's property PipelineDefinition is a mapping around the text (AWS::SageMaker::Pipeline).
_CLOUDFORMATION = ("PipelineDefinitionBody", "PipelineDefinitionS3Location")
_READ = re.compile(r"(Steps|Parameters)\.([A-Za-z0-9_-]+)")
# API reference, CreateProcessingJob, CreateTrainingJob: the most elements of these lists.
_MOST: Mapping[str, Mapping[Path, int]] = MappingProxyType(
    {
        "Processing": {("ProcessingInputs",): 10, ("ProcessingOutputConfig", "Outputs"): 10},
        "Training": {("InputDataConfig",): 20},
    }
)


def mistakes(definition: Any, defers: Defers) -> Iterator[Mistake]:
    """The errors of a definition, with the paths inside it.

    Args:
        definition: the document as data.
        defers: whether the value of a string is known only later.

    """
    if not isinstance(definition, Mapping):
        yield (), "a pipeline definition is a JSON object"
        return
    wrapped = next((key for key in definition if key.casefold() in _casefold_all(_CLOUDFORMATION)), None)
    if wrapped is not None:
        yield (
            (wrapped,),
            f"{wrapped} is CloudFormation's form: write the definition itself, with Version and Steps",
        )
        return
    if not isinstance(definition.get("Version"), str):
        yield (), "Version is required in a pipeline definition"
    graph = _Graph(defers)
    yield from graph.parameters(definition.get("Parameters", []))
    yield from graph.steps(definition.get("Steps"), ("Steps",), frozenset())
    yield from graph.edges()


def _casefold_all(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


@dataclass
class _Graph:
    """The steps of a definition, by name, and the dependencies of each."""

    defers: Defers
    declared: set[str] = field(default_factory=set)
    needs: dict[str, set[str]] = field(default_factory=dict)
    uses: list[tuple[Path, str, str, str]] = field(default_factory=list)
    complete: bool = True

    def parameters(self, parameters: Any) -> Iterator[Mistake]:
        if not isinstance(parameters, list):
            yield ("Parameters",), "Parameters must be a list"
            return
        for at, one in enumerate(parameters):
            name = one.get("Name") if isinstance(one, Mapping) else None
            if not isinstance(name, str):
                yield ("Parameters", at), "a parameter must have a Name"
            elif name in self.declared:
                yield (
                    ("Parameters", at, "Name"),
                    f"the name of a parameter must be unique, and {name!r} is not",
                )
            else:
                self._add_name(name, self.declared)

    def steps(self, steps: Any, path: Path, above: frozenset[str]) -> Iterator[Mistake]:
        if not isinstance(steps, list):
            yield path[:-1], f"{path[-1]} must be a list of steps"
            return
        for at, step in enumerate(steps):
            yield from self._step(step, (*path, at), above)

    def _step(self, step: Any, path: Path, above: frozenset[str]) -> Iterator[Mistake]:
        name = step.get("Name") if isinstance(step, Mapping) else None
        if not isinstance(name, str) or not isinstance(step.get("Type"), str):
            yield path, "a step must have a Name and a Type"
            return
        if name in self.needs:
            yield (*path, "Name"), f"the name of a step must be unique, and {name!r} is not"
        needs = self.needs.setdefault(name, set())
        needs |= above
        self._add_name(name, set())
        arguments = step.get("Arguments", {})
        if not isinstance(arguments, Mapping):
            yield (*path, "Arguments"), "the Arguments of a step must be an object"
            return
        self._check_uses(name, step, path)
        yield from _too_many(str(step["Type"]), arguments, (*path, "Arguments"))
        for branch in _BRANCHES:
            yield from self.steps(arguments.get(branch, []), (*path, "Arguments", branch), frozenset({name}))

    def _add_name(self, name: str, among: set[str]) -> None:
        self.complete = self.complete and not self.defers(name)
        among.add(name)

    def _check_uses(self, name: str, step: Mapping[str, Any], path: Path) -> None:
        listed = step.get("DependsOn", [])
        for at, other in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(other, str) and not self.defers(other):
                self.uses.append(((*path, "DependsOn", at), name, "Steps", other))
        arguments = {key: value for key, value in step.get("Arguments", {}).items() if key not in _BRANCHES}
        for inner, read in _reads({**step, "Arguments": arguments}, path):
            found = _READ.match(read)
            if found is not None:
                self.uses.append((inner, name, found[1], found[2]))

    def edges(self) -> Iterator[Mistake]:
        """Undefined references, and dependency cycles of steps."""
        for path, name, sort, other in self.uses:
            known = self.needs if sort == "Steps" else self.declared
            if other in known and sort == "Steps":
                self.needs[name].add(other)
            elif other not in known and self.complete:
                noun = "step" if sort == "Steps" else "parameter"
                yield path, f"step {name!r} uses {other!r}, which is no {noun} of this pipeline"
        try:
            TopologicalSorter(self.needs).prepare()
        except CycleError as cycle:
            yield ("Steps",), f"steps depend on each other: {' -> '.join(cycle.args[1])}"


def _reads(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """The targets of all ``{"Get": ...}`` inside."""
    if isinstance(value, Mapping):
        read = value.get("Get")
        if isinstance(read, str) and len(value) == 1:
            yield (*path, "Get"), read
        for key, inner in value.items():
            yield from _reads(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _reads(inner, (*path, at))


def _too_many(kind: str, arguments: Mapping[str, Any], path: Path) -> Iterator[Mistake]:
    for member, most in _MOST.get(kind, {}).items():
        listed = get(arguments, member)
        if isinstance(listed, list) and len(listed) > most:
            name = ".".join(map(str, member))
            yield (*path, *member), f"{name} may have at most {most} elements, and has {len(listed)}"
