"""A source: address, credentials and trusted keys of a repository, a revision, and the selected files."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from controller.core.digest import digest
from controller.core.finding import Code, Finding
from controller.manifests.files import Limits
from controller.runtime.hidden_text import SecretText
from controller.source.git.pattern import Pattern
from controller.source.git.revision_selector import RevisionSelector

_SCHEMES = frozenset({"https", "ssh"})
_LOCAL = "file"
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\uffff\\\"'`<>|^{}$;&*()!]")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]+")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LONGEST = 2048


def problem(url: str, *, local: bool = False) -> str:
    """The error of an address, without quoting it; empty if it is valid.

    Args:
        url: the address.
        local: whether it must be a folder of this machine (``file://``).

    Refused addresses never reach git, ssh or a shell: CVE-2017-1000117 (host ``-oProxyCommand``), CVE-2020-5260
    (newline in a URL), CVE-2022-24439 (``ext::``).

    """
    if not url or len(url) > _LONGEST:
        return "the URL is empty or too long"
    if _UNSAFE.search(url) or url.startswith("-"):
        return "the URL contains an invalid character"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the URL is malformed"
    if local:
        proper = (parts.scheme, parts.netloc) == (_LOCAL, "") and len(parts.path) > 1
        return "" if proper and "%0" not in parts.path else "the path of the local repository is not valid"
    if parts.scheme not in _SCHEMES:
        return "unsupported URL scheme: use https:// or ssh:// (host:path is ssh://git@host/path)"
    return _parts(parts, port)


def _parts(parts: SplitResult, port: int | None) -> str:
    if parts.query or parts.fragment or "%0" in parts.path.lower():
        return "the URL contains a query, a fragment or an escaped control character"
    if not _HOST.fullmatch(parts.hostname or "") or port == 0:
        return "the URL has no valid host"
    if parts.password is not None or (parts.scheme == "https" and parts.username is not None):
        return "the URL contains credentials; configure them separately"
    if parts.scheme == "ssh" and not _USER.fullmatch(parts.username or ""):
        return "the URL has no valid user; write ssh://git@host/path"
    path = parts.path.strip("/").split("/")
    if any(part in {"", ".", ".."} or part.startswith("-") for part in path):
        return "the URL has no valid path"
    return ""


def over_ssh(url: str) -> bool:
    """Whether the address uses ssh."""
    return urlsplit(url).scheme == "ssh"


_PLAIN = re.compile(r"[\x21-\x7e]+")
_PEM = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----\s(.+?)-----END \1PRIVATE KEY-----", re.DOTALL)
_OPENSSH = b"openssh-key-v1\0"
_UNENCRYPTED = b"\0\0\0\x04none"


@dataclass(frozen=True)
class Token:
    """A bearer token; Git providers that take tokens only as passwords (GitHub, GitLab, Gitea) require ``Basic``."""

    token: SecretText

    def problem(self) -> str:
        """The error of its values; empty if they are valid."""
        return "" if _PLAIN.fullmatch(self.token.reveal()) else "the token is empty or holds other than ASCII"

    def header(self) -> str:
        """The HTTP header that it becomes."""
        return f"Authorization: Bearer {self.token.reveal()}"

    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown."""
        return (self.token.reveal(),)


@dataclass(frozen=True)
class Basic:
    """A user with a password or token."""

    user: str
    password: SecretText

    def problem(self) -> str:
        """The error of its values; empty if they are valid."""
        if not _PLAIN.fullmatch(self.user) or ":" in self.user:
            return "the user is empty, or holds a colon or other than ASCII"
        return "" if self.password.reveal() else "the password is empty"

    def header(self) -> str:
        """The HTTP header that it becomes."""
        return f"Authorization: Basic {self._basic_credentials()}"

    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown."""
        return (self.password.reveal(), self._basic_credentials())

    def _basic_credentials(self) -> str:
        return base64.b64encode(f"{self.user}:{self.password.reveal()}".encode()).decode()


@dataclass(frozen=True)
class SshKey:
    """A private key and the host keys that are trusted; without known hosts no connection is made."""

    private: SecretText
    known_hosts: str

    def problem(self) -> str:
        """The error of its values; empty if they are valid."""
        if not any(line.strip() and not line.startswith("#") for line in self.known_hosts.splitlines()):
            return "known_hosts is missing: without it the server cannot be authenticated"
        found = _PEM.search(self.private.reveal())
        if not found:
            return "the private key is not one that OpenSSH reads"
        return "the private key is encrypted; give one without a passphrase" if _is_encrypted(found) else ""

    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown."""
        return (self.private.reveal(),)


def _is_encrypted(pem: re.Match[str]) -> bool:
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


_PGP_BLOCK = re.compile(
    r"-----BEGIN PGP PUBLIC KEY BLOCK-----[^\n]*\n(?:[\w-]+:[^\n]*\n)*\s*\n"
    r"(?P<body>[A-Za-z0-9+/=\s]+?)(?:\n=[A-Za-z0-9+/]{4}\s*)?\n?-----END PGP PUBLIC KEY BLOCK-----"
)
_SSH = re.compile(
    r"(?P<type>ssh-[a-z0-9-]+|ecdsa-sha2-[a-z0-9-]+|sk-[a-z0-9@.-]+) (?P<key>[A-Za-z0-9+/=]+)(?: .*)?"
)


@dataclass(frozen=True)
class TrustedKey:
    """One public key: an armoured OpenPGP block, or a line of OpenSSH."""

    key: str

    @property
    def openpgp(self) -> bytes:
        """The OpenPGP key without armour; nothing if it is none."""
        found = _PGP_BLOCK.search(self.key.replace("\r\n", "\n"))
        try:
            return base64.b64decode("".join(found["body"].split()), validate=True) if found else b""
        except binascii.Error:
            return b""

    @property
    def openssh(self) -> str:
        """The OpenSSH key without its comment; nothing if it is none."""
        found = _SSH.fullmatch(self.key.strip())
        return f"{found['type']} {found['key']}" if found else ""

    def problem(self) -> str:
        """The error of its values; empty if they are valid."""
        if "PRIVATE KEY" in self.key:
            return "a signer is a public key, and a private one was given"
        proper = self.openpgp or self.openssh
        return "" if proper else "a signer is neither an OpenPGP public key block nor an OpenSSH public key"


_ENDINGS = ("*.yaml", "*.yml", "*.json")
_MIB = 1024 * 1024


@dataclass(frozen=True)
class SourceLimits:
    """Limits of the resources that a server can consume; each limit's finding names its field.

    ``pack_bytes`` limits what one fetch writes, ``refs_bytes`` a list of refs, ``entries`` the files and folders under
    the path, ``levels`` their nesting, ``rules`` the lines of ignore and attribute files that apply, ``memory_bytes``
    the memory of a git process, ``seconds`` one poll of the server; ``tree`` applies to the files that are read.
    """

    pack_bytes: int = 100 * _MIB
    refs_bytes: int = 32 * _MIB
    entries: int = 20_000
    levels: int = 64
    rules: int = 200
    memory_bytes: int = 256 * _MIB
    seconds: float = 60.0
    tree: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Source:
    """The source of a sync. ``path`` is a folder of the repository; include and exclude are ignore-file patterns.

    ``ca`` (PEM) is trusted instead of the system's authorities. With ``signers``, only a commit signed by one of them
    is accepted. ``local`` is whether the address is a folder of this machine; only settings of the machine's owner may
    set it.
    """

    url: str
    selector: RevisionSelector
    login: Login | None = None
    path: str = ""
    include: tuple[str, ...] = _ENDINGS
    exclude: tuple[str, ...] = ()
    ca: str = ""
    signers: tuple[TrustedKey, ...] = ()
    limits: SourceLimits = field(default_factory=SourceLimits)
    local: bool = False

    @property
    def folders(self) -> tuple[str, ...]:
        """The path's parts."""
        return tuple(
            part for part in self.path.removeprefix("./").strip("/").split("/") if part not in {"", "."}
        )

    @property
    def shape(self) -> str:
        """A digest of all settings that affect what is read from a tree."""
        tree = self.limits.tree
        limits = (self.limits.entries, self.limits.levels, self.limits.rules, vars(tree))
        return digest([self.folders, self.include, self.exclude, limits])


def examine(source: Source) -> tuple[Finding, ...]:
    """All errors of a source's settings, found without a request."""
    lines = [
        problem(source.url, local=source.local),
        source.selector.problem(),
        source.login.problem() if source.login else "",
        _login_error(source),
        _path(source.path),
        *(signer.problem() for signer in source.signers),
        *(_pattern(each) for each in (*source.include, *source.exclude)),
        "" if source.include else "include is empty, so it selects no file",
    ]
    return tuple(Finding(Code.SOURCE, message) for message in dict.fromkeys(lines) if message)


def _login_error(source: Source) -> str:
    """The error if login, address and authority don't fit each other; empty if they do."""
    if source.local:
        return "a local repository has neither login nor ca" if source.login or source.ca else ""
    ssh = over_ssh(source.url) if not problem(source.url) else None
    if ssh is None:
        return ""
    if ssh and not isinstance(source.login, SshKey):
        return "ssh needs a private key and known_hosts"
    if not ssh and isinstance(source.login, SshKey):
        return "https takes a token, or a user and a password; the key is for ssh"
    if source.ca and (ssh or "-----BEGIN CERTIFICATE-----" not in source.ca):
        return "the authority (ca) is not a certificate in PEM, or the address is not https"
    return ""


def _path(path: str) -> str:
    if not path.isprintable() or "\\" in path:
        return "the path contains an invalid character"
    if path.startswith(("/", "-")) or any(part == ".." or part.startswith("-") for part in path.split("/")):
        return "the path must stay in the repository: no leading '/' or '-', no '..'"
    return ""


def _pattern(text: str) -> str:
    proper = text.isprintable() and not text.startswith(("!", "#", "-")) and Pattern.parse(text)
    return "" if proper else f"{text[:60]!r} is not a pattern of file names"
