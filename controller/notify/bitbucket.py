"""Bitbucket Cloud and Bitbucket Data Center.

Source: developer.atlassian.com/cloud/bitbucket/rest.

Source: developer.atlassian.com/server/bitbucket, "Updating build status for commits".
"""

import base64
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from controller.core.digest import digest
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
)
from controller.notify.pull_requests import Requests, bitbucket_cloud, bitbucket_datacenter
from controller.runtime.hidden_text import SecretText

_STATES = MappingProxyType(
    {CommitState.PENDING: "INPROGRESS", CommitState.SUCCESS: "SUCCESSFUL", CommitState.FAILURE: "FAILED"}
)
_LONGEST_KEY = 40


def key(context: str) -> str:
    """A status's key: at most 40 characters, and unique for each context."""
    return context if len(context) <= _LONGEST_KEY else f"{context[:27]}-{digest(context)[:12]}"


def build(status: Status, page: str) -> dict[str, str]:
    """A status as Bitbucket takes it; it requires a URL, by default that of the commit's page."""
    return {"key": key(status.context), "url": page, **BITBUCKET_CLOUD.body(status, url="url")}


def hidden_line(text: str) -> str:
    """An unused link definition as a hidden line: Bitbucket's Markdown shows HTML comments.

    Measured by others: The-PR-Agent/pr-agent issue 3283, terraform-docs issue 463 (an empty line goes before it).
    """
    return f"[//]: # ({text})"


def _login(remote: Remote) -> tuple[str, SecretText]:
    if not remote.user:
        return bearer(remote)
    encoded = base64.b64encode(f"{remote.user}:{remote.token.reveal()}".encode()).decode()
    return "Authorization", SecretText(f"Basic {encoded}")


def _builds(remote: Remote, status: Status) -> str:
    return f"/repositories/{remote.path}/commit/{status.sha}/statuses/build"


def _write(remote: Remote, status: Status) -> ApiRequest:
    return ApiRequest(
        "POST",
        _builds(remote, status),
        build(status, f"https://bitbucket.org/{remote.path}/commits/{status.sha}"),
    )


def _read_status(remote: Remote, status: Status) -> ApiRequest:
    return ApiRequest("GET", f"{_builds(remote, status)}/{quote(key(status.context), safe='')}")


def current_state(answer: Any, status: Status) -> ForgeStatus | None:  # noqa: ARG001 - others need it
    """The response is the status, or 404 if there is none."""
    if not isinstance(answer, dict) or "state" not in answer:
        return None
    return ForgeStatus(str(answer["state"]), str(answer.get("description") or ""))


def _thread(remote: Remote, number: int) -> str:
    return f"/repositories/{remote.path}/pullrequests/{number}/comments"


def _comments(remote: Remote, number: int, page: int) -> ApiRequest:
    return ApiRequest("GET", f"{_thread(remote, number)}?pagelen={PAGE}&page={page}")


def _page(answer: Any, page: int) -> CommentPage | None:
    if not isinstance(answer, dict) or not isinstance(answer.get("values"), list):
        return None
    kept = [each for each in answer["values"] if isinstance(each, dict) and not each.get("deleted")]
    comments = tuple(
        Comment(each["id"], each["content"]["raw"])
        for each in kept
        if isinstance(each.get("id"), int)
        and isinstance(each.get("content"), dict)
        and isinstance(each["content"].get("raw"), str)
    )
    return CommentPage(comments, page + 1 if answer.get("next") else 0)


def _create(remote: Remote, number: int, text: str) -> ApiRequest:
    return ApiRequest("POST", _thread(remote, number), {"content": {"raw": text}})


def _edit(remote: Remote, number: int, comment: Comment, text: str) -> ApiRequest:
    return ApiRequest("PUT", f"{_thread(remote, number)}/{comment.id}", {"content": {"raw": text}})


def _requests(remote: Remote, page: int) -> ApiRequest:
    return ApiRequest(
        "GET", f"/repositories/{remote.path}/pullrequests?state=OPEN&pagelen={PAGE}&page={page}"
    )


BITBUCKET_CLOUD = ForgeApi(
    login=_login,
    states=_STATES,
    write=_write,
    request=_read_status,
    current_state=current_state,
    comments=_comments,
    page=_page,
    create=_create,
    edit=_edit,
    requests=_requests,
    opened=bitbucket_cloud,
    most_comment=32_768,
    most_description=255,
    oldest_first=False,
    hide=hidden_line,
)


def _repository(remote: Remote) -> str:
    project, slug = remote.owner_and_name
    return f"/projects/{project}/repos/{slug}"


def _datacenter_builds(remote: Remote, status: Status) -> str:
    return f"/rest/api/latest{_repository(remote)}/commits/{status.sha}/builds"


def _datacenter_write(remote: Remote, status: Status) -> ApiRequest:
    page = f"{remote.base}{_repository(remote)}/commits/{status.sha}"
    return ApiRequest("POST", _datacenter_builds(remote, status), build(status, page))


def _datacenter_read_status(remote: Remote, status: Status) -> ApiRequest:
    return ApiRequest(
        "GET", f"{_datacenter_builds(remote, status)}?key={quote(key(status.context), safe='')}"
    )


def _request(remote: Remote, number: int) -> str:
    return f"/rest/api/latest{_repository(remote)}/pull-requests/{number}"


def _datacenter_comments(remote: Remote, number: int, page: int) -> ApiRequest:
    """Comments on the whole request are among its activities, the newest first; others are listed by file."""
    return ApiRequest("GET", f"{_request(remote, number)}/activities?start={page}&limit={PAGE}")


def _datacenter_page(answer: Any, page: int) -> CommentPage | None:  # noqa: ARG001 - others need it
    if not isinstance(answer, dict) or not isinstance(answer.get("values"), list):
        return None
    lines = [each.get("comment") for each in answer["values"] if isinstance(each, dict)]
    comments = tuple(
        Comment(each["id"], each["text"], int(each.get("version") or 0))
        for each in lines
        if isinstance(each, dict) and isinstance(each.get("id"), int) and isinstance(each.get("text"), str)
    )
    more = answer.get("nextPageStart") if not answer.get("isLastPage", True) else None
    return CommentPage(comments, more if isinstance(more, int) else 0)


def _datacenter_create(remote: Remote, number: int, text: str) -> ApiRequest:
    return ApiRequest("POST", f"{_request(remote, number)}/comments", {"text": text})


def _datacenter_edit(remote: Remote, number: int, comment: Comment, text: str) -> ApiRequest:
    """An outdated version is refused with 409; the next attempt reads it again."""
    body = {"text": text, "version": comment.version}
    return ApiRequest("PUT", f"{_request(remote, number)}/comments/{comment.id}", body)


def _datacenter_requests(remote: Remote, page: int) -> ApiRequest:
    return ApiRequest(
        "GET", f"/rest/api/latest{_repository(remote)}/pull-requests?state=OPEN&start={page}&limit={PAGE}"
    )


def _open_pull_requests(answer: Any, page: int) -> Requests | None:  # noqa: ARG001 - others need it
    return bitbucket_datacenter(answer)


BITBUCKET_DATACENTER: ForgeApi = replace(
    BITBUCKET_CLOUD,
    login=bearer,
    write=_datacenter_write,
    request=_datacenter_read_status,
    comments=_datacenter_comments,
    page=_datacenter_page,
    create=_datacenter_create,
    edit=_datacenter_edit,
    requests=_datacenter_requests,
    opened=_open_pull_requests,
    first_page=0,
)
