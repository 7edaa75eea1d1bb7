"""Requests of boto3 and the AWS CLI: the bodies of ``--cli-input-json``, one in each file."""

from collections.abc import Mapping
from functools import cache
from pathlib import PurePath

from controller.convert.foreign import ForeignResource, Reading, letters
from controller.convert.source import Sources
from controller.core.finding import Code
from controller.kinds import KINDS
from controller.schema.contract import contract


def read_requests(sources: Sources, kind: str = "") -> Reading:
    """The resources that the requests create.

    Args:
        sources: the files. Their names begin with the operation or kind, such as ``create-model.json`` or
            ``model-fraud.json``.
        kind: the kind of all of them, whatever the names of the files.

    """
    out = Reading(findings=list(sources.findings))
    for number, document in enumerate(sources.documents, 1):
        stem = PurePath(document.file).stem
        found = (kind, "") if kind else _operation(stem)
        if not isinstance(document.value, Mapping):
            out.note(Code.NOT_A_DOCUMENT, "expected an object: the body of a request", document, ())
        elif found is None:
            message = "the name of the file begins with neither a Create operation nor a kind"
            hint = "call it as create-model.json, or give --kind"
            out.note(Code.UNTRANSLATED_TYPE, message, document, (), hint)
        else:
            label = f"{stem}-{number}"
            out.resources.append(ForeignResource(found[0], label, document.value, document, child=found[1]))
    return out


def _operation(stem: str) -> tuple[str, str] | None:
    """The kind, and the list, with whose name a file's name begins: the longest match is used."""
    spelled = letters(stem.replace(" ", ""))
    fits = [name for name in _names() if spelled.startswith(name)]
    return _names()[max(fits, key=len)] if fits else None


@cache
def _names() -> Mapping[str, tuple[str, str]]:
    out: dict[str, tuple[str, str]] = {}
    for kind, row in KINDS.items():
        out[letters(kind)] = out[letters(contract(kind).creates.name)] = (kind, "")
        out |= {letters(child.put): (kind, name) for name, child in row.write.children.items()}
    return out
