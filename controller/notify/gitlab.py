"""GitLab. Source: docs.gitlab.com/api, commits and notes."""

from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from controller.notify.provider import (
    PAGE,
    ApiRequest,
    Comment,
    CommitState,
    ForgeApi,
    ForgeStatus,
    Remote,
    Status,
    comment_page,
    status_in,
)
from controller.notify.pull_requests import gitlab
from controller.runtime.hidden_text import SecretText

_STATES = MappingProxyType(
    {CommitState.PENDING: "pending", CommitState.SUCCESS: "success", CommitState.FAILURE: "failed"}
)


def _login(remote: Remote) -> tuple[str, SecretText]:
    return "PRIVATE-TOKEN", remote.token


def _project(remote: Remote) -> str:
    return f"/projects/{quote(remote.repository, safe='')}"


def _write(remote: Remote, status: Status) -> ApiRequest:
    return ApiRequest("POST", f"{_project(remote)}/statuses/{status.sha}", GITLAB.body(status))


def _request(remote: Remote, status: Status) -> ApiRequest:
    name = quote(status.context, safe="")
    return ApiRequest(
        "GET", f"{_project(remote)}/repository/commits/{status.sha}/statuses?name={name}&per_page=100"
    )


def _state(answer: Any, status: Status) -> ForgeStatus | None:
    return status_in(answer, "name", status.context, "status")


def _notes(remote: Remote, number: int) -> str:
    return f"{_project(remote)}/merge_requests/{number}/notes"


def _comments(remote: Remote, number: int, page: int) -> ApiRequest:
    query = f"?per_page={PAGE}&page={page}&order_by=created_at&sort=asc"
    return ApiRequest("GET", f"{_notes(remote, number)}{query}")


def _create(remote: Remote, number: int, text: str) -> ApiRequest:
    return ApiRequest("POST", _notes(remote, number), {"body": text})


def _edit(remote: Remote, number: int, comment: Comment, text: str) -> ApiRequest:
    return ApiRequest("PUT", f"{_notes(remote, number)}/{comment.id}", {"body": text})


def _requests(remote: Remote, page: int) -> ApiRequest:
    return ApiRequest("GET", f"{_project(remote)}/merge_requests?state=opened&per_page={PAGE}&page={page}")


GITLAB = ForgeApi(
    login=_login,
    states=_STATES,
    write=_write,
    request=_request,
    current_state=_state,
    comments=_comments,
    page=comment_page,
    create=_create,
    edit=_edit,
    requests=_requests,
    opened=partial(gitlab, most=PAGE),
    most_comment=1_000_000,
    most_description=255,
)
