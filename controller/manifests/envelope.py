"""The envelope of a spec: kind, metadata and policy. Strict, and an error never shows a value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import SchemaValidator, ValidationError

from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code, Finding, Remedy
from controller.core.path import Path
from controller.core.ref import LONGEST, is_subdomain
from controller.manifests.document import POLICY, OriginMap

GROUP = "sagemaker.gitops.dev"
API_VERSION = f"{GROUP}/v1alpha1"

# Members that Kubernetes adds to an object, so that documents read from a cluster are accepted.
_CLUSTER_METADATA = frozenset(
    {
        "annotations", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers",
        "generateName", "generation", "labels", "managedFields", "ownerReferences", "resourceVersion",
        "selfLink", "uid",
    }
)  # fmt: skip
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAMESPACE = re.compile(_LABEL)
_TEXT = {"type": "str", "strict": True}


@dataclass(frozen=True)
class Metadata:
    """The metadata: names that Kubernetes accepts."""

    name: str
    namespace: str = ""


@dataclass(frozen=True)
class Envelope:
    """A document as written; ``spec`` is checked elsewhere, ``policy`` holds the fields that are set."""

    kind: str
    metadata: Metadata
    spec: dict[str, Any]
    policy: Mapping[str, Any]


def _fields(**schemas: dict[str, Any]) -> dict[str, Any]:
    """A strict mapping; names that end in ``_`` are optional."""
    return {
        "type": "typed-dict",
        "extra_behavior": "forbid",
        "fields": {
            name.rstrip("_"): {
                "type": "typed-dict-field",
                "schema": schema,
                "required": not name.endswith("_"),
            }
            for name, schema in schemas.items()
        },
    }


def _core_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON Schema as a schema of pydantic's engine; ``check`` validates patterns, because it explains them."""
    if "enum" in schema:
        return {"type": "literal", "expected": schema["enum"]}
    match schema["type"]:
        case "boolean":
            return {"type": "bool", "strict": True}
        case "integer":
            return {"type": "int", "strict": True, "ge": schema["minimum"]}
        case "array":
            items = _core_schema(schema["items"])
            return {"type": "list", "strict": True, "items_schema": items, "max_length": schema["maxItems"]}
    return {**_TEXT, "max_length": schema["maxLength"]}


_SCHEMA = _fields(
    apiVersion=_TEXT,
    kind=_TEXT,
    metadata=_fields(name=_TEXT, namespace_=_TEXT),
    spec={"type": "dict", "strict": True},
    policy_=_fields(**{f"{name}_": _core_schema(each.schema) for name, each in POLICY.items()}),
)
# Names of Terraform and of Kubernetes, with ours.
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
# pydantic's engine, without its classes: building those would be most of the start time of ``validate``.
_VALIDATOR = SchemaValidator(_SCHEMA, {"hide_input_in_errors": True})


def read_envelope(
    value: Mapping[str, Any], origins: OriginMap
) -> tuple[Envelope | None, tuple[Finding, ...]]:
    """The envelope of a document, with its findings.

    Null members count as absent. ``status`` and members that Kubernetes adds to ``metadata`` are ignored. An envelope
    with wrong or unknown parts is returned without them if it has a name, so that the spec can be checked in the same
    run and the document is not taken for a missing one.
    """
    document = {
        key: _without_nulls(key, inner)
        for key, inner in value.items()
        if inner is not None and key != "status"
    }
    try:
        envelope = _envelope(_VALIDATOR.validate_python(document), document["spec"])
    except ValidationError as error:
        findings = tuple(
            _finding(each, origins) for each in error.errors(include_input=False, include_url=False)
        )
        return _minimal_envelope(document), findings
    return envelope, _names(envelope, origins)


def _envelope(valid: Mapping[str, Any], spec: dict[str, Any]) -> Envelope:
    """The envelope of the valid parts; the spec is the given object, not pydantic's copy."""
    return Envelope(valid["kind"], Metadata(**valid["metadata"]), spec, valid.get("policy", {}))


def _minimal_envelope(document: Mapping[str, Any]) -> Envelope | None:
    kept = {key: document[key] for key in ("apiVersion", "kind") if key in document}
    kept["spec"] = document["spec"] if isinstance(document.get("spec"), dict) else {}
    metadata = document.get("metadata")
    named = (
        {key: metadata[key] for key in ("name", "namespace") if key in metadata}
        if isinstance(metadata, dict)
        else {}
    )
    try:
        return _envelope(_VALIDATOR.validate_python({**kept, "metadata": named}), kept["spec"])
    except ValidationError:
        return None


def _without_nulls(key: str, value: Any) -> Any:
    if key not in {"metadata", "policy"} or not isinstance(value, dict):
        return value
    ignored = _CLUSTER_METADATA if key == "metadata" else frozenset()
    return {name: inner for name, inner in value.items() if inner is not None and name not in ignored}


def is_name(text: str) -> bool:
    """Whether a value is a valid ``metadata.name``."""
    return is_subdomain(text)


def is_namespace(text: str) -> bool:
    """Whether a value is a valid ``metadata.namespace``."""
    return _NAMESPACE.fullmatch(text) is not None


def _names(envelope: Envelope, origins: OriginMap) -> tuple[Finding, ...]:
    named = envelope.metadata
    out = []
    if not is_name(named.name):
        parts = "each part starting and ending with a-z or 0-9"
        message = f"a name is 1 to {LONGEST} of a-z, 0-9, '-' and '.', {parts}"
        out.append(_finding_at(("metadata", "name"), message, origins))
    if named.namespace and not is_namespace(named.namespace):
        message = "a namespace is 1 to 63 of a-z, 0-9 and '-', starting and ending with a-z or 0-9"
        out.append(_finding_at(("metadata", "namespace"), message, origins))
    return tuple(out)


def _finding_at(path: Path, message: str, origins: OriginMap, hint: str = "") -> Finding:
    return Finding(Code.ENVELOPE, message, origins.nearest(path), path, hint)


def _finding(error: Any, origins: OriginMap) -> Finding:
    path: Path = tuple(error["loc"])
    match error["type"]:
        case "missing":
            hint = "write 'spec: {}' if it needs nothing" if path == ("spec",) else ""
            return _finding_at(path, "it is required", origins, hint)
        case "extra_forbidden":
            return _finding_at(path, "there is no such field", origins, _guess(path))
    message = (
        str(error["msg"])
        .replace("Input should be", "this should be")
        .replace("a valid dictionary", "an object")
    )
    return _finding_at(path, message, origins)


def _guess(path: Path) -> str:
    """A hint: a similar name, our name for another tool's, or where such a field belongs."""
    name = str(path[-1])
    near = did_you_mean(name, _known_fields(path[:-1])) or _ELSEWHERE.get(name, "")
    return near or ("fields of the kind belong under spec, indented" if len(path) == 1 else "")


def _known_fields(parent: Path) -> tuple[str, ...]:
    schema: dict[str, Any] = _SCHEMA
    for part in parent:
        schema = schema["fields"].get(part, {"schema": _SCHEMA})["schema"]
    return tuple(schema.get("fields", ()))
