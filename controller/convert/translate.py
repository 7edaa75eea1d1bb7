"""Translates a tool's members to the API's, by the recorded shapes.

Members are matched without case, hyphens and underscores: ``model_data_url``, ``modelDataURL`` and ``ModelDataUrl`` are
the same. Values are converted to the type of the shape. A member that no shape has is a finding, unless Describe
returns it, because then the tool only reports it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from controller.convert.foreign import ForeignResource, by_letters, letters, untranslated_part
from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code, Finding
from controller.core.path import Path, get
from controller.kinds.other_tools import Tool
from controller.manifests.scalar import plain_scalar
from controller.schema.contract import Contract, contract
from controller.schema.leaf import has_type
from controller.schema.shape import Shape, shape

_NUMBERS = frozenset({"integer", "long", "float", "double"})
_NOTHING: Any = object()


@dataclass(frozen=True)
class TranslatedSpec:
    """A resource's spec with AWS's member names, and its tags."""

    spec: Mapping[str, Any]
    tags: Mapping[str, str]
    findings: tuple[Finding, ...]


def translate(resource: ForeignResource, tool: Tool) -> TranslatedSpec:
    """Translate the members of a resource; an element of a list also has the key of its resource."""
    work = _Translation(resource, contract(resource.kind), tool)
    of, rest = work.of.spec, dict(resource.body)
    spec: dict[str, Any] = {}
    if resource.child:
        element = element_shape(resource.kind, resource.child)
        own = {
            name: rest.pop(name)
            for name in tuple(rest)
            if work.target(str(name), element, top=True) is not None
        }
        spec = work.structure(own, element, resource.path, top=True)
    spec |= work.structure(rest, of, resource.path, top=True)
    return TranslatedSpec(spec, work.tags, tuple(work.findings))


def element_shape(kind: str, child: str) -> Shape:
    """The shape of an element of a kind's list."""
    return shape(shape(contract(kind).spec.members[child]).element)


@cache
def _members(structure: str) -> Mapping[str, str]:
    """The members of a structure by their ``letters``."""
    return by_letters(shape(structure).members)


@cache
def _described_members(kind: str) -> frozenset[str]:
    """The ``letters`` of the members that only Describe returns."""
    of = contract(kind)
    return frozenset(map(letters, (*of.body.members, of.arn_member, "Arn", "Id", f"{kind}Arn", f"{kind}Id")))


