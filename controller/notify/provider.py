"""Commit statuses and comments, and the APIs of Git providers: a row of pure functions for each."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import quote

from controller.notify.pull_requests import Requests
from controller.runtime.hidden_text import SecretText

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class CommitState(Enum):
    """The three states of a commit; each provider has its own names for them."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True)
class Status:
    """A state of a commit under a name, ``context``, that stays the same for the same sync.

    Raises:
        ValueError: the commit is no full id, or the URL is not https.

    """

    sha: str
    context: str
    state: CommitState
    description: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        if not _SHA.fullmatch(self.sha):
            raise ValueError("a status is of a commit's full id")
        if not self.context:
            raise ValueError("a status needs a context")
        if self.url and not self.url.startswith("https://"):
            raise ValueError("a status leads to https:// only")


def line(text: str, most: int) -> str:
    """A text as one line of printable characters, cut to a length."""
    message = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return message if len(message) <= most else f"{message[: most - 1]}…"


PAGE = 50


@dataclass(frozen=True)
class Remote:
    """A repository at a Git provider.

    ``base`` is the API's address (``https://api.github.com``, ``https://gitea.example/api/v1``); ``repository`` is
    ``owner/name``, at GitLab with all its groups, at Bitbucket Data Center ``PROJECT/slug``. ``user`` is for providers
    that require a user name with the token.
    """

    base: str
    repository: str
    token: SecretText
    user: str = ""

    def __post_init__(self) -> None:
        parts = self.repository.split("/")
        if len(parts) < 2 or any(part in {"", ".", ".."} for part in parts):  # noqa: PLR2004 - owner and name
            raise ValueError("a repository is written owner/name")
        if (
            not self.token.reveal()
            or not self.token.reveal().isascii()
            or not self.token.reveal().isprintable()
        ):
            raise ValueError("the token is missing, or holds other than ASCII")

    @property
    def path(self) -> str:
        """The repository as a part of a URL."""
        return quote(self.repository)

    @property
    def owner_and_name(self) -> tuple[str, str]:
        """Owner and name, as parts of a URL."""
        owner, _, name = self.repository.rpartition("/")
        return quote(owner, safe=""), quote(name, safe="")


@dataclass(frozen=True)
class ApiRequest:
    """A request without host and login: a path under the base, and a JSON body."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Comment:
    """An existing comment; ``version`` if the provider requires it in an update."""

    id: int
    text: str
    version: int = 0


@dataclass(frozen=True)
class CommentPage:
    """A page of comments, and the next page; 0 if there is none."""

    comments: tuple[Comment, ...]
    next: int = 0


@dataclass(frozen=True)
class ForgeStatus:
    """The current status of a commit, in the provider's terms."""

    state: str
    description: str


@dataclass(frozen=True)
class ForgeApi:
    """The API of a Git provider.

    ``login`` returns the authentication header; ``write`` and ``request`` set and read a status, ``current_state``
    parses the response; ``comments``, ``page``, ``create`` and ``edit`` are for a pull request's comments; a page is
    None if the response is malformed, because an unread list must not look empty. ``requests`` and ``opened`` list open
    pull requests. ``hide`` returns a hidden line. ``oldest_first``: comments are listed oldest first. ``pages``:
    statuses are listed with those of others, in pages.
    """

    login: Callable[[Remote], tuple[str, SecretText]]
    states: Mapping[CommitState, str]
    write: Callable[[Remote, Status], ApiRequest]
    request: Callable[[Remote, Status], ApiRequest]
    current_state: Callable[[Any, Status], ForgeStatus | None]
    comments: Callable[[Remote, int, int], ApiRequest]
    page: Callable[[Any, int], CommentPage | None]
    create: Callable[[Remote, int, str], ApiRequest]
    edit: Callable[[Remote, int, Comment, str], ApiRequest]
    requests: Callable[[Remote, int], ApiRequest]
    opened: Callable[[Any, int], Requests | None]
    most_comment: int
    most_description: int
    headers: Mapping[str, str] = field(default_factory=dict)
    first_page: int = 1
    oldest_first: bool = True
    pages: bool = False
    hide: Callable[[str], str] = "<!-- {} -->".format

    def description(self, status: Status) -> str:
        """The description, cut to the provider's limit."""
        return line(status.description, self.most_description)

    def body(self, status: Status, *, name: str = "name", url: str = "target_url") -> dict[str, str]:
        """The members of a status that providers share; the names of ``name`` and ``url`` differ."""
        fields = {
            "state": self.states[status.state],
            name: status.context,
            "description": self.description(status),
        }
        return {**fields, url: status.url} if status.url else fields


def bearer(remote: Remote) -> tuple[str, SecretText]:
    """``Authorization: Bearer``."""
    return "Authorization", SecretText(f"Bearer {remote.token.reveal()}")


def status_in(items: Any, key: str, name: str, state: str) -> ForgeStatus | None:
    """The status in a list whose ``key`` is the name."""
    for each in items if isinstance(items, list) else ():
        if isinstance(each, dict) and each.get(key) == name:
            return ForgeStatus(str(each.get(state)), str(each.get("description") or ""))
    return None


def comment_page(items: Any, page: int) -> CommentPage | None:
    """A page of comments; after a full one more may follow; None if it is no list."""
    if not isinstance(items, list):
        return None
    kept = tuple(
        Comment(each["id"], each["body"])
        for each in items
        if isinstance(each, dict) and isinstance(each.get("id"), int) and isinstance(each.get("body"), str)
    )
    return CommentPage(kept, page + 1 if len(items) >= PAGE else 0)
