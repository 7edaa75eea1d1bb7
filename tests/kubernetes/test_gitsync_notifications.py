"""The notifications of a GitSync: on a real API server, with a git server and a Git provider's API over TLS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gitops.stage import group
from tests.kubernetes.git_provider_server import Hosted, serve_provider
from tests.kubernetes.git_server import Followed
from tests.kubernetes.operator_process import wait_until
from tests.source.git.repository import Files

OLD, NEW = "old-token-canary", "new-token-canary"


@pytest.fixture
def hosted(followed: Followed, tmp_path: Path) -> Iterator[Hosted]:
    """A Git provider that accepts the old token, and an operator that follows the repository."""
    with serve_provider(tmp_path, followed.forge.issued) as made:
        made.token = OLD
        followed.prepare()
        yield made


def write_secret(followed: Followed, name: str, **keys: str) -> None:
    """Write a Secret."""
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": keys}
    followed.stage.apply(secret)


def report_settings(hosted: Hosted, **more: Any) -> dict[str, Any]:
    """A ``report`` member for the Git provider."""
    where = {"host": "gitea", "api": hosted.api, "repository": "team/fleet"}
    return {**where, "secretRef": {"name": "forge"}, **more}


def test_commit_statuses_follow_the_sync(followed: Followed, hosted: Hosted) -> None:
    """Each commit gets its status when that changes and not again; a token replaced in its Secret is used."""
    first = followed.push({"deploy/a.yaml": group("fraud")})
    write_secret(followed, "forge", token=OLD)
    followed.stage.start(report_host=hosted.host)
    followed.follow(report=report_settings(hosted))
    followed.ready(revision=first)
    wait_until(lambda: hosted.states_of(first)[-1:] == ["success"])
    hosted.token = NEW
    write_secret(followed, "forge", token=NEW)
    writes = hosted.writes()
    followed.request_poll()
    followed.request_poll()
    assert hosted.writes() == writes
    second = followed.push({"deploy/a.yaml": group("fraud").replace("spec: {}", "spec: {nonsense: 1}")})
    wait_until(lambda: hosted.states_of(second) == ["failure"])
    assert all(known for _, known in hosted.requests)
    everything = followed.stage.kubectl.must("get", "gitsync,events,syncmemories", "-o", "yaml")
    assert "canary" not in everything + followed.stage.log().read_text("utf-8")


def test_a_status_refused_for_its_token_is_sent_later(followed: Followed, hosted: Hosted) -> None:
    """A status that a wrong token could not send is sent with the right one, without a push or a changed GitSync."""
    first = followed.push({"deploy/a.yaml": group("fraud")})
    write_secret(followed, "forge", token="wrong-canary")
    followed.stage.start(report_host=hosted.host)
    followed.follow(report=report_settings(hosted, context="ours"))
    followed.ready(revision=first)
    wait_until(lambda: hosted.requests)
    assert hosted.states_of(first, "ours") == []
    write_secret(followed, "forge", token=OLD)
    wait_until(lambda: hosted.states_of(first, "ours") == ["success"])


def test_a_pull_request_gets_its_plan(followed: Followed, hosted: Hosted) -> None:
    """It is planned at its head by the GitSync's settings, in one comment and a status; AWS is not changed."""
    files: Files = {"deploy/a.yaml": group("fraud")}
    followed.push(files)
    write_secret(followed, "forge", token=OLD)
    sha = followed.repository.commit({**files, "deploy/b.yaml": group("churn")}, branch="proposal")
    followed.repository.point("refs/pull/7/head", sha)
    hosted.board.open(7, sha)
    followed.stage.start(report_host=hosted.host)
    followed.follow(report=report_settings(hosted, pullRequests=True))
    followed.ready()
    wait_until(lambda: hosted.states_of(sha, "sagectl/prod/plan") == ["success"])
    wait_until(lambda: len(hosted.board.comments) == 1)
    assert "ModelPackageGroup/churn" in hosted.board.comments[0]["body"]
    assert followed.stage.changes() == ["CreateModelPackageGroup"]


def test_messages_are_sent_only_to_allowed_hosts(followed: Followed, hosted: Hosted) -> None:
    """A host that no option of the operator names is refused, with the reason and before the repository is read."""
    del hosted
    followed.push({"deploy/a.yaml": group("fraud")})
    write_secret(followed, "signing", secret="canary-of-messages")
    followed.stage.start(message_host="hooks.invalid")
    message = {"url": "https://inside.invalid/", "secretRef": {"name": "signing"}}
    followed.follow(message=message)
    wait_until(lambda: followed.reason() == "SourceSettings")
    assert "allowed hosts only" in followed.stage.condition("GitSync", "prod")["message"]
    assert followed.stage.changes() == []
    followed.stage.patch("gitsync", "prod", {"spec": {"message": {"url": "https://hooks.invalid/"}}})
    followed.ready()
