"""Documents of translated resources: named, linked to each other, and with variables for the file's parameters."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.convert.attributes import is_address, output_path
from controller.convert.children import join_children
from controller.convert.foreign import ForeignResource, Reading, untranslated_part
from controller.convert.marks import (
    Attribute,
    ends_in_dollar,
    has_marks,
    marked_references,
    read_mark,
    with_marks,
)
from controller.convert.translate import TranslatedSpec, text_at, translate
from controller.core.finding import Code, Finding, in_order
from controller.core.ref import Ref
from controller.insight.document_names import kubernetes_name
from controller.insight.export import Exported
from controller.insight.written_spec import written_spec
from controller.kinds.other_tools import Tool
from controller.manifests.document import Adopt
from controller.manifests.interpolation import escape
from controller.schema.contract import Contract, contract
from controller.schema.kind_names import kebab
from controller.schema.names import lower_camel


@dataclass(frozen=True)
class Converted:
    """The documents, the variables that they use (None if the files give no value), and the findings."""

    documents: tuple[Exported, ...]
    variables: Mapping[str, Any]
    findings: tuple[Finding, ...]


def convert_resources(reading: Reading, tool: Tool, *, adopt: bool, changeable_names: bool) -> Converted:
    """Make the documents of a reader's resources.

    Args:
        reading: the resources with the tool's member names.
        tool: how the tool spells members.
        adopt: whether to write the policy that lets documents adopt existing resources.
        changeable_names: whether to leave out the AWS names of immutable resources, so that a change makes a new
            generation; with a known ARN in ``policy.arn``.

    """
    work = _Conversion(reading, tool, adopt, changeable_names)
    documents = tuple(sorted(work.documents(), key=lambda each: each.ref))
    values = {name: reading.variables.get(name) for name in sorted(work.used)}
    return Converted(documents, values, in_order((*reading.findings, *work.findings)))


@dataclass
class _Conversion:
    reading: Reading
    tool: Tool
    adopt: bool
    changeable_names: bool
    findings: list[Finding] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    refs: dict[int, Ref] = field(default_factory=dict)
    named: dict[tuple[str, str], Ref] = field(default_factory=dict)

    def documents(self) -> list[Exported]:
        found = {i: each for i, each in enumerate(self.reading.resources) if each is not None}
        translated = {i: translate(each, self.tool) for i, each in found.items()}
        for each in translated.values():
            self.findings += each.findings
        specs, findings = join_children(found, {i: each.spec for i, each in translated.items()})
        self.findings += findings
        self._name({i: found[i] for i in specs}, specs)
        return [self._document(i, found[i], replace(translated[i], spec=spec)) for i, spec in specs.items()]

    def _name(self, found: Mapping[int, ForeignResource], specs: Mapping[int, Mapping[str, Any]]) -> None:
        """Choose each resource's document name, and record the names by which others refer to it."""
        taken: set[Ref] = set()
        for i, each in found.items():
            name = aws_name(specs[i], contract(each.kind))
            self.refs[i] = next(ref for ref in _candidates(each, name) if ref not in taken)
            taken.add(self.refs[i])
            for text in (name, each.arn, *each.names):
                if text:
                    self.named.setdefault((each.kind, text), self.refs[i])

    def _document(self, i: int, resource: ForeignResource, translated: TranslatedSpec) -> Exported:
        of, ref = contract(resource.kind), self.refs[i]
        spec, policy = self._identity(resource, dict(translated.spec), of, ref)
        written, omitted = written_spec(spec, of, ref, self._target)
        tags = {key: escape(value) for key, value in sorted(translated.tags.items())}
        whole = {**written, **({"tags": tags} if tags else {})}
        return Exported(ref, self._replace_marks(whole, resource, ref), policy, omitted)

    def _identity(
        self, resource: ForeignResource, spec: dict[str, Any], of: Contract, ref: Ref
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The spec with the name if it is needed, and the policy."""
        name = aws_name(spec, of)
        policy = {**({"adopt": Adopt.IF_UNOWNED.value} if self.adopt else {}), **resource.policy}
        hashed, found_by = of.kind.lifecycle.has_hashed_names, of.kind.identity.found_by
        numbered = found_by is not None and not found_by.matches and found_by.when in spec
        if name and name == ref.name and not hashed:
            del spec[of.name_member]
        if self.adopt and not name and of.name_member in of.identity and not of.kind.identity.key:
            self._note(
                resource,
                f"it has no name in the file: write its spec.{lower_camel(of.name_member)} to adopt it",
            )
        if numbered and resource.arn:
            policy["arn"] = resource.arn
        if hashed and name and self.changeable_names:
            del spec[of.name_member]
            if resource.arn:
                policy["arn"] = resource.arn
            else:
                self._note(
                    resource,
                    "its ARN is not in the file, so a new generation is created beside the existing one",
                )
        return spec, policy

    def _target(self, kind: str, text: str) -> Ref | None:
        """The document that a linked field names."""
        meaning = read_mark(text)
        if isinstance(meaning, Attribute):
            ref = self.refs[meaning.of]
            return ref if ref.kind == kind and is_address(meaning.name, contract(kind)) else None
        return self.named.get((kind, text))

    def _replace_marks(self, value: Any, resource: ForeignResource, ref: Ref) -> Any:
        """The value with references of documents instead of marks."""
        if isinstance(value, Mapping):
            return {key: self._replace_marks(inner, resource, ref) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._replace_marks(inner, resource, ref) for inner in value]
        if not isinstance(value, str) or not has_marks(value):
            return value
        if ends_in_dollar(value):
            self._note(
                resource, "a dollar sign before a reference cannot be written: the reference would be literal"
            )
        for each in marked_references(value):
            if isinstance(each, Attribute) and not output_path(
                each.name, contract(self.refs[each.of].kind), self.tool
            ):
                self._note(resource, f"{self.refs[each.of]} has no attribute {each.name!r} here")
        return with_marks(value, lambda each: self._reference(each, ref))

    def _reference(self, meaning: Attribute | str, here: Ref) -> str:
        if isinstance(meaning, str):
            self.used.add(meaning)
            return f"${{var.{meaning}}}"
        ref = self.refs[meaning.of]
        known = Ref(ref.kind, ref.name, "" if ref.namespace == here.namespace else ref.namespace)
        return f"${{{known}.{output_path(meaning.name, contract(ref.kind), self.tool) or 'name'}}}"

    def _note(self, resource: ForeignResource, message: str) -> None:
        self.findings.append(
            untranslated_part(Code.UNTRANSLATED_VALUE, message, resource.document, resource.path)
        )


def aws_name(spec: Mapping[str, Any], of: Contract) -> str:
    """The AWS name in a spec; empty if it has none, or if the name is only a part of the identity."""
    return "" if of.kind.identity.key is not None else text_at(spec, of.name_member)


def _candidates(resource: ForeignResource, name: str) -> Iterator[Ref]:
    label = name if name and not has_marks(name) and not resource.keeps_label else resource.label
    plain = kubernetes_name(label) or kebab(resource.kind)
    yield Ref(resource.kind, plain, resource.namespace)
    yield from (Ref(resource.kind, f"{plain}-{number}", resource.namespace) for number in _numbers())


def _numbers() -> Iterable[int]:
    number = 2
    while True:
        yield number
        number += 1
