"""GitHub, GitHub Enterprise Server, Gitea and Forgejo.

Source: docs.github.com/rest, version 2022-11-28.

Source: their API's own description (/api/swagger).
"""

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from controller.notify.provider import (
    PAGE,
    ApiRequest,
    Comment,
    CommentPage,
    CommitState,
    ForgeApi,
    ForgeStatus,
    Remote,
    Status,
    bearer,
    comment_page,
    status_in,
)
from controller.notify.pull_requests import Requests, github
from controller.runtime.hidden_text import SecretText

_STATES = MappingProxyType({state: state.value for state in CommitState})
_MOST_DESCRIPTION = 140


def _write(remote: Remote, status: Status) -> ApiRequest:
    body = GITHUB.body(status, name="context")
    return ApiRequest("POST", f"/repos/{remote.path}/statuses/{status.sha}", body)


def _request(remote: Remote, status: Status) -> ApiRequest:
    return ApiRequest("GET", f"/repos/{remote.path}/commits/{status.sha}/status?per_page=100")


def _state(answer: Any, status: Status) -> ForgeStatus | None:
    """The combined status has the latest of each context."""
    return status_in(
        answer.get("statuses") if isinstance(answer, dict) else None, "context", status.context, "state"
    )


def _comments(remote: Remote, number: int, page: int) -> ApiRequest:
    return ApiRequest("GET", f"/repos/{remote.path}/issues/{number}/comments?per_page={PAGE}&page={page}")


def _create(remote: Remote, number: int, text: str) -> ApiRequest:
    return ApiRequest("POST", f"/repos/{remote.path}/issues/{number}/comments", {"body": text})


def _edit(remote: Remote, number: int, comment: Comment, text: str) -> ApiRequest:  # noqa: ARG001 - others need it
    return ApiRequest("PATCH", f"/repos/{remote.path}/issues/comments/{comment.id}", {"body": text})


def _requests(remote: Remote, page: int) -> ApiRequest:
    return ApiRequest("GET", f"/repos/{remote.path}/pulls?state=open&per_page={PAGE}&page={page}")


GITHUB = ForgeApi(
    login=bearer,
    states=_STATES,
    write=_write,
    request=_request,
    current_state=_state,
    comments=_comments,
    page=comment_page,
    create=_create,
    edit=_edit,
    requests=_requests,
    opened=partial(github, most=PAGE),
    most_comment=65_536,
    most_description=_MOST_DESCRIPTION,
    pages=True,
    headers=MappingProxyType({"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}),
)


def _login(remote: Remote) -> tuple[str, SecretText]:
    return "Authorization", SecretText(f"token {remote.token.reveal()}")


def _gitea_request(remote: Remote, status: Status) -> ApiRequest:
    # Its default maximum.
    return ApiRequest("GET", f"/repos/{remote.path}/commits/{status.sha}/status?limit={PAGE}")


def _gitea_state(answer: Any, status: Status) -> ForgeStatus | None:
    """The state is in ``status``, unlike GitHub's ``state``."""
    return status_in(
        answer.get("statuses") if isinstance(answer, dict) else None, "context", status.context, "status"
    )


def _gitea_comments(remote: Remote, number: int, page: int) -> ApiRequest:  # noqa: ARG001 - others need it
    return ApiRequest("GET", f"/repos/{remote.path}/issues/{number}/comments")


def _page(answer: Any, page: int) -> CommentPage | None:
    """The list has no pages: it is complete."""
    result_page = comment_page(answer, page)
    return result_page and CommentPage(result_page.comments)


def _gitea_requests(remote: Remote, page: int) -> ApiRequest:
    return ApiRequest("GET", f"/repos/{remote.path}/pulls?state=open&limit={PAGE}&page={page}")


def _open_pull_requests(answer: Any, page: int) -> Requests | None:
    """A server may return fewer on a page than requested: only an empty page is the end."""
    return github(answer, page, 1)


GITEA: ForgeApi = replace(
    GITHUB,
    login=_login,
    request=_gitea_request,
    current_state=_gitea_state,
    comments=_gitea_comments,
    page=_page,
    requests=_gitea_requests,
    opened=_open_pull_requests,
    headers=MappingProxyType({"Accept": "application/json"}),
)
