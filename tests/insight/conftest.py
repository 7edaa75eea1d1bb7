"""The command line and its sandbox, as the tests of the fronts have them."""

from tests.fronts.conftest import bare, sandbox, server, shell, standing

__all__ = ["bare", "sandbox", "server", "shell", "standing"]
