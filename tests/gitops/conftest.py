from pathlib import Path

import pytest

from tests.gitops.stage import Stage
from tests.source.git.conftest import forge, repository  # noqa: F401 - fixtures
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository


@pytest.fixture
def stage(forge: Forge, repository: Repository, tmp_path: Path) -> Stage:  # noqa: F811 - fixtures
    """A git server with an empty repository, and an empty account."""
    return Stage(forge, repository, tmp_path / "sync")
