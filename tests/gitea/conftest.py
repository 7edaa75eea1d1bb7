"""A real Gitea, shared by all workers; a repository at it, and a sync that follows it into the sandbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.sandbox import Sandbox
from tests.cli.conftest import Shell, sandbox, server, shell
from tests.gitea.repository import GiteaRepository
from tests.gitea.rig.program import program
from tests.gitea.rig.server import Access
from tests.gitea.sync_process import RunningSync
from tests.gitea.work_tree import GitUser
from tests.programs.requests import Requests
from tests.programs.required_programs import require
from tests.programs.running import LOCAL
from tests.programs.shared import shared_access

__all__ = ["sandbox", "server", "shell"]


@pytest.fixture(scope="session")
def gitea(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Access]:
    """The Git provider. Without its program tests are skipped on a developer's machine and fail in CI."""
    require(program, request.config)
    with shared_access("tests.gitea.rig", tmp_path_factory) as access:
        yield Access.load(access)


@pytest.fixture(scope="session")
def admin_requests(gitea: Access) -> Iterator[Requests]:
    """Requests of the provider's administrator."""
    opened = Requests(LOCAL, gitea.port, gitea.authority, f"token {gitea.token}")
    yield opened
    opened.close()


@pytest.fixture
def gitea_repository(gitea: Access, admin_requests: Requests, tmp_path: Path) -> GiteaRepository:
    """An empty repository, of a user of its own."""
    return GiteaRepository.make(gitea, admin_requests, tmp_path)


@pytest.fixture
def git_user(gitea_repository: GiteaRepository, tmp_path: Path) -> GitUser:
    """A user who pushes over https."""
    return GitUser.over_https(gitea_repository, tmp_path / "person")


@pytest.fixture
def running_sync(gitea_repository: GiteaRepository, shell: Shell, sandbox: Sandbox) -> RunningSync:
    """A sync of the repository's main, not yet configured or started."""
    return RunningSync(gitea_repository, shell, sandbox)
