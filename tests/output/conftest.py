"""The fixtures of the command line and its sandbox."""

from tests.cli.conftest import bare_shell, local_shell, sandbox, server, shared_account, shell

__all__ = ["bare_shell", "local_shell", "sandbox", "server", "shared_account", "shell"]
