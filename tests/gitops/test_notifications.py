"""The notifications of a sync: all errors, to all receivers, once."""

import json
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from controller.core.cloud import Call
from controller.gitops.schedule import NEVER
from controller.gitops.status import SyncState
from controller.gitops.sync import Sync, SyncMode
from controller.runtime.hidden_text import SecretText
from controller.sandbox import InjectedFault
from controller.source.git.source import Basic, SshKey
from tests.gitops.stage import TIMING, Stage, group
from tests.journeys.documents import pipeline
from tests.journeys.documents import serving as stack
from tests.source.git.following import MAIN, git_source
from tests.source.git.keys import Ssh, push_signed
from tests.source.git.repository import Files
from tests.source.git.ssh_server import serve_ssh

CANARY = "canary-5up3r-s3cret"
STACK = "---\n".join(stack())


def test_all_findings_are_reported_in_one_poll(stage: Stage) -> None:
    """Row 27: all findings of all files are events of one poll, each with commit, file and line."""
    one = pipeline(extra="pipelineDescription: ${Pipeline/two.arn}").replace("name: train", "name: one")
    two = pipeline(extra="pipelineDescription: ${Pipeline/one.arn}").replace("name: train", "name: two")
    bad: Files = {
        f"deploy/{n}.yaml": group(f"g{n}").replace("spec: {}", "spec: {nonsense: 1}") for n in range(7)
    }
    revision = stage.push({**bad, "deploy/knot.yaml": f"{one}---\n{two}"})
    stage.start(stage.sync())
    stage.wait(200)
    lines = [fields["message"] for _, event, fields in stage.notes.events if event == "finding"]
    assert all(sum(f"@{revision[:12]}:deploy/{n}.yaml:4:" in each for each in lines) == 1 for n in range(7))
    assert any("Pipeline/one -> Pipeline/two -> Pipeline/one" in each for each in lines)
    assert stage.notes.names("prod").count("refused") == 1
    assert list(stage.sandbox.calls) == []


def test_both_syncs_report_a_conflict(stage: Stage) -> None:
    """Row 43: of two syncs with one resource the first keeps it, neither changes the other's, both report it."""
    stage.push({"a/a.yaml": group("fraud", "ours"), "b/b.yaml": group("fraud", "theirs")})
    seldom = replace(TIMING, interval=86_400, drift=86_400)  # so that only the other's pass causes the next
    stage.start(stage.sync("a", path="a", prune=True, timing=seldom), stage.sync("b", path="b", prune=True))
    stage.wait(120)
    assert stage.mutations() == ["CreateModelPackageGroup"]
    assert "a/ModelPackageGroup/fraud" in stage.record("b").message
    assert "b declares ModelPackageGroup/fraud as well" in stage.record("a").message
    stage.push({"a/a.yaml": group("fraud", "ours"), "b/b.yaml": group("churn")})
    stage.wait(1500)
    assert stage.record("a").message == ""
    assert stage.record("b").is_applied
    stage.push({"a/a.yaml": group("fraud", "ours"), "b/b.yaml": group("fraud", "theirs")})
    # The first has converged, so that only the refusal of the second causes its pass.
    stage.wait(1500)
    assert "b declares ModelPackageGroup/fraud as well" in stage.record("a").message


def test_drift_is_reported_by_field_in_mode_plan(stage: Stage) -> None:
    """Row 45: in mode Plan drift makes no call; the status names resource and field, until it is reverted."""
    stage.push({"deploy/a.yaml": pipeline("ours", "pipelineDescription: ours")})
    stage.start(stage.sync())
    stage.wait(120)
    stage.start(stage.sync(mode=SyncMode.PLAN))
    stage.cloud.call(Call("UpdatePipeline", {"PipelineName": "train", "PipelineDescription": "theirs"}))
    before = len(stage.mutations())
    stage.wait(1300)
    record = stage.record()
    assert (record.state, record.drifted) == (SyncState.PENDING, ("Pipeline/train: /PipelineDescription",))
    assert len(stage.mutations()) == before
    assert json.loads((stage.folder / "state" / "prod.json").read_text())["drifted"] == [*record.drifted]
    assert record.attempted is not None
    stage.request(approved=record.attempted.fingerprint)
    stage.wait(120)
    assert (stage.record().state, stage.record().drifted) == (SyncState.APPLIED, ())


def test_a_timed_out_wait_names_the_resource(stage: Stage) -> None:
    """Row 48: after its timeout a run has failed; the status names the resource and AWS's last status of it."""
    stage.push({"deploy/a.yaml": STACK})
    stage.start(stage.sync(timing=replace(TIMING, timeout=100)))
    stage.wait(160)
    assert stage.record().state is SyncState.FAILED
    assert "not done in time" in stage.record().message
    assert "Endpoint/fraud" in stage.record().message
    assert "Creating" in stage.record().message


def test_a_failure_is_reported_with_its_failure_reason(stage: Stage) -> None:
    """Row 48: a failed creation is reported with its FailureReason."""
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateEndpoint", reason="no such image")
    stage.push({"deploy/a.yaml": STACK})
    stage.start(stage.sync())
    stage.wait(400)
    assert stage.record().state is SyncState.FAILED
    assert "no such image" in stage.record().message


