"""Which addresses may be sent to: an address comes from a document, and must not reach what only we can reach."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from controller.notify.repository import Host

_TLS = "443"
# Written out rather than parsed: what readers of URLs disagree on (logins, backslashes, blanks, other schemes, a
# trailing dot) does not match, so that the host that is judged is the host that is connected to.
_ADDRESS = re.compile(
    r"https://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(?P<query>\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)?"
)
# The APIs of the public forges. Gitea and Bitbucket Data Center are hosted by those who use them.
PUBLIC: Mapping[Host, str] = MappingProxyType(
    {Host.GITHUB: "api.github.com", Host.GITLAB: "gitlab.com", Host.BITBUCKET_CLOUD: "api.bitbucket.org"}
)


def allowed(url: str, hosts: frozenset[str], *, query: bool = False) -> bool:
    """Whether an address is https on one of the hosts; an entry without a port means 443.

    Args:
        url: the address.
        hosts: ``HOST`` or ``HOST:PORT``.
        query: whether the address may hold a query.

    """
    found = _ADDRESS.fullmatch(url)
    if found is None or (found["query"] and not query):
        return False
    host, port = found["host"].lower(), str(int(found["port"] or _TLS))
    names = {host, f"{host}:{port}"} if port == _TLS else {f"{host}:{port}"}
    return bool(names & {each.lower() for each in hosts})