@dataclass
class _Translation:
    resource: ForeignResource
    of: Contract
    tool: Tool
    tags: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def structure(
        self, value: Mapping[str, Any], of: Shape, path: Path, *, top: bool = False
    ) -> dict[str, Any]:
        """The members of a structure; those of the resource itself may be prefixed with its kind."""
        out: dict[str, Any] = {}
        for name, inner in value.items():
            at = (*path, name)
            if inner is None or name in self.tool.ignored:
                continue
            if top and letters(name) == "tags":
                self._tags(inner, at)
                continue
            target = self.target(str(name), of, top=top)
            if target in of.tokens:
                continue
            if target is None:
                self._note_unknown(str(name), inner, of, at, top=top)
            elif target or not isinstance(inner, Mapping):
                self._set_member(out, target or str(name), inner, of, at)
            else:
                out |= self.structure(inner, of, at)
        return out

    def target(self, name: str, of: Shape, *, top: bool) -> str | None:
        """The dotted member of the structure for a name; empty for the structure itself, None if there is none."""
        moved = self.tool.members.get(f"{of.name}.{name}")
        if moved is not None:
            return moved
        if name in of.members:
            return name
        known, spelled = _members(of.name), letters(name)
        kind = letters(self.of.name)
        forms = [spelled]
        if self.tool.nested_in_lists:
            forms += [f"{spelled}s", f"{spelled.removesuffix('y')}ies", f"{spelled}es"]
        if top:
            forms += [f"{kind}{spelled}", spelled.removeprefix(kind)]
            forms += [letters(self.name_member)] if spelled == "name" else []
        forms += [f"{spelled}{ending}" for ending in self.tool.endings]
        return next((known[form] for form in forms if form in known), None)

    @property
    def name_member(self) -> str:
        """The member for the name ``name``."""
        child = self.resource.child
        return self.of.kind.write.children[child].named if child else self.of.name_member

    def _set_member(self, out: dict[str, Any], target: str, value: Any, of: Shape, path: Path) -> None:
        """Set the value of a dotted member in a structure under construction."""
        head, _, rest = target.partition(".")
        name, is_list = head.removesuffix("[]"), head.endswith("[]")
        inner = shape(of.members[name])
        if not rest:
            made = self.value(value, inner, path, required=name in of.required)
            if made is not _NOTHING:
                out[name] = made
            return
        held: dict[str, Any] = {}
        self._set_member(held, rest, value, shape(inner.element) if is_list else inner, path)
        if held:
            out[name] = [held] if is_list else {**out.get(name, {}), **held}

    def value(self, value: Any, of: Shape, path: Path, *, required: bool = True) -> Any:
        """A value of a shape; ``_NOTHING`` if the tool writes a value for an unset argument."""
        if self.tool.nested_in_lists and self._is_unset(value, of, required=required):
            return _NOTHING
        if (
            of.type == "structure"
            and isinstance(value, list)
            and len(value) == 1
            and self.tool.nested_in_lists
        ):
            value, path = value[0], (*path, 0)
        if of.type == "structure" and isinstance(value, Mapping):
            return self.structure(value, of, path)
        if of.type == "list" and isinstance(value, list | tuple):
            made = [self.value(inner, shape(of.element), (*path, i)) for i, inner in enumerate(value)]
            return [each for each in made if each is not _NOTHING and each is not None]
        if of.type == "map" and isinstance(value, Mapping):
            made_map = {key: self.value(inner, shape(of.value), (*path, key)) for key, inner in value.items()}
            return {key: each for key, each in made_map.items() if each is not _NOTHING and each is not None}
        return self._scalar(value, of, path)

    def _is_unset(self, value: Any, of: Shape, *, required: bool) -> bool:
        """Whether a value is what the Terraform provider writes for an argument that was not given."""
        if value is None or (isinstance(value, list | Mapping) and not value):
            return True
        if value == "" and of.type != "map":
            return not (required and not of.minimum)
        if value is False:
            return not required
        return value == 0 and not isinstance(value, bool) and (of.minimum or 0) > 0

    def _scalar(self, value: Any, of: Shape, path: Path) -> Any:
        if of.type in ("structure", "list", "map"):
            if not isinstance(value, str):
                self._note(Code.UNTRANSLATED_VALUE, f"expected a {of.type}", path)
            return value if isinstance(value, str) else _NOTHING
        if isinstance(value, str) and (of.type in _NUMBERS or of.type == "boolean"):
            read = plain_scalar(value.strip())
            return read if has_type(read, of.type) else value
        if of.type == "string" and isinstance(value, Mapping | list | tuple):
            return json.dumps(value)  # JSON in a string, which some tools write as an object
        if of.type == "string" and isinstance(value, bool | int | float):
            return str(value).lower() if isinstance(value, bool) else str(value)
        return value

    def _tags(self, value: Any, path: Path) -> None:
        """Tags as a map, from a map or from a list of keys with values."""
        if isinstance(value, Mapping):
            pairs = list(value.items())
        else:
            listed = value if isinstance(value, list) else []
            lowered = [
                {str(k).lower(): v for k, v in each.items()} for each in listed if isinstance(each, Mapping)
            ]
            pairs = [(each.get("key"), each.get("value")) for each in lowered]
            if len(lowered) < len(listed) or not isinstance(value, list):
                self._note(Code.UNTRANSLATED_VALUE, "expected keys with values", path)
        for key, each in pairs:
            if isinstance(key, str) and isinstance(each, str | int | float):
                self.tags[key] = str(each).lower() if isinstance(each, bool) else str(each)
            elif each is not None:
                self._note(Code.UNTRANSLATED_VALUE, "a tag is not a string", path)
        if self.tags and not self.of.taggable:
            self._note(Code.UNTRANSLATED_MEMBER, f"a {self.of.name} takes no tags", path)
            self.tags.clear()

    def _note_unknown(self, name: str, value: Any, of: Shape, path: Path, *, top: bool) -> None:
        if top and letters(name) in _described_members(self.of.name):
            return
        if self.tool.nested_in_lists and (value in ("", False, 0) or value in ([], {})):
            return
        hint = did_you_mean(name, of.members)
        self._note(Code.UNTRANSLATED_MEMBER, f"a {self.of.name} has no such member there", path, hint)

    def _note(self, code: Code, message: str, path: Path, hint: str = "") -> None:
        self.findings.append(untranslated_part(code, message, self.resource.document, path, hint))


def text_at(spec: Mapping[str, Any], member: str) -> str:
    """The string of a member; empty if there is none."""
    value = get(spec, (member,))
    return value if isinstance(value, str) else ""
