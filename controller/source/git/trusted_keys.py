"""Whose commits are taken: public keys, as OpenPGP or OpenSSH write them."""

import base64
import binascii
import re
from dataclasses import dataclass

_ARMOUR = re.compile(
    r"-----BEGIN PGP PUBLIC KEY BLOCK-----[^\n]*\n(?:[\w-]+:[^\n]*\n)*\s*\n"
    r"(?P<body>[A-Za-z0-9+/=\s]+?)(?:\n=[A-Za-z0-9+/]{4}\s*)?\n?-----END PGP PUBLIC KEY BLOCK-----"
)
_SSH = re.compile(
    r"(?P<type>ssh-[a-z0-9-]+|ecdsa-sha2-[a-z0-9-]+|sk-[a-z0-9@.-]+) (?P<key>[A-Za-z0-9+/=]+)(?: .*)?"
)


@dataclass(frozen=True)
class Signer:
    """One public key: an armoured OpenPGP block, or a line of OpenSSH."""

    key: str

    @property
    def openpgp(self) -> bytes:
        """The OpenPGP key without armour; nothing if it is none."""
        found = _ARMOUR.search(self.key.replace("\r\n", "\n"))
        try:
            return base64.b64decode("".join(found["body"].split()), validate=True) if found else b""
        except binascii.Error:
            return b""

    @property
    def openssh(self) -> str:
        """The OpenSSH key without its comment; nothing if it is none."""
        found = _SSH.fullmatch(self.key.strip())
        return f"{found['type']} {found['key']}" if found else ""

    def trouble(self) -> str:
        """What is wrong with it, in words; empty if nothing is."""
        if "PRIVATE KEY" in self.key:
            return "a signer is a public key, and a private one was given"
        proper = self.openpgp or self.openssh
        return "" if proper else "a signer is neither an OpenPGP public key block nor an OpenSSH public key"
