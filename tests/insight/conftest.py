"""The command line and its sandbox, as its own tests have them."""

from tests.cli.conftest import bare, sandbox, server, shell, standing

__all__ = ["bare", "sandbox", "server", "shell", "standing"]
