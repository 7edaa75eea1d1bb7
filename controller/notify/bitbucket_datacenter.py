"""Bitbucket Data Center. Source: developer.atlassian.com/server/bitbucket, "Updating build status for commits"."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from controller.notify.bitbucket_cloud import BITBUCKET_CLOUD, build, key
from controller.notify.commit_status import Status
from controller.notify.provider import PAGE, Ask, Comment, Dialect, Page, Remote, bearer
from controller.notify.pull_requests import Requests, bitbucket_datacenter


def _repository(remote: Remote) -> str:
    project, slug = remote.owner_and_name
    return f"/projects/{project}/repos/{slug}"


def _builds(remote: Remote, status: Status) -> str:
    return f"/rest/api/latest{_repository(remote)}/commits/{status.sha}/builds"


def _write(remote: Remote, status: Status) -> Ask:
    page = f"{remote.base}{_repository(remote)}/commits/{status.sha}"
    return Ask("POST", _builds(remote, status), build(status, page))


def _ask(remote: Remote, status: Status) -> Ask:
    return Ask("GET", f"{_builds(remote, status)}?key={quote(key(status.context), safe='')}")


def _request(remote: Remote, number: int) -> str:
    return f"/rest/api/latest{_repository(remote)}/pull-requests/{number}"


def _comments(remote: Remote, number: int, page: int) -> Ask:
    """Comments are listed by file only; those of the whole request are among its activities, the newest first."""
    return Ask("GET", f"{_request(remote, number)}/activities?start={page}&limit={PAGE}")


def _page(answer: Any, page: int) -> Page | None:  # noqa: ARG001 - others need it
    if not isinstance(answer, dict) or not isinstance(answer.get("values"), list):
        return None
    lines = [each.get("comment") for each in answer["values"] if isinstance(each, dict)]
    comments = tuple(
        Comment(each["id"], each["text"], int(each.get("version") or 0))
        for each in lines
        if isinstance(each, dict) and isinstance(each.get("id"), int) and isinstance(each.get("text"), str)
    )
    more = answer.get("nextPageStart") if not answer.get("isLastPage", True) else None
    return Page(comments, more if isinstance(more, int) else 0)


def _create(remote: Remote, number: int, text: str) -> Ask:
    return Ask("POST", f"{_request(remote, number)}/comments", {"text": text})


def _edit(remote: Remote, number: int, comment: Comment, text: str) -> Ask:
    """A version that is no longer the newest is refused with 409; the next attempt reads it anew."""
    body = {"text": text, "version": comment.version}
    return Ask("PUT", f"{_request(remote, number)}/comments/{comment.id}", body)


def _requests(remote: Remote, page: int) -> Ask:
    return Ask(
        "GET", f"/rest/api/latest{_repository(remote)}/pull-requests?state=OPEN&start={page}&limit={PAGE}"
    )


def _opened(answer: Any, page: int) -> Requests | None:  # noqa: ARG001 - others need it
    return bitbucket_datacenter(answer)


BITBUCKET_DATACENTER: Dialect = replace(
    BITBUCKET_CLOUD,
    login=bearer,
    write=_write,
    ask=_ask,
    comments=_comments,
    page=_page,
    create=_create,
    edit=_edit,
    requests=_requests,
    opened=_opened,
    first_page=0,
)
