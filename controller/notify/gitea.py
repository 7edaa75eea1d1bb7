"""Gitea and Forgejo: GitHub's words with small differences. Source: their API's own description (/api/swagger)."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from controller.notify.commit_status import Status
from controller.notify.github import GITHUB
from controller.notify.provider import PAGE, Ask, Dialect, Page, Remote, Standing, found, listed
from controller.notify.pull_requests import Requests, github
from controller.runtime.hidden_text import Hidden


def _login(remote: Remote) -> tuple[str, Hidden]:
    return "Authorization", Hidden(f"token {remote.token.reveal()}")


def _ask(remote: Remote, status: Status) -> Ask:
    return Ask(
        "GET", f"/repos/{remote.path}/commits/{status.sha}/status?limit={PAGE}"
    )  # its most, by default


def _stands(answer: Any, status: Status) -> Standing | None:
    """The word is under ``status``, where GitHub has ``state``."""
    return found(
        answer.get("statuses") if isinstance(answer, dict) else None, "context", status.context, "status"
    )


def _comments(remote: Remote, number: int, page: int) -> Ask:  # noqa: ARG001 - others need it
    return Ask("GET", f"/repos/{remote.path}/issues/{number}/comments")


def _page(answer: Any, page: int) -> Page | None:
    """The list has no pages: it is whole."""
    result_page = listed(answer, page)
    return result_page and Page(result_page.comments)


def _requests(remote: Remote, page: int) -> Ask:
    return Ask("GET", f"/repos/{remote.path}/pulls?state=open&limit={PAGE}&page={page}")


def _opened(answer: Any, page: int) -> Requests | None:
    """A server may give fewer on a page than were asked for: only an empty page is the end."""
    return github(answer, page, 1)


GITEA: Dialect = replace(
    GITHUB,
    login=_login,
    ask=_ask,
    stands=_stands,
    comments=_comments,
    page=_page,
    requests=_requests,
    opened=_opened,
    headers=MappingProxyType({"Accept": "application/json"}),
)
