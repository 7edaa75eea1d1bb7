from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.finding import Code
from controller.runtime.hidden_text import SecretText
from controller.source.git.errors import RetryTrigger
from controller.source.git.snapshot import Mirrors
from controller.source.git.source import Source, SshKey
from tests.source.git.following import MAIN, refusal_of, snapshot_of
from tests.source.git.keys import Ssh
from tests.source.git.repository import Repository
from tests.source.git.ssh_server import SshServer, serve_ssh


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[SshServer]:
    """A real sshd."""
    with serve_ssh(tmp_path / "sshd") as server:
        yield server


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository on the server's disk."""
    made = Repository(tmp_path / "fleet.git")
    made.commit({"a.yaml": "a"})
    return made


def _source(sshd: SshServer, repository: Repository, key: Ssh, known_hosts: str) -> Source:
    login = SshKey(SecretText(key.file.read_text()), known_hosts)
    return Source(sshd.url(repository.path), MAIN, login)


def test_ssh_takes_a_key_and_a_known_host(sshd: SshServer, repository: Repository, mirrors: Mirrors) -> None:
    """Row 5: with the right key and the server's own host key, the branch is read."""
    snapshot = snapshot_of(mirrors.fetch_snapshot(_source(sshd, repository, sshd.user, sshd.known_hosts)))
    assert snapshot.files == (("a.yaml", b"a"),)


def test_another_host_key_is_not_spoken_to(
    sshd: SshServer, repository: Repository, mirrors: Mirrors, tmp_path: Path
) -> None:
    """Row 5: a known_hosts of another key, or of another host, ends the poll permanently and is not extended."""
    other = Ssh.make(tmp_path / "other")
    for hosts in (
        sshd.known_hosts.replace(sshd.host.public.split()[1], other.public.split()[1]),
        "example.com ssh-ed25519 AAAA",
    ):
        outcome = mirrors.fetch_snapshot(_source(sshd, repository, sshd.user, hosts))
        assert refusal_of(outcome, Code.UNTRUSTED_SERVER).retry_trigger is RetryTrigger.SETTINGS


def test_another_key_is_not_let_in(
    sshd: SshServer, repository: Repository, mirrors: Mirrors, tmp_path: Path
) -> None:
    """Row 5: a key that the server doesn't accept is reported as a refused login; no agent's key is tried."""
    foreign = Ssh.make(tmp_path / "stranger")
    outcome = mirrors.fetch_snapshot(_source(sshd, repository, foreign, sshd.known_hosts))
    assert refusal_of(outcome, Code.LOGIN).retry_trigger is RetryTrigger.SETTINGS
