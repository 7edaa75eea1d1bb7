"""A real Gitea, shared by all workers; a repository at it, and a sync that follows it into the sandbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.sandbox import Sandbox
from tests.cli.conftest import Shell, sandbox, server, shell
from tests.gitea.repository import Hosted
from tests.gitea.rig.program import program
from tests.gitea.rig.server import Access
from tests.gitea.sync_process import Followed
from tests.gitea.work_tree import Person
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
def keeper(gitea: Access) -> Iterator[Requests]:
    """Requests of the provider's administrator."""
    opened = Requests(LOCAL, gitea.port, gitea.authority, f"token {gitea.token}")
    yield opened
    opened.close()


@pytest.fixture
def hosted(gitea: Access, keeper: Requests, tmp_path: Path) -> Hosted:
    """An empty repository, of a user of its own."""
    return Hosted.make(gitea, keeper, tmp_path)


@pytest.fixture
def person(hosted: Hosted, tmp_path: Path) -> Person:
    """A user who pushes over https."""
    return Person.over_https(hosted, tmp_path / "person")


@pytest.fixture
def followed(hosted: Hosted, shell: Shell, sandbox: Sandbox) -> Followed:
    """A sync of the repository's main, not yet configured or started."""
    return Followed(hosted, shell, sandbox)
