"""The requests for Gitea's API work on a real one: statuses and comments, written and read back."""

from pathlib import Path

import pytest

from controller.notify.comments import fit_comment, marker, upsert
from controller.notify.commit_status_reporter import Statuses
from controller.notify.delivery import DeliveryOutcome
from controller.notify.provider import CommitState, Remote, Status
from controller.notify.repository import DIALECTS, Forge, GitProvider
from controller.runtime.hidden_text import SecretText
from controller.runtime.http_client import HttpClient, tls_context
from tests.gitea.repository import GiteaRepository
from tests.gitea.work_tree import GitUser

OTHERS = 60  # more than Gitea lists by default, and more than it lists at most
MARK = marker("fleet", "key")


@pytest.fixture
def revision(git_user: GitUser) -> str:
    """A commit at Gitea."""
    return git_user.push({"README.md": "hello"})


@pytest.fixture
def forge(gitea_repository: GiteaRepository) -> Forge:
    """The repository, as a sync uses it."""
    return _forge(gitea_repository, gitea_repository.token)


def _forge(repository: GiteaRepository, token: str) -> Forge:
    remote = Remote(f"{repository.access.url}/api/v1", repository.path, SecretText(token))
    authority = Path(repository.access.authority).read_text(encoding="utf-8")
    return Forge(GitProvider.GITEA, remote, HttpClient(tls_context(authority)))


def _status(revision: str, state: CommitState, why: str = "") -> Status:
    return Status(revision, "sagectl/prod", state, why)


def test_a_status_is_sent_once(forge: Forge, gitea_repository: GiteaRepository, revision: str) -> None:
    """Row 61: a restart reads the current status; `pending` does not replace a result."""
    statuses = Statuses(forge)
    assert statuses.publish(_status(revision, CommitState.PENDING)).outcome is DeliveryOutcome.DONE
    assert (
        statuses.publish(_status(revision, CommitState.SUCCESS, "all is applied")).outcome
        is DeliveryOutcome.DONE
    )
    for again in (statuses, Statuses(forge)):
        assert (
            again.publish(_status(revision, CommitState.SUCCESS, "all is applied")).outcome
            is DeliveryOutcome.UNCHANGED
        )
        assert again.publish(_status(revision, CommitState.PENDING)).outcome is DeliveryOutcome.UNCHANGED
    lines = [("sagectl/prod", "pending", ""), ("sagectl/prod", "success", "all is applied")]
    assert gitea_repository.statuses(revision) == lines


def test_a_status_is_found_among_many(forge: Forge, gitea_repository: GiteaRepository, revision: str) -> None:
    """Row 61: among many other statuses of a commit the sync's own is found, and not sent again."""
    assert Statuses(forge).publish(_status(revision, CommitState.SUCCESS)).outcome is DeliveryOutcome.DONE
    for number in range(OTHERS):
        other = {"context": f"check-{number}", "state": "success"}
        gitea_repository.request("POST", f"/repos/{gitea_repository.path}/statuses/{revision}", other)
    assert (
        Statuses(forge).publish(_status(revision, CommitState.SUCCESS)).outcome is DeliveryOutcome.UNCHANGED
    )


@pytest.mark.parametrize("scopes", [[], ["read:repository"]], ids=["no token", "a token that may only read"])
def test_an_insufficient_token_is_reported(
    gitea_repository: GiteaRepository, revision: str, scopes: list[str]
) -> None:
    """The status is not sent, and the error has Gitea's message without the token."""
    token = gitea_repository.grant(scopes) if scopes else "0123456789abcdef0123456789abcdef01234567"
    result = Statuses(_forge(gitea_repository, token)).publish(_status(revision, CommitState.SUCCESS))
    assert result.outcome is DeliveryOutcome.FAILED, result
    assert result.detail.startswith("HTTP 40")
    assert token not in result.detail


def test_one_comment_is_made_and_edited(
    forge: Forge, gitea_repository: GiteaRepository, git_user: GitUser, revision: str
) -> None:
    """Row 36: the hidden line survives Gitea; among many comments the sync's own one is edited."""
    git_user.push({"README.md": "bye"}, branch="change")
    number = gitea_repository.pull("change")
    dialect = DIALECTS[GitProvider.GITEA]
    first, second = (
        fit_comment("### Plan", [word], dialect.hide(MARK), dialect.most_comment) for word in "ab"
    )
    assert upsert(forge, number, MARK, first).outcome is DeliveryOutcome.DONE
    for each in range(OTHERS):
        gitea_repository.request(
            "POST", f"/repos/{gitea_repository.path}/issues/{number}/comments", {"body": f"talk {each}"}
        )
    assert upsert(forge, number, MARK, first).outcome is DeliveryOutcome.UNCHANGED
    assert upsert(forge, number, MARK, second).outcome is DeliveryOutcome.DONE
    comments = gitea_repository.comments(number)
    assert len(comments) == 1 + OTHERS
    assert [text.strip() for text in comments if MARK in text] == [second.strip()]


def test_the_longest_comment_is_taken(
    forge: Forge, gitea_repository: GiteaRepository, git_user: GitUser, revision: str
) -> None:
    """Row 36: Gitea accepts a comment of the length to which we cut."""
    git_user.push({"README.md": "bye"}, branch="change")
    number = gitea_repository.pull("change")
    dialect = DIALECTS[GitProvider.GITEA]
    long = fit_comment("### Plan", ["ä" * 100] * 1000, dialect.hide(MARK), dialect.most_comment)
    assert upsert(forge, number, MARK, long).outcome is DeliveryOutcome.DONE
    assert [text.strip() for text in gitea_repository.comments(number)] == [long.strip()]
