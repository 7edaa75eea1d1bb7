"""The command line and its sandbox, as its own tests have them."""

from tests.cli.conftest import bare, sandbox, server, shared_account, shell

__all__ = ["bare", "sandbox", "server", "shared_account", "shell"]
