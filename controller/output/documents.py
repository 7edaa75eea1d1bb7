"""A document of a live resource as the text of a file."""

from typing import Any

from controller.insight.export import Exported
from controller.insight.written_spec import OmittedMember
from controller.manifests.envelope import API_VERSION
from controller.output.terminal import escape_unprintable


def document_of(each: Exported) -> dict[str, Any]:
    """The document as plain data, in the usual order."""
    policy = {"policy": dict(each.policy)} if each.policy else {}
    return {
        "apiVersion": API_VERSION,
        "kind": each.ref.kind,
        "metadata": {
            "name": each.ref.name,
            **({"namespace": each.ref.namespace} if each.ref.namespace else {}),
        },
        "spec": dict(each.spec),
        **policy,
    }


def head(each: Exported) -> str:
    """Comments above the document about values that people must add."""
    return "".join(f"# {escape_unprintable(_todo(member))}\n" for member in each.omitted)


def _todo(member: OmittedMember) -> str:
    if member.variable:
        return f"spec.{member.path} is not shown: write it, or give it with --var {member.variable}=VALUE"
    return f"spec.{member.path} is a secret: write a reference, {{env: NAME}} or {{file: PATH}}"
