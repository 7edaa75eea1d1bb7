"""A real API server with the definitions, shared by all workers, and a namespace for each test."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.sandbox import Knobs
from tests.git.conftest import forge, repository  # noqa: F401 - fixtures
from tests.git.forge import Forge
from tests.git.repository import Repository
from tests.kubernetes.followed import Followed
from tests.kubernetes.operated import Operated, operated
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.rig.programs import MissingError, programs
from tests.kubernetes.rig.requests import Requests
from tests.kubernetes.rig.server import Access
from tests.kubernetes.rig.shared import shared


@pytest.fixture(scope="session")
def apiserver(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Access]:
    """The server. Where its programs can't be had, that is a skip on a desk and a failure in CI."""
    captured = request.config.pluginmanager.getplugin("capturemanager")
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with captured.global_and_fixture_disabled():  # a build takes minutes: its progress must be seen
        try:
            programs(_tell)
        except MissingError as missing:
            if os.environ.get("CI") == "true":
                pytest.fail(f"the Kubernetes tests must run here: {missing}")
            pytest.skip(str(missing))
    with shared(folder / "apiserver") as access:
        yield access


def _tell(text: str) -> None:
    os.write(2, f"{text}\n".encode())


@pytest.fixture(scope="session")
def everywhere(apiserver: Access) -> Kubectl:
    """Give kubectl in no namespace in particular."""
    return Kubectl(apiserver)


@pytest.fixture
def kubectl(everywhere: Kubectl) -> Kubectl:
    """Give kubectl in a namespace of the test's own; nothing deletes it, for no controller runs that could."""
    namespace = f"test-{uuid.uuid4().hex[:10]}"
    everywhere.must("create", "namespace", namespace)
    return everywhere.within(namespace)


@pytest.fixture(scope="session")
def requests(apiserver: Access) -> Iterator[Requests]:
    """Plain requests, for what kubectl would take minutes to do."""
    opened = Requests(apiserver)
    yield opened
    opened.close()


@pytest.fixture
def stage(kubectl: Kubectl, tmp_path: Path) -> Iterator[Operated]:
    """Make an account that is quick, and a namespace with the operator's rights, for operators to be started."""
    with operated(kubectl, tmp_path, Knobs(pace=200)) as made:
        yield made


@pytest.fixture
def followed(stage: Operated, forge: Forge, repository: Repository) -> Followed:  # noqa: F811 - fixtures
    """A git server with an empty repository, and an operator's rights."""
    return Followed(stage, forge, repository)
