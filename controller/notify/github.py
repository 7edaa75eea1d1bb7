"""GitHub and GitHub Enterprise Server. Source: docs.github.com/rest, version 2022-11-28."""

from functools import partial
from types import MappingProxyType
from typing import Any

from controller.notify.commit_status import State, Status
from controller.notify.provider import (
    PAGE,
    Ask,
    Comment,
    Dialect,
    Remote,
    Standing,
    bearer,
    found,
    listed,
)
from controller.notify.pull_requests import github

_STATES = MappingProxyType({state: state.value for state in State})
_MOST_DESCRIPTION = 140


def _write(remote: Remote, status: Status) -> Ask:
    body = GITHUB.body(status, name="context")
    return Ask("POST", f"/repos/{remote.path}/statuses/{status.sha}", body)


def _ask(remote: Remote, status: Status) -> Ask:
    return Ask("GET", f"/repos/{remote.path}/commits/{status.sha}/status?per_page=100")


def _stands(answer: Any, status: Status) -> Standing | None:
    """The combined status holds the latest of each context."""
    return found(
        answer.get("statuses") if isinstance(answer, dict) else None, "context", status.context, "state"
    )


def _comments(remote: Remote, number: int, page: int) -> Ask:
    return Ask("GET", f"/repos/{remote.path}/issues/{number}/comments?per_page={PAGE}&page={page}")


def _create(remote: Remote, number: int, text: str) -> Ask:
    return Ask("POST", f"/repos/{remote.path}/issues/{number}/comments", {"body": text})


def _edit(remote: Remote, number: int, comment: Comment, text: str) -> Ask:  # noqa: ARG001 - others need it
    return Ask("PATCH", f"/repos/{remote.path}/issues/comments/{comment.id}", {"body": text})


def _requests(remote: Remote, page: int) -> Ask:
    return Ask("GET", f"/repos/{remote.path}/pulls?state=open&per_page={PAGE}&page={page}")


GITHUB = Dialect(
    login=bearer,
    states=_STATES,
    write=_write,
    ask=_ask,
    stands=_stands,
    comments=_comments,
    page=listed,
    create=_create,
    edit=_edit,
    requests=_requests,
    opened=partial(github, most=PAGE),
    most_comment=65_536,
    most_description=_MOST_DESCRIPTION,
    pages=True,
    headers=MappingProxyType({"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}),
)
