"""Operations of a sync besides apply: wait, suspend, roll back, plan, depend, retry."""

import pytest

from controller.core.cloud import Call
from controller.gitops.status import SyncState
from controller.gitops.status_store import RollbackPin
from controller.gitops.sync import SyncMode, Timing
from tests.gitops.stage import Stage, group
from tests.journeys.documents import serving
from tests.journeys.stage import document_text

STACK = "---\n".join(serving())


def test_a_commit_elsewhere_is_only_recorded(stage: Stage) -> None:
    """Row 3: a commit outside the path is a new revision, without plan, event or call."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    stage.wait(120)
    stage.notes.events.clear()
    stage.sandbox.clear_calls()
    revision = stage.push({"deploy/a.yaml": group("fraud"), "README.md": "hello"})
    stage.wait(120)
    applied = stage.record().applied
    assert applied is not None
    assert applied.revision == revision
    assert stage.notes.events == []
    assert list(stage.sandbox.calls) == []


def test_drift_is_corrected_at_its_own_interval(stage: Stage) -> None:
    """Row 45: a resource deleted outside is created again after the drift interval, without a push."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    stage.wait(120)
    stage.cloud.call(_deletion("fraud"))
    stage.wait(300)
    assert stage.mutations()[-1].startswith("Delete")
    stage.wait(400)
    assert stage.mutations()[-1].startswith("Create")
    assert stage.record().is_applied


def _deletion(name: str) -> Call:
    return Call("DeleteModelPackageGroup", {"ModelPackageGroupName": name})


def test_the_newest_revision_pre_empts_a_wait(stage: Stage) -> None:
    """Row 49: while an endpoint is being created, a push is started at the poll, not after the wait."""
    stage.push({"deploy/a.yaml": STACK})
    stage.start(stage.sync())
    stage.wait(35)
    assert stage.record().state is SyncState.WAITING
    stage.push({"deploy/a.yaml": STACK, "deploy/b.yaml": group("fraud")})
    stage.wait(65)
    assert stage.record().state is SyncState.WAITING
    assert "CreateModelPackageGroup" in stage.mutations()
    stage.wait(1500)
    assert stage.record().is_applied


def test_a_long_wait_delays_no_other_sync(stage: Stage) -> None:
    """Row 48: an endpoint that takes minutes in one sync does not delay another sync; a wait has a deadline."""
    stage.push({"a/a.yaml": STACK, "b/b.yaml": group("fraud")})
    stage.start(stage.sync("a", path="a"), stage.sync("b", path="b"))
    stage.wait(31)
    assert stage.record("b").is_applied
    assert stage.record("a").state is SyncState.WAITING


def test_suspend_changes_nothing(stage: Stage) -> None:
    """Row 51: a suspended sync neither creates nor deletes, whatever is pushed."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync(suspend=True, prune=True))
    stage.wait(700)
    assert list(stage.sandbox.calls) == []
    assert stage.record().state is SyncState.SUSPENDED


def test_a_rollback_holds_until_a_newer_commit(stage: Stage) -> None:
    """Row 52: an earlier revision is kept in place of the one rolled back from, until the first new commit."""
    first = stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync(prune=True))
    stage.wait(120)
    bad = stage.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
    stage.wait(120)
    stage.request(pin=RollbackPin(first, bad, "one"))
    stage.wait(700)
    applied = stage.record().applied
    assert applied is not None
    assert applied.revision == first
    assert len(stage.deletions()) == 1
    again = stage.push({"deploy/a.yaml": group("fraud"), "deploy/c.yaml": group("other")})
    stage.wait(700)
    applied = stage.record().applied
    assert applied is not None
    assert applied.revision == again
    assert stage.record().released == "one"


def test_a_rollback_outlives_the_process(stage: Stage) -> None:
    """Row 52: a restarted process keeps the revision of the rollback."""
    first = stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    stage.wait(120)
    bad = stage.push({"deploy/a.yaml": group("fraud", "bad")})
    stage.wait(120)
    stage.request(pin=RollbackPin(first, bad, "one"))
    stage.start(stage.sync())
    stage.wait(200)
    applied = stage.record().applied
    assert applied is not None
    assert applied.revision == first


def test_a_plan_is_done_once_it_was_approved(stage: Stage) -> None:
    """Row 54: in mode Plan no call is made until the fingerprint is approved; another one has no effect."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync(mode=SyncMode.PLAN))
    stage.wait(120)
    assert stage.record().state is SyncState.PENDING
    attempted = stage.record().attempted
    assert attempted is not None
    stage.request(approved="0" * 64)
    stage.wait(120)
    assert stage.mutations() == []
    stage.request(approved=attempted.fingerprint)
    stage.wait(120)
    assert stage.mutations() == ["CreateModelPackageGroup"]
    assert stage.record().is_applied


