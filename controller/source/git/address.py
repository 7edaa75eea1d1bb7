"""Which addresses a repository may have. What git would read as an option or another transport is none."""

import re
from urllib.parse import SplitResult, urlsplit

_SCHEMES = frozenset({"https", "ssh"})
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\uffff\\\"'`<>|^{}$;&*()!]")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]+")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LONGEST = 2048


def trouble(url: str) -> str:
    """What is wrong with an address, in words that do not repeat it; empty if nothing is.

    The checks come in an order that never lets git, ssh or a shell see what they refuse: CVE-2017-1000117
    (host ``-oProxyCommand``), CVE-2020-5260 (newline in a URL), CVE-2022-24439 (``ext::``).
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
    """Whether the address is spoken to by ssh."""
    return urlsplit(url).scheme == "ssh"
