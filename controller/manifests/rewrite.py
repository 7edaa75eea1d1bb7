"""Changes values in the text of documents, and keeps comments, order and the style of the rest.

Documents are read by the strict loader; this module only writes edits.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, ScalarString

from controller.core.path import dotted_path
from controller.core.ref import Ref
from controller.manifests.scalar import plain_scalar
from controller.manifests.yaml_writer import Edit

_WIDE = 4096  # so that no line is folded
_INDENTS = ((2, 2, 0), (2, 4, 2), (4, 4, 0), (4, 4, 2), (4, 6, 4), (2, 3, 1))  # mapping, sequence, offset


@dataclass(frozen=True)
class RewriteResult:
    """The new text, what was done, and what was refused with the reason."""

    text: str
    done: tuple[Edit, ...]
    refused: tuple[tuple[Edit, str], ...]


def rewrite(text: str, edits: Iterable[Edit]) -> RewriteResult:
    """Apply edits to the text of a file; one that would overwrite a reference is refused."""
    yaml = _fitting_yaml(text)
    documents = list(yaml.load_all(text))
    known = {ref: document for top in documents for ref, document in _documents(top)}
    done, refused = list[Edit](), list[tuple[Edit, str]]()
    for edit in edits:
        problem = (
            _apply_edit(known[edit.ref], edit) if edit.ref in known else "its document is not in this file"
        )
        if problem:
            refused.append((edit, problem))
        else:
            done.append(edit)
    return RewriteResult(_dump(yaml, documents) if done else text, tuple(done), tuple(refused))


def _fitting_yaml(text: str) -> YAML:
    """The reader and writer that reproduces the text most exactly."""
    marked = next((line == "---" for line in text.splitlines() if line and line[0] != "#"), False)
    writers = (_writer(*indent, marked=marked) for indent in _INDENTS)
    return max(writers, key=lambda yaml: _similarity(yaml, text))


def _writer(mapping: int, sequence: int, offset: int, *, marked: bool) -> YAML:
    yaml = YAML(typ="rt")
    yaml.explicit_start = marked
    yaml.preserve_quotes = True
    yaml.width = _WIDE
    yaml.indent(mapping=mapping, sequence=sequence, offset=offset)
    return yaml


def _similarity(yaml: YAML, text: str) -> float:
    again = _dump(yaml, list(yaml.load_all(text)))
    if again == text:
        return 1.0
    return SequenceMatcher(None, text.splitlines(), again.splitlines(), autojunk=False).ratio() - 1


def _dump(yaml: YAML, documents: list[Any]) -> str:
    out = StringIO()
    yaml.dump_all(documents, out)
    return out.getvalue()


def _documents(top: Any) -> Iterator[tuple[Ref, Any]]:
    """The documents of a value, those within a ``List`` too."""
    if not isinstance(top, dict):
        return
    if isinstance(top.get("items"), list):
        for item in top["items"]:
            yield from _documents(item)
    metadata = top.get("metadata")
    if isinstance(metadata, Mapping):
        yield Ref(str(top.get("kind")), str(metadata.get("name")), str(metadata.get("namespace") or "")), top


def _apply_edit(document: Any, edit: Edit) -> str:
    """Apply an edit; returns why it can't be applied, or an empty string."""
    holder = document
    for position, part in enumerate(edit.path[:-1]):
        if isinstance(holder, dict) and holder.get(part) is None and edit.value is not None:
            holder[part] = {}
        if not _has_part(holder, part):
            return f"{dotted_path(edit.path[: position + 1])} is not written in this file"
        holder = holder[part]
        if isinstance(holder, str):
            return "it is part of a string"
    last = edit.path[-1]
    before = holder[last] if _has_part(holder, last) else None
    if _contains_reference(before):
        return "it comes from a variable or another document"
    if edit.value is None:
        if _has_part(holder, last):
            del holder[last]
        return ""
    if isinstance(holder, list) and not _has_part(holder, last):
        return "the list in the file is shorter"
    holder[last] = _quoted_like(edit.value, before)
    return ""


def _has_part(holder: Any, part: str | int) -> bool:
    if isinstance(holder, list):
        return isinstance(part, int) and part < len(holder)
    return isinstance(holder, dict) and part in holder


def _contains_reference(value: Any) -> bool:
    """Whether a value contains a reference; ``$${`` is literal text."""
    if isinstance(value, dict):
        return any(_contains_reference(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_contains_reference(inner) for inner in value)
    return isinstance(value, str) and "${" in value.replace("$${", "")


def _quoted_like(value: Any, before: Any) -> Any:
    """The value in the quotes of the former one; a text that could be read as another type is quoted."""
    if isinstance(value, Mapping):
        return {key: _quoted_like(inner, None) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_quoted_like(inner, None) for inner in value]
    if not isinstance(value, str):
        return value
    if isinstance(before, ScalarString):
        return type(before)(value)
    return value if plain_scalar(value) == value else DoubleQuotedScalarString(value)
