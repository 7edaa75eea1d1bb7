"""The fixtures of the command line and its sandbox."""

from tests.cli.conftest import bare, local, sandbox, server, shared_account, shell

__all__ = ["bare", "local", "sandbox", "server", "shared_account", "shell"]
