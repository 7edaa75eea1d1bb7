"""A Git provider's pull requests, comments and statuses with Gitea's API, for syncs of the stage's git server."""

import json
from dataclasses import dataclass, field
from typing import Any

from controller.notify.provider import Remote
from controller.notify.repository import Forge, GitProvider
from controller.runtime.hidden_text import SecretText
from controller.runtime.http_client import Request, Response

_BASE = "https://forge.example.com/api/v1/repos/team/fleet"


@dataclass
class GitProviderState:
    """The state of a Git provider. ``writes`` counts its changing requests."""

    pulls: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    statuses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    writes: int = 0

    def open(self, number: int, sha: str, *, base: str = "main", owner: str = "team") -> None:
        """Open a pull request, or push to it."""
        self.pulls = [each for each in self.pulls if each["number"] != number]
        head = {"sha": sha, "ref": f"refs/pull/{number}/head", "repo": {"full_name": f"{owner}/fleet"}}
        at = {"ref": base, "repo": {"full_name": "team/fleet"}}
        self.pulls.append({"number": number, "head": head, "base": at})

    def forge(self) -> Forge:
        """The product's client of it."""
        remote = Remote("https://forge.example.com/api/v1", "team/fleet", SecretText("canary-token"))
        return Forge(GitProvider.GITEA, remote, self.send)

    def send(self, request: Request) -> Response:
        """Answer a request."""
        path = request.url.removeprefix(_BASE)
        body = json.loads(request.body or b"{}")
        answer = self._read(path) if request.method == "GET" else self._write(request.method, path, body)
        return Response(200, {}, json.dumps(answer).encode())

    def _read(self, path: str) -> Any:
        if path.startswith("/pulls"):
            return self.pulls if path.endswith("page=1") else []
        if path.startswith("/commits/"):
            return {"statuses": self.statuses.get(path.split("/")[2], [])}
        return self.comments

    def _write(self, method: str, path: str, body: dict[str, Any]) -> Any:
        self.writes += 1
        if path.startswith("/statuses/"):
            self.statuses.setdefault(path.split("/")[2], []).insert(0, {**body, "status": body["state"]})
        elif method == "PATCH":
            document = next(each for each in self.comments if path.endswith(f"/{each['id']}"))
            document["body"] = body["body"]
        else:
            self.comments.append({"id": len(self.comments) + 1, "body": body["body"]})
        return {}
