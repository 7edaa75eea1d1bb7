import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.finding import Code
from controller.source.git.errors import SourceFailure
from controller.source.git.signature import signed_by
from controller.source.git.snapshot import Mirrors
from controller.source.git.source import TrustedKey
from tests.source.git.following import git_source, refusal_of, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.keys import Gpg, Ssh, commit_payload, push, push_signed, signed_commit
from tests.source.git.repository import Files, Repository

FILES: Files = {"a.yaml": "good"}


@pytest.fixture
def gpg(tmp_path: Path) -> Iterator[Gpg]:
    """An OpenPGP key; the folder's name is short, because it contains the agent's socket."""
    made = Gpg.make(tmp_path / "g")
    yield made
    made.stop()


@pytest.fixture
def keys(gpg: Gpg, ssh: Ssh) -> tuple[Gpg, Ssh]:
    """A key of each sort."""
    return gpg, ssh


@pytest.fixture
def ssh(tmp_path: Path) -> Ssh:
    """An OpenSSH key."""
    return Ssh.make(tmp_path / "id")


def test_a_commit_of_a_signer_is_taken(
    forge: Forge, repository: Repository, mirrors: Mirrors, gpg: Gpg, ssh: Ssh
) -> None:
    """Row 9: commits signed by OpenPGP and by OpenSSH keys are accepted, and the snapshot has the signer."""
    source = git_source(forge, signers=(gpg.signer, ssh.signer))
    for key in (gpg, ssh):
        commit = push_signed(repository, FILES, key)
        snapshot = snapshot_of(mirrors.fetch_snapshot(source))
        assert (snapshot.revision, snapshot.signer) == (commit, key.fingerprint)


def test_git_itself_signs_what_we_take(
    forge: Forge, repository: Repository, mirrors: Mirrors, keys: tuple[Gpg, Ssh], tmp_path: Path
) -> None:
    """Row 9: commits made by ``git commit -S`` are accepted, not only those that the tests construct."""
    gpg, ssh = keys
    work = tmp_path / "work"
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GNUPGHOME": str(gpg.home),
    }
    ways = (("openpgp", gpg.fingerprint.split()[1]), ("ssh", str(ssh.file)))
    subprocess.run(["git", "init", "-q", "-b", "main", str(work)], env=env, check=True)
    for n, (format_, key) in enumerate(ways):
        (work / "a.yaml").write_text(f"{n}")
        settings = {
            "user.name": "A",
            "user.email": "a@example.com",
            "gpg.format": format_,
            "user.signingKey": key,
        }
        parts = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        for run in (
            ["add", "."],
            ["commit", "-q", "-S", "-m", "Change"],
            ["push", "-q", str(repository.path), "main"],
        ):
            subprocess.run(["git", "-C", str(work), *parts, *run], env=env, check=True)
        snapshot = snapshot_of(mirrors.fetch_snapshot(git_source(forge, signers=(gpg.signer, ssh.signer))))
        assert snapshot.signer in {gpg.fingerprint, ssh.fingerprint}
        assert snapshot.files == (("a.yaml", f"{n}".encode()),)


