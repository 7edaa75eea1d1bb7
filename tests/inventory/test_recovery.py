"""An inventory that can't be written after changes: nothing is lost, and the error is reported."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.core.cloud import Call, Cloud
from controller.engine.order import Order
from controller.engine.rebuilding_inventory import RebuildingInventory
from controller.engine.reconcile import reconcile
from controller.gitops.ownership_transfer import Releasing
from controller.inventory.file_store import FileInventoryStore, Recovering, with_recovery
from controller.inventory.model import FOUND_AGAIN, InventoryError, InventoryStore, UnrecordedError
from controller.inventory.views import PartialView
from controller.manifests.bundle import Bundle
from controller.sandbox import InjectedFault, Knobs, Sandbox, WallClock, serve
from tests.cli.conftest import SAGECTL, Shell
from tests.cli.trees import GROUP, SERVING
from tests.journeys.documents import pipeline
from tests.journeys.stage import Stage, compile_documents

ACCOUNT, REGION = "123456789012", "us-east-1"


def __inventory_store(folder: Path) -> Recovering:
    file = FileInventoryStore(folder / "inventory.json", "default")
    return with_recovery(file, str(file.path), file.target(), folder / "state")


def _block_writes(path: Path) -> None:
    """Make every write of an inventory fail: a folder has its path."""
    path.rename(path.with_suffix(".kept"))
    path.mkdir()


def _unblock_writes(path: Path) -> None:
    path.rmdir()
    path.with_suffix(".kept").rename(path)


def _fail_to_record(stage: Stage, store: Recovering) -> UnrecordedError:
    """A pass that creates two resources and can't store that."""
    path = stage.folder / "inventory.json"

    def before(call: Call) -> None:
        if call.operation.startswith("Create") and path.is_file():
            _block_writes(path)

    stage.before_call = before
    with pytest.raises(UnrecordedError) as caught:
        reconcile(
            compile_documents(GROUP, pipeline()), stage.cloud(), store, lambda _: True, Order(concurrency=1)
        )
    stage.before_call = lambda _: None
    return caught.value


def test_unrecorded_creations_are_listed_and_recovered(tmp_path: Path) -> None:
    """The error lists the created resources, and the next run reads them from the recovery file."""
    stage, store = Stage(tmp_path), __inventory_store(tmp_path)
    error = _fail_to_record(stage, store)
    message = error.kept_by(store)
    assert "inventory.json.recovery" in message
    assert all(name in message for name in ("ModelPackageGroup/fraud (create", "Pipeline/train (create"))
    _unblock_writes(tmp_path / "inventory.json")
    again = __inventory_store(tmp_path)
    held = again.load(ACCOUNT, REGION)
    assert all(entry.arn for entry in held.entries.values())
    again.save(held)
    assert [each.name for each in tmp_path.iterdir()] == ["inventory.json"]
    assert FileInventoryStore(tmp_path / "inventory.json", "default").load(ACCOUNT, REGION) == held


@pytest.mark.parametrize(
    "view",
    [
        lambda store, _: PartialView(store, frozenset()),
        lambda store, _: Releasing(store, frozenset()),
        lambda store, cloud: RebuildingInventory(store, Bundle({}, ()), cloud, 1),
    ],
    ids=["part", "released", "rebuilt"],
)
def test_what_is_saved_through_a_view_is_kept_as_well(
    tmp_path: Path, view: Callable[[Recovering, Cloud], InventoryStore]
) -> None:
    """A store that wraps another one passes on what could not be written; a file alone keeps nothing."""
    stage, store = Stage(tmp_path), __inventory_store(tmp_path)
    error = _fail_to_record(stage, store)
    assert "inventory.json.recovery" in error.kept_by(view(store, stage.cloud()))
    assert store.recovery_paths[0].is_file()
    assert FOUND_AGAIN in error.kept_by(store.inner)


def test_a_recovery_joins_what_another_run_wrote(tmp_path: Path) -> None:
    """What was written since stays, and the unwritten entries are added."""
    stage, store = Stage(tmp_path), __inventory_store(tmp_path)
    error = _fail_to_record(stage, store)
    error.kept_by(store)
    _unblock_writes(tmp_path / "inventory.json")
    plain = FileInventoryStore(tmp_path / "inventory.json", "default")
    held = plain.load(ACCOUNT, REGION)
    mine = next(ref for ref in held.entries if ref.kind == "Pipeline")
    plain.save(type(held)(**{**vars(held), "entries": {mine: held.entries[mine]}}))
    assert __inventory_store(tmp_path).load(ACCOUNT, REGION).entries[mine].arn


