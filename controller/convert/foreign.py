"""Resources as another tool declares them, before their members are translated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from controller.convert.source import ForeignDocument
from controller.core.finding import Code, Finding, Severity
from controller.core.path import Path
from controller.kinds import KINDS
from controller.kinds.other_tools import Tool

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class ForeignResource:
    """A resource in a tool's own words.

    Fields:
        kind: the kind that it becomes.
        label: what its file calls it.
        keeps_label: whether the document is called so, and not after the AWS name.
        body: its members, in which references are marks.
        document: the file.
        path: where the body stands in it.
        child: the list of ours whose element it is; empty for a resource.
        policy: the document's policy, as the file implies it.
        namespace: that of its document.
        arn: the ARN, where the file holds it.
        names: what else other resources name it by, such as an ID that AWS assigned.
    """

    kind: str
    label: str
    body: Mapping[str, Any]
    document: ForeignDocument
    path: Path = ()
    child: str = ""
    policy: Mapping[str, Any] = field(default_factory=lambda: _NONE)
    namespace: str = ""
    keeps_label: bool = False
    arn: str = ""
    names: tuple[str, ...] = ()


@dataclass
class Reading:
    """What a reader found: resources, variables with their values (None where a file gives none), and findings.

    ``sensitive`` are the variables whose values are never shown. A resource that is None has no document.
    """

    resources: list[ForeignResource | None] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    sensitive: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def note(self, code: Code, message: str, document: ForeignDocument, path: Path, hint: str = "") -> None:
        """Add what could not be translated."""
        self.findings.append(untranslated(code, message, document, path, hint))


def untranslated(code: Code, message: str, document: ForeignDocument, path: Path, hint: str = "") -> Finding:
    """A part of a file that no document says."""
    return Finding(code, message, document.at(path), path, hint, Severity.WARNING)


def kind_of_type(name: str, tool: Tool) -> str | None:
    """The kind of a type, given without the prefix that all types have; None where there is no such kind."""
    return tool.types.get(name) or _BY_LETTERS.get(letters(name))


def letters(name: str) -> str:
    """A name without capitals, hyphens and underscores: what ``kms_key_id``, ``kmsKeyID`` and ``KmsKeyId`` share."""
    return name.replace("_", "").replace("-", "").casefold()


def by_letters(names: Iterable[str]) -> dict[str, str]:
    """Names by their letters."""
    return {letters(name): name for name in names}


_BY_LETTERS = by_letters(KINDS)
