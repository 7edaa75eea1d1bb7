"""The envelope around a spec: who, and how to go about it. Strict, and an error never shows a value."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from controller.core.dataclass import dataclass
from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code, Finding, Remedy
from controller.core.path import Path
from controller.core.ref import LONGEST, is_subdomain
from controller.manifests.document import POLICY, Places

GROUP = "sagemaker.gitops.dev"
API_VERSION = f"{GROUP}/v1alpha1"

# What Kubernetes adds to an object; a document that was read from a cluster is a document still.
_CLUSTER_METADATA = frozenset(
    {
        "annotations", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers",
        "generateName", "generation", "labels", "managedFields", "ownerReferences", "resourceVersion",
        "selfLink", "uid",
    }
)  # fmt: skip
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAMESPACE = re.compile(_LABEL)


@dataclass(frozen=True)
class Metadata:
    """Who: names as Kubernetes takes them."""

    name: str
    namespace: str = ""


@dataclass(frozen=True)
class Envelope:
    """A document as written; ``spec`` is checked elsewhere, ``policy`` holds the fields that are set."""

    kind: str
    metadata: Metadata
    spec: dict[str, Any]
    policy: Mapping[str, Any]


@dataclass(frozen=True)
class _Mistake:
    """What is wrong with a value; ``unknown`` and ``missing`` are whether the very member is."""

    path: Path
    message: str
    unknown: bool = False
    missing: bool = False


_Check: TypeAlias = Callable[[Any, Path], Iterator[_Mistake]]


def _text(longest: float = math.inf) -> _Check:
    def check(value: Any, path: Path) -> Iterator[_Mistake]:
        if not isinstance(value, str):
            yield _Mistake(path, "this should be a valid string")
        elif len(value) > longest:
            yield _Mistake(path, f"this should have at most {longest} characters")

    return check


def _object(value: Any, path: Path) -> Iterator[_Mistake]:
    if not isinstance(value, dict):
        yield _Mistake(path, "this should be an object")


def _boolean(value: Any, path: Path) -> Iterator[_Mistake]:
    if not isinstance(value, bool):
        yield _Mistake(path, "this should be a valid boolean")


def _integer(least: int) -> _Check:
    def check(value: Any, path: Path) -> Iterator[_Mistake]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield _Mistake(path, "this should be a valid integer")
        elif value < least:
            yield _Mistake(path, f"this should be greater than or equal to {least}")

    return check


def _one_of(choices: Sequence[str]) -> _Check:
    *most, last = (f"'{choice}'" for choice in choices)

    def check(value: Any, path: Path) -> Iterator[_Mistake]:
        if not isinstance(value, str) or value not in choices:
            yield _Mistake(path, f"this should be {', '.join(most)} or {last}")

    return check


def _list(item: _Check, most: int) -> _Check:
    def check(value: Any, path: Path) -> Iterator[_Mistake]:
        if not isinstance(value, list):
            yield _Mistake(path, "this should be a valid list")
        elif len(value) > most:
            yield _Mistake(path, f"this should have at most {most} items, not {len(value)}")
        else:
            for index, each in enumerate(value):
                yield from item(each, (*path, index))

    return check


def _by_schema(schema: Mapping[str, Any]) -> _Check:
    """The check of a member by its JSON Schema; patterns are left to ``check``, which explains them."""
    if "enum" in schema:
        return _one_of(schema["enum"])
    match schema["type"]:
        case "boolean":
            return _boolean
        case "integer":
            return _integer(schema["minimum"])
        case "array":
            return _list(_by_schema(schema["items"]), schema["maxItems"])
    return _text(schema["maxLength"])


@dataclass(frozen=True)
class _Members:
    """The check of an object that has these members and no others."""

    members: Mapping[str, "_Check"]
    required: tuple[str, ...] = ()

    def __call__(self, value: Any, path: Path) -> Iterator[_Mistake]:
        if not isinstance(value, dict):
            yield from _object(value, path)
            return
        for name, check in self.members.items():
            if name in value:
                yield from check(value[name], (*path, name))
            elif name in self.required:
                yield _Mistake((*path, name), "it is required", missing=True)
        for name in value:
            if name not in self.members:
                yield _Mistake((*path, name), "there is no such field", unknown=True)


_PARTS: Mapping[Path, _Members] = {
    ("metadata",): _Members({"name": _text(), "namespace": _text()}, required=("name",)),
    ("policy",): _Members({name: _by_schema(each.schema) for name, each in POLICY.items()}),
}
_ENVELOPE = _Members(
    {
        "apiVersion": _text(),
        "kind": _text(),
        "metadata": _PARTS["metadata",],
        "spec": _object,
        "policy": _PARTS["policy",],
    },
    required=("apiVersion", "kind", "metadata", "spec"),
)
# Words of Terraform and of Kubernetes, with where ours stand.
_ELSEWHERE = {
    "depends_on": "the order follows from links and references",
    "dependsOn": "the order follows from links and references",
    "prevent_destroy": "write protect: true",
    "ignore_changes": "write ignore: [/path/in/spec]",
    "create_before_destroy": "models and configurations always have a new generation made first",
    "replace_triggered_by": "the order and what has to change follow from links",
    "lifecycle": "these fields belong under policy",
    "provider": f"the account and region are no part of a document: {Remedy.REGION}",
    "region": f"the region is no part of a document: {Remedy.REGION}",
    "count": "write one document for each",
    "for_each": "write one document for each",
    "data": "refer to unmanaged resources where they are used: by name or ARN",
    "tags": "tags belong under spec",
    "labels": "tags in AWS belong under spec.tags",
    "name": "the name belongs under metadata",
    "namespace": "the namespace belongs under metadata",
}


def read_envelope(value: Mapping[str, Any], places: Places) -> tuple[Envelope | None, tuple[Finding, ...]]:
    """The envelope of a document of ours, and what is wrong with it.

    Null members count as absent. ``status`` and what Kubernetes adds to ``metadata`` are ignored. An envelope
    with wrong or unknown parts is still given without them, as long as the name is there, so that the
    spec can be checked in the same run and the document is not taken for a missing one.
    """
    document = {
        key: _without_nulls(key, inner)
        for key, inner in value.items()
        if inner is not None and key != "status"
    }
    mistakes = tuple(_ENVELOPE(document, ()))
    if mistakes:
        return _least(document), tuple(_finding(each, places) for each in mistakes)
    envelope = _envelope(document)
    return envelope, _names(envelope, places)


def _envelope(valid: Mapping[str, Any]) -> Envelope:
    named = Metadata(**valid["metadata"])
    return Envelope(valid["kind"], named, valid["spec"], valid.get("policy", {}))


def _least(document: Mapping[str, Any]) -> Envelope | None:
    kept = {key: document[key] for key in ("apiVersion", "kind") if key in document}
    kept["spec"] = document["spec"] if isinstance(document.get("spec"), dict) else {}
    metadata = document.get("metadata")
    named = (
        {key: metadata[key] for key in ("name", "namespace") if key in metadata}
        if isinstance(metadata, dict)
        else {}
    )
    least = {**kept, "metadata": named}
    return None if any(_ENVELOPE(least, ())) else _envelope(least)


def _without_nulls(key: str, value: Any) -> Any:
    if key not in {"metadata", "policy"} or not isinstance(value, dict):
        return value
    ignored = _CLUSTER_METADATA if key == "metadata" else frozenset()
    return {name: inner for name, inner in value.items() if inner is not None and name not in ignored}


def is_name(text: str) -> bool:
    """Whether a text can be the ``metadata.name`` of a document."""
    return is_subdomain(text)


def is_namespace(text: str) -> bool:
    """Whether a text can be the ``metadata.namespace`` of a document."""
    return _NAMESPACE.fullmatch(text) is not None


def _names(envelope: Envelope, places: Places) -> tuple[Finding, ...]:
    named = envelope.metadata
    out = []
    if not is_name(named.name):
        parts = "each part starting and ending with a-z or 0-9"
        message = f"a name is 1 to {LONGEST} of a-z, 0-9, '-' and '.', {parts}"
        out.append(_at(("metadata", "name"), message, places))
    if named.namespace and not is_namespace(named.namespace):
        message = "a namespace is 1 to 63 of a-z, 0-9 and '-', starting and ending with a-z or 0-9"
        out.append(_at(("metadata", "namespace"), message, places))
    return tuple(out)


def _at(path: Path, message: str, places: Places, hint: str = "") -> Finding:
    return Finding(Code.ENVELOPE, message, places.nearest(path), path, hint)


def _finding(mistake: _Mistake, places: Places) -> Finding:
    hint = ""
    if mistake.unknown:
        hint = _guess(mistake.path)
    elif mistake.missing and mistake.path == ("spec",):
        hint = "write 'spec: {}' if it needs nothing"
    return _at(mistake.path, mistake.message, places, hint)


def _guess(path: Path) -> str:
    """What may be meant: a near name, our word for another tool's, or the place where such a field stands."""
    name = str(path[-1])
    near = did_you_mean(name, _PARTS.get(path[:-1], _ENVELOPE).members) or _ELSEWHERE.get(name, "")
    return near or ("fields of the kind belong under spec, indented" if len(path) == 1 else "")
