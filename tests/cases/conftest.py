from tests.cli.conftest import bare, local, sandbox, server, shell

__all__ = ["bare", "local", "sandbox", "server", "shell"]
