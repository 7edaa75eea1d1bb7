"""Pull requests are planned and not applied; each sync has one comment and one status."""

from typing import Any

import pytest

from controller.core.cloud import Call, CloudError
from controller.gitops.pull_request_plans import PullRequestSettings, ReadOnlyCloud, Review
from controller.gitops.pull_request_worker import Reviews
from controller.gitops.sync import SyncMode
from controller.gitops.webhook_triggers import request_polls
from controller.output.redact import Redactor
from controller.webhooks.trigger_queue import TriggerQueue, requests_of
from tests.gitops.git_provider import GitProviderState
from tests.gitops.stage import Stage, group
from tests.journeys.stage import document_text
from tests.source.git.repository import Files

MAIN: Files = {"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")}
WORKFORCE = document_text(
    "Workforce",
    "crowd",
    """oidcConfig:
  clientId: abc
  clientSecret: {valueFrom: {env: OIDC}}
  issuer: https://id.example.com/
  authorizationEndpoint: https://id.example.com/a
  tokenEndpoint: https://id.example.com/t
  userInfoEndpoint: https://id.example.com/u
  logoutEndpoint: https://id.example.com/l
  jwksUri: https://id.example.com/j
""",
)


@pytest.fixture
def provider_state() -> GitProviderState:
    """A Git provider without pull requests."""
    return GitProviderState()


def start_reviews(
    stage: Stage, provider_state: GitProviderState, *, forks: bool = False, **settings: Any
) -> Reviews:
    """A sync that applied main and reviews its pull requests."""
    stage.push(MAIN)
    follower = stage.start(stage.sync(**settings))
    stage.wait(120)
    stage.sandbox.clear_calls()
    assert stage.context is not None
    rules = PullRequestSettings(provider_state.forge(), "sagectl/prod/plan", forks, Redactor)
    one = Review(follower.sync, stage.context, rules, lambda: follower.tree)
    return Reviews([one], stage.clock, stage.notes)


def push_proposal(
    stage: Stage, provider_state: GitProviderState, files: Files, number: int = 7, **more: str
) -> str:
    """Push to a pull request."""
    sha = stage.push(files, branch=f"proposal-{number}")
    stage.repository.point(f"refs/pull/{number}/head", sha)
    provider_state.open(number, sha, **more)
    return sha


def run_after_interval(stage: Stage, reviews: Reviews) -> None:
    """Advance an interval, and run everything that is due."""
    stage.seconds += 61
    reviews.run()
    stage.seconds += 61
    reviews.run()


def test_a_pull_request_is_planned_in_one_comment(stage: Stage, provider_state: GitProviderState) -> None:
    """Row 36: the plan at the head is one comment, edited at the next push; the commit status has its own name."""
    reviews = start_reviews(stage, provider_state)
    first = push_proposal(stage, provider_state, {**MAIN, "deploy/c.yaml": group("new")})
    run_after_interval(stage, reviews)
    assert "ModelPackageGroup/new" in provider_state.comments[0]["body"]
    assert [
        (each["context"], each["state"], each["description"]) for each in provider_state.statuses[first]
    ] == [("sagectl/prod/plan", "success", "create 1")]
    written = provider_state.writes
    run_after_interval(stage, reviews)
    assert provider_state.writes == written
    second = push_proposal(stage, provider_state, {**MAIN, "deploy/c.yaml": group("newer")})
    run_after_interval(stage, reviews)
    assert len(provider_state.comments) == 1
    assert "ModelPackageGroup/newer" in provider_state.comments[0]["body"]
    assert second in provider_state.statuses
    assert stage.mutations() == []


def test_a_restart_edits_the_same_comment(stage: Stage, provider_state: GitProviderState) -> None:
    """Row 36: another process finds the comment, also for a sync that never applied anything."""
    reviews = start_reviews(stage, provider_state, mode=SyncMode.PLAN)
    push_proposal(stage, provider_state, {**MAIN, "deploy/c.yaml": group("new")})
    run_after_interval(stage, reviews)
    run_after_interval(stage, start_reviews(stage, provider_state, mode=SyncMode.PLAN))
    assert len(provider_state.comments) == 1


def test_deletions_are_planned_and_not_done(stage: Stage, provider_state: GitProviderState) -> None:
    """Row 36: the status of a pull request counts what merging would delete, and nothing is deleted."""
    reviews = start_reviews(stage, provider_state, prune=True)
    sha = push_proposal(stage, provider_state, {"deploy/c.yaml": group("new")})
    run_after_interval(stage, reviews)
    assert "delete 2" in provider_state.statuses[sha][0]["description"]
    assert stage.mutations() == []
    assert stage.record().is_applied


def test_an_error_in_a_pull_request_is_reported_with_its_position(
    stage: Stage, provider_state: GitProviderState
) -> None:
    """Row 36: a head with an error gets a comment with file and line, and a failure; the sync stays ready."""
    reviews = start_reviews(stage, provider_state)
    sha = push_proposal(stage, provider_state, {**MAIN, "deploy/c.yaml": "kind: ["})
    run_after_interval(stage, reviews)
    assert "deploy/c.yaml" in provider_state.comments[0]["body"]
    assert provider_state.statuses[sha][0]["state"] == "failure"
    assert stage.record().is_applied


