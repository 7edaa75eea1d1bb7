"""A JSON Schema for each kind, for editors; made from its custom resource definition."""

import json
import re
from typing import Any

from controller.crds.catalog import SYNC
from controller.crds.definition import definition
from controller.crds.sync_spec import spec_schema
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION
from controller.schema.descriptions import kind_meaning
from controller.schema.kind_names import kebab

_META_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_KUBERNETES = "x-kubernetes-"
_OPEN = f"{_KUBERNETES}preserve-unknown-fields"
_EITHER = f"{_KUBERNETES}int-or-string"
_SOURCES = ("env", "file")  # of a secret, beside secretKeyRef: for documents in files


def schemas() -> dict[str, str]:
    """The contents of all files, by name."""
    kinds = {kind: schema(kind) for kind in sorted(KINDS)}
    return {
        f"{kebab(kind)}.schema.json": f"{json.dumps(each, indent=1)}\n"
        for kind, each in {**kinds, SYNC.kind: sync_schema()}.items()
    }


def any_kind() -> dict[str, Any]:
    """One schema for files with documents of any kind: the value of ``kind`` selects the schema of its kind."""
    chosen = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": _without_head(schema(kind)),
        }
        for kind in sorted(KINDS)
    ]
    return {
        "$schema": _META_SCHEMA,
        "title": "sagemaker-gitops",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {"apiVersion": {"const": API_VERSION}, "kind": {"enum": sorted(KINDS)}},
        "allOf": chosen,
    }


def _without_head(of: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in of.items() if name != "$schema"}


def schema(kind: str) -> dict[str, Any]:
    """The schema of a kind's document, without what only Kubernetes has."""
    properties = definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    return {
        "$schema": _META_SCHEMA,
        "title": kind,
        "description": f"{kind_meaning(kind)}.",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"const": kind},
            "metadata": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
            "spec": _without_extensions(properties["spec"]),
            "policy": _without_extensions(properties["policy"]),
        },
        "additionalProperties": False,
    }


def sync_schema() -> dict[str, Any]:
    """The schema of a GitSync, without its rules across fields, which JSON Schema can't express."""
    return {
        "$schema": _META_SCHEMA,
        "title": SYNC.kind,
        "description": "A Git repository that the operator reconciles with SageMaker.",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"const": SYNC.kind},
            "metadata": {"type": "object"},
            "spec": _without_extensions(spec_schema()),
        },
        "additionalProperties": False,
    }


def _without_extensions(of: dict[str, Any]) -> dict[str, Any]:
    """A schema without Kubernetes' extensions; structures allow no additional properties."""
    found: dict[str, Any] = {key: each for key, each in of.items() if not key.startswith(_KUBERNETES)}
    if not _portable(of.get("pattern", "")):
        del found["pattern"]
    if "properties" in of:
        found["properties"] = {name: _without_extensions(each) for name, each in of["properties"].items()}
    if of.get("type") == "object" and not of.get(_OPEN) and "additionalProperties" not in of:
        found["additionalProperties"] = False
    found |= _sources(of, found)
    for several in ("anyOf", "allOf"):
        if several in of:
            found[several] = [_without_extensions(each) for each in of[several]]
    if "not" in of:
        never = [each for each in of["not"]["anyOf"] if _portable(each["pattern"])]
        found |= {"not": {"anyOf": never}}
        if not never:
            del found["not"]
    for inner in ("items", "additionalProperties"):
        if isinstance(of.get(inner), dict):
            found[inner] = _without_extensions(of[inner])
    return found | _types(of, found)


def _types(of: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The ``type`` of a schema, a list of types if an extension of Kubernetes allows several."""
    if of.get(_EITHER) and "anyOf" not in of:
        return {"type": ["integer", "string"]}
    nullable = found.pop("nullable", False) and isinstance(found.get("type"), str)
    return {"type": [found["type"], "null"]} if nullable else {}


def _sources(of: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The allowed sources of a secret, if ``of`` is the schema of a reference to a secret."""
    if "secretKeyRef" not in of.get("properties", {}):
        return {}
    more = {name: {"type": "string"} for name in _SOURCES}
    return {
        "properties": {**found["properties"], **more},
        "required": [],
        "minProperties": 1,
        "maxProperties": 1,
    }


def _portable(pattern: str) -> bool:
    """Whether an RE2 pattern is also valid elsewhere; the loader checks all patterns."""
    try:
        return bool(re.compile(pattern))
    except re.error:
        return False
