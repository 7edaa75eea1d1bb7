"""Open pull requests: the commit, the target branch, and whether it is from a fork."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_SHA = re.compile(r"[0-9a-f]{7,64}")  # Bitbucket Cloud sends only the first twelve digits


@dataclass(frozen=True)
class PullRequest:
    """An open pull request.

    ``ref`` is the full name of its head, ``base`` the target branch; ``fork``: its author may lack the permission to
    push here.
    """

    number: int
    sha: str
    ref: str
    base: str
    fork: bool


@dataclass(frozen=True)
class Requests:
    """A page of pull requests, and the next page; 0 if there is none."""

    requests: tuple[PullRequest, ...]
    next: int = 0


def github(answer: Any, page: int, most: int) -> Requests | None:
    """GitHub and Gitea: ``head`` and ``base``; the repository of a head is null once a fork was deleted."""
    if not isinstance(answer, list):
        return None
    return Requests(_parse_all(answer, _github), page + 1 if len(answer) >= most else 0)


def gitlab(answer: Any, page: int, most: int) -> Requests | None:
    """GitLab: ``iid``, and the numbers of both projects."""
    if not isinstance(answer, list):
        return None
    return Requests(_parse_all(answer, _gitlab), page + 1 if len(answer) >= most else 0)


def bitbucket_cloud(answer: Any, page: int) -> Requests | None:
    """Bitbucket Cloud: there is no ref of a request's head, so that of a fork can't be read."""
    if not isinstance(answer, dict) or not isinstance(answer.get("values"), list):
        return None
    return Requests(_parse_all(answer["values"], _bitbucket_cloud), page + 1 if answer.get("next") else 0)


def bitbucket_datacenter(answer: Any) -> Requests | None:
    """Bitbucket Data Center: ``fromRef`` and ``toRef``."""
    if not isinstance(answer, dict) or not isinstance(answer.get("values"), list):
        return None
    more = answer.get("nextPageStart") if not answer.get("isLastPage", True) else None
    return Requests(
        _parse_all(answer["values"], _bitbucket_datacenter), more if isinstance(more, int) and more else 0
    )


def _parse_all(items: list[Any], one: Callable[[Any], PullRequest]) -> tuple[PullRequest, ...]:
    return tuple(_well_formed(items, one))


def _well_formed(items: list[Any], one: Callable[[Any], PullRequest]) -> Iterator[PullRequest]:
    """The pull requests among the values; malformed ones are left out."""
    for each in items:
        try:
            made = one(each)
        except (KeyError, TypeError, AttributeError):
            continue
        lines: tuple[tuple[object, type], ...] = ((made.number, int), (made.sha, str), (made.base, str))
        if all(isinstance(value, desired) for value, desired in lines) and _SHA.fullmatch(made.sha):
            yield made


def _github(document: Any) -> PullRequest:
    number, head, base = document["number"], document["head"], document["base"]
    ours, theirs = base["repo"]["full_name"], (head.get("repo") or {}).get("full_name")
    return PullRequest(number, head["sha"], f"refs/pull/{number}/head", base["ref"], theirs != ours)


def _gitlab(document: Any) -> PullRequest:
    fork = document["source_project_id"] != document["target_project_id"]
    ref = f"refs/merge-requests/{document['iid']}/head"
    return PullRequest(document["iid"], document["sha"], ref, document["target_branch"], fork)


def _bitbucket_cloud(document: Any) -> PullRequest:
    head, base = document["source"], document["destination"]
    theirs = (head.get("repository") or {}).get("full_name")
    return PullRequest(
        document["id"],
        head["commit"]["hash"],
        f"refs/heads/{head['branch']['name']}",
        base["branch"]["name"],
        theirs != base["repository"]["full_name"],
    )


def _bitbucket_datacenter(document: Any) -> PullRequest:
    head, base = document["fromRef"], document["toRef"]
    return PullRequest(
        document["id"],
        head["latestCommit"],
        f"refs/pull-requests/{document['id']}/from",
        base["id"].removeprefix("refs/heads/"),
        _project_and_slug(head) != _project_and_slug(base),
    )


def _project_and_slug(end: Any) -> tuple[str, str]:
    return end["repository"]["project"]["key"], end["repository"]["slug"]
