"""The command line and its sandbox, as its own tests have them."""

from tests.cli.conftest import bare, local, sandbox, server, shared_account, shell

__all__ = ["bare", "local", "sandbox", "server", "shared_account", "shell"]
