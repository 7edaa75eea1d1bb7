"""The fixtures of the command line and its sandbox, and the real Open Policy Agent."""

import pytest

from tests.cli.conftest import bare_shell, local_shell, sandbox, server, shell
from tests.plan.policies import Opa, program
from tests.programs.required_programs import require

__all__ = ["bare_shell", "local_shell", "opa", "sandbox", "server", "shell"]


@pytest.fixture(scope="session")
def opa(request: pytest.FixtureRequest) -> Opa:
    """The OPA program. Without it tests are skipped on a developer's machine and fail in CI."""
    return Opa(require(program, request.config))
