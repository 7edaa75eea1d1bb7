"""Definitions as files."""

from pathlib import Path

from controller.crds.definition import definition, file_name
from controller.crds.own_kinds import MEMORY, SYNC
from controller.crds.sync import memory_definition, sync_definition
from controller.kinds import KINDS
from controller.manifests.yaml_writer import yaml_text

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
