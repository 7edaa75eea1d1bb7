"""The notifications of a GitSync: on a real API server, with a git server and a Git provider's API over TLS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gitops.stage import group
from tests.kubernetes.git_provider_server import ProviderServer, serve_provider
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import wait_until
from tests.source.git.repository import Files

OLD, NEW = "old-token-canary", "new-token-canary"


@pytest.fixture
def provider_server(gitsync_stage: GitSyncStage, tmp_path: Path) -> Iterator[ProviderServer]:
    """A Git provider that accepts the old token, and an operator that follows the repository."""
    with serve_provider(tmp_path, gitsync_stage.forge.issued) as made:
        made.token = OLD
        gitsync_stage.prepare()
        yield made


def write_secret(gitsync_stage: GitSyncStage, name: str, **keys: str) -> None:
    """Write a Secret."""
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": keys}
    gitsync_stage.stage.apply(secret)


def report_settings(provider_server: ProviderServer, **more: Any) -> dict[str, Any]:
    """A ``report`` member for the Git provider."""
    where = {"host": "gitea", "api": provider_server.api, "repository": "team/fleet"}
    return {**where, "secretRef": {"name": "forge"}, **more}


def test_commit_statuses_follow_the_sync(
    gitsync_stage: GitSyncStage, provider_server: ProviderServer
) -> None:
    """Each commit gets its status when that changes and not again; a token replaced in its Secret is used."""
    first = gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    write_secret(gitsync_stage, "forge", token=OLD)
    gitsync_stage.stage.start(report_host=provider_server.host)
    gitsync_stage.follow(report=report_settings(provider_server))
    gitsync_stage.ready(revision=first)
    wait_until(lambda: provider_server.states_of(first)[-1:] == ["success"])
    provider_server.token = NEW
    write_secret(gitsync_stage, "forge", token=NEW)
    writes = provider_server.writes()
    gitsync_stage.request_poll()
    gitsync_stage.request_poll()
    assert provider_server.writes() == writes
    second = gitsync_stage.push({"deploy/a.yaml": group("fraud").replace("spec: {}", "spec: {nonsense: 1}")})
    wait_until(lambda: provider_server.states_of(second) == ["failure"])
    assert all(known for _, known in provider_server.requests)
    everything = gitsync_stage.stage.kubectl.must("get", "gitsync,events,syncmemories", "-o", "yaml")
    assert "canary" not in everything + gitsync_stage.stage.log().read_text("utf-8")


def test_a_status_refused_for_its_token_is_sent_later(
    gitsync_stage: GitSyncStage, provider_server: ProviderServer
) -> None:
    """A status that a wrong token could not send is sent with the right one, without a push or a changed GitSync."""
    first = gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    write_secret(gitsync_stage, "forge", token="wrong-canary")
    gitsync_stage.stage.start(report_host=provider_server.host)
    gitsync_stage.follow(report=report_settings(provider_server, context="ours"))
    gitsync_stage.ready(revision=first)
    wait_until(lambda: provider_server.requests)
    assert provider_server.states_of(first, "ours") == []
    write_secret(gitsync_stage, "forge", token=OLD)
    wait_until(lambda: provider_server.states_of(first, "ours") == ["success"])


def test_a_pull_request_gets_its_plan(gitsync_stage: GitSyncStage, provider_server: ProviderServer) -> None:
    """It is planned at its head by the GitSync's settings, in one comment and a status; AWS is not changed."""
    files: Files = {"deploy/a.yaml": group("fraud")}
    gitsync_stage.push(files)
    write_secret(gitsync_stage, "forge", token=OLD)
    sha = gitsync_stage.repository.commit({**files, "deploy/b.yaml": group("churn")}, branch="proposal")
    gitsync_stage.repository.point("refs/pull/7/head", sha)
    provider_server.board.open(7, sha)
    gitsync_stage.stage.start(report_host=provider_server.host)
    gitsync_stage.follow(report=report_settings(provider_server, pullRequests=True))
    gitsync_stage.ready()
    wait_until(lambda: provider_server.states_of(sha, "sagectl/prod/plan") == ["success"])
    wait_until(lambda: len(provider_server.board.comments) == 1)
    assert "ModelPackageGroup/churn" in provider_server.board.comments[0]["body"]
    assert gitsync_stage.stage.changes() == ["CreateModelPackageGroup"]


def test_messages_are_sent_only_to_allowed_hosts(
    gitsync_stage: GitSyncStage, provider_server: ProviderServer
) -> None:
    """A host that no option of the operator names is refused, with the reason and before the repository is read."""
    del provider_server
    gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    write_secret(gitsync_stage, "signing", secret="canary-of-messages")
    gitsync_stage.stage.start(message_host="hooks.invalid")
    message = {"url": "https://inside.invalid/", "secretRef": {"name": "signing"}}
    gitsync_stage.follow(message=message)
    wait_until(lambda: gitsync_stage.reason() == "SourceSettings")
    assert "allowed hosts only" in gitsync_stage.stage.condition("GitSync", "prod")["message"]
    assert gitsync_stage.stage.changes() == []
    gitsync_stage.stage.patch("gitsync", "prod", {"spec": {"message": {"url": "https://hooks.invalid/"}}})
    gitsync_stage.ready()