def test_a_fork_is_planned_only_if_settings_allow_it(stage: Stage, provider_state: GitProviderState) -> None:
    """Row 36: a request by a user who may not push causes neither a fetch nor a call, unless settings allow it."""
    reviews = start_reviews(stage, provider_state)
    push_proposal(stage, provider_state, {**MAIN, "deploy/c.yaml": group("new")}, owner="stranger")
    push_proposal(stage, provider_state, {**MAIN, "deploy/c.yaml": group("new")}, number=8, base="other")
    request = len(stage.forge.requests)
    run_after_interval(stage, reviews)
    assert (provider_state.comments, len(stage.forge.requests), list(stage.sandbox.calls)) == (
        [],
        request,
        [],
    )


def test_a_fork_reads_no_secret(stage: Stage, provider_state: GitProviderState) -> None:
    """Row 34: if forks are planned, their documents get no secret, not even one that the sync's own may read."""
    stage.secrets["OIDC"] = "canary-of-the-secret"
    reviews = start_reviews(stage, provider_state, forks=True, secret_env=frozenset({"OIDC"}))
    push_proposal(stage, provider_state, {**MAIN, "deploy/c.yaml": WORKFORCE}, owner="stranger")
    run_after_interval(stage, reviews)
    assert "the sync allows no document to read OIDC" in provider_state.comments[0]["body"]
    push_proposal(stage, provider_state, {**MAIN, "deploy/d.yaml": WORKFORCE})
    run_after_interval(stage, reviews)
    assert "create 1" in str(provider_state.statuses)
    assert "allows no document" not in provider_state.comments[0]["body"]
    assert "canary" not in str(provider_state.comments)


def test_a_fork_reads_no_secret_of_a_cluster(stage: Stage, provider_state: GitProviderState) -> None:
    """Row 34: nor a Secret that a GitSync allows its own documents to read."""
    stage.secrets["sign-in"] = "canary-of-the-secret"
    reviews = start_reviews(stage, provider_state, forks=True, secret_names=frozenset({"sign-in"}))
    named = WORKFORCE.replace("{env: OIDC}", "{secretKeyRef: {name: sign-in, key: oidc}}")
    assert named != WORKFORCE
    push_proposal(stage, provider_state, {**MAIN, "deploy/c.yaml": named}, owner="stranger")
    run_after_interval(stage, reviews)
    assert "the sync allows no document to read sign-in" in provider_state.comments[0]["body"]


def test_a_request_without_changes_makes_no_comment(stage: Stage, provider_state: GitProviderState) -> None:
    """Row 36: a change elsewhere is a status only; an existing comment is updated."""
    reviews = start_reviews(stage, provider_state)
    sha = push_proposal(stage, provider_state, {**MAIN, "README.md": "hello"})
    run_after_interval(stage, reviews)
    assert provider_state.comments == []
    assert provider_state.statuses[sha][0]["description"] == "no change"
    push_proposal(stage, provider_state, {**MAIN, "deploy/c.yaml": group("new")})
    run_after_interval(stage, reviews)
    push_proposal(stage, provider_state, {**MAIN, "README.md": "hello"})
    run_after_interval(stage, reviews)
    assert len(provider_state.comments) == 1
    assert "/new" not in provider_state.comments[0]["body"]


def test_settings_in_a_pull_request_are_ignored(stage: Stage, provider_state: GitProviderState) -> None:
    """A ``sagectl.yaml`` in the tree, of a branch or a pull request, selects neither account nor values."""
    reviews = start_reviews(stage, provider_state)
    settings = "region: eu-west-1\nroleArn: arn:aws:iam::1:role/thief\nset: other\nvariables: {x: y}\n"
    push_proposal(
        stage, provider_state, {**MAIN, "deploy/sagectl.yaml": settings, "deploy/c.yaml": group("new")}
    )
    run_after_interval(stage, reviews)
    assert "create 1" in str(provider_state.statuses)
    assert {each.operation for each in stage.sandbox.calls if each.mutating} == set()


def test_a_webhook_causes_a_review_at_once(stage: Stage, provider_state: GitProviderState) -> None:
    """The provider's event of a pull request causes a review at once, and no poll of a sync."""
    reviews = start_reviews(stage, provider_state)
    stage.seconds += 61
    reviews.run()
    push_proposal(stage, provider_state, {**MAIN, "deploy/c.yaml": group("new")})
    reviews.run()
    assert provider_state.comments == []
    looks = TriggerQueue()
    looks.request(requests_of("prod"), stage.clock.wall())
    assert stage.fleet is not None
    request_polls(looks, stage.fleet, stage.clock, reviews.request)
    reviews.run()
    assert len(provider_state.comments) == 1
    assert "requested" not in stage.notes.names("prod")


def test_a_plan_can_not_change_the_account(stage: Stage) -> None:
    """Whatever causes it, a changing call is refused before it is sent."""
    with pytest.raises(CloudError, match="changes nothing"):
        ReadOnlyCloud(stage.cloud).call(Call("CreateModelPackageGroup", {"ModelPackageGroupName": "x"}))
    assert list(stage.sandbox.calls) == []
