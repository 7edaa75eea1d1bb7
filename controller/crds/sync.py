"""The definitions of GitSync and of what is remembered of one."""

from typing import Any

from controller.crds.definition import CONDITION, named, version
from controller.crds.own_kinds import MEMORY, SYNC, Own
from controller.crds.scalar import Schema
from controller.crds.sync_spec import rules, spec_schema
from controller.crds.sync_status import memory_schema, status_schema


def sync_definition() -> dict[str, Any]:
    """The definition of GitSync."""
    found: Schema = {
        "description": "A path of a git repository, followed: what its documents say is made so in AWS.",
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": spec_schema(),
            "status": status_schema(),
        },
        "x-kubernetes-validations": rules(),
    }
    shown = (
        ("Ready", CONDITION.format("Ready", "status"), 0),
        ("Reason", CONDITION.format("Synced", "reason"), 0),
        ("Revision", ".status.lastApplied.revision", 0),
        ("Head", ".status.head", 1),
        ("Message", CONDITION.format("Synced", "message"), 1),
        ("URL", ".spec.source.url", 1),
    )
    return _definition(SYNC, version(found, shown, subresources={"status": {}}))


def memory_definition() -> dict[str, Any]:
    """The definition of what is remembered."""
    return _definition(MEMORY, version(memory_schema(), (("Resources", ".resources", 0),), subresources={}))


def _definition(own: Own, document: Schema) -> dict[str, Any]:
    names = {
        "kind": own.kind,
        "listKind": f"{own.kind}List",
        "plural": own.plural,
        "singular": own.kind.lower(),
        **({"shortNames": [own.short]} if own.short else {}),
    }
    return named(own.group, names, document)
