"""The schema of ``policy`` in a definition, from the rows of ``manifests.document.POLICY``."""

from controller.crds.scalar import Schema
from controller.manifests.document import POLICY, PolicyMember


def policy_schema(*, taggable: bool) -> Schema:
    """The schema of a policy. Nothing is defaulted: what a document leaves out stays left out.

    ``taggable`` says whether the kind carries tags: protection is one.
    """
    return {
        "description": "How the resource is managed.",
        "type": "object",
        "properties": {name: _schema(each, taggable=taggable) for name, each in POLICY.items()},
    }


def _schema(member: PolicyMember, *, taggable: bool) -> Schema:
    default = f" Default {member.documented_default}." if member.documented_default else ""
    written = {name: value for name, value in member.schema.items() if name != "items"}
    items = {"items": _plain(member.schema["items"])} if "items" in member.schema else {}
    refused = {"enum": [False]} if member.is_tag and not taggable else {}
    return {"description": f"{member.description}{default}", **written, **items, **refused}


def _plain(items: Schema) -> Schema:
    """The schema without a format that Kubernetes does not know."""
    return {name: value for name, value in items.items() if name != "format"}
