"""Documents from files or from objects of an API server, with all findings at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, BinaryIO

from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code, Finding, Origin, Remedy, Severity, in_order
from controller.core.ref import Ref, is_subdomain
from controller.kinds import KINDS
from controller.manifests.check import examine
from controller.manifests.document import Document, OriginMap
from controller.manifests.envelope import API_VERSION, GROUP, read_envelope
from controller.manifests.files import SETTINGS, Limits, gather
from controller.manifests.yaml_reader import RawDocument, read
from controller.runtime.bounded_text import is_deep

_DEPTH = Limits().depth  # as in a file
_NO_VARIABLES: Mapping[str, Any] = {}


def read_object(value: Mapping[str, Any], name: str) -> tuple[Document | None, tuple[Finding, ...]]:
    """The document of a Kubernetes object, with all findings, as for a file.

    Args:
        value: the whole object, of one of our kinds; its status is ignored.
        name: the name that findings show instead of a file.

    """
    origins = OriginMap(name)
    if is_deep({part: inner for part, inner in value.items() if part != "status"}, _DEPTH):
        message = f"more than {_DEPTH} levels of nesting (limit depth)"
        return None, (Finding(Code.LIMIT, message, Origin(name)),)
    envelope, found = read_envelope(value, origins)
    if envelope is None:
        return None, found
    return examine(envelope, found, origins, _NO_VARIABLES)


_NONE: Mapping[str, Any] = MappingProxyType({})
_DEFAULTS = Limits()
_NEAR = 0.85  # of two API groups


@dataclass(frozen=True)
class LoadResult:
    """The result of loading: documents sorted by ref, findings sorted by position.

    A document is included if its envelope is valid, so that references to it can be checked; its spec may still have
    errors. The documents must not be applied while ``core.finding.errors(findings)`` has any.
    """

    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]


def load(
    paths: Sequence[str],
    *,
    variables: Mapping[str, Any] = _NONE,
    stdin: BinaryIO | None = None,
    limits: Limits = _DEFAULTS,
) -> LoadResult:
    """Load files, folders and, for ``-``, standard input. Never raises because of their contents."""
    found = gather(paths, stdin, limits)
    return _load(found.sources, variables, limits, found.findings)


def load_bytes(
    sources: Iterable[tuple[str, bytes]], *, variables: Mapping[str, Any] = _NONE, limits: Limits = _DEFAULTS
) -> LoadResult:
    """Load contents by name, such as the files of a git tree. Never raises because of them."""
    return _load(sources, variables, limits, [])


@dataclass
class _Cache:
    """Documents by ref; the first of two duplicates is kept."""

    documents: dict[Ref, Document] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, document: Document) -> None:
        first = self.documents.setdefault(document.ref, document)
        if first is not document:
            message = f"{document.ref} is defined twice; first defined at {first.origin}"
            self.findings.append(Finding(Code.DUPLICATE_IDENTITY, message, document.origin))


def _load(
    sources: Iterable[tuple[str, bytes]], variables: Mapping[str, Any], limits: Limits, before: list[Finding]
) -> LoadResult:
    cache = _Cache(findings=list(before))
    total = documents = 0
    for count, (name, data) in enumerate(sources, start=1):
        total += len(data)
        if over := _limit_message(count, total, limits):
            cache.findings.append(Finding(Code.LIMIT, over, Origin(name)))
            break
        documents += _file(name, data, variables, limits, cache)
    if not documents and not any(finding.severity is Severity.ERROR for finding in cache.findings):
        message = "there are no documents"
        cache.findings.append(Finding(Code.EMPTY, message, severity=Severity.WARNING))
    ordered = tuple(cache.documents[ref] for ref in sorted(cache.documents))
    return LoadResult(ordered, in_order(cache.findings))


def _limit_message(files: int, size: int, limits: Limits) -> str:
    if files > limits.files:
        return f"more than {limits.files} files (limit files)"
    return (
        f"more than {limits.total_bytes} bytes in all (limit total_bytes)"
        if size > limits.total_bytes
        else ""
    )


def _file(name: str, data: bytes, variables: Mapping[str, Any], limits: Limits, cache: _Cache) -> int:
    """Add the documents of a file; return their number."""
    source = read(name, data, limits)
    cache.findings += source.findings
    ours = 0
    for count, raw in enumerate(_open_lists(source.documents), start=1):
        if count > limits.documents_per_file:
            message = f"more than {limits.documents_per_file} documents (limit documents_per_file)"
            cache.findings.append(Finding(Code.LIMIT, message, raw.origins.nearest(())))
            break
        known = _check_api_group(raw)
        if known is not None:
            cache.findings.append(known)
            continue
        ours += 1
        _document(raw, variables, cache)
    return ours


def _document(raw: RawDocument, variables: Mapping[str, Any], cache: _Cache) -> None:
    envelope, found = read_envelope(raw.value, raw.origins)
    if envelope is not None:
        document, found = examine(envelope, found, raw.origins, variables, raw.broken)
        cache.add(replace(document, faults=document.faults | raw.refused) if raw.refused else document)
    cache.findings += (finding for finding in found if not _is_lost(raw, finding))


def _is_lost(raw: RawDocument, finding: Finding) -> bool:
    return any(finding.path[:end] in raw.broken for end in range(len(finding.path) + 1))


def _open_lists(documents: Iterable[RawDocument]) -> Iterator[RawDocument]:
    """The documents, those within a ``List`` one by one."""
    for raw in documents:
        if not _is_list(raw.value):
            yield raw
            continue
        for at, item in enumerate(raw.value["items"]):
            prefix = ("items", at)
            broken = frozenset(path[2:] for path in raw.broken if path[:2] == prefix)
            refused = frozenset(path[2:] for path in raw.refused if path[:2] == prefix[: len(path)])
            yield from _open_lists([RawDocument(item, raw.origins.relative_to(prefix), broken, refused)])


def _is_list(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        return False
    version, kind = value.get("apiVersion"), value.get("kind")
    ours = version == API_VERSION and isinstance(kind, str) and kind.removesuffix("List") in KINDS
    return (version == "v1" and kind == "List") or (ours and kind not in KINDS)


def _check_api_group(raw: RawDocument) -> Finding | None:
    """The findings if a value is not a document of our API group."""
    origin, value = raw.origins.nearest(()), raw.value
    hint = f"a document has apiVersion: {API_VERSION}, a kind, metadata and a spec"
    if not isinstance(value, dict):
        return Finding(Code.NOT_A_DOCUMENT, "expected an object", origin, hint=hint)
    version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str):
        text = "apiVersion and kind are required strings"
        if "format_version" in value and "fingerprint" in value:
            text, hint = "this is a saved plan", str(Remedy.SAVED_PLAN)
        elif PurePath(origin.file).name == SETTINGS:
            text = "these are settings of another tree, inside of this one"
            hint = f"run sagectl for {PurePath(origin.file).parent} by itself: a tree has one {SETTINGS}, at its top"
        return Finding(Code.NOT_A_DOCUMENT, text, origin, hint=hint)
    if version.partition("/")[0] != GROUP:
        message = f"{kind} of {version} is not an API of sagectl and was skipped"
        group, slash, _ = version.partition("/")
        formed = slash and is_subdomain(group)
        mistyped = bool(did_you_mean(group, [GROUP], cutoff=_NEAR)) or (kind in KINDS and not formed)
        ours = (
            f"for a document of sagectl, write apiVersion: {API_VERSION}" if kind in KINDS or mistyped else ""
        )
        severity = Severity.ERROR if mistyped else Severity.WARNING
        return Finding(Code.FOREIGN_DOCUMENT, message, origin, hint=ours, severity=severity)
    if version != API_VERSION:
        position = raw.origins.nearest(("apiVersion",))
        return Finding(Code.ENVELOPE, f"the version must be {API_VERSION}", position, ("apiVersion",))
    if kind not in KINDS:
        hint = did_you_mean(kind, KINDS) or f"one of {', '.join(sorted(KINDS))}"
        return Finding(
            Code.UNKNOWN_KIND,
            f"there is no kind '{kind[:60]}'",
            raw.origins.nearest(("kind",)),
            ("kind",),
            hint,
        )
    return None
