"""Objects of ACK's SageMaker and Application Auto Scaling controllers (``sagemaker.services.k8s.aws``).

Sources: the custom resource definitions of ACK's sagemaker-controller v1.9.1, and the runtime's annotations
(``apis/core/v1alpha1/annotations.go``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.convert.foreign import ForeignResource, Reading, kind_of_type, letters
from controller.convert.marks import Attribute, attribute_mark
from controller.convert.source import ForeignDocument, Sources
from controller.core.finding import Code
from controller.core.path import Path
from controller.core.ref import quote_untrusted
from controller.kinds.other_tools import ACK
from controller.manifests.document import Adopt, Deletion, Mode

_GROUPS = ("sagemaker.services.k8s.aws", "applicationautoscaling.services.k8s.aws")
_ANNOTATION = "services.k8s.aws/"
# By annotation and value, the member of policy.
_POLICY: Mapping[tuple[str, str], tuple[str, str]] = {
    ("deletion-policy", "retain"): ("deletion", Deletion.RETAIN.value),
    ("deletion-policy", "delete"): ("deletion", Deletion.DELETE.value),
    ("adoption-policy", "adopt"): ("adopt", Adopt.IF_UNOWNED.value),
    ("adoption-policy", "adopt-or-create"): ("adopt", Adopt.IF_UNOWNED.value),
    ("read-only", "true"): ("mode", Mode.PLAN.value),
}
_OF_ADOPTION = "adoption-fields"  # names of the resource, which the spec has as well
_REFERENCE = ("Ref", "Refs")

Key = tuple[str, str, str]  # kind, namespace and name


@dataclass(frozen=True)
class _Object:
    """An object of ACK, and its position."""

    kind: str
    value: Mapping[str, Any]
    document: ForeignDocument
    path: Path

    @property
    def metadata(self) -> Mapping[str, Any]:
        return _mapping_at(self.value, "metadata")

    @property
    def key(self) -> Key:
        return self.kind, str(self.metadata.get("namespace") or ""), str(self.metadata["name"])


def read_objects(sources: Sources) -> Reading:
    """The resources of ACK's objects, with marks for references between them."""
    out = Reading(findings=list(sources.findings))
    found = [each for document in sources.documents for each in _objects(document, document.value, (), out)]
    numbers: dict[Key, int] = {}
    for i, each in enumerate(found):
        numbers.setdefault(each.key, i)
    out.resources += [_resource(each, numbers, out) for each in found]
    return out


def _objects(document: ForeignDocument, value: Any, path: Path, out: Reading) -> list[_Object]:
    if not isinstance(value, Mapping) or not isinstance(value.get("kind"), str):
        out.note(Code.NOT_A_DOCUMENT, "expected an object with apiVersion and kind", document, path)
        return []
    if isinstance(value.get("items"), list):
        each = enumerate(value["items"])
        return [one for i, item in each for one in _objects(document, item, (*path, "items", i), out)]
    group, kind = str(value.get("apiVersion", "")).partition("/")[0], kind_of_type(value["kind"], ACK)
    if (
        group not in _GROUPS
        or kind is None
        or not isinstance(_mapping_at(value, "metadata").get("name"), str)
    ):
        message = f"{quote_untrusted(value['kind'])} of {quote_untrusted(group)} is no kind here"
        out.note(Code.UNTRANSLATED_TYPE, message, document, path)
        return []
    return [_Object(kind, value, document, path)]


def _mapping_at(value: Any, name: str) -> Mapping[str, Any]:
    inner = value.get(name) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _resource(of: _Object, numbers: Mapping[Key, int], out: Reading) -> ForeignResource:
    kind, namespace, name = of.key
    path = (*of.path, "spec")
    return ForeignResource(
        kind,
        name,
        _References(of, numbers, out).value(_mapping_at(of.value, "spec"), path),
        of.document,
        path,
        policy=_policy(of, out),
        namespace=namespace,
        keeps_label=True,
        arn=str(_mapping_at(_mapping_at(of.value, "status"), "ackResourceMetadata").get("arn") or ""),
    )


def _policy(of: _Object, out: Reading) -> dict[str, Any]:
    policy: dict[str, Any] = {}
    for key, value in _mapping_at(of.metadata, "annotations").items():
        name, word = key.removeprefix(_ANNOTATION), str(value).lower()
        if not key.startswith(_ANNOTATION) or name == _OF_ADOPTION or (name, word) == ("read-only", "false"):
            continue
        if (name, word) in _POLICY:
            member, meaning = _POLICY[name, word]
            policy[member] = meaning
        else:
            path = (*of.path, "metadata", "annotations", key)
            message = "this annotation has no equivalent in a document"
            out.note(Code.UNTRANSLATED_MEMBER, message, of.document, path)
    return policy


@dataclass(frozen=True)
class _References:
    """Replaces ``*Ref`` members by marks of the referenced resources."""

    of: _Object
    numbers: Mapping[Key, int]
    out: Reading

    def value(self, value: Any, path: Path) -> Any:
        """A value without ACK's references."""
        if isinstance(value, list):
            return [self.value(inner, (*path, i)) for i, inner in enumerate(value)]
        if not isinstance(value, Mapping):
            return value
        out: dict[str, Any] = {}
        for name, inner in value.items():
            if not _is_reference(name, inner):
                out[name] = self.value(inner, (*path, name))
                continue
            stem = name.removesuffix("Refs").removesuffix("Ref")
            listed = inner if isinstance(inner, list) else [inner]
            marks = [mark for each in listed if (mark := self._mark(stem, each, (*path, name)))]
            if marks:
                out[stem] = marks if isinstance(inner, list) else marks[0]
        return out

    def _mark(self, stem: str, reference: Any, path: Path) -> str:
        """The mark of the referenced object, whose kind follows from the reference's name."""
        source = _mapping_at(reference, "from")
        called = source.get("namespace") or self.of.key[1], source.get("name")
        fits = [(letters(kind), i) for (kind, *own), i in self.numbers.items() if tuple(own) == called]
        alike = [fit for fit in fits if letters(stem).endswith(fit[0])]
        if not alike and len(fits) != 1:
            message = "the object that this refers to is not in the files"
            self.out.note(Code.UNTRANSLATED_VALUE, message, self.of.document, path)
            return ""
        return attribute_mark(Attribute(max(alike or fits)[1], ""))


def _is_reference(name: str, value: Any) -> bool:
    each = value[0] if isinstance(value, list) and value else value
    return name.endswith(_REFERENCE) and isinstance(each, Mapping) and set(each) == {"from"}
