"""A repository at a forge, ready to be spoken to."""

import json
import time
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType

from controller.notify.bitbucket_cloud import BITBUCKET_CLOUD
from controller.notify.bitbucket_datacenter import BITBUCKET_DATACENTER
from controller.notify.delivery import DeliveryResult, judged
from controller.notify.gitea import GITEA
from controller.notify.github import GITHUB
from controller.notify.gitlab import GITLAB
from controller.notify.provider import Ask, Dialect, Remote
from controller.runtime.http_client import Request, Response, Send, Unreachable
from controller.runtime.redaction import without_texts


class Host(Enum):
    """The forges that we speak to; configuration says which."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"
    BITBUCKET_CLOUD = "bitbucket-cloud"
    BITBUCKET_DATACENTER = "bitbucket-datacenter"


DIALECTS: Mapping[Host, Dialect] = MappingProxyType(
    {
        Host.GITHUB: GITHUB,
        Host.GITLAB: GITLAB,
        Host.GITEA: GITEA,
        Host.BITBUCKET_CLOUD: BITBUCKET_CLOUD,
        Host.BITBUCKET_DATACENTER: BITBUCKET_DATACENTER,
    }
)


class Forge:
    """One repository, one login.

    Args:
        host: which forge.
        remote: where the repository is, and who we are.
        send: the door.
        now: seconds since 1970, against times in answers.

    """

    def __init__(self, host: Host, remote: Remote, send: Send, now: Callable[[], float] = time.time) -> None:
        self.dialect = DIALECTS[host]
        self.remote = remote
        self._send, self._now = send, now

    def ask(self, ask: Ask) -> Response | Unreachable:
        """Send a request of the dialect's."""
        name, secret = self.dialect.login(self.remote)
        body = None if ask.body is None else json.dumps(ask.body).encode()
        json_headers = {"Accept": "application/json", "Content-Type": "application/json"}
        headers = {**json_headers, **self.dialect.headers}
        return self._send(
            Request(ask.method, f"{self.remote.base.rstrip('/')}{ask.path}", headers, {name: secret}, body)
        )

    def judged(self, answer: Response | Unreachable) -> DeliveryResult:
        """What an answer means, in words that don't hold the token."""
        return judged(answer, self._now(), self._hide)

    def _hide(self, text: str) -> str:
        login = self.dialect.login(self.remote)[1].reveal()
        return without_texts(text, {login.rpartition(" ")[2], self.remote.token.reveal()})
