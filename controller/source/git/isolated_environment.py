"""The environment in which git runs: without system and user configuration, and with secrets only in private files.

The credentials of a login are written to files that only this user can read, in a folder that exists during one poll.
Arguments and environment variables, which others may list, contain only the names of those files.
"""

import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from controller.source.git.source import Source, SshKey, over_ssh

PREFIX = "private-"
_OWNER_ONLY = 0o600
_NONE = "/dev/null"

# git-config(1). Only the protocol of the address is permitted: no ext::, no submodule, bundle or packfile URI, and file
# only for a local repository.
_SETTINGS = """\
[protocol]
    allow = never
    version = 2
[protocol "https"]
    allow = always
[protocol "ssh"]
    allow = always
[http]
    followRedirects = false
    sslVerify = true
    userAgent = sagemaker-gitops
[credential]
    helper =
[core]
    hooksPath = /dev/null
    attributesFile = /dev/null
    excludesFile = /dev/null
    fsmonitor = false
    askPass =
    bigFileThreshold = 1m
    precomposeUnicode = false
[init]
    templateDir =
    defaultBranch = none
[fetch]
    unpackLimit = 1
    recurseSubmodules = false
    fsckObjects = false
    writeCommitGraph = false
    uriProtocols =
[transfer]
    unpackLimit = 1
    bundleURI = false
    advertiseSID = false
[submodule]
    recurse = false
[gc]
    auto = 0
[maintenance]
    auto = false
[pack]
    threads = 1
    windowMemory = 16m
    deltaCacheSize = 1m
[advice]
    fetchShowForcedUpdates = false
"""

_SSH = """\
Host *
    IdentityFile "{key}"
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile "{hosts}"
    GlobalKnownHostsFile none
    StrictHostKeyChecking yes
    UpdateHostKeys no
    VerifyHostKeyDNS no
    CheckHostIP no
    BatchMode yes
    PreferredAuthentications publickey
    ForwardAgent no
    ForwardX11 no
    ClearAllForwardings yes
    PermitLocalCommand no
    ProxyCommand none
    ControlMaster no
    ControlPath none
    CanonicalizeHostname no
    AddKeysToAgent no
    RequestTTY no
    LogLevel ERROR
    ConnectTimeout {seconds}
"""


@contextmanager
def folder(within: Path) -> Iterator[Path]:
    """A private temporary folder; leftovers of a killed run are deleted first.

    The caller holds the lock of ``within``.
    """
    for left in within.glob(f"{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=within))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def write(file: Path, text: str | bytes) -> Path:
    """Write a file that only this user can read."""
    file.touch(mode=_OWNER_ONLY)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def local(private: Path) -> Mapping[str, str]:
    """The environment for git to read local objects; it can reach no server."""
    settings = write(private / "local", _SETTINGS.replace("allow = always", "allow = never"))
    return _environment(private, settings)


def remote(private: Path, source: Source) -> Mapping[str, str]:
    """The environment for git to read the server of a source."""
    settings = write(private / "remote", _SETTINGS + _server(private, source))
    return {**_environment(private, settings), **_ssh(private, source)}


def _environment(private: Path, settings: Path) -> dict[str, str]:
    return {
        "HOME": str(private),
        "XDG_CONFIG_HOME": str(private),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": _NONE,
        "GIT_CONFIG_GLOBAL": str(settings),
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_CEILING_DIRECTORIES": str(private),
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_ADVICE": "0",
    }


def _server(private: Path, source: Source) -> str:
    """The git settings of the source's server: its header, which no other server gets, and its authority."""
    out = '[protocol "file"]\n    allow = always\n' if source.local else ""
    if source.login and not isinstance(source.login, SshKey):
        out += f'[http "{source.url}"]\n    extraHeader = {_quote(source.login.header())}\n'
    if source.ca:
        authority = write(private / "authority.pem", source.ca)
        out += f"[http]\n    sslCAInfo = {_quote(str(authority))}\n    sslCAPath = {_NONE}\n"
    return out


def _quote(value: str) -> str:
    cleaned = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{cleaned}"'


def _ssh(private: Path, source: Source) -> Mapping[str, str]:
    if not isinstance(source.login, SshKey) or not over_ssh(source.url):
        return {"GIT_SSH_COMMAND": "false"}
    text = source.login.private.reveal().strip() + "\n"
    key = write(private / "key", text.replace("\r\n", "\n"))
    hosts = write(private / "known_hosts", source.login.known_hosts.strip() + "\n")
    seconds = max(1, int(source.limits.seconds / 2))
    settings = write(private / "ssh", _SSH.format(key=key, hosts=hosts, seconds=seconds))
    # git splits this with a shell, so the name is quoted; host and path are separate arguments.
    return {"GIT_SSH_COMMAND": f"ssh -F {shlex.quote(str(settings))}", "GIT_SSH_VARIANT": "ssh"}
