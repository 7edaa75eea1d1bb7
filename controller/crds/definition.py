"""The custom resource definition of a kind: names, policy, spec, status and printed columns.

The names of a kind do not depend on other kinds, so that a new kind renames no other; a test checks that they are
unique.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from controller.crds.rules import changes
from controller.crds.scalar import Schema
from controller.crds.spec import spec_schema
from controller.crds.status import status_schema
from controller.kinds import KINDS
from controller.manifests.document import POLICY, PolicyMember
from controller.manifests.envelope import API_VERSION, GROUP
from controller.schema.contract import contract
from controller.schema.descriptions import kind_meaning

_PREFIX = "sm"
_WORD = re.compile(r"[A-Z][a-z]*")
# Words that English joins to the previous one: "workteam", "endpoint".
_SECOND_HALVES = ("force", "form", "line", "point", "team")


def short_name(kind: str) -> str:
    """The short name of a kind, such as ``smepc`` for EndpointConfig."""
    letters = [_letters(word.lower()) for word in _WORD.findall(kind)]
    return KINDS[kind].display.short_name or _PREFIX + (
        "".join(letters) if len("".join(letters)) > 1 else kind[:2].lower()
    )


def _letters(word: str) -> str:
    half = next((half for half in _SECOND_HALVES if word.endswith(half) and word != half), "")
    return word[0] + half[:1]


def policy_schema(*, taggable: bool) -> Schema:
    """The schema of ``policy``, without defaults: an omitted field stays omitted.

    ``taggable`` is whether the kind has tags, which protection needs.
    """
    return {
        "description": "How the resource is managed.",
        "type": "object",
        "properties": {name: _schema(each, taggable=taggable) for name, each in POLICY.items()},
    }


def _schema(member: PolicyMember, *, taggable: bool) -> Schema:
    default = f" Default {member.documented_default}." if member.documented_default else ""
    written = {name: value for name, value in member.schema.items() if name != "items"}
    items = {"items": _known_formats(member.schema["items"])} if "items" in member.schema else {}
    refused = {"enum": [False]} if member.is_tag and not taggable else {}
    return {"description": f"{member.description}{default}", **written, **items, **refused}


def _known_formats(items: Schema) -> Schema:
    """The schema without formats that Kubernetes rejects."""
    return {name: value for name, value in items.items() if name != "format"}


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
    return definition_of(GROUP, names, version(_object(kind), _COLUMNS, subresources={"status": {}}))


def definition_of(group: str, names: Schema, document: Schema) -> dict[str, Any]:
    """A definition with one version."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names['plural']}.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [document]},
    }


def version(schema: Schema, columns: Iterable[tuple[str, str, int]], *, subresources: Schema) -> Schema:
    """The one version of a definition.

    ``columns`` are (title, path, priority); the age is added as the last one.
    """
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
        "description": f"{kind} in Amazon SageMaker, kept equal to its spec. {kind_meaning(kind)}.",
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
