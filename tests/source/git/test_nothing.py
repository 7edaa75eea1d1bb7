"""Row 41: a read error, an empty tree, a wrong path or a force-push of an empty branch deletes nothing."""

from collections.abc import Callable

import pytest

from controller.core.finding import Code
from controller.source.git.errors import RetryTrigger, SourceFailure
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.source.git.snapshot import Mirrors
from tests.source.git.following import git_source, refusal_of, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository

GONE: dict[str, tuple[Callable[[Repository], object], Code]] = {
    "an empty tree": (lambda r: r.commit({}), Code.NO_PATH),
    "an empty folder": (lambda r: r.commit({"deploy": {}}), Code.NO_FILES),
    "no documents": (lambda r: r.commit({"deploy/README.md": "moved"}), Code.NO_FILES),
    "the path moved": (lambda r: r.commit({"deploy2/a.yaml": ""}), Code.NO_PATH),
    "the path became a file": (lambda r: r.commit({"deploy": "a"}), Code.NO_PATH),
    "the path's name grew": (lambda r: r.commit({"deploy-evil/a.yaml": ""}), Code.NO_PATH),
    "the branch was deleted": (lambda r: r.delete("refs/heads/main"), Code.NO_REVISION),
    "the repository was deleted": (lambda r: r.vanish(), Code.LOGIN),
    "everything is ignored": (lambda r: r.commit({"deploy/a.yaml": "", "deploy/.sagectlignore": "*"}), Code.NO_FILES),
}  # fmt: skip


@pytest.mark.parametrize("how", GONE, ids=str)
def test_what_is_gone_is_an_error(how: str, forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 41: however the files were removed, the poll is refused, and the earlier snapshot stays."""
    source = git_source(forge, path="deploy")
    repository.commit({"deploy/a.yaml": "a"})
    good = snapshot_of(mirrors.fetch_snapshot(source))
    act, code = GONE[how]
    act(repository)
    refusal_of(mirrors.fetch_snapshot(source), code)
    assert good.files == (("deploy/a.yaml", b"a"),)
    refusal_of(mirrors.fetch_snapshot(source), code)  # nor is it accepted when it is read again


def test_an_unreachable_server_is_an_error_that_may_pass(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 41: a failing server is retried; an error in the settings is not."""
    repository.commit({"a.yaml": "a"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    forge.down = True
    assert (
        refusal_of(mirrors.fetch_snapshot(git_source(forge)), Code.UNREACHABLE).retry_trigger
        is RetryTrigger.RETRY_SOON
    )
    forge.down = False
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    assert (
        refusal_of(mirrors.fetch_snapshot(git_source(forge, path="..")), Code.SOURCE).retry_trigger
        is RetryTrigger.SETTINGS
    )


def test_a_commit_that_the_server_lacks_is_an_error(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 41: a commit that the server lacks is not an empty one."""
    repository.commit({"a.yaml": "a"})
    outcome = mirrors.fetch_snapshot(
        git_source(forge, selector=RevisionSelector(RevisionForm.COMMIT, "1" * 40))
    )
    assert refusal_of(outcome, Code.NO_REVISION).retry_trigger is RetryTrigger.COMMIT


def test_a_refusal_that_is_mended_ends(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 41: the next valid commit is applied."""
    repository.commit({"README": ""})
    assert isinstance(mirrors.fetch_snapshot(git_source(forge)), SourceFailure)
    repository.commit({"a.yaml": "a"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
