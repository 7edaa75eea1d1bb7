"""A real ``sshd`` on loopback, for one user and only for git."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.missing_requirement import end_without
from tests.programs.running import free_port
from tests.source.git.keys import Ssh

_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AcceptEnv GIT_PROTOCOL
LogLevel ERROR
"""


@dataclass(frozen=True)
class SshServer:
    """The server's address, its authorized key, and its host key."""

    port: int
    host: Ssh
    user: Ssh

    @property
    def known_hosts(self) -> str:
        """The line that pins it."""
        return f"[127.0.0.1]:{self.port} {' '.join(self.host.public.split()[:2])}\n"

    def url(self, repository: Path) -> str:
        """The address of a repository on disk."""
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{repository}"


@contextmanager
def serve_ssh(folder: Path) -> Iterator[SshServer]:
    """Run sshd."""
    program = shutil.which("sshd", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"]))
    if not program:
        end_without("sshd is not installed (Debian: apt-get install openssh-server)")
    if os.geteuid() == 0:  # sshd of root needs a folder that its service creates at a machine's start
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    folder.mkdir()
    made = SshServer(free_port(), Ssh.make(folder / "host"), Ssh.make(folder / "user"))
    (folder / "authorized").write_text(f"{made.user.public}\n")
    (folder / "config").write_text(_CONFIG.format(port=made.port, folder=folder))
    with subprocess.Popen(
        [program, "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.PIPE
    ) as server:
        try:
            _await(made.port, server)
            yield made
        finally:
            server.kill()


def _await(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if server.poll() is not None and server.stderr:
            end_without(f"sshd does not start here: {server.stderr.read().decode().strip()}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    end_without("sshd does not listen")
