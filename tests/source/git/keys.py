"""Signers for tests, made by the real gpg and ssh-keygen, and commits that they sign."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from controller.source.git.source import TrustedKey
from tests.source.git.repository import Files, Repository

_WHO = "A U Thor <author@example.com>"


@dataclass(frozen=True)
class Gpg:
    """An OpenPGP key in a home of its own."""

    home: Path

    @classmethod
    def make(cls, home: Path, expires: str = "never", *arguments: str) -> "Gpg":
        """Make a key; ``expires`` as gpg takes it."""
        home.mkdir(mode=0o700)
        made = cls(home)
        made.run(*arguments, "--passphrase", "", "--quick-generate-key", _WHO, "ed25519", "sign", expires)
        return made

    def run(self, *arguments: str, feed: bytes = b"") -> bytes:
        """Run gpg."""
        env = {"PATH": os.environ["PATH"], "GNUPGHOME": str(self.home), "LC_ALL": "C"}
        run = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", *arguments]
        return subprocess.run(run, env=env, input=feed, check=True, capture_output=True).stdout

    @property
    def signer(self) -> TrustedKey:
        """The public key."""
        return TrustedKey(self.run("--armor", "--export").decode())

    @property
    def fingerprint(self) -> str:
        """The fingerprint in the snapshot."""
        lines = self.run("--with-colons", "--list-keys").decode().splitlines()
        return f"OpenPGP {next(line.split(':')[9] for line in lines if line.startswith('fpr'))}"

    def sign(self, payload: bytes, *arguments: str) -> bytes:
        """A signature as git requests it."""
        return self.run("--detach-sign", "--armor", *arguments, feed=payload)

    def stop(self) -> None:
        """End the agent that gpg started."""
        env = {"PATH": os.environ["PATH"], "GNUPGHOME": str(self.home)}
        subprocess.run(["gpgconf", "--kill", "all"], env=env, check=True)


@dataclass(frozen=True)
class Ssh:
    """An OpenSSH key."""

    file: Path

    @classmethod
    def make(cls, file: Path) -> "Ssh":
        """Make a key."""
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "me", "-f", str(file)], check=True
        )
        return cls(file)

    @property
    def public(self) -> str:
        """The line of the public key."""
        return self.file.with_name(f"{self.file.name}.pub").read_text().strip()

    @property
    def signer(self) -> TrustedKey:
        """The public key."""
        return TrustedKey(self.public)

    @property
    def fingerprint(self) -> str:
        """The fingerprint in the snapshot."""
        process = subprocess.run(
            ["ssh-keygen", "-lf", str(self.file)], check=True, capture_output=True, text=True
        )
        return f"OpenSSH {process.stdout.split()[1]}"

    def sign(self, payload: bytes, namespace: str = "git") -> bytes:
        """A signature as git requests it."""
        run = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(self.file)]
        return subprocess.run(run, input=payload, check=True, capture_output=True).stdout


def commit_payload(tree: str, message: str = "Change") -> bytes:
    """What is signed of a commit."""
    who = f"{_WHO} 1700000000 +0000"
    return f"tree {tree}\nauthor {who}\ncommitter {who}\n\n{message}\n".encode()


def signed_commit(data: bytes, signature: bytes) -> bytes:
    """A commit with its signature, where git puts it."""
    head, _, message = data.partition(b"\n\n")
    lines = signature.strip().split(b"\n")
    return head + b"\ngpgsig " + b"\n ".join(lines) + b"\n\n" + message


def push(repository: Repository, commit: bytes) -> str:
    """Push a commit unchanged to main."""
    return repository.point("refs/heads/main", repository.write("commit", commit))


def push_signed(repository: Repository, files: Files, by: Gpg | Ssh) -> str:
    """Push files in a signed commit."""
    data = commit_payload(repository.tree(files))
    return push(repository, signed_commit(data, by.sign(data)))
