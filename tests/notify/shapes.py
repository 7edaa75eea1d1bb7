"""The requests and responses of each Git provider, from the documentation of its API."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from controller.notify.provider import CommitState, Remote
from controller.notify.repository import Forge, GitProvider
from controller.runtime.hidden_text import SecretText
from controller.runtime.http_client import HttpClient, RequestLimits
from tests.notify.recorded import ExpectedRequest, RecordedProvider

TOKEN = "canary-token-7f3a91"
SHA = "e10dae226959c2194f2b07b077c07762d93821cf"
CONTEXT = "sagectl/fleet"
URL = "https://fleet.example/runs/1"
NOW = 1_800_000_000.0


@cache
def _client() -> HttpClient:
    """One for all tests: the system's certificates are slow to load."""
    return HttpClient(limits=RequestLimits(5, 5), plain=frozenset({"127.0.0.1"}))


@dataclass(frozen=True)
class ProviderFormat:
    """A provider's requests for a status and for comments, and its responses."""

    host: GitProvider
    login: tuple[str, str]
    states: dict[CommitState, str]
    status: str
    standing: str
    body_of: Callable[[str, str], dict[str, Any]]  # state, description -> the body that sets it
    current_state: Callable[[str, str], Any]  # state, description -> the response that contains it
    absent: tuple[int, Any]
    comments: Callable[[int], str]  # page -> path
    listed: Callable[[list[tuple[int, str]], int], Any]  # comments, next page or 0 -> answer
    create: str
    edit: Callable[[int], tuple[str, str]]  # id -> method, path
    text: Callable[[str], dict[str, Any]]
    version: dict[str, Any]
    pages: tuple[int, ...] = (1, 2)

    def forge(self, provider: RecordedProvider) -> Forge:
        """The product's client of it."""
        remote = Remote(provider.base, "ml/fleet", SecretText(TOKEN))
        return Forge(self.host, remote, _client(), lambda: NOW)

    def requests(self, state: str = "", description: str = "", **rest: Any) -> ExpectedRequest:
        """The request for the current status, and its response: none, or a state."""
        code, answer = (200, self.current_state(state, description)) if state else self.absent
        return self.expect("GET", self.standing, **{"status": code, "answer": answer, **rest})

    def writes(self, state: CommitState, description: str = "", **rest: Any) -> ExpectedRequest:
        """The request that sets a status."""
        body = self.body_of(self.states[state], description)
        return self.expect("POST", self.status, body=body, **{"status": 201, "answer": {}, **rest})

    def lists(
        self, comments: list[tuple[int, str]], page: int = -1, after: int = 0, **rest: Any
    ) -> ExpectedRequest:
        """The request for a page of comments."""
        path = self.comments(self.pages[0] if page < 0 else page)
        return self.expect("GET", path, **{"answer": self.listed(comments, after), **rest})

    def makes(self, text: str, **rest: Any) -> ExpectedRequest:
        """The request for a new comment."""
        return self.expect("POST", self.create, body=self.text(text), **{"status": 201, "answer": {}, **rest})

    def edits(self, number: int, text: str, **rest: Any) -> ExpectedRequest:
        """The request that changes a comment."""
        method, path = self.edit(number)
        return self.expect(method, path, body=self.text(text) | self.version, **{"answer": {}, **rest})

    def expect(self, method: str, path: str, **rest: Any) -> ExpectedRequest:
        """A request with our login."""
        name, value = self.login
        return ExpectedRequest(method, path, headers={name: value, "User-Agent": "sagemaker-gitops"}, **rest)


def _comment_list(items: list[tuple[int, str]], _: int) -> list[dict[str, Any]]:
    return [{"id": number, "body": text, "user": {"login": "somebody"}} for number, text in items]


_SAME = {state: state.value for state in CommitState}
_BITBUCKET = {
    CommitState.PENDING: "INPROGRESS",
    CommitState.SUCCESS: "SUCCESSFUL",
    CommitState.FAILURE: "FAILED",
}

