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
    Place,
    Standing,
    bearer,
    found,
    listed,
)
from controller.notify.pull_requests import github

_WORDS = MappingProxyType({state: state.value for state in State})
_MOST_DESCRIPTION = 140


def _write(place: Place, status: Status) -> Ask:
    body = GITHUB.body(status, name="context")
    return Ask("POST", f"/repos/{place.path}/statuses/{status.sha}", body)


def _ask(place: Place, status: Status) -> Ask:
    return Ask("GET", f"/repos/{place.path}/commits/{status.sha}/status?per_page=100")


def _stands(answer: Any, status: Status) -> Standing | None:
    """The combined status holds the latest of each context."""
    return found(
        answer.get("statuses") if isinstance(answer, dict) else None, "context", status.context, "state"
    )


def _comments(place: Place, number: int, page: int) -> Ask:
    return Ask("GET", f"/repos/{place.path}/issues/{number}/comments?per_page={PAGE}&page={page}")


def _create(place: Place, number: int, text: str) -> Ask:
    return Ask("POST", f"/repos/{place.path}/issues/{number}/comments", {"body": text})


def _edit(place: Place, number: int, comment: Comment, text: str) -> Ask:  # noqa: ARG001 - others need it
    return Ask("PATCH", f"/repos/{place.path}/issues/comments/{comment.id}", {"body": text})


def _requests(place: Place, page: int) -> Ask:
    return Ask("GET", f"/repos/{place.path}/pulls?state=open&per_page={PAGE}&page={page}")


GITHUB = Dialect(
    login=bearer,
    words=_WORDS,
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
