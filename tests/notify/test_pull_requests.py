"""Open pull requests in each provider's format."""

from typing import Any

import pytest

from controller.notify.delivery import DeliveryOutcome, DeliveryResult
from controller.notify.pull_requests import PullRequest
from controller.notify.repository import open_pull_requests
from tests.notify.recorded import ExpectedRequest, RecordedProvider
from tests.notify.shapes import (
    BITBUCKET_CLOUD,
    BITBUCKET_DATACENTER,
    GITEA,
    GITHUB,
    GITLAB,
    SHA,
    ProviderFormat,
)

# The members that we read, as in the API documentation of each provider.
_HOME, _FORK = {"full_name": "ml/fleet"}, {"full_name": "stranger/fleet"}
_OURS = {"slug": "fleet", "project": {"key": "ml"}}
_THEIRS = {"slug": "fleet", "project": {"key": "~stranger"}}


def _github_pull(number: int, repository: Any) -> dict[str, Any]:
    return {
        "number": number,
        "head": {"ref": "feature", "sha": SHA, "repo": repository},
        "base": {"ref": "main", "sha": "0" * 40, "repo": _HOME},
    }


def _gitlab_request(number: int, project: int) -> dict[str, Any]:
    return {
        "id": 900 + number,
        "iid": number,
        "sha": SHA,
        "source_project_id": project,
        "target_project_id": 3,
        "source_branch": "feature",
        "target_branch": "main",
    }


def _bitbucket_cloud_pull(number: int, repository: Any) -> dict[str, Any]:
    source = {"commit": {"hash": SHA[:12]}, "branch": {"name": "feature"}, "repository": repository}
    return {"id": number, "source": source, "destination": {"branch": {"name": "main"}, "repository": _HOME}}


def _bitbucket_server_pull(number: int, repository: Any) -> dict[str, Any]:
    source = {"id": "refs/heads/feature", "latestCommit": SHA, "repository": repository}
    return {"id": number, "fromRef": source, "toRef": {"id": "refs/heads/main", "repository": _OURS}}


_REST = "/rest/api/latest/projects/ml/repos/fleet/pull-requests?state=OPEN&start="
FORGES: dict[str, tuple[ProviderFormat, str, Any, str, str]] = {
    "github": (
        GITHUB,
        "/repos/ml/fleet/pulls?state=open&per_page=50&page=1",
        [_github_pull(7, _HOME), _github_pull(8, _FORK), _github_pull(9, None)],
        "refs/pull/7/head",
        SHA,
    ),
    "gitlab": (
        GITLAB,
        "/projects/ml%2Ffleet/merge_requests?state=opened&per_page=50&page=1",
        [_gitlab_request(7, 3), _gitlab_request(8, 4), _gitlab_request(9, 5)],
        "refs/merge-requests/7/head",
        SHA,
    ),
    "bitbucket cloud": (
        BITBUCKET_CLOUD,
        "/repositories/ml/fleet/pullrequests?state=OPEN&pagelen=50&page=1",
        {
            "values": [
                _bitbucket_cloud_pull(7, _HOME),
                _bitbucket_cloud_pull(8, _FORK),
                _bitbucket_cloud_pull(9, None),
            ]
        },
        "refs/heads/feature",
        SHA[:12],
    ),
    "bitbucket data center": (
        BITBUCKET_DATACENTER,
        f"{_REST}0&limit=50",
        {
            "values": [
                _bitbucket_server_pull(7, _OURS),
                _bitbucket_server_pull(8, _THEIRS),
                _bitbucket_server_pull(9, _THEIRS),
            ]
        },
        "refs/pull-requests/7/from",
        SHA,
    ),
}


@pytest.mark.parametrize("name", FORGES)
def test_requests_are_read(provider: RecordedProvider, name: str) -> None:
    """Number, head, the ref that has it and the target branch; one of another repository is a fork's."""
    shape, path, answer, ref, sha = FORGES[name]
    provider.will(shape.expect("GET", path, answer=answer))
    found = open_pull_requests(shape.forge(provider))
    provider.met()
    assert isinstance(found, tuple)
    assert found[0] == PullRequest(7, sha, ref, "main", fork=False)
    assert [(each.number, each.fork) for each in found] == [(7, False), (8, True), (9, True)]


def test_all_pages_are_read(provider: RecordedProvider) -> None:
    """Pages are followed as each provider counts them; Gitea's end with an empty one, as its pages may be short."""
    path = "/repos/ml/fleet/pulls?state=open&limit=50&page="
    pages = [[_github_pull(1, _HOME)], [_github_pull(2, _HOME)], []]
    provider.will(*(GITEA.expect("GET", f"{path}{n}", answer=page) for n, page in enumerate(pages, start=1)))
    found = open_pull_requests(GITEA.forge(provider))
    provider.met()
    assert isinstance(found, tuple)
    assert [each.number for each in found] == [1, 2]
    first = {"values": [_bitbucket_server_pull(1, _OURS)], "isLastPage": False, "nextPageStart": 25}
    provider.will(
        BITBUCKET_DATACENTER.expect("GET", f"{_REST}0&limit=50", answer=first),
        BITBUCKET_DATACENTER.expect("GET", f"{_REST}25&limit=50", answer={"values": [], "isLastPage": True}),
    )
    assert len(list(open_pull_requests(BITBUCKET_DATACENTER.forge(provider)))) == 1  # type: ignore[arg-type]
    provider.met()


def test_what_is_no_list_is_not_empty(provider: RecordedProvider) -> None:
    """An error, or a response of another shape, is reported; an item of another shape is skipped."""
    path = "/repos/ml/fleet/pulls?state=open&per_page=50&page=1"
    provider.will(
        ExpectedRequest("GET", path, 500), ExpectedRequest("GET", path, answer={"message": "hello"})
    )
    for _ in range(2):
        pull_requests = open_pull_requests(GITHUB.forge(provider))
        assert isinstance(pull_requests, DeliveryResult)
        assert pull_requests.outcome is DeliveryOutcome.LATER
    odd = [None, {}, {"number": "7"}, _github_pull(7, _HOME) | {"head": {"sha": "-h", "repo": None}}]
    heads: tuple[object, ...] = ([], "x", 5, {"sha": "a" * 40, "repo": "x"})
    odd += [_github_pull(7, _HOME) | {"head": head} for head in heads]
    provider.will(ExpectedRequest("GET", path, answer=[*odd, _github_pull(8, _HOME)]))
    found = open_pull_requests(GITHUB.forge(provider))
    assert isinstance(found, tuple)
    assert [each.number for each in found] == [8]