GITHUB = ProviderFormat(
    host=GitProvider.GITHUB,
    login=("Authorization", f"Bearer {TOKEN}"),
    states=_SAME,
    status=f"/repos/ml/fleet/statuses/{SHA}",
    standing=f"/repos/ml/fleet/commits/{SHA}/status?per_page=100",
    body_of=lambda state, message: {
        "state": state,
        "context": CONTEXT,
        "description": message,
        "target_url": URL,
    },
    current_state=lambda state, message: {
        "state": "pending",
        "sha": SHA,
        "statuses": [
            {"context": "ci", "state": "success", "description": None},
            {"context": CONTEXT, "state": state, "description": message},
        ],
    },
    absent=(200, {"state": "pending", "statuses": [], "total_count": 0}),
    comments=lambda page: f"/repos/ml/fleet/issues/7/comments?per_page=50&page={page}",
    listed=_comment_list,
    create="/repos/ml/fleet/issues/7/comments",
    edit=lambda number: ("PATCH", f"/repos/ml/fleet/issues/comments/{number}"),
    text=lambda text: {"body": text},
    version={},
)
GITEA = ProviderFormat(
    host=GitProvider.GITEA,
    login=("Authorization", f"token {TOKEN}"),
    states=_SAME,
    status=f"/repos/ml/fleet/statuses/{SHA}",
    standing=f"/repos/ml/fleet/commits/{SHA}/status?limit=50",
    body_of=GITHUB.body_of,
    current_state=lambda state, message: {
        "statuses": [{"context": CONTEXT, "status": state, "description": message}]
    },
    absent=(200, {"state": "", "statuses": None, "total_count": 0}),
    comments=lambda page: "/repos/ml/fleet/issues/7/comments",
    listed=_comment_list,
    create=GITHUB.create,
    edit=GITHUB.edit,
    text=GITHUB.text,
    version={},
    pages=(1,),
)
_PROJECT = "/projects/ml%2Ffleet"
GITLAB = ProviderFormat(
    host=GitProvider.GITLAB,
    login=("PRIVATE-TOKEN", TOKEN),
    states={CommitState.PENDING: "pending", CommitState.SUCCESS: "success", CommitState.FAILURE: "failed"},
    status=f"{_PROJECT}/statuses/{SHA}",
    standing=f"{_PROJECT}/repository/commits/{SHA}/statuses?name=sagectl%2Ffleet&per_page=100",
    body_of=lambda state, message: {
        "state": state,
        "name": CONTEXT,
        "description": message,
        "target_url": URL,
    },
    current_state=lambda state, message: [
        {"id": 93, "name": CONTEXT, "status": state, "description": message, "sha": SHA}
    ],
    absent=(200, []),
    comments=lambda page: (
        f"{_PROJECT}/merge_requests/7/notes?per_page=50&page={page}&order_by=created_at&sort=asc"
    ),
    listed=_comment_list,
    create=f"{_PROJECT}/merge_requests/7/notes",
    edit=lambda number: ("PUT", f"{_PROJECT}/merge_requests/7/notes/{number}"),
    text=GITHUB.text,
    version={},
)
_CLOUD = "/repositories/ml/fleet"
BITBUCKET_CLOUD = ProviderFormat(
    host=GitProvider.BITBUCKET_CLOUD,
    login=GITHUB.login,
    states=_BITBUCKET,
    status=f"{_CLOUD}/commit/{SHA}/statuses/build",
    standing=f"{_CLOUD}/commit/{SHA}/statuses/build/sagectl%2Ffleet",
    body_of=lambda state, message: {
        "key": CONTEXT,
        "name": CONTEXT,
        "state": state,
        "description": message,
        "url": URL,
    },
    current_state=lambda state, message: {
        "type": "build",
        "key": CONTEXT,
        "state": state,
        "description": message,
    },
    absent=(404, {"type": "error", "error": {"message": "not found"}}),
    comments=lambda page: f"{_CLOUD}/pullrequests/7/comments?pagelen=50&page={page}",
    listed=lambda items, after: {
        "pagelen": 50,
        "values": [
            {"id": 1, "content": {"raw": items[0][1] if items else ""}, "deleted": True},
            *({"id": number, "content": {"raw": text, "markup": "markdown"}} for number, text in items),
        ],
        **({"next": f"https://elsewhere.example/?page={after}"} if after else {}),
    },
    create=f"{_CLOUD}/pullrequests/7/comments",
    edit=lambda number: ("PUT", f"{_CLOUD}/pullrequests/7/comments/{number}"),
    text=lambda text: {"content": {"raw": text}},
    version={},
)
_DC = "/rest/api/latest/projects/ml/repos/fleet"
BITBUCKET_DATACENTER = ProviderFormat(
    host=GitProvider.BITBUCKET_DATACENTER,
    login=GITHUB.login,
    states=_BITBUCKET,
    status=f"{_DC}/commits/{SHA}/builds",
    standing=f"{_DC}/commits/{SHA}/builds?key=sagectl%2Ffleet",
    body_of=lambda state, message: {
        "key": CONTEXT,
        "name": CONTEXT,
        "state": state,
        "description": message,
        "url": URL,
    },
    current_state=BITBUCKET_CLOUD.current_state,
    absent=(404, {"errors": [{"context": None, "message": "not found"}]}),
    comments=lambda start: f"{_DC}/pull-requests/7/activities?start={start}&limit=50",
    listed=lambda items, after: {
        "values": [
            {"id": 5, "action": "OPENED"},
            *(
                {"action": "COMMENTED", "comment": {"id": number, "version": 3, "text": text}}
                for number, text in reversed(items)
            ),
        ],
        "isLastPage": not after,
        "nextPageStart": after or None,
    },
    create=f"{_DC}/pull-requests/7/comments",
    edit=lambda number: ("PUT", f"{_DC}/pull-requests/7/comments/{number}"),
    text=lambda text: {"text": text},
    version={"version": 3},
    pages=(0, 52),
)
SHAPES = (GITHUB, GITLAB, GITEA, BITBUCKET_CLOUD, BITBUCKET_DATACENTER)
