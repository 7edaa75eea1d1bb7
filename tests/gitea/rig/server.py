"""Gitea on free ports of loopback, with throw-away data (settings: docs.gitea.com, config-cheat-sheet).

It speaks https, for we speak nothing else to a forge, and has an SSH server of its own whose key is known.
"""

import getpass
import json
import secrets
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.programs.running import LOCAL, await_ready, free_port, running
from tests.source.git.authority import issue_certificate
from tests.source.git.keys import Ssh

ADMIN = "keeper"
_SETTINGS = """\
RUN_MODE = prod
WORK_PATH = {folder}
RUN_USER = {user}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
[server]
PROTOCOL = https
CERT_FILE = {certificate}
KEY_FILE = {key}
HTTP_ADDR = {host}
HTTP_PORT = {port}
ROOT_URL = https://{host}:{port}/
STATIC_ROOT_PATH = {static}
OFFLINE_MODE = true
LFS_START_SERVER = false
START_SSH_SERVER = true
BUILTIN_SSH_SERVER_USER = git
SSH_DOMAIN = {host}
SSH_PORT = {ssh}
SSH_LISTEN_HOST = {host}
SSH_LISTEN_PORT = {ssh}
SSH_SERVER_HOST_KEYS = {host_key}
[database]
DB_TYPE = sqlite3
PATH = {folder}/gitea.db
[security]
INSTALL_LOCK = true
SECRET_KEY = {secret}
INTERNAL_TOKEN = {token}
[webhook]
ALLOWED_HOST_LIST = loopback
[service]
DISABLE_REGISTRATION = true
[indexer]
ISSUE_INDEXER_TYPE = db
[actions]
ENABLED = false
[packages]
ENABLED = false
[cron]
ENABLED = false
[log]
LEVEL = Warn
"""


@dataclass(frozen=True)
class Access:
    """The connection to a Gitea: ports, authority of the certificate, host key, the administrator's token."""

    port: int
    ssh: int
    authority: str
    host_key: str
    token: str
    password: str

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"https://{LOCAL}:{self.port}"

    @property
    def known_hosts(self) -> str:
        """The line that pins its SSH server."""
        return f"[{LOCAL}]:{self.ssh} {self.host_key}\n"

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Access":
        """Read what ``save`` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


@contextmanager
def run_server(program: Path, folder: Path) -> Iterator[Access]:
    """A running Gitea with one administrator; its data and log are in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    port, ssh, password = free_port(), free_port(), secrets.token_urlsafe(12)
    host_key, authority = Ssh.make(folder / "host_key"), folder / "authority.pem"
    authority.write_text(issue_certificate().authority, encoding="utf-8")
    settings = folder / "app.ini"
    settings.write_text(_settings(program, folder, port, ssh, host_key), encoding="utf-8")
    command = [str(program), "--config", str(settings)]
    _run(*command, "migrate")
    _run(*command, "admin", "user", "create", "--admin", "--username", ADMIN, "--password", password,
          "--email", f"{ADMIN}@example.com", "--must-change-password=false")  # fmt: skip
    token = _run(*command, "admin", "user", "generate-access-token", "--username", ADMIN, "--scopes", "all",
                  "--token-name", "rig", "--raw").strip().splitlines()[-1]  # fmt: skip
    log = folder / "gitea.log"
    with running([*command, "web"], log) as process:
        await_ready(process, lambda: _is_ready(port, authority), log)
        pinned = " ".join(host_key.public.split()[:2])
        yield Access(port, ssh, str(authority), pinned, token, password)


def _settings(program: Path, folder: Path, port: int, ssh: int, host_key: Ssh) -> str:
    certificate, key = issue_certificate().write(folder)
    return _SETTINGS.format(
        folder=folder,
        user=getpass.getuser(),
        certificate=certificate,
        key=key,
        host=LOCAL,
        port=port,
        ssh=ssh,
        static=program.with_name("static"),
        host_key=host_key.file,
        secret=secrets.token_urlsafe(32),
        token=secrets.token_urlsafe(48),
    )


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise RuntimeError(f"gitea {command[3:6]} failed: {done.stderr}{done.stdout}")
    return done.stdout


def _is_ready(port: int, authority: Path) -> bool:
    trusted = ssl.create_default_context(cafile=str(authority))
    trusted.verify_flags &= ~ssl.VERIFY_X509_STRICT  # the authority has no key identifiers, as many have none
    try:
        with urllib.request.urlopen(f"https://{LOCAL}:{port}/api/healthz", timeout=5, context=trusted):
            return True
    except (urllib.error.URLError, OSError):
        return False
