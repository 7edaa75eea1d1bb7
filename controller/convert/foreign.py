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
    """A resource with a tool's member names.

    Fields:
        kind: the kind that it becomes.
        label: its name in the file.
        keeps_label: whether the document has the label as its name, and not the AWS name.
        body: its members, in which references are marks.
        document: the file.
        path: the path of the body in the file.
        child: the list whose element it becomes; empty for a resource.
        policy: the document's policy, as the file implies it.
        namespace: the namespace of its document.
        arn: the ARN, if the file has it.
        names: other names by which resources refer to it, such as an ID that AWS assigned.

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
    """The result of a reader: resources, variables with their values (None if a file gives none), and findings.

    ``sensitive`` are the variables whose values are never shown. A resource that is None has no document.
    """

    resources: list[ForeignResource | None] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    sensitive: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def note(self, code: Code, message: str, document: ForeignDocument, path: Path, hint: str = "") -> None:
        """Add a finding about a part that could not be translated."""
        self.findings.append(untranslated_part(code, message, document, path, hint))


def untranslated_part(
    code: Code, message: str, document: ForeignDocument, path: Path, hint: str = ""
) -> Finding:
    """A finding about a part of a file that documents can't express."""
    return Finding(code, message, document.at(path), path, hint, Severity.WARNING)


def kind_of_type(name: str, tool: Tool) -> str | None:
    """The kind of a type, given without the common prefix of the tool's types; None if there is no such kind."""
    return tool.types.get(name) or _BY_LETTERS.get(letters(name))


def letters(name: str) -> str:
    """A name in lower case without hyphens and underscores, equal for ``kms_key_id``, ``kmsKeyID`` and ``KmsKeyId``."""
    return name.replace("_", "").replace("-", "").casefold()


def by_letters(names: Iterable[str]) -> dict[str, str]:
    """The names by their ``letters``."""
    return {letters(name): name for name in names}


_BY_LETTERS = by_letters(KINDS)
