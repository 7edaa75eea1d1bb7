from tests.cli.conftest import bare_shell, local_shell, sandbox, server, shell

__all__ = ["bare_shell", "local_shell", "sandbox", "server", "shell"]
