"""Who we are to a git server. No text, error or process list shows what a login holds."""

import base64
import binascii
import re
from dataclasses import dataclass

from controller.runtime.hidden_text import Hidden

_PLAIN = re.compile(r"[\x21-\x7e]+")
_PEM = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----\s(.+?)-----END \1PRIVATE KEY-----", re.DOTALL)
_OPENSSH = b"openssh-key-v1\0"
_UNENCRYPTED = b"\0\0\0\x04none"


@dataclass(frozen=True)
class Token:
    """A bearer token; forges that take tokens as passwords only (GitHub, GitLab, Gitea) want a ``Basic``."""

    token: Hidden

    def trouble(self) -> str:
        """What is wrong with it, in words; empty if nothing is."""
        return "" if _PLAIN.fullmatch(self.token.reveal()) else "the token is empty or holds other than ASCII"

    def header(self) -> str:
        """The HTTP header that it becomes."""
        return f"Authorization: Bearer {self.token.reveal()}"

    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown."""
        return (self.token.reveal(),)


@dataclass(frozen=True)
class Basic:
    """A user and a password, or a user and a token in its place."""

    user: str
    password: Hidden

    def trouble(self) -> str:
        """What is wrong with it, in words; empty if nothing is."""
        if not _PLAIN.fullmatch(self.user) or ":" in self.user:
            return "the user is empty, or holds a colon or other than ASCII"
        return "" if self.password.reveal() else "the password is empty"

    def header(self) -> str:
        """The HTTP header that it becomes."""
        return f"Authorization: Basic {self._encoded()}"

    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown."""
        return (self.password.reveal(), self._encoded())

    def _encoded(self) -> str:
        return base64.b64encode(f"{self.user}:{self.password.reveal()}".encode()).decode()


@dataclass(frozen=True)
class SshKey:
    """A private key and the host keys that are trusted; without known hosts nobody is connected to."""

    private: Hidden
    known_hosts: str

    def trouble(self) -> str:
        """What is wrong with it, in words; empty if nothing is."""
        if not any(line.strip() and not line.startswith("#") for line in self.known_hosts.splitlines()):
            return "known_hosts is missing: without it the server cannot be authenticated"
        found = _PEM.search(self.private.reveal())
        if not found:
            return "the private key is not one that OpenSSH reads"
        return "the private key is encrypted; give one without a passphrase" if _encrypted(found) else ""

    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown."""
        return (self.private.reveal(),)


def _encrypted(pem: re.Match[str]) -> bool:
    if "ENCRYPTED" in pem[0]:
        return True
    if pem[1] != "OPENSSH ":
        return False
    try:
        body = base64.b64decode("".join(pem[2].split()), validate=True)
    except binascii.Error:
        return False
    return not body.startswith(_OPENSSH + _UNENCRYPTED)


Login = Token | Basic | SshKey
