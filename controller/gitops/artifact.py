"""An artifact: the documents of one revision, or findings, with their origin and coverage."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from controller.core.digest import digest
from controller.core.finding import Advice, Finding, errors, in_order
from controller.engine.advice import SYNC, findings_with_advice
from controller.engine.restrictions import Restrictions
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.interpolation import open_variables
from controller.manifests.load import load_bytes
from controller.runtime.tracing import COMPILE, stage
from controller.source.git.pattern import Pattern
from controller.source.git.snapshot import Snapshot
from controller.source.git.source import Source

_SHORT = 12
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class SourceArtifact:
    """The desired state of a revision. ``key`` changes with documents and variables, not with other commits."""

    revision: str
    key: str
    bundle: Bundle


@dataclass(frozen=True)
class InvalidRevision:
    """A revision that can't be applied, with all its findings."""

    revision: str
    key: str
    findings: tuple[Finding, ...]


def key_of(snapshot: Snapshot, variables: Mapping[str, Any], default_tags: Mapping[str, str] = _NONE) -> str:
    """The digest of a tree's inputs without sensitive variables, which could be guessed from a key that is shown."""
    tags = [dict(default_tags)] if default_tags else []
    return digest([snapshot.key, open_variables(variables), *tags])


@stage(COMPILE)
def compile_snapshot(
    snapshot: Snapshot,
    source: Source,
    variables: Mapping[str, Any],
    advice: Advice = SYNC,
    default_tags: Mapping[str, str] = _NONE,
) -> SourceArtifact | InvalidRevision:
    """Compile the documents of a snapshot; one error refuses them all, before any call."""
    before = prefix(source, snapshot.revision)
    named = [(f"{before}{name}", data) for name, data in snapshot.files]
    loaded = load_bytes(named, variables=variables, limits=source.limits.tree)
    built = bundle(loaded.documents)
    crowded = Restrictions(default_tags=default_tags).findings(built)
    found = findings_with_advice(in_order((*loaded.findings, *built.findings, *crowded)), advice)
    key = key_of(snapshot, variables, default_tags)
    if wrong := errors(found):
        return InvalidRevision(snapshot.revision, key, wrong)
    return SourceArtifact(snapshot.revision, key, built)


def prefix(source: Source, revision: str) -> str:
    """The prefix of a file's name in origins: repository and commit."""
    return f"{repository(source)}@{revision[:_SHORT]}:"


def repository(source: Source) -> str:
    """A repository as messages name it: host and path."""
    parts = urlsplit(source.url)
    return f"{parts.hostname or ''}{parts.path.removesuffix('.git')}"


def here(why: str, revision: str) -> str:
    """Positions without repository and commit: a commit's status implies them, and is limited to 140 characters."""
    return re.sub(rf"\S*@{re.escape(revision[:_SHORT])}:", "", why) if revision else why


@dataclass(frozen=True)
class SourceCoverage:
    """The ``Coverage`` of a sync's source; ``before`` is the prefix of file names in this revision."""

    of: Source
    before: str

    @classmethod
    def from_source(cls, source: Source, tree: SourceArtifact) -> "SourceCoverage":
        """The coverage of a source, by the file names of one revision."""
        return cls(source, prefix(source, tree.revision))

    @property
    def _name(self) -> str:
        return f"git:{repository(self.of)}/"

    def source(self, file: str) -> str:
        """The revision-independent name of a file: repository and path."""
        return f"{self._name}{file.removeprefix(self.before)}"

    def covers(self, source: str) -> bool:
        """Whether path, include and exclude select a file of that name."""
        parts = tuple(source.removeprefix(self._name).split("/"))
        folders = self.of.folders
        if not source.startswith(self._name) or parts[: len(folders)] != folders:
            return False
        inner = parts[len(folders) :]
        return (
            bool(inner) and _selects_any(self.of.include, inner) and not _selects_any(self.of.exclude, inner)
        )


def _selects_any(patterns: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    """Whether a pattern selects a file or one of its folders."""
    ways = [(inner[:end], end < len(inner)) for end in range(1, len(inner) + 1)]
    read = [pattern for line in patterns if (pattern := Pattern.parse(line))]
    return any(pattern.matches(way, folder) for pattern in read for way, folder in ways)