def test_what_nobody_of_the_signers_signed_is_refused(
    forge: Forge, repository: Repository, mirrors: Mirrors, keys: tuple[Gpg, Ssh], tmp_path: Path
) -> None:
    """Row 9: unsigned, by a stranger's key, changed after signing, for another purpose: refused, the last one stays."""
    gpg, ssh = keys
    foreign = Ssh.make(tmp_path / "stranger")
    source = git_source(forge, signers=(gpg.signer, ssh.signer))
    push_signed(repository, FILES, ssh)
    good = snapshot_of(mirrors.fetch_snapshot(source))
    data = commit_payload(repository.tree({"a.yaml": "evil"}))
    other = commit_payload(repository.tree(FILES), "Another")
    bad = {
        "unsigned": data,
        "a stranger's": signed_commit(data, foreign.sign(data)),
        "changed after ssh": signed_commit(data, ssh.sign(other)),
        "changed after gpg": signed_commit(data, gpg.sign(other)),
        "for a file": signed_commit(data, ssh.sign(data, namespace="file")),
        "of another sort": signed_commit(
            data, b"-----BEGIN SIGNED MESSAGE-----\nx\n-----END SIGNED MESSAGE-----"
        ),
        "garbage": signed_commit(data, b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----"),
        "empty": signed_commit(data, b"-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----"),
        "two in one": signed_commit(data, gpg.sign(data) + gpg.sign(data)),
        "weak": signed_commit(data, gpg.sign(data, "--digest-algo", "SHA1", "--force-v3-sigs")),
    }
    for how, commit in bad.items():
        push(repository, commit)
        outcome = mirrors.fetch_snapshot(source)
        assert isinstance(outcome, SourceFailure), how
        refusal_of(outcome, Code.SIGNATURE)
    assert good.files == (("a.yaml", b"good"),)


def test_a_stranger_with_openpgp_is_refused(
    forge: Forge, repository: Repository, mirrors: Mirrors, gpg: Gpg, tmp_path: Path
) -> None:
    """Row 9: an OpenPGP key that isn't configured is not searched for anywhere else."""
    foreign = Gpg.make(tmp_path / "s")
    push_signed(repository, FILES, foreign)
    foreign.stop()
    refusal = refusal_of(mirrors.fetch_snapshot(git_source(forge, signers=(gpg.signer,))), Code.SIGNATURE)
    assert "none of the signers" in refusal.findings[0].message


def test_a_key_that_has_expired_signs_no_more(
    forge: Forge, repository: Repository, mirrors: Mirrors, tmp_path: Path
) -> None:
    """Row 9: a good signature by a key that has expired since is refused, though gpgv is content with it."""
    past = ("--faked-system-time", "20200101T000000")
    gpg = Gpg.make(tmp_path / "g", "20200102T000000", *past)
    data = commit_payload(repository.tree(FILES))
    push(repository, signed_commit(data, gpg.sign(data, *past)))
    gpg.stop()
    outcome = refusal_of(mirrors.fetch_snapshot(git_source(forge, signers=(gpg.signer,))), Code.SIGNATURE)
    assert "expired" in outcome.findings[0].message


def test_two_readers_cannot_disagree_on_a_commit(
    forge: Forge, repository: Repository, mirrors: Mirrors, ssh: Ssh
) -> None:
    """Row 9: a commit with a second tree, or a second signature, is malformed, whichever of them is good."""
    source = git_source(forge, signers=(ssh.signer,))
    good, evil = repository.tree(FILES), repository.tree({"a.yaml": "evil"})
    data = commit_payload(good)
    twice = signed_commit(data, ssh.sign(data)).replace(
        b"\nauthor", b"\ntree " + evil.encode() + b"\nauthor", 1
    )
    both = signed_commit(signed_commit(data, ssh.sign(data)), ssh.sign(data))
    for commit in (twice, both):
        push(repository, commit)
        outcome = mirrors.fetch_snapshot(source)
        refusal_of(outcome, Code.BROKEN_OBJECT)


def test_what_was_verified_is_what_is_read(
    forge: Forge, repository: Repository, mirrors: Mirrors, ssh: Ssh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 9: a branch that moves between verifying and reading does not matter; the commit of before is read."""
    verified = push_signed(repository, FILES, ssh)

    def moving(*args: object) -> str:
        repository.commit({"a.yaml": "evil"})
        return signed_by(*args)  # type: ignore[arg-type]  # handed on as they come

    monkeypatch.setattr("controller.source.git.snapshot.signed_by", moving)
    snapshot = snapshot_of(mirrors.fetch_snapshot(git_source(forge, signers=(ssh.signer,))))
    assert (snapshot.revision, snapshot.files) == (verified, (("a.yaml", b"good"),))


def test_without_signers_nothing_is_verified(
    forge: Forge, repository: Repository, mirrors: Mirrors, ssh: Ssh
) -> None:
    """A source without signers accepts any commit, and has no signer."""
    push_signed(repository, FILES, ssh)
    assert snapshot_of(mirrors.fetch_snapshot(git_source(forge))).signer == ""


def test_a_signer_is_a_public_key(forge: Forge, mirrors: Mirrors, ssh: Ssh) -> None:
    """Settings with a private key, or with anything else, are refused before any request."""
    for text in (ssh.file.read_text(), "me", "", ssh.public.replace("ssh-ed25519", "cert-authority")):
        source = git_source(forge, signers=(TrustedKey(text),))
        refusal_of(mirrors.fetch_snapshot(source), Code.SOURCE)
    assert not forge.requests
