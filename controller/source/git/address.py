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
        return "the address is empty or too long"
    if _UNSAFE.search(url) or url.startswith("-"):
        return "the address holds a character that has no place in one"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the address cannot be read"
    if parts.scheme not in _SCHEMES:
        return "only https:// and ssh:// are spoken; write host:path as ssh://git@host/path"
    return _parts(parts, port)


def _parts(parts: SplitResult, port: int | None) -> str:
    if parts.query or parts.fragment or "%0" in parts.path.lower():
        return "the address holds a query, a fragment or an escaped control character"
    if not _HOST.fullmatch(parts.hostname or "") or port == 0:
        return "the address has no proper host"
    if parts.password is not None or (parts.scheme == "https" and parts.username is not None):
        return "the address holds a login; give it apart, so that it is never shown"
    if parts.scheme == "ssh" and not _USER.fullmatch(parts.username or ""):
        return "the address has no proper user; write ssh://git@host/path"
    path = parts.path.strip("/").split("/")
    if any(part in {"", ".", ".."} or part.startswith("-") for part in path):
        return "the address has no proper path"
    return ""


def over_ssh(url: str) -> bool:
    """Whether the address is spoken to by ssh."""
    return urlsplit(url).scheme == "ssh"