def test_a_fix_starts_while_the_previous_revision_fails(stage: Stage) -> None:
    """Row 49: a fix pushed while an endpoint is failing starts within 5 s; then the sync is applied."""
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateEndpoint", reason="no such image")
    stage.push({"deploy/a.yaml": STACK})
    stage.start(stage.sync())
    stage.wait(35)
    assert stage.record().state is SyncState.WAITING
    stage.push({"deploy/a.yaml": "---\n".join(stack(data="s3://bucket/two.tar.gz"))})
    stage.of("prod").request(stage.clock.now())
    stage.wait(5)
    assert stage.mutations().count("CreateModel") == 2
    stage.wait(1500)
    assert stage.record().is_applied, stage.record()
    assert all(each.error is None for each in stage.sandbox.calls if each.operation == "CreateEndpoint")


def test_an_outage_of_an_hour_is_one_event(stage: Stage) -> None:
    """Row 60: an hour in which STS refuses each call with another request id is at most an event in five minutes."""
    for number in range(500):
        reason = f"sts:GetCallerIdentity (Request ID: {number:08x}-beef)"
        stage.sandbox.inject(InjectedFault.DENIED, operation="GetCallerIdentity", reason=reason)
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    stage.wait(3600, turns=2000)
    records = [each for each in stage.sandbox.calls if each.operation == "GetCallerIdentity"]
    lines = [event for event in stage.notes.names("prod") if event not in ("answered", "changed")]
    assert len(records) > 12
    assert len(lines) <= 12, lines


def test_a_status_is_small_whatever_is_pushed(stage: Stage) -> None:
    """Row 57: a revision full of long errors, again and again, leaves a status of less than 64 KiB."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    numbers = count()
    for _ in range(3):
        word = f"{next(numbers)}{'x' * 200_000}"
        stage.push({f"deploy/{n}.yaml": group(f"g{n}").replace("{}", f"{{{word}: 1}}") for n in range(5)})
        stage.wait(120)
        stage.push({"deploy/a.yaml": group("fraud", f"d{next(numbers)}")})
        stage.wait(120)
    assert (stage.folder / "state" / "prod.json").stat().st_size < 64 * 1024


def test_an_unpinned_host_is_connected_once(stage: Stage, tmp_path: Path) -> None:
    """Row 5: with another host's key the sync is stuck with a message; no further connection follows."""
    stage.push({"deploy/a.yaml": group("fraud")})
    with serve_ssh(tmp_path / "sshd") as sshd:
        other = Ssh.make(tmp_path / "other")
        hosts = sshd.known_hosts.replace(sshd.host.public.split()[1], other.public.split()[1])
        login = SshKey(SecretText(sshd.user.file.read_text()), hosts)
        source = replace(git_source(stage.forge), url=sshd.url(stage.repository.path), login=login, ca="")
        for known_hosts in (hosts, ""):
            request = replace(source, login=replace(login, known_hosts=known_hosts))
            stage.start(Sync("prod", request, timing=TIMING))
            stage.notes.events.clear()
            stage.wait(3600)
            assert [event for _, event, _ in stage.notes.events].count("finding") == 1
            assert "host" in stage.record().refused
            assert stage.of("prod").due == NEVER


@pytest.mark.parametrize("problem", ["refused login", "nonsense", "server down"])
def test_a_token_is_in_no_output(stage: Stage, problem: str) -> None:
    """Row 5: whatever fails, neither events nor records nor any file of the product has the token."""
    stage.push({"deploy/a.yaml": "kind: [" if problem == "nonsense" else group("fraud")})
    stage.forge.user, stage.forge.password = "bot", "other" if problem == "refused login" else CANARY
    stage.forge.down = problem == "server down"
    login = Basic("bot", SecretText(CANARY))
    stage.start(Sync("prod", git_source(stage.forge, login=login, path="deploy"), timing=TIMING))
    stage.wait(100)
    assert stage.record().refused
    kept = [path.read_bytes() for path in stage.folder.rglob("*") if path.is_file()]
    secrets = {CANARY, *login.secrets()}
    assert not [each for each in secrets if each in f"{stage.notes.events} {stage.notes.records}"]
    assert not [each for each in secrets if any(each.encode() in data for data in kept)]


def test_an_unsigned_commit_is_not_applied(stage: Stage, tmp_path: Path) -> None:
    """Row 9: an unsigned commit is not applied: the last one stays applied, and the status shows why."""
    key = Ssh.make(tmp_path / "id")
    good = push_signed(stage.repository, {"deploy/a.yaml": group("fraud")}, key)
    source = git_source(stage.forge, path="deploy", signers=(key.signer,))
    stage.start(Sync("prod", source, timing=TIMING, prune=True))
    stage.wait(120)
    stage.push({"deploy/b.yaml": group("churn")})
    stage.wait(700)
    record = stage.record()
    assert record.applied is not None
    assert record.applied.revision == good
    assert "sign" in record.refused
    assert not record.is_applied
    assert stage.mutations() == ["CreateModelPackageGroup"]
    assert source.selector == MAIN


def test_changed_settings_without_a_commit_are_another_plan(stage: Stage) -> None:
    """Row 3: settings that select other files of the same commit are a new plan; the commit is no new revision."""
    revision = stage.push({"deploy/a.yaml": group("a"), "deploy/b.yaml": group("b")})
    source = git_source(stage.forge, path="deploy")
    stage.start(Sync("prod", replace(source, exclude=("b.yaml",)), timing=TIMING))
    stage.wait(120)
    first = stage.record().applied
    stage.start(Sync("prod", source, timing=TIMING))
    stage.wait(120)
    second = stage.record().applied
    assert first is not None
    assert second is not None
    assert first.revision == second.revision == revision
    assert first.fingerprint != second.fingerprint
    assert stage.mutations() == ["CreateModelPackageGroup"] * 2
