"""The fixtures of the command line and its sandbox, and the real Open Policy Agent."""

import pytest

from tests.cli.conftest import bare, local, sandbox, server, shell
from tests.plan.policies import Opa, program
from tests.programs.required_programs import needed

__all__ = ["bare", "local", "opa", "sandbox", "server", "shell"]


@pytest.fixture(scope="session")
def opa(request: pytest.FixtureRequest) -> Opa:
    """The agent. Where it can't be had, that is a skip on a desk and a failure in CI."""
    return Opa(needed(program, request.config))
