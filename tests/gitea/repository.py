"""A repository at a real Gitea, with its own user, and the data that the API returns about it."""

import base64
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.gitea.rig.server import Access
from tests.kubernetes.operator_process import wait_until
from tests.programs.requests import Requests
from tests.programs.running import LOCAL
from tests.source.git.keys import Ssh

SCOPES = ["write:repository", "write:issue"]  # the permissions of a sync's token by docs/gitops.md

EVENTS = ["push", "pull_request", "pull_request_sync"]  # by docs/gitops.md, too


@dataclass(frozen=True)
class GiteaRepository:
    """The repository ``fleet`` of a user created for it.

    ``token`` is the user's, with the rights that a sync needs and no others; ``key`` is let in over SSH.
    """

    access: Access
    keeper: Requests
    owner: str
    password: str
    token: str
    key: Ssh

    @classmethod
    def make(cls, access: Access, keeper: Requests, folder: Path, owner: str = "") -> "GiteaRepository":
        """Make user, token, key and an empty repository."""
        owner, password = owner or f"dev-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
        made = cls(access, keeper, owner, password, "", Ssh.make(folder / "key"))
        made.request("POST", "/admin/users", {"username": owner, "password": password,
                 "email": f"{owner}@example.com", "must_change_password": False})  # fmt: skip
        made.request("POST", f"/admin/users/{owner}/keys", {"title": "one", "key": made.key.public})
        fleet = {"name": "fleet", "private": True, "default_branch": "main"}
        made.request("POST", f"/admin/users/{owner}/repos", fleet)
        return replace(made, token=made.grant(SCOPES))

    def grant(self, scopes: list[str]) -> str:
        """Another token of the user, with these permissions only."""
        login = base64.b64encode(f"{self.owner}:{self.password}".encode()).decode()
        user = Requests(LOCAL, self.access.port, self.access.authority, f"Basic {login}")
        token = {"name": f"token-{uuid.uuid4().hex[:8]}", "scopes": scopes}
        answer = user.send("POST", f"/api/v1/users/{self.owner}/tokens", token)
        user.close()
        return str(answer.body["sha1"])

    @property
    def path(self) -> str:
        """Owner and name."""
        return f"{self.owner}/fleet"

    @property
    def https(self) -> str:
        """Its address over https."""
        return f"{self.access.url}/{self.path}.git"

    @property
    def ssh(self) -> str:
        """Its address over Gitea's own SSH server."""
        return f"ssh://git@{LOCAL}:{self.access.ssh}/{self.path}.git"

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """The administrator's response from the API; it must not be a refusal."""
        answer = self.keeper.send(method, f"/api/v1{path}", body)
        assert answer.accepted, f"{method} {path}: {answer.status} {answer.body}"
        return answer.body

    def hook(self, url: str, secret: str) -> int:
        """Create a signed webhook for pushes and pull requests; returns its number."""
        config = {"url": url, "content_type": "json", "secret": secret}
        hook = {"type": "gitea", "config": config, "events": EVENTS, "active": True}
        return int(self.request("POST", f"/repos/{self.path}/hooks", hook)["id"])

    def statuses(self, revision: str) -> list[tuple[str, str, str]]:
        """The statuses of a commit, oldest first: context, state, description."""
        listed = self.request("GET", f"/repos/{self.path}/commits/{revision}/statuses?sort=oldest")
        return [(each["context"], each["status"], each["description"]) for each in listed]

    def pull(self, branch: str, title: str = "Change") -> int:
        """Open a pull request; returns its number."""
        # Gitea records a pushed branch after the push has ended, and returns null until then.
        wait_until(
            lambda: (
                branch in [each["name"] for each in self.request("GET", f"/repos/{self.path}/branches") or ()]
            )
        )
        created = self.request(
            "POST", f"/repos/{self.path}/pulls", {"head": branch, "base": "main", "title": title}
        )
        return int(created["number"])

    def comments(self, number: int) -> list[str]:
        """The comments of a pull request, oldest first."""
        return [each["body"] for each in self.request("GET", f"/repos/{self.path}/issues/{number}/comments")]
