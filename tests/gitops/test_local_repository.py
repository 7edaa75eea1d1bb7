"""``sagectl sync`` with a repository in a folder: no Git server, and no way for a GitSync to name a file."""

import os
import subprocess
from pathlib import Path

import pytest

from controller.gitops.sync_file import current_branch, is_local, local_url
from controller.runtime.hidden_text import SecretText
from controller.source.git import isolated_environment
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.source.git.source import Basic, Source, examine
from tests.gitops.stage import group
from tests.programs.forked import run_to_end

MAIN = RevisionSelector(RevisionForm.BRANCH, "main")
IDENTITY = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, without settings of this machine."""
    env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *IDENTITY, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path, name: str, text: str) -> str:
    """Commit a file."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Change")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(params=["fleet", "a fleet, größer"])
def local_repository(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A repository with one document on branch main, in a folder of any name."""
    folder = tmp_path / str(request.param)
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "deploy/a.yaml", group("fraud"))
    return folder


def run_sync(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run ``sagectl sync --once`` in the sandbox."""
    folder.mkdir(exist_ok=True)
    return run_to_end(["sync", *arguments, "--sandbox", "--once"], cwd=folder, env=os.environ)


def test_each_commit_of_a_folder_is_applied(local_repository: Path, tmp_path: Path) -> None:
    """Without a revision the checked-out branch is followed; uncommitted changes are not read."""
    run = tmp_path / "run"
    where = ("--repo", f"../{local_repository.name}", "--path", "deploy")
    first = run_sync(run, *where)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "operation=CreateModelPackageGroup" in first.stdout
    (local_repository / "deploy" / "b.yaml").write_text(group("churn"), encoding="utf-8")
    assert "called" not in run_sync(run, *where).stdout
    revision = commit(local_repository, "deploy/b.yaml", group("churn"))
    later = run_sync(run, *where)
    assert f"revision={revision}" in later.stdout
    assert "step=ModelPackageGroup/churn" in later.stdout


def test_a_file_of_syncs_names_a_folder_beside_it(local_repository: Path, tmp_path: Path) -> None:
    """A path in a file of syncs is relative to the file, wherever it is run, and may be a bare repository."""
    git(tmp_path, "clone", "-q", "--bare", str(local_repository), "bare.git")
    (tmp_path / "syncs.yaml").write_text(
        "syncs:\n- {name: prod, repo: ./bare.git, path: deploy}\n", encoding="utf-8"
    )
    done = run_sync(tmp_path / "run", "../syncs.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "operation=CreateModelPackageGroup" in done.stdout


def test_a_folder_without_a_branch_or_a_repository_is_an_error(
    local_repository: Path, tmp_path: Path
) -> None:
    """With a detached HEAD a revision has to be given, and a folder without a repository can't be read."""
    git(local_repository, "checkout", "-q", "--detach")
    detached = run_sync(tmp_path / "run", "--repo", f"../{local_repository.name}")
    assert detached.returncode == 1
    assert "exactly one revision must be set" in detached.stderr + detached.stdout
    (tmp_path / "empty").mkdir()
    nothing = run_sync(tmp_path / "run", "--repo", "../empty", "--branch", "main")
    assert nothing.returncode == 1
    assert "does not appear to be a git repository" in nothing.stdout


@pytest.mark.parametrize("address", ["file:///srv/x", "/srv/x", "./x", "../x", "~/x", "."])
def test_only_declared_sources_are_local(address: str, tmp_path: Path) -> None:
    """A source that is not declared local, as that of a GitSync, accepts no path and no file URL."""
    assert examine(Source(address, MAIN))
    assert not examine(Source(local_url("x", tmp_path), MAIN, local=True))
    assert examine(Source("https://example.com/x", MAIN, local=True))
    assert examine(Source("file://host/x", MAIN, local=True))
    assert examine(Source("file:///x%0ay", MAIN, local=True))
    login = Basic("me", SecretText("hidden"))
    assert examine(Source(local_url("x", tmp_path), MAIN, login, local=True))


def test_git_may_read_files_for_a_local_source_only(tmp_path: Path) -> None:
    """The settings of git allow the protocol ``file`` for a local source, and for no other."""
    for local, url in ((True, "file:///srv/x"), (False, "https://example.com/x")):
        private = tmp_path / str(local)
        private.mkdir()
        isolated_environment.remote(private, Source(url, MAIN, local=local))
        assert ('[protocol "file"]' in (private / "remote").read_text()) is local


def test_paths_and_addresses_are_distinguished() -> None:
    """Paths begin with a slash, a dot or a tilde; anything else is an address of a server."""
    assert all(map(is_local, ("/srv/x", "./x", "../x", "~/x", ".", "..")))
    assert not any(
        map(is_local, ("https://h/x", "ssh://git@h/x", "git@h:x", "fleet", ".hidden", "file:///x", ""))
    )
    assert current_branch("/nowhere", Path()) == ""
