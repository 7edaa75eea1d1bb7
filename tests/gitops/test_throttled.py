"""A throttled AWS call ends the pass of its sync, which continues later; its worker is free meanwhile."""

import threading
from contextlib import nullcontext
from pathlib import Path

import pytest

from controller.core.cloud import Call, CloudError, Fault, Identity, Json
from controller.gitops.status import SyncState
from controller.gitops.sync import Timing
from controller.runtime.throttling import BRIEF, PassCloud, WaitLimit
from controller.sandbox import InjectedFault, ManualClock, Sandbox, serve
from tests.gitops.stage import Stage, group
from tests.gitops.test_status_store import running_sync, until
from tests.source.git.forge import Forge
from tests.source.git.repository import Files, Repository

EXPERIMENT = "apiVersion: sagemaker.gitops.dev/v1alpha1\nkind: Experiment\nmetadata: {name: free}\nspec: {}\n"
CREATE, DESCRIBE = "CreateModelPackageGroup", "DescribeModelPackageGroup"


def push_documents(stage: Stage, groups: int = 1) -> str:
    """A folder of groups, and one of an experiment."""
    files: Files = {f"slow/{n}.yaml": group(f"g{n}") for n in range(groups)}
    return stage.push({**files, "free/a.yaml": EXPERIMENT})


def test_another_sync_goes_on_with_the_same_worker(stage: Stage) -> None:
    """Beside a throttled sync another is applied; the throttled one waits, and is applied after that."""
    revision = push_documents(stage)
    stage.sandbox.inject(InjectedFault.THROTTLE, operation=CREATE, times=None)
    seldom = Timing(60, 600, poll=300)
    stage.start(stage.sync("slow", path="slow", timing=seldom), stage.sync("free", path="free"))
    stage.wait(20, turns=5000)
    assert stage.record("free").is_applied
    # The longest gap of the rate limiter, not the poll.
    assert stage.of("slow").reconcile_due <= stage.seconds + 10
    assert stage.record("slow").state is SyncState.WAITING
    assert "ThrottlingException" in stage.record("slow").message
    assert not stage.record("slow").history
    stage.sandbox.clear_faults()
    stage.wait(700, turns=5000)
    assert stage.record("slow").is_applied
    (end,) = stage.record("slow").history
    assert (end.revision, end.state, end.changes) == (revision, SyncState.APPLIED, {"create": 1})


def test_a_throttled_pass_continues_where_it_stopped(stage: Stage) -> None:
    """A drift check that AWS throttles continues where it stopped; the sync counts as applied meanwhile."""
    stage.refresh = True
    push_documents(stage, groups=10)
    stage.start(stage.sync("slow", path="slow"))
    stage.wait(60, turns=5000)
    assert stage.record("slow").is_applied
    stage.notes.records.clear()
    stage.sandbox.clear_calls()
    stage.sandbox.inject(InjectedFault.THROTTLE, operation=DESCRIBE, times=4)
    stage.wait(700, turns=5000)
    answers = [each.error for each in stage.sandbox.calls if each.operation == DESCRIBE]
    assert (len(answers) - 4, sum(error is not None for error in answers)) == (10, 4)
    assert {each.state for each in stage.notes.records} <= {SyncState.APPLIED}
    assert len(stage.record("slow").history) == 1


def test_a_run_that_is_throttled_for_too_long_has_failed(stage: Stage) -> None:
    """After its timeout the sync reports why it failed, and is retried."""
    push_documents(stage)
    stage.sandbox.inject(InjectedFault.THROTTLE, operation=CREATE, times=None)
    stage.start(stage.sync("slow", path="slow", timing=Timing(60, 600, 1, timeout=5)))
    stage.wait(10, turns=5000)
    failed = next(each for each in stage.notes.records if each.state is SyncState.FAILED)
    assert "not done in time" in failed.message
    assert "ThrottlingException" in failed.message
    stage.sandbox.clear_faults()
    stage.wait(600, turns=5000)
    assert stage.record("slow").is_applied


def test_one_thread_runs_both_syncs(
    forge: Forge, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sagectl sync --threads 1`: while one sync is permanently throttled the other is applied."""
    repository.commit({"slow/a.yaml": group("slow"), "free/a.yaml": EXPERIMENT})
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "ca.pem").write_text(forge.issued.authority)
    more = f"repo: '{forge.url()}', branch: main, ca: {{file: ca.pem}}, interval: 1h"
    lines = "\n".join(f"- {{name: {name}, path: {name}, {more}}}" for name in ("slow", "free"))
    (folder / "syncs.yaml").write_text(f"inventory: inventory/\nsyncs:\n{lines}\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "sandbox")
    sandbox = Sandbox(clock=ManualClock())
    sandbox.inject(InjectedFault.THROTTLE, operation=CREATE, times=None)
    server = serve(sandbox).start()
    try:
        with running_sync(
            folder, "--threads", "1", account=("--endpoint-url", server.url, "--region", "us-east-1")
        ):
            until(lambda: "waits for AWS" in _status(folder, "slow"))
            until(lambda: '"ready": true' in _status(folder, "free"))
            assert "waits for AWS" in _status(folder, "slow")
    finally:
        server.stop()
        sandbox.close()


def _status(folder: Path, name: str) -> str:
    file = folder / f".sagectl/sync/{name}.json"
    return file.read_text() if file.exists() else ""


class RecordedWaits(threading.Event):
    """An event that is never set, and records the times of its waits."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Return at once."""
        self.seconds.append(timeout or 0.0)
        return False


class ThrottlingCloud:
    """A cloud whose calls may be repeated after some seconds; it records their callers."""

    identity = Identity("1", "us-east-1")

    def __init__(self, *after: float) -> None:
        self.left, self.callers = list(after), list[str]()

    def call(self, call: Call) -> Json:
        """Refuse as many calls as configured."""
        self.callers.append(call.caller)
        if self.left:
            raise CloudError(Fault.THROTTLED, "ThrottlingException", "", call.operation, self.left.pop(0))
        return {}


def test_only_a_short_wait_holds_the_thread() -> None:
    """A call is repeated after less than half a second, one second in all; a longer wait is left to the caller."""
    short, long, many = ThrottlingCloud(0.4, 0.3), ThrottlingCloud(0.6), ThrottlingCloud(*[0.4] * 9)
    for cloud, error in ((short, None), (long, 0.6), (many, 0.4)):
        stopping = RecordedWaits()
        timeout = WaitLimit(BRIEF.once, BRIEF.all, stopping)
        with nullcontext() if error is None else pytest.raises(CloudError):
            PassCloud(cloud, "a", timeout).call(Call("ListModels"))
        assert timeout.waits == ([] if error is None else [error])
        assert sum(stopping.seconds) <= BRIEF.all
        assert set(cloud.callers) == {"a"}
