"""All custom resource definitions, those of GitSync and inventories included, as files.

What is remembered of a sync is a group of its own: a watch of our group does not carry megabytes of it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.crds.definition import CONDITION, definition, file_name, named, version
from controller.crds.scalar import Schema
from controller.crds.sync_spec import rules, spec_schema
from controller.crds.sync_status import memory_schema, status_schema
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION, GROUP
from controller.manifests.yaml_writer import yaml_text

VERSION = API_VERSION.removeprefix(f"{GROUP}/")


@dataclass(frozen=True)
class DefinitionNames:
    """Names of a CustomResourceDefinition."""

    kind: str
    plural: str
    group: str = GROUP
    short: str = ""

    @property
    def api_version(self) -> str:
        """As objects write it."""
        return f"{self.group}/{VERSION}"

    @property
    def file_name(self) -> str:
        """The file of the definition."""
        return f"{self.plural}.yaml"


SYNC = DefinitionNames("GitSync", "gitsyncs", short="gsync")
MEMORY = DefinitionNames("SyncMemory", "syncmemories", f"state.{GROUP}")


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


def _definition(own: DefinitionNames, document: Schema) -> dict[str, Any]:
    names = {
        "kind": own.kind,
        "listKind": f"{own.kind}List",
        "plural": own.plural,
        "singular": own.kind.lower(),
        **({"shortNames": [own.short]} if own.short else {}),
    }
    return named(own.group, names, document)


_MARK = "# Written by `sagectl crds --write crds`"
_HEAD = (
    f"{_MARK} from the rows in controller/kinds and the recorded service\n"
    "# model, controller/schema/sagemaker.json. Change those and write it anew.\n"
)


def text(kind: str) -> str:
    """The file of a kind's definition."""
    return _HEAD + yaml_text(definition(kind))


def _ours() -> dict[str, str]:
    """Those that stand for no resource."""
    head = f"{_MARK} from controller/crds/sync*.py. Change those and write it anew.\n"
    made = ((SYNC, sync_definition()), (MEMORY, memory_definition()))
    return {own.file_name: head + yaml_text(document) for own, document in made}


def documents() -> dict[str, str]:
    """All files by name, in the order of the names."""
    return dict(sorted([*((file_name(kind), text(kind)) for kind in KINDS), *_ours().items()]))


def ours(path: Path) -> bool:
    """Whether a file was written here."""
    return path.read_text(encoding="utf-8", errors="replace").startswith(_MARK)