def test_one_sync_waits_for_another(stage: Stage) -> None:
    """``dependsOn``: a sync starts as soon as the other is applied, whatever their order, and not before."""
    stage.push({"a/a.yaml": STACK, "b/b.yaml": group("fraud")})
    stage.start(stage.sync("b", path="b", needs=("a",)), stage.sync("a", path="a"))
    stage.wait(60)
    assert stage.record("b").state is SyncState.NEEDS
    assert "CreateModelPackageGroup" not in stage.mutations()
    for _ in range(1500):
        if stage.record("a").is_applied:
            break
        stage.wait(1)
    assert "CreateModelPackageGroup" in stage.mutations()
    stage.wait(60)
    assert stage.record("a").is_applied
    assert stage.record("b").is_applied


def test_findings_name_repository_commit_and_place(stage: Stage) -> None:
    """An error is reported with repository, commit, file and line; no call is made."""
    revision = stage.push({"deploy/a.yaml": group("fraud").replace("spec: {}", "spec: {nonsense: 1}")})
    stage.start(stage.sync())
    stage.wait(70)
    assert f"/fleet@{revision[:12]}:deploy/a.yaml:4:" in stage.record().refused
    assert list(stage.sandbox.calls) == []


def test_the_history_is_bounded(stage: Stage) -> None:
    """Row 57: the last ten results are kept."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    for n in range(13):
        stage.push({f"deploy/{n}.yaml": group(f"g{n}")})
        stage.wait(120)
    assert len(stage.record().history) == 10


def test_a_transient_error_is_retried_and_wrong_settings_are_not(stage: Stage) -> None:
    """Row 50: a transient error is retried with growing pauses; one that needs a person is not."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.forge.down = True
    stage.start(stage.sync())
    stage.wait(20)
    assert 2 <= len(stage.forge.requests) <= 6
    stage.forge.down = False
    stage.wait(120)
    assert stage.record().is_applied


def test_a_contended_field_is_left_and_reported(stage: Stage) -> None:
    """Row 47: a sync that corrects a field five times in an hour leaves it, reports it, also after a restart."""
    stage.push({"deploy/a.yaml": document_text("Experiment", "churn", "displayName: ours")})
    often = Timing(interval=60, drift=300, poll=10, timeout=3600)
    stage.start(stage.sync(timing=often))
    stage.wait(120)
    for _ in range(7):
        stage.cloud.call(Call("UpdateExperiment", {"ExperimentName": "churn", "DisplayName": "theirs"}))
        stage.wait(300)
    assert stage.mutations().count("UpdateExperiment") == 7 + 5
    assert "Experiment/churn is contended: displayName was corrected 5 times" in stage.record().message
    assert stage.record().is_applied
    stage.start(stage.sync(timing=often))
    stage.wait(400)
    assert stage.mutations().count("UpdateExperiment") == 7 + 5


def test_an_unexpected_exception_is_logged_without_values(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record, which is sent to the Git provider, has the exception's type; the log also has its stack."""
    hidden = "s3cr3t"

    def broken(*_: object) -> None:
        raise ValueError(hidden)

    stage.push({"deploy/a.yaml": group("fraud")})
    monkeypatch.setattr("controller.gitops.reconciler.open_account", broken)
    stage.start(stage.sync())
    stage.wait(1)
    assert stage.record().state is SyncState.FAILED
    assert stage.record().message == "this is a bug in sagectl (ValueError); the log has its stack"
    seen = [fields for _, event, fields in stage.notes.events if event == "exception"]
    assert all("in broken" in fields["stacktrace"] for fields in seen)
    assert seen
    assert hidden not in f"{stage.notes.events}{stage.record()}"
    monkeypatch.undo()
    stage.wait(120)
    assert stage.record().is_applied
