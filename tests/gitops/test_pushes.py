"""From a push to calls: what is polled, when, and what is applied."""

from controller.gitops.status import SyncState
from tests.gitops.stage import Stage, group


def test_a_push_changes_the_account(stage: Stage) -> None:
    """A push is applied at the next poll, and the status shows both revisions and the fingerprint."""
    first = stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    stage.wait(40)
    assert stage.mutations() == ["CreateModelPackageGroup"]
    assert stage.record().state is SyncState.APPLIED
    second = stage.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
    stage.wait(120)
    record = stage.record()
    assert stage.mutations() == ["CreateModelPackageGroup"] * 2
    assert record.applied is not None
    assert record.attempted == record.applied
    assert record.applied.revision == second
    assert len(record.applied.fingerprint) == 64
    assert [past.revision for past in record.history] == [second, first]