def test_the_next_place_is_taken_where_the_first_can_not_be_written(tmp_path: Path) -> None:
    """Beside the inventory first, then the working folder's state; each is found by the next run."""
    stage, store = Stage(tmp_path), __inventory_store(tmp_path)
    error = _fail_to_record(stage, store)
    store.recovery_paths[0].mkdir()
    assert str(store.recovery_paths[1]) in error.kept_by(store)
    store.recovery_paths[0].rmdir()
    _unblock_writes(tmp_path / "inventory.json")
    assert all(entry.arn for entry in __inventory_store(tmp_path).load(ACCOUNT, REGION).entries.values())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"base": {}, "left": {}}', "\x00"])
def test_a_damaged_recovery_file_is_an_error(tmp_path: Path, text: str) -> None:
    """An unreadable recovery file stops the run and is named."""
    (tmp_path / "inventory.json.recovery").write_text(text, encoding="utf-8")
    with pytest.raises(InventoryError, match=r"inventory\.json\.recovery"):
        __inventory_store(tmp_path).load(ACCOUNT, REGION)


def _run_interrupted(shell: Shell, line: list[str], sandbox: Sandbox, path: Path) -> tuple[int, str]:
    """Run a command, and replace the inventory by a folder while it creates the endpoint."""
    # The retries of the call leave the time for it.
    sandbox.inject(InjectedFault.THROTTLE, operation="CreateEndpoint", times=3)
    with subprocess.Popen(
        line,
        cwd=shell.folder,
        env=shell.environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        while not any(call.operation == "CreateEndpoint" for call in sandbox.calls):
            time.sleep(0.05)
        _block_writes(path)
        _, problem = running.communicate(timeout=60)
    return running.returncode, problem


def test_a_run_lists_its_changes_and_the_next_continues(tmp_path: Path) -> None:
    """``sagectl apply``: exit 1, every resource named, the recovery file named; the next run stores it."""
    sandbox = Sandbox(clock=WallClock(), knobs=Knobs(pace=60.0))
    server = serve(sandbox).start()
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_REGION": REGION}
    shell = Shell(tmp_path, {"AWS_ENDPOINT_URL": server.url, **keys})
    shell.write("serving.yaml", SERVING)
    path = tmp_path / "kept" / "inventory.json"
    line = [str(SAGECTL), "apply", "serving.yaml", "--yes", "--poll", "1s", "--inventory", str(path)]
    try:
        code, problem = _run_interrupted(shell, line, sandbox, path)
        assert code == 1, problem
        assert "nothing was done" not in problem
        made = (
            "Model/fraud (create, done)",
            "EndpointConfig/fraud (create, done)",
            "Endpoint/fraud (create, started)",
        )
        assert all(each in problem for each in made), problem
        assert "inventory.json.recovery" in problem
        _unblock_writes(path)
        again = shell.run("apply", "serving.yaml", "--yes", "--poll", "1s", "--inventory", str(path))
        assert again.code == 0, again
        assert "could not write" in again.err
        assert not path.with_name("inventory.json.recovery").exists()
        assert not any(
            "attempt" in entry for entry in json.loads(path.read_text("utf-8"))["entries"].values()
        )
    finally:
        server.stop()
        sandbox.close()


def test_a_read_error_stops_a_destruction_before_it_begins(shell: Shell, sandbox: Sandbox) -> None:
    """One Describe that fails under --yes: exit 1, the reason, nothing deleted; then everything is deleted."""
    shell.write("serving.yaml", SERVING)
    assert shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s").code == 0
    sandbox.clear_calls()
    sandbox.inject(InjectedFault.DENIED, operation="DescribeModel")
    ran = shell.run("destroy", "serving.yaml", "--yes", "--poll", "0.05s")
    assert ran.code == 1, ran
    assert "DescribeModel" in ran.err
    assert "the account changed" not in ran.err
    assert not [call for call in sandbox.calls if call.mutating]
    assert shell.run("destroy", "serving.yaml", "--yes", "--poll", "0.05s").code == 0
    assert sandbox.resources() == ()
