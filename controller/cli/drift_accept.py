"""``sagectl drift --accept``: writes live values into the files, or reports why it can't."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controller.core.finding import errors
from controller.core.path import dotted_path
from controller.core.ref import Ref
from controller.engine.advice import COMMAND, findings_with_advice
from controller.engine.observed import Live
from controller.insight.drift import DriftedResource
from controller.insight.drift_acceptance import UnacceptedDrift, edits
from controller.manifests.bundle import Bundle
from controller.manifests.load import load_bytes
from controller.manifests.rewrite import rewrite
from controller.manifests.yaml_writer import Edit
from controller.runtime.atomic_file import replace_file


@dataclass
class Accepted:
    """The written changes by file, and the refused ones."""

    written: dict[str, tuple[Edit, ...]] = field(default_factory=dict)
    left: list[UnacceptedDrift] = field(default_factory=list)


def write_drift(
    found: tuple[DriftedResource, ...],
    tree: Bundle,
    live_resources: Mapping[Ref, Live],
    variables: Mapping[str, Any],
) -> Accepted:
    """Write the changes, file by file; a file that would not load afterwards is left unchanged."""
    result, files = Accepted(), dict[str, list[Edit]]()
    for each in found:
        resource = tree.resources[each.ref]
        made, left = edits(each, resource, live_resources.get(each.ref))
        result.left += left
        if made:
            files.setdefault(resource.document.origin.file, []).extend(made)
    for file, desired in files.items():
        _file(file, desired, variables, result)
    return result


def _file(file: str, desired: list[Edit], variables: Mapping[str, Any], result: Accepted) -> None:
    path = Path(file)
    if not path.is_file():
        result.left.append(UnacceptedDrift(file, "it is not a file"))
        return
    data = path.read_bytes()
    new = rewrite(data.decode("utf-8-sig"), desired)
    result.left += [
        UnacceptedDrift(f"{edit.ref}: {dotted_path(edit.path)}", why) for edit, why in new.refused
    ]
    if not new.done:
        return
    text = new.text.encode()
    wrong = errors(findings_with_advice(load_bytes([(file, text)], variables=variables).findings, COMMAND))
    if wrong:
        result.left.append(UnacceptedDrift(file, f"it would no longer be valid: {wrong[0]}"))
        return
    replace_file(path, text)
    result.written[file] = new.done
