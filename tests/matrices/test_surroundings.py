"""A full disk, and a clock that was set back."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from controller.core.phase import Convergence
from controller.inventory.model import InventoryError
from tests.journeys.documents import GROUP, pipeline, serving
from tests.journeys.stage import Stage, acting_steps
from tests.simulation.account import Account
from tests.simulation.documents import slot
from tests.simulation.history import History, Step
from tests.simulation.invariants import is_live
from tests.simulation.play import Player
from tests.soak import soak

_DOCUMENTS = (*serving(), GROUP, pipeline())
_DAY = 86_400.0


@contextmanager
def _file_size_limit(size: int) -> Iterator[None]:
    """No file may become larger (setrlimit(2), RLIMIT_FSIZE; Python ignores SIGXFSZ), as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _has_only_inventory(folder: Path) -> bool:
    """Whether a folder has the inventory and nothing else."""
    return {path.name for path in folder.iterdir()} <= {"inventory-default.json"}


def test_a_disk_that_is_full_at_any_size_loses_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """However much of the inventory fits, a run changes nothing that it can't store before; the next one continues."""
    stage = Stage(tmp_path)
    stage.apply(*_DOCUMENTS)
    size = (tmp_path / "inventory-default.json").stat().st_size
    steps, refused = range(0, 2 * size, size // 4), 0
    for most in steps:
        stage.sandbox.reset()
        (tmp_path / "inventory-default.json").unlink()
        try:
            with _file_size_limit(most):
                stage.apply(*_DOCUMENTS)
        except InventoryError:
            refused += 1
        assert _has_only_inventory(tmp_path), most
        held = {entry.ref for entry in stage.inventory().entries.values()}
        assert len(held) >= len(stage.sandbox.resources()), most
        assert stage.apply(*_DOCUMENTS).convergence is Convergence.SETTLED, most
        assert len(stage.sandbox.resources()) == len(_DOCUMENTS), most
    assert 0 < refused < len(steps)
    record_property("cells", len(steps))


def test_a_destruction_continues_after_a_full_disk(tmp_path: Path) -> None:
    """After a destroy that could not write the inventory, the next one settles, and nothing is left."""
    stage = Stage(tmp_path)
    stage.apply(*_DOCUMENTS)
    with _file_size_limit(10), suppress(InventoryError):
        stage.destroy(*_DOCUMENTS)
    assert stage.destroy(*_DOCUMENTS).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()
    assert not stage.inventory().entries


@pytest.mark.parametrize("most", [10, *soak(0, 200, 1000, 3000)])
def test_a_sync_continues_after_a_full_disk(tmp_path: Path, most: int) -> None:
    """Neither status nor inventory fits: nothing is created twice, no process ends, and the next passes settle."""
    account = Account()
    slots = tuple(map(slot, _DOCUMENTS))
    player = Player(History(slots, ()), 0, tmp_path, account=account)
    follow = Step("sync", 0, "", 6)
    with _file_size_limit(most):
        player.act(follow)
    for _ in range(3):
        player.act(follow)
    assert not player.invariants.broken
    assert sum(is_live(row) for row in account.rows().values()) == len(slots)


@pytest.mark.parametrize("back", [60.0, 7 * _DAY, 1.7e9])
def test_a_clock_that_was_set_back_stops_nothing_and_forgets_no_limit(tmp_path: Path, back: float) -> None:
    """Runs at an earlier time than the run before settle; deletions with a future time still count."""
    stage, now = Stage(tmp_path), 1.8e9
    groups = [GROUP.replace("name: fraud", f"name: g{number}") for number in range(9)]
    stage.apply(*groups, at=now, now=now)
    assert stage.apply(*groups[:6], prune=True, at=now, now=now).convergence is Convergence.SETTLED
    earlier = now - back
    held = stage.apply(*groups[:5], prune=True, at=earlier, now=earlier)
    assert held.convergence is Convergence.STUCK
    assert len(stage.sandbox.resources()) == 6
    changed = (groups[0].replace("scores", "other"), *groups[1:6])
    assert stage.apply(*changed, at=earlier, now=earlier).convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(*changed, at=earlier, now=earlier)) == {}
