"""The command line and its sandbox, as the tests of the fronts have them, and the real policy agent."""

import pytest

from tests.fronts.conftest import bare, local, sandbox, server, shell
from tests.plan.policies import Opa, program
from tests.programs.needed import needed

__all__ = ["bare", "local", "opa", "sandbox", "server", "shell"]


@pytest.fixture(scope="session")
def opa(request: pytest.FixtureRequest) -> Opa:
    """The agent."""
    return Opa(needed(program, "the policy tests", request.config))
