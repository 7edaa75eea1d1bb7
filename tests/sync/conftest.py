from pathlib import Path

import pytest

from tests.git.conftest import forge, repository  # noqa: F401 - fixtures
from tests.git.forge import Forge
from tests.git.repository import Repository
from tests.sync.stage import Stage


@pytest.fixture
def stage(forge: Forge, repository: Repository, tmp_path: Path) -> Stage:  # noqa: F811 - fixtures
    """A git server with an empty repository, and an empty account."""
    return Stage(forge, repository, tmp_path / "sync")
