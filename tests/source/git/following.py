"""Words for the tests: how a source is made, and what came of a look."""

from typing import Any

from controller.core.finding import Code
from controller.source.git.errors import Refused
from controller.source.git.snapshot import Snapshot
from controller.source.git.source import Source
from controller.source.git.wanted_revision import By, Wanted
from tests.source.git.forge import Forge

MAIN = Wanted(By.BRANCH, "main")


def following(forge: Forge, **settings: Any) -> Source:
    """A source on the server: branch main, unless told otherwise."""
    return Source(**{"url": forge.url(), "wanted": MAIN, "ca": forge.issued.authority, **settings})


def taken(outcome: Snapshot | Refused) -> Snapshot:
    """The snapshot; a refusal is a failure of the test."""
    assert isinstance(outcome, Snapshot), [str(finding) for finding in outcome.findings]
    return outcome


def refused(outcome: Snapshot | Refused, *codes: Code) -> Refused:
    """The refusal, by exactly these codes."""
    assert isinstance(outcome, Refused), outcome
    assert sorted(f.code.value for f in outcome.findings) == sorted(c.value for c in codes), outcome.findings
    return outcome
