"""A real API server with the definitions, shared by all workers, and a namespace for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.sandbox import Knobs
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import OperatorStage, operator_stage
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.rig.kubectl import admin_requests as connection
from tests.kubernetes.rig.programs import programs
from tests.kubernetes.rig.server import Access
from tests.programs.requests import Requests
from tests.programs.required_programs import require
from tests.programs.shared import shared_access
from tests.source.git.conftest import forge, repository  # noqa: F401 - fixtures
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository


@pytest.fixture(scope="session")
def apiserver(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Access]:
    """The server. Without its programs tests are skipped on a developer's machine and fail in CI."""
    require(programs, request.config)
    with shared_access("tests.kubernetes.rig", tmp_path_factory) as access:
        loaded = Access.load(access)
        yield loaded
        connection(loaded).close()


@pytest.fixture(scope="session")
def cluster_kubectl(apiserver: Access) -> Kubectl:
    """A kubectl without a namespace."""
    return Kubectl(apiserver)


@pytest.fixture
def kubectl(cluster_kubectl: Kubectl) -> Kubectl:
    """A kubectl in a namespace of the test's own."""
    return cluster_kubectl.fresh()


@pytest.fixture(scope="session")
def requests(apiserver: Access) -> Requests:
    """Plain requests, for what would take kubectl minutes."""
    return connection(apiserver)


@pytest.fixture
def stage(kubectl: Kubectl, tmp_path: Path) -> Iterator[OperatorStage]:
    """A fast account, and a namespace with the operator's permissions, in which operators can be started."""
    with operator_stage(kubectl, tmp_path, Knobs(pace=200)) as made:
        yield made


@pytest.fixture
def gitsync_stage(stage: OperatorStage, forge: Forge, repository: Repository) -> GitSyncStage:  # noqa: F811 - fixtures
    """A git server with an empty repository, and an operator's permissions."""
    return GitSyncStage(stage, forge, repository)
