"""The unknown values of a Terraform plan: references between resources, variables, and sensitive values."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.convert.foreign import Reading, letters
from controller.convert.marks import Attribute, attribute_mark, variable_mark, variable_name
from controller.convert.source import ForeignDocument
from controller.core.finding import Code
from controller.core.path import Path, dotted_path, get, with_value
from controller.schema.contract import contract

_MODULE = re.compile(r'module\.([\w-]+)(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\])?')
_REFERENCE = re.compile(r'([a-z]\w*\.[\w-]+)(?:\[("(?:[^"\\]|\\.)*"|[^\]]*)\])?(?:\.([\w.]+))?')
_INPUTS = ("var.", "local.", "each.", "count.", "module.", "data.", "path.", "terraform.")


@dataclass(frozen=True)
class Configuration:
    """A plan's configuration: the expressions of each resource, and the values of variables.

    The keys of ``expressions`` are the names of the modules and the resource's type and name.
    """

    expressions: Mapping[tuple[str, ...], Mapping[str, Any]] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()


_NOTHING = Configuration()


@dataclass(frozen=True)
class Instance:
    """A resource of a module, or one of its instances by ``count`` or ``for_each``."""

    type: str
    name: str
    index: Any
    module: str
    values: Mapping[str, Any]
    hidden: Mapping[str, Any]
    document: ForeignDocument
    path: Path
    written: Configuration = field(default_factory=lambda: _NOTHING)

    @property
    def label(self) -> str:
        """The name in the configuration, with the instance's key."""
        return self.name if self.index is None else f"{self.name}-{self.index}"

    @property
    def base(self) -> str:
        """The address that expressions of its module use."""
        return f"{self.type}.{self.name}"

    @property
    def expressions(self) -> Mapping[str, Any]:
        """The expressions of its arguments; empty for a state."""
        return self.written.expressions.get((*_MODULE.findall(self.module), self.base), {})


def configuration(value: Mapping[str, Any]) -> Configuration:
    """The configuration in a plan; an empty one for a state."""
    root = get(value, ("configuration", "root_module"), {})
    declared = root.get("variables") if isinstance(root, Mapping) else None
    hidden = {
        name for name, each in _items(declared) if isinstance(each, Mapping) and each.get("sensitive") is True
    }
    given = {
        name: each.get("value") for name, each in _items(value.get("variables")) if isinstance(each, Mapping)
    }
    plain = {name: each for name, each in given.items() if isinstance(each, str | int | float)}
    return Configuration(dict(_expressions(root, ())), plain, frozenset(hidden))


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def _expressions(
    module: Any, modules: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if not isinstance(module, Mapping):
        return
    for each in module.get("resources") or ():
        if isinstance(each, Mapping) and isinstance(each.get("expressions"), Mapping):
            yield (*modules, f"{each.get('type')}.{each.get('name')}"), each["expressions"]
    for name, call in _items(module.get("module_calls")):
        if isinstance(call, Mapping):
            yield from _expressions(call.get("module"), (*modules, name))


def fill_instance(each: Instance, kind: str, instances: Sequence[Instance], out: Reading) -> dict[str, Any]:
    """An instance's values, with marks for unknown values, variables and sensitive values."""
    values = dict(each.values)
    work = _Filling(each, kind, instances, out)
    for path, references in _arguments_with_references(each.expressions, ()):
        mark = work.mark(path, references, get(values, path))
        if mark:
            values = _with_mark(values, path, mark)
    for path in _sensitive_paths(each.hidden, values, ()):
        name = variable_name(f"{each.base}.{dotted_path(path)}")
        out.variables[name] = None
        out.sensitive.add(name)
        values = with_value(values, path, variable_mark(name))
    return values


def _arguments_with_references(expressions: Any, path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yields the arguments with references, and these references."""
    if isinstance(expressions, list):
        for i, inner in enumerate(expressions):
            yield from _arguments_with_references(inner, (*path, i))
    elif isinstance(expressions, Mapping):
        references = expressions.get("references")
        if isinstance(references, list) and path:
            yield path, [each for each in references if isinstance(each, str)]
        else:
            for name, inner in expressions.items():
                yield from _arguments_with_references(inner, (*path, name))


def _sensitive_paths(hidden: Any, value: Any, path: Path) -> Iterator[Path]:
    """The paths of scalars at and below those that the provider or a variable marks as sensitive."""
    if hidden is True and not isinstance(value, Mapping | list):
        if value not in (None, "", False):
            yield path
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            below = hidden.get(name) if isinstance(hidden, Mapping) else hidden
            yield from _sensitive_paths(below, inner, (*path, name))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            below = hidden[i] if isinstance(hidden, list) and i < len(hidden) else hidden is True
            yield from _sensitive_paths(below, inner, (*path, i))


def _with_mark(values: dict[str, Any], path: Path, mark: str) -> dict[str, Any]:
    """The values with a mark at a path, unless it is in a block that the plan leaves out."""
    inside = get(values, path[:-1]) if len(path) > 1 else values
    if not isinstance(inside, Mapping):
        return values
    changed: dict[str, Any] = with_value(values, path, mark)
    return changed


@dataclass(frozen=True)
class _Filling:
    each: Instance
    kind: str
    instances: Sequence[Instance]
    out: Reading

    def mark(self, path: Path, references: Sequence[str], known: Any) -> str:
        """The mark for an argument that is a single reference; empty if its value stays."""
        variables = [name.removeprefix("var.") for name in references if name.startswith("var.")]
        if known is not None:
            same = len(references) == 1 and len(variables) == 1 and not self.each.module
            value = self.each.written.variables.get(variables[0]) if same else None
            return variable_mark(variables[0]) if same and value is not None and value == known else ""
        found = {(match[1], match[2]): match[3] for match in reversed(self._resources(references))}
        bases = {base for base, _ in found}
        if len(bases) != 1 or variables or self._is_composed(path):
            self._note(
                path, "its value is known after Terraform has applied the plan, and is no single reference"
            )
            return ""
        (base, key), attribute = next(
            ((one, name) for one, name in found.items() if name), (next(iter(found)), "")
        )
        return self._mark(base, key, attribute or "", path)

    @staticmethod
    def _resources(references: Iterable[str]) -> list[re.Match[str]]:
        return [
            match
            for each in references
            if not each.startswith(_INPUTS) and (match := _REFERENCE.fullmatch(each)) is not None
        ]

    def _is_composed(self, path: Path) -> bool:
        """Whether the field contains more than a name, such as an ID with a path in it."""
        links = contract(self.kind).kind.identity.links
        return any(link.within and letters(link.field) == letters(str(path[-1])) for link in links)

    def _mark(self, base: str, key: str | None, attribute: str, path: Path) -> str:
        """The mark of the referenced instance, or a variable if it gets no document."""
        alike = [
            (i, one)
            for i, one in enumerate(self.instances)
            if one.base == base and one.module == self.each.module and one.document is self.each.document
        ]
        if not alike:
            name = variable_name(f"{base}.{attribute or 'id'}")
            self.out.variables.setdefault(name, None)
            return variable_mark(name)
        index = key.strip('"') if key else self.each.index
        same = [i for i, one in alike if str(one.index) == str(index)]
        if not same and len(alike) > 1:
            self._note(path, f"which instance of {base} it refers to is not known")
            return ""
        return attribute_mark(Attribute((same or [alike[0][0]])[0], attribute))

    def _note(self, path: Path, message: str) -> None:
        self.out.note(Code.UNTRANSLATED_VALUE, message, self.each.document, (*self.each.path, *path))
