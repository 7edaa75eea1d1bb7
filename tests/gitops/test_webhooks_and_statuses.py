"""Webhooks trigger polls; Git providers get the status of a commit when it changes."""

import hashlib
import hmac
import json

from controller.gitops.commit_statuses import MessageRoute, Reports, status_reporter, verdict
from controller.gitops.webhook_triggers import request_polls
from controller.notify.provider import Remote
from controller.notify.repository import Forge, GitProvider
from controller.notify.webhook_message import Target
from controller.output.redact import Redactor
from controller.runtime.hidden_text import SecretText
from controller.runtime.http_client import Request, Response
from controller.sandbox import InjectedFault
from controller.webhooks.trigger_queue import TriggerQueue
from tests.gitops.stage import Stage, SyncNotes, group
from tests.gitops.test_metrics import start_with_metrics
from tests.gitops.test_secrets import CANARY, workforce_document


def test_a_webhook_advances_a_poll(stage: Stage) -> None:
    """Row 23: with a webhook the push is read at once; without it, or with a lost one, within the interval."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    stage.wait(120)
    looks = TriggerQueue()
    revision = stage.push({"deploy/a.yaml": group("fraud", "new")})
    looks.request("prod", stage.clock.wall(), "delivery-1")
    assert stage.fleet is not None
    request_polls(looks, stage.fleet, stage.clock)
    stage.wait(1)
    assert stage.record().head == revision
    request = next(fields for _, event, fields in stage.notes.events if event == "requested")
    assert request["cause"] == "delivery-1"
    newer = stage.push({"deploy/a.yaml": group("fraud", "newer")})
    stage.wait(111)
    assert stage.record().head == newer


def test_a_hook_wakes_no_suspended_sync(stage: Stage) -> None:
    """Row 51: a suspended sync stays suspended, whatever is pushed."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync(suspend=True))
    looks = TriggerQueue()
    looks.request("prod", stage.clock.wall())
    assert stage.fleet is not None
    request_polls(looks, stage.fleet, stage.clock)
    stage.wait(5)
    assert stage.forge.requests == []


def test_ends_are_sent_as_signed_messages(stage: Stage) -> None:
    """Row 62: one message for each end, signed, with the changes; none while AWS works or nothing changes."""
    sent: list[Request] = []

    def send(request: Request) -> Response:
        sent.append(request)
        return Response(204, {}, b"")

    target = Target("https://hooks.example/sync", SecretText("a secret"), frozenset({"hooks.example"}))
    reports = Reports(
        SyncNotes(), {}, stage.clock.now, {"prod": MessageRoute(target, send, str)}, stage.clock.wall
    )
    stage.notes.record_changed = reports.record_changed  # type: ignore[method-assign]  # the stage's teller passes on
    good = stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    stage.wait(700)
    reports.run()
    bad = stage.push({"deploy/a.yaml": "kind: ["})
    stage.wait(700)
    reports.run()
    reports.run()
    lines = [json.loads(each.body or b"") for each in sent]
    assert [(each["revision"], each["state"]) for each in lines] == [(good, "success"), (bad, "failure")]
    assert lines[0]["counts"] == {"create": 1}
    assert lines[0]["ref"] == "refs/heads/main"
    proof = hmac.new(b"a secret", sent[0].body or b"", hashlib.sha256).hexdigest()
    assert sent[0].headers["X-Signature"] == f"sha256={proof}"


def test_commit_statuses_are_sent_on_change_only(stage: Stage) -> None:
    """Row 61: pending, then success, once each, however many quiet passes follow."""
    lines: list[tuple[str, bytes]] = []

    def send(request: Request) -> Response:
        if request.method == "POST":
            lines.append((request.url, request.body or b""))
        return Response(201 if request.method == "POST" else 404, {}, b"{}")

    remote = Remote("https://forge.example.com/api/v1", "team/fleet", SecretText("canary-token"))
    forge = Forge(GitProvider.GITEA, remote, send)
    reports = Reports(SyncNotes(), {"prod": status_reporter(forge, "sagectl/prod", str)}, stage.clock.now)
    revision = stage.push({"deploy/a.yaml": group("fraud")})
    stage.notes.record_changed = reports.record_changed  # type: ignore[method-assign]  # the stage's teller passes on
    stage.start(stage.sync())
    stage.wait()
    reports.run()
    stage.wait(120)
    reports.run()
    for _ in range(3):
        stage.wait(700)
        reports.run()
    assert len(lines) == 2
    assert all(revision in url for url, _ in lines)
    assert [b"pending" in lines[0][1], b"success" in lines[1][1]] == [True, True]


def test_a_secret_that_aws_repeats_is_in_nothing_that_is_sent(stage: Stage) -> None:
    """Messages, commit statuses and metrics of a sync hold no secret, though AWS repeats it in its refusal."""
    sent: list[Request] = []

    def send(request: Request) -> Response:
        sent.append(request)
        return Response(201 if request.method == "POST" else 404, {}, b"{}")

    forge = Forge(
        GitProvider.GITEA, Remote("https://forge.example.com/api/v1", "team/fleet", SecretText("token")), send
    )
    target = Target("https://hooks.example/sync", SecretText("a secret"), frozenset({"hooks.example"}))
    hide = Redactor(frozenset({CANARY})).text
    statuses = {"prod": status_reporter(forge, "sagectl/prod", hide)}
    posts = {"prod": MessageRoute(target, send, hide)}
    reports = Reports(SyncNotes(), statuses, stage.clock.now, posts, stage.clock.wall)
    stage.notes.record_changed = reports.record_changed  # type: ignore[method-assign]  # the stage's teller passes on
    stage.secrets["OIDC"] = CANARY
    stage.push({"deploy/a.yaml": workforce_document("{env: OIDC}")})
    stage.sandbox.inject(
        InjectedFault.INVALID,
        operation="CreateWorkforce",
        times=None,
        reason=f"the secret {CANARY} is too short",
    )
    metrics = start_with_metrics(stage, stage.sync(secret_env=frozenset({"OIDC"})))
    for _ in range(3):
        stage.wait(300)
        reports.run()
    bodies = [each.body or b"" for each in sent if each.method == "POST"]
    assert {each.url.split("/")[2] for each in sent} == {"forge.example.com", "hooks.example"}
    assert any(b"is too short" in body for body in bodies), bodies
    assert CANARY.encode() not in b"".join(bodies) + metrics.text()


def test_the_status_of_a_refused_commit_names_file_and_finding(stage: Stage) -> None:
    """Row 61: a commit status begins with file and finding, since providers cut it, and its reader knows the commit."""
    stage.push({"deploy/a.yaml": group("fraud").replace("spec:", "spce:")})
    stage.start(stage.sync())
    stage.wait()
    lines = verdict(stage.record())
    assert lines is not None
    assert lines[2].startswith("deploy/a.yaml:1:1: error SG013: spec")
    assert "; deploy/a.yaml:4:1: error SG013: spce" in lines[2]
