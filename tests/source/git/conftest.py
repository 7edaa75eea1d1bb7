from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.source.git.snapshot import Mirrors
from tests.source.git.authority import issue_certificate
from tests.source.git.forge import Forge, serve_forge
from tests.source.git.repository import Repository


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    """A git server over TLS with an authority of its own."""
    root = tmp_path / "forge"
    root.mkdir()
    with serve_forge(root, issue_certificate()) as forge:
        yield forge


@pytest.fixture
def repository(forge: Forge) -> Repository:
    """An empty repository on the server."""
    return Repository(forge.root / "fleet.git")


@pytest.fixture
def mirrors(tmp_path: Path) -> Mirrors:
    """The reader, with a cache of its own."""
    return Mirrors(tmp_path / "cache")
