import dataclasses
from pathlib import Path

import pytest

from controller.core.finding import Code
from controller.manifests.load import load_bytes
from controller.source.git.errors import SourceFailure, finding_from_git
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.source.git.snapshot import Mirrors
from controller.source.git.source import SourceLimits
from tests.soak import soak
from tests.source.git.following import git_source, refusal_of, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.hostile import DOCUMENTS, HOSTILE
from tests.source.git.measured import MEGABYTES, measure_poll
from tests.source.git.repository import DOCUMENT, Link, Repository

SECONDS = 1.0
HARM = HOSTILE | DOCUMENTS
LARGE = ("a gigabyte", "ten thousand folders deep", "ten to the tenth files", *DOCUMENTS, "a link to a file")


@pytest.mark.parametrize("name", HOSTILE, ids=str)
def test_a_hostile_repository_is_refused_by_name(
    name: str, forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 8: nothing is executed or followed, each is reported by its code, and the last good snapshot stays."""
    repository.commit({"good.yaml": DOCUMENT % "good"})
    good = snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    HOSTILE[name].push(repository)
    outcome = mirrors.fetch_snapshot(git_source(forge))
    assert isinstance(outcome, SourceFailure)
    assert tuple(sorted({finding.code.name for finding in outcome.findings})) == HOSTILE[name].codes
    assert all(str(finding).isprintable() for finding in outcome.findings)
    assert good.files == (("good.yaml", (DOCUMENT % "good").encode()),)
    again = Mirrors(mirrors._cache).fetch_snapshot(
        git_source(forge, selector=RevisionSelector(RevisionForm.COMMIT, good.revision))
    )
    assert snapshot_of(again).files == good.files


@pytest.mark.parametrize("name", [*LARGE, *soak(*(name for name in HARM if name not in LARGE))], ids=str)
def test_a_hostile_repository_costs_little(
    name: str, forge: Forge, repository: Repository, tmp_path: Path
) -> None:
    """Row 8: the refusal takes less than a second (of processor time; tests share one) and less than 64 MB."""
    Repository(forge.root / "good.git").commit({"a.yaml": DOCUMENT % "a"})
    HARM[name].push(repository)
    took = measure_poll(forge, tmp_path / "cache", "good.git", "fleet.git")
    assert tuple(took.codes) == HARM[name].codes
    assert took.seconds < SECONDS, took
    assert took.megabytes < MEGABYTES, took


def test_all_findings_are_told_at_once(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 8: one poll names all errors, in the order of their positions."""
    repository.commit({"a.yaml": Link("b"), "b/c": Link("d"), "b/C": "", ".git": ""})
    refusal = refusal_of(
        mirrors.fetch_snapshot(git_source(forge)), Code.UNSAFE_NAME, Code.LINK, Code.LINK, Code.NAME_COLLISION
    )
    assert [finding.origin.file for finding in refusal.findings if finding.origin] == [
        ".git",
        "a.yaml",
        "b/c",
        "b/c",
    ]


def test_what_is_left_out_does_no_harm(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 8: a link outside the path, or excluded by a rule, or hidden, does not refuse the rest."""
    repository.commit({
        "link": Link("x"), "deploy/a.yaml": "a", "deploy/docs": Link(".."), "deploy/old/b": Link("c"),
        "deploy/.hidden": Link("/etc"), "deploy/.sagectlignore": "/docs\n",
    })  # fmt: skip
    source = git_source(forge, path="deploy", exclude=("old/",))
    assert snapshot_of(mirrors.fetch_snapshot(source)).files == (("deploy/a.yaml", b"a"),)
    assert isinstance(mirrors.fetch_snapshot(dataclasses.replace(source, path="")), SourceFailure)


def test_a_branch_named_like_an_option_is_no_option(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 8: a branch named -h can't be followed, and does not affect syncs of another branch."""
    for name in ("-h", "--upload-pack=touch pwned"):
        repository.commit({"evil.yaml": ""}, branch=name)
        refusal_of(
            mirrors.fetch_snapshot(git_source(forge, selector=RevisionSelector(RevisionForm.BRANCH, name))),
            Code.SOURCE,
        )
        refusal_of(
            mirrors.fetch_snapshot(
                git_source(forge, selector=RevisionSelector(RevisionForm.REF, f"refs/heads/{name}"))
            ),
            Code.SOURCE,
        )
    repository.commit({"a.yaml": ""})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))


def test_yaml_that_means_harm_is_refused_by_the_loader(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 12: a bomb of aliases and ten thousand levels are findings with their file, as from a folder."""
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
    repository.commit({"bomb.yaml": f"a0: &a0 [x]\n{levels}\n", "deep.yaml": "[" * 10_000 + "]" * 10_000})
    found = load_bytes(snapshot_of(mirrors.fetch_snapshot(git_source(forge))).files).findings
    assert {(finding.code, finding.origin.file) for finding in found if finding.origin} >= {
        (Code.ALIAS, "bomb.yaml"),
        (Code.LIMIT, "deep.yaml"),
    }


def test_a_server_that_sends_everything_is_bounded_too(
    forge: Forge, repository: Repository, tmp_path: Path
) -> None:
    """Row 8: if the server can't leave large files out, they are written to the disk in pieces and never read."""
    repository.set("uploadpack.allowFilter", "false")
    Repository(forge.root / "good.git").commit({"a.yaml": DOCUMENT % "a"})
    repository.commit({"a.yaml": bytes(192 * 1024 * 1024)})
    took = measure_poll(forge, tmp_path / "cache", "good.git", "fleet.git")
    assert took.codes == ["LIMIT"]
    assert "bytes_per_file" in took.messages[0]
    assert took.megabytes < MEGABYTES, took


def test_git_itself_may_not_take_more_memory_than_it_may(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 11: a git process that needs more than memory_bytes is killed, with the limit's name."""
    repository.commit({"a.yaml": "x" * 100_000})
    outcome = mirrors.fetch_snapshot(git_source(forge, limits=SourceLimits(memory_bytes=1_000_000)))
    assert "memory_bytes" in refusal_of(outcome, Code.LIMIT).findings[0].hint


def test_a_thread_that_finds_no_memory_is_told_as_the_limit() -> None:
    """If the limit is reached after git's start it lacks a thread's stack, which it reports in another message."""
    finding = finding_from_git(b"error: cannot create async thread: Resource temporarily unavailable\n", ())
    assert (finding.code, finding.hint) == (Code.LIMIT, "git exceeded its limit (limit memory_bytes)")
