"""The custom resource definition of a kind."""

from functools import cache
from typing import Any

from controller.crds.policy import policy_schema
from controller.crds.rules import changes
from controller.crds.scalar import Schema
from controller.crds.short import short_name
from controller.crds.spec import spec_schema
from controller.crds.status import status_schema
from controller.desired.envelope import API_VERSION, GROUP
from controller.service.contract import contract

_VERSION = API_VERSION.removeprefix(f"{GROUP}/")
_CONDITION = '.status.conditions[?(@.type=="{0}")].{1}'
CATEGORY = "sagemaker"


@cache
def plural(kind: str) -> str:
    """The plural in the API's paths."""
    return contract(kind).kind.plural.lower()


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
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural(kind)}.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [_version(kind)]},
    }


def _version(kind: str) -> Schema:
    return {
        "name": _VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": _columns(),
        "schema": {"openAPIV3Schema": _object(kind)},
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
            "policy": policy_schema(),
            "status": status_schema(),
        },
    }
    rules = changes(of)
    return {**found, "x-kubernetes-validations": rules} if rules else found


def _columns() -> list[Schema]:
    shown = (
        ("Ready", _CONDITION.format("Ready", "status"), 0),
        ("Synced", _CONDITION.format("Synced", "status"), 0),
        ("AWS-Status", ".status.awsStatus", 0),
        ("AWS-Name", ".status.awsName", 0),
        ("Reason", _CONDITION.format("Ready", "reason"), 1),
        ("ARN", ".status.arn", 1),
    )
    columns: list[Schema] = [
        {"name": name, "type": "string", "jsonPath": path, **({"priority": wide} if wide else {})}
        for name, path, wide in shown
    ]
    return [*columns, {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}]
