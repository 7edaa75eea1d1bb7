"""Files of other tools as plain data, read within limits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from controller.convert.marks import has_marks
from controller.core.finding import Code, Finding, Origin
from controller.core.path import Path
from controller.manifests.document import OriginMap
from controller.manifests.files import Limits, gather
from controller.manifests.yaml_reader import NO_FUNCTIONS, Functions, read
from controller.runtime.bounded_text import parse_bounded

# A state of Terraform contains all resources of a configuration: with a thousand resources it has about 5 MB.
LIMITS = Limits(bytes_per_file=32 * 1024 * 1024, total_bytes=64 * 1024 * 1024, nodes=1_000_000)
_BLANKS = b" \t\r\n\xef\xbb\xbf"


@dataclass(frozen=True)
class ForeignDocument:
    """One document of a file: its data, and the positions of its parts."""

    file: str
    value: Any
    origins: OriginMap

    def at(self, path: Path) -> Origin:
        """The position of a path; in a JSON file always the start."""
        return self.origins.nearest(path)


@dataclass
class Sources:
    """The documents of the files, and the findings."""

    documents: list[ForeignDocument] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_sources(
    paths: Sequence[str], stdin: BinaryIO | None, functions: Functions = NO_FUNCTIONS
) -> Sources:
    """Read JSON and strict YAML.

    Args:
        paths: files, folders, and ``-`` for standard input.
        stdin: standard input.
        functions: the tags of YAML that stand for functions, by the key that JSON has for each.

    """
    gathered = gather(paths, stdin, LIMITS)
    out = Sources(findings=list(gathered.findings))
    total = 0
    for name, data in gathered.sources:
        total += len(data)
        if total > LIMITS.total_bytes:
            message = f"more than {LIMITS.total_bytes} bytes in all (limit total_bytes)"
            out.findings.append(Finding(Code.LIMIT, message, Origin(name)))
            break
        _read(name, data, functions, out)
    return out


def _read(name: str, data: bytes, functions: Functions, out: Sources) -> None:
    if data.lstrip(_BLANKS)[:1] in (b"{", b"[") and len(data) <= LIMITS.bytes_per_file:
        document = _json(name, data)
        if document is not None:
            _add(document, out)
            return
    source = read(name, data, LIMITS, functions)
    out.findings += source.findings
    for raw in source.documents:
        _add(ForeignDocument(name, raw.value, raw.origins), out)


def _json(name: str, data: bytes) -> ForeignDocument | None:
    """A JSON document; None if it is YAML flow style, or invalid, which the strict YAML reader reports."""
    try:
        return ForeignDocument(name, parse_bounded(data.lstrip(_BLANKS), LIMITS.nodes), OriginMap(name))
    except ValueError:
        return None


def _add(document: ForeignDocument, out: Sources) -> None:
    if has_marks(document.value):
        message = "it holds private characters of Unicode (U+E000 to U+E0FF), which name nothing in AWS"
        out.findings.append(Finding(Code.SYNTAX, message, document.at(())))
        return
    out.documents.append(document)
