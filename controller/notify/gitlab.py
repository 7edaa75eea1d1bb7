"""GitLab. Source: docs.gitlab.com/api, commits and notes."""

from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from controller.notify.commit_status import State, Status
from controller.notify.provider import PAGE, Ask, Comment, Dialect, Place, Standing, found, listed
from controller.notify.pull_requests import gitlab
from controller.runtime.hidden_text import Hidden

_WORDS = MappingProxyType({State.PENDING: "pending", State.SUCCESS: "success", State.FAILURE: "failed"})


def _login(place: Place) -> tuple[str, Hidden]:
    return "PRIVATE-TOKEN", place.token


def _project(place: Place) -> str:
    return f"/projects/{quote(place.repository, safe='')}"


def _write(place: Place, status: Status) -> Ask:
    return Ask("POST", f"{_project(place)}/statuses/{status.sha}", GITLAB.body(status))


def _ask(place: Place, status: Status) -> Ask:
    name = quote(status.context, safe="")
    return Ask("GET", f"{_project(place)}/repository/commits/{status.sha}/statuses?name={name}&per_page=100")


def _stands(answer: Any, status: Status) -> Standing | None:
    return found(answer, "name", status.context, "status")


def _notes(place: Place, number: int) -> str:
    return f"{_project(place)}/merge_requests/{number}/notes"


def _comments(place: Place, number: int, page: int) -> Ask:
    query = f"?per_page={PAGE}&page={page}&order_by=created_at&sort=asc"
    return Ask("GET", f"{_notes(place, number)}{query}")


def _create(place: Place, number: int, text: str) -> Ask:
    return Ask("POST", _notes(place, number), {"body": text})


def _edit(place: Place, number: int, comment: Comment, text: str) -> Ask:
    return Ask("PUT", f"{_notes(place, number)}/{comment.id}", {"body": text})


def _requests(place: Place, page: int) -> Ask:
    return Ask("GET", f"{_project(place)}/merge_requests?state=opened&per_page={PAGE}&page={page}")


GITLAB = Dialect(
    login=_login,
    words=_WORDS,
    write=_write,
    ask=_ask,
    stands=_stands,
    comments=_comments,
    page=listed,
    create=_create,
    edit=_edit,
    requests=_requests,
    opened=partial(gitlab, most=PAGE),
    most_comment=1_000_000,
    most_description=255,
)
