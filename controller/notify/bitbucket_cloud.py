"""Bitbucket Cloud. Source: developer.atlassian.com/cloud/bitbucket/rest."""

import base64
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from controller.core.digest import digest
from controller.notify.commit_status import State, Status
from controller.notify.provider import PAGE, Ask, Comment, Dialect, Page, Remote, Standing, bearer
from controller.notify.pull_requests import bitbucket_cloud
from controller.runtime.hidden_text import Hidden

_STATES = MappingProxyType(
    {State.PENDING: "INPROGRESS", State.SUCCESS: "SUCCESSFUL", State.FAILURE: "FAILED"}
)
_LONGEST_KEY = 40


def key(context: str) -> str:
    """A status's key: no longer than 40 signs, and still one per context."""
    return context if len(context) <= _LONGEST_KEY else f"{context[:27]}-{digest(context)[:12]}"


def build(status: Status, page: str) -> dict[str, str]:
    """A status as Bitbucket takes it; it requires an address, so the commit's page stands in for one."""
    return {"key": key(status.context), "url": page, **BITBUCKET_CLOUD.body(status, url="url")}


def hidden_line(text: str) -> str:
    """A link definition that nothing refers to: this Markdown shows HTML comments as they are written.

    Measured by others: The-PR-Agent/pr-agent issue 3283, terraform-docs issue 463 (an empty line goes before it).
    """
    return f"[//]: # ({text})"


def _login(remote: Remote) -> tuple[str, Hidden]:
    if not remote.user:
        return bearer(remote)
    encoded = base64.b64encode(f"{remote.user}:{remote.token.reveal()}".encode()).decode()
    return "Authorization", Hidden(f"Basic {encoded}")


def _builds(remote: Remote, status: Status) -> str:
    return f"/repositories/{remote.path}/commit/{status.sha}/statuses/build"


def _write(remote: Remote, status: Status) -> Ask:
    return Ask(
        "POST",
        _builds(remote, status),
        build(status, f"https://bitbucket.org/{remote.path}/commits/{status.sha}"),
    )


def _ask(remote: Remote, status: Status) -> Ask:
    return Ask("GET", f"{_builds(remote, status)}/{quote(key(status.context), safe='')}")


def stands(answer: Any, status: Status) -> Standing | None:  # noqa: ARG001 - others need it
    """The answer is the status; where there is none it is 404."""
    if not isinstance(answer, dict) or "state" not in answer:
        return None
    return Standing(str(answer["state"]), str(answer.get("description") or ""))


def _thread(remote: Remote, number: int) -> str:
    return f"/repositories/{remote.path}/pullrequests/{number}/comments"


def _comments(remote: Remote, number: int, page: int) -> Ask:
    return Ask("GET", f"{_thread(remote, number)}?pagelen={PAGE}&page={page}")


def _page(answer: Any, page: int) -> Page | None:
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
    return Page(comments, page + 1 if answer.get("next") else 0)


def _create(remote: Remote, number: int, text: str) -> Ask:
    return Ask("POST", _thread(remote, number), {"content": {"raw": text}})


def _edit(remote: Remote, number: int, comment: Comment, text: str) -> Ask:
    return Ask("PUT", f"{_thread(remote, number)}/{comment.id}", {"content": {"raw": text}})


def _requests(remote: Remote, page: int) -> Ask:
    return Ask("GET", f"/repositories/{remote.path}/pullrequests?state=OPEN&pagelen={PAGE}&page={page}")


BITBUCKET_CLOUD = Dialect(
    login=_login,
    states=_STATES,
    write=_write,
    ask=_ask,
    stands=stands,
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
