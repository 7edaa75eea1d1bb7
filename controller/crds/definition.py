"""The custom resource definition of a kind."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from controller.crds.policy import policy_schema
from controller.crds.rules import changes
from controller.crds.scalar import Schema
from controller.crds.short_names import short_name
from controller.crds.spec import spec_schema
from controller.crds.status import status_schema
from controller.manifests.envelope import API_VERSION, GROUP
from controller.schema.contract import contract

_VERSION = API_VERSION.removeprefix(f"{GROUP}/")
CONDITION = '.status.conditions[?(@.type=="{0}")].{1}'
CATEGORY = "sagemaker"
_COLUMNS = (
    ("Ready", CONDITION.format("Ready", "status"), 0),
    ("Synced", CONDITION.format("Synced", "status"), 0),
    ("Reason", CONDITION.format("Synced", "reason"), 0),  # Ready is left out while an object is paused
    ("AWS-Status", ".status.awsStatus", 0),
    ("AWS-Name", ".status.awsName", 0),
    ("ARN", ".status.arn", 1),
)


@cache
def plural(kind: str) -> str:
    """The plural in the API's paths."""
    return contract(kind).plural.lower()


def file_name(kind: str) -> str:
    """The file of a kind's definition."""
    return f"{plural(kind)}.yaml"


def definition(kind: str) -> dict[str, Any]:
    """The definition of a kind, as plain data in the order in which it is written."""
    names = {
        "kind": kind,
        "listKind": f"{kind}List",
        "plural": plural(kind),
        "singular": kind.lower(),
        "shortNames": [short_name(kind)],
        "categories": [CATEGORY],
    }
    return named(GROUP, names, version(_object(kind), _COLUMNS, subresources={"status": {}}))


def named(group: str, names: Schema, document: Schema) -> dict[str, Any]:
    """A definition with one version."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names['plural']}.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [document]},
    }


def version(schema: Schema, columns: Iterable[tuple[str, str, int]], *, subresources: Schema) -> Schema:
    """Our version; columns are title, path and priority, and the age comes last."""
    return {
        "name": _VERSION,
        "served": True,
        "storage": True,
        **({"subresources": subresources} if subresources else {}),
        "additionalPrinterColumns": _columns(columns),
        "schema": {"openAPIV3Schema": schema},
    }


def _object(kind: str) -> Schema:
    of = contract(kind)
    found: Schema = {
        "description": f"{kind} in Amazon SageMaker, kept equal to its spec.",
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": spec_schema(of),
            "policy": policy_schema(taggable=of.taggable),
            "status": status_schema(),
        },
    }
    rules = changes(of)
    return {**found, "x-kubernetes-validations": rules} if rules else found


def _columns(shown: Iterable[tuple[str, str, int]]) -> list[Schema]:
    columns: list[Schema] = [
        {"name": name, "type": "string", "jsonPath": path, **({"priority": wide} if wide else {})}
        for name, path, wide in shown
    ]
    return [*columns, {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}]
