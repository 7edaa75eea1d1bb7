"""A repository at a Git provider: its API, its open pull requests, and the allowed hosts."""

import json
import re
import time
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType

from controller.notify.bitbucket import BITBUCKET_CLOUD, BITBUCKET_DATACENTER
from controller.notify.delivery import DeliveryOutcome, DeliveryResult, read, result_of_response
from controller.notify.github import GITEA, GITHUB
from controller.notify.gitlab import GITLAB
from controller.notify.provider import ApiRequest, ForgeApi, Remote
from controller.notify.pull_requests import PullRequest
from controller.runtime.http_client import Request, Response, Send, Unreachable
from controller.runtime.redaction import without_texts


class GitProvider(Enum):
    """The supported Git providers."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"
    BITBUCKET_CLOUD = "bitbucket-cloud"
    BITBUCKET_DATACENTER = "bitbucket-datacenter"


DIALECTS: Mapping[GitProvider, ForgeApi] = MappingProxyType(
    {
        GitProvider.GITHUB: GITHUB,
        GitProvider.GITLAB: GITLAB,
        GitProvider.GITEA: GITEA,
        GitProvider.BITBUCKET_CLOUD: BITBUCKET_CLOUD,
        GitProvider.BITBUCKET_DATACENTER: BITBUCKET_DATACENTER,
    }
)


class Forge:
    """One repository, one login.

    Args:
        host: the provider.
        remote: the repository and the login.
        send: makes one HTTP request.
        now: seconds since 1970, for times in responses.

    """

    def __init__(
        self, host: GitProvider, remote: Remote, send: Send, now: Callable[[], float] = time.time
    ) -> None:
        self.dialect = DIALECTS[host]
        self.remote = remote
        self._send, self._now = send, now

    def request(self, request: ApiRequest) -> Response | Unreachable:
        """Send a request of the provider's API."""
        name, secret = self.dialect.login(self.remote)
        body = None if request.body is None else json.dumps(request.body).encode()
        json_headers = {"Accept": "application/json", "Content-Type": "application/json"}
        headers = {**json_headers, **self.dialect.headers}
        return self._send(
            Request(
                request.method, f"{self.remote.base.rstrip('/')}{request.path}", headers, {name: secret}, body
            )
        )

    def result_of_response(self, answer: Response | Unreachable) -> DeliveryResult:
        """The result of a response, without the token in its text."""
        return result_of_response(answer, self._now(), self._hide)

    def _hide(self, text: str) -> str:
        login = self.dialect.login(self.remote)[1].reveal()
        return without_texts(text, {login.rpartition(" ")[2], self.remote.token.reveal()})


_TLS = "443"
# A strict pattern instead of a parser: URLs that parsers interpret differently (logins, backslashes, blanks, other
# schemes, a trailing dot) do not match, so that the checked host is the one of the connection.
_ADDRESS = re.compile(
    r"https://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(?P<query>\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)?"
)
# The APIs of the public providers. Gitea and Bitbucket Data Center are self-hosted.
PUBLIC: Mapping[GitProvider, str] = MappingProxyType(
    {
        GitProvider.GITHUB: "api.github.com",
        GitProvider.GITLAB: "gitlab.com",
        GitProvider.BITBUCKET_CLOUD: "api.bitbucket.org",
    }
)


def allowed(url: str, hosts: frozenset[str], *, query: bool = False) -> bool:
    """Whether a URL is https on one of the hosts; an entry without a port means 443.

    Args:
        url: the URL.
        hosts: ``HOST`` or ``HOST:PORT``.
        query: whether the URL may have a query.

    """
    found = _ADDRESS.fullmatch(url)
    if found is None or (found["query"] and not query):
        return False
    host, port = found["host"].lower(), str(int(found["port"] or _TLS))
    names = {host, f"{host}:{port}"} if port == _TLS else {f"{host}:{port}"}
    return bool(names & {each.lower() for each in hosts})


_MOST_PAGES = 10
_UNREAD = "the list of pull requests cannot be read"


def open_pull_requests(forge: Forge) -> tuple[PullRequest, ...] | DeliveryResult:
    """Request them once; at most the five hundred that the provider lists first."""
    dialect, page = forge.dialect, forge.dialect.first_page
    found: list[PullRequest] = []
    for _ in range(_MOST_PAGES):
        answer = forge.request(dialect.requests(forge.remote, page))
        result = forge.result_of_response(answer)
        if result.outcome is not DeliveryOutcome.DONE:
            return result
        listed = dialect.opened(read(answer), page) if isinstance(answer, Response) else None
        if listed is None:
            return DeliveryResult(DeliveryOutcome.LATER, _UNREAD)
        found += listed.requests
        page = listed.next
        if not page:
            break
    return tuple(found)
