"""The programs that read charts, manifests and rules."""

from pathlib import Path

import pytest

from tests.deploy.programs import Tool, programs
from tests.kubernetes.rig.programs import programs as kubernetes
from tests.programs.required_programs import require


@pytest.fixture(scope="session")
def tool_paths(request: pytest.FixtureRequest) -> dict[str, Path]:
    """Paths of Helm and promtool by their names."""
    return require(programs, request.config)


@pytest.fixture(scope="session")
def helm(tool_paths: dict[str, Path]) -> Tool:
    """The real Helm."""
    return Tool(tool_paths["helm"])


@pytest.fixture(scope="session")
def promtool(tool_paths: dict[str, Path]) -> Tool:
    """The real promtool."""
    return Tool(tool_paths["promtool"])


@pytest.fixture(scope="session")
def kubectl_program(request: pytest.FixtureRequest) -> Tool:
    """The kubectl for kustomize; no cluster is needed."""
    return Tool(require(kubernetes, request.config).kubectl)
