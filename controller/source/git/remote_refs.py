"""A server's refs, and the current commit of a desired revision."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.finding import Code, Finding
from controller.source.git.errors import RefusedError, escape_and_cut
from controller.source.git.revision_selector import RevisionForm, RevisionSelector, VersionRange

_LINE = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64})\t([^\n\t]+)")
_TAGS = "refs/tags/"
_PEELED = "^{}"


@dataclass(frozen=True)
class ResolvedRevision:
    """A revision: its name, and its commit at the time of the poll, which is used from here on."""

    ref: str
    commit: str


@dataclass(frozen=True)
class RemoteRefs:
    """Refs of a server by full name; an annotated tag is resolved to its commit."""

    refs: Mapping[str, str]

    @classmethod
    def parse(cls, data: bytes) -> "RemoteRefs":
        """Parse the output of ``git ls-remote``; names that are not valid text match no revision and are left out."""
        refs: dict[str, str] = {}
        peeled: dict[str, str] = {}
        for line in data.split(b"\n"):
            found = _LINE.fullmatch(line)
            name = found[2].decode("utf-8", "replace") if found else ""
            if found and name.endswith(_PEELED):
                peeled[name.removesuffix(_PEELED)] = found[1].decode()
            elif found:
                refs[name] = found[1].decode()
        return cls({**refs, **peeled})

    def find(self, selector: RevisionSelector) -> ResolvedRevision:
        """The commit of a desired revision.

        Raises:
            RefusedError: there is no such revision.

        """
        if selector.by is RevisionForm.COMMIT:
            return ResolvedRevision("", selector.name)
        ref = self._version(selector.name) if selector.by is RevisionForm.SEMVER else selector.ref()
        if ref not in self.refs:
            raise RefusedError(_no_revision(selector))
        return ResolvedRevision(ref, self.refs[ref])

    def _version(self, message: str) -> str:
        tags = (ref.removeprefix(_TAGS) for ref in self.refs if ref.startswith(_TAGS))
        within = VersionRange.parse(message)
        best = within.highest(tags) if within else None
        return f"{_TAGS}{best}" if best else ""


def _no_revision(selector: RevisionSelector) -> Finding:
    message = f"the server has no {escape_and_cut(str(selector))}"
    if selector.by is RevisionForm.SEMVER:
        message = f"the server has no tag that is a version in the range {escape_and_cut(selector.name)}"
    return Finding(Code.NO_REVISION, message, hint="nothing is deleted for a revision that is gone")


def ref_prefixes(selector: RevisionSelector) -> tuple[str, ...]:
    """The prefixes of refs to request: those of branches and tags, so that all sources share one listing; else all."""
    common = selector.by is not RevisionForm.REF or selector.name.startswith(("refs/heads/", _TAGS))
    return ("--heads", "--tags") if common else ()
