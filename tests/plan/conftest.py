"""The command line and its sandbox, as the tests of the fronts have them, and the real policy agent."""

import pytest

from tests.fronts.conftest import bare, local, sandbox, server, shell
from tests.lacking import lacking
from tests.plan.policies import MissingError, Opa, program

__all__ = ["bare", "local", "opa", "sandbox", "server", "shell"]


@pytest.fixture(scope="session")
def opa() -> Opa:
    """The agent. Where it can't be had, that is a skip on a desk and a failure in CI."""
    try:
        return Opa(program())
    except MissingError as missing:
        lacking(str(missing))
