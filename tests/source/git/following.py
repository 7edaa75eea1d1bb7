"""Helpers of the tests: sources, and the outcomes of polls."""

from typing import Any

from controller.core.finding import Code
from controller.source.git.errors import SourceFailure
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.source.git.snapshot import Snapshot
from controller.source.git.source import Source
from tests.source.git.forge import Forge

MAIN = RevisionSelector(RevisionForm.BRANCH, "main")


def git_source(forge: Forge, **settings: Any) -> Source:
    """A source on the server: branch main by default."""
    return Source(**{"url": forge.url(), "selector": MAIN, "ca": forge.issued.authority, **settings})


def snapshot_of(outcome: Snapshot | SourceFailure) -> Snapshot:
    """The snapshot; a refusal is a failure of the test."""
    assert isinstance(outcome, Snapshot), [str(finding) for finding in outcome.findings]
    return outcome


def refusal_of(outcome: Snapshot | SourceFailure, *codes: Code) -> SourceFailure:
    """The refusal, by exactly these codes."""
    assert isinstance(outcome, SourceFailure), outcome
    assert sorted(f.code.value for f in outcome.findings) == sorted(c.value for c in codes), outcome.findings
    return outcome
