"""A source: which files of which revision of which repository, and how we get at them."""

from dataclasses import dataclass, field

from controller.core.digest import digest
from controller.core.finding import Code, Finding
from controller.manifests.limits import Limits
from controller.source.git import address
from controller.source.git.credentials import Login, SshKey
from controller.source.git.pattern import Pattern
from controller.source.git.trusted_keys import Signer
from controller.source.git.wanted_revision import Wanted

_ENDINGS = ("*.yaml", "*.yml", "*.json")
_MIB = 1024 * 1024


@dataclass(frozen=True)
class SourceLimits:
    """Caps on what a server may make us take; each limit's finding names its field.

    ``pack_bytes`` is what one fetch may write, ``refs_bytes`` a list of refs, ``entries`` the files and folders
    looked at under the path, ``levels`` their nesting, ``rules`` the lines of ignore and attribute files in
    force, ``memory_bytes`` what a git process may allocate, ``seconds`` one look at the server; ``tree`` holds
    for the files that are read.
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
    """What is followed. ``path`` is a folder of the repository; include and exclude are ignore-file patterns.

    ``ca`` (PEM) is trusted instead of the system's authorities. With ``signers``, only a commit signed by one
    of them is taken.
    """

    url: str
    wanted: Wanted
    login: Login | None = None
    path: str = ""
    include: tuple[str, ...] = _ENDINGS
    exclude: tuple[str, ...] = ()
    ca: str = ""
    signers: tuple[Signer, ...] = ()
    limits: SourceLimits = field(default_factory=SourceLimits)

    @property
    def folders(self) -> tuple[str, ...]:
        """The path's parts."""
        return tuple(
            part for part in self.path.removeprefix("./").strip("/").split("/") if part not in {"", "."}
        )

    @property
    def shape(self) -> str:
        """A digest of all settings that shape what is read from a given tree."""
        tree = self.limits.tree
        limits = (self.limits.entries, self.limits.levels, self.limits.rules, vars(tree))
        return digest([self.folders, self.include, self.exclude, limits])


def examine(source: Source) -> tuple[Finding, ...]:
    """Everything that is wrong with a source's settings, found without asking anybody."""
    lines = [
        address.trouble(source.url),
        source.wanted.trouble(),
        source.login.trouble() if source.login else "",
        _fits(source),
        _path(source.path),
        *(signer.trouble() for signer in source.signers),
        *(_pattern(each) for each in (*source.include, *source.exclude)),
        "" if source.include else "include is empty, so it selects no file",
    ]
    return tuple(Finding(Code.SOURCE, message) for message in dict.fromkeys(lines) if message)


def _fits(source: Source) -> str:
    """Whether login, address and authority go together."""
    ssh = address.over_ssh(source.url) if not address.trouble(source.url) else None
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
