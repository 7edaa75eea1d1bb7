"""Every call of the operator and of a sync ends in every way; what comes after finds one of each and loses nothing."""

import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.journeys.standalone_documents import PORTFOLIO
from tests.matrices.call_outcomes import PARTS, WAYS
from tests.matrices.cells import Cell, Interposition
from tests.matrices.controllers import CONTROLLERS, SCENARIOS, SLOTS, InterposedAccount, edit_steps
from tests.matrices.forks import report_failures_only, run_forked
from tests.simulation.documents import Slot, slot
from tests.simulation.history import SET, History, Step
from tests.simulation.invariants import is_live
from tests.simulation.operators import OperatorPlayer
from tests.soak import soak

_FIVE_MINUTES = 300.0  # seconds
_FEW = 7  # cells of each scenario in make test; make soak takes all
# So many of them kill the process after a change: these find what was not stored before.
_KILLED, _FEW_KILLED = "killed after the call", 2


@pytest.mark.parametrize("ways", [(), *soak(*PARTS)])
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", CONTROLLERS)
def test_any_call_of_a_controller_may_end_in_any_way(
    record_property: Callable[[str, object], None], name: str, scenario: str, ways: tuple[str, ...]
) -> None:
    """Whatever one call returns, wherever the process is killed, everything settles later: one of each, none lost."""

    def chosen(plain: Interposition) -> list[Cell]:
        assert plain.seen > 3
        cells = list(itertools.starmap(Cell, itertools.product(range(plain.seen), ways or WAYS)))
        if ways:
            return cells
        chance = random.Random(11)
        killed = [
            Cell(at, _KILLED) for at in chance.sample(plain.changes, min(_FEW_KILLED, len(plain.changes)))
        ]
        return list(dict.fromkeys([*killed, *chance.sample(cells, _FEW - len(killed))]))

    found = run_forked(report_failures_only(partial(CONTROLLERS[name], scenario)), chosen)
    assert not found.failures, str(found)
    record_property("cells", len(found.ends))


@pytest.mark.parametrize(
    "outage",
    [("ExpiredTokenException", 1), *soak(("ExpiredTokenException", 12), ("no answer, not carried out", 12))],
)
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", CONTROLLERS)
def test_all_calls_of_five_minutes_may_fail(
    record_property: Callable[[str, object], None], name: str, scenario: str, outage: tuple[str, int]
) -> None:
    """Credentials expire, or AWS does not respond, during the work and for five minutes: then it continues."""
    way, starts = outage

    def chosen(plain: Interposition) -> list[Cell]:
        chance = random.Random(f"{scenario} {way}")
        numbers = sorted(chance.sample(range(plain.seen), min(starts, plain.seen)))
        return [Cell(at, way, _FIVE_MINUTES) for at in numbers]

    found = run_forked(report_failures_only(partial(CONTROLLERS[name], scenario)), chosen)
    assert not found.failures, str(found)
    record_property("cells", len(found.ends))


_OPERATIONS = ("CreateModel", "DeleteModel", "UpdateEndpoint", "DeleteEndpointConfig")
_UNEXPECTED = "a pass ended with an unexpected exception"


def _interrupt_pass(
    folder: Path, slots: tuple[Slot, ...], operation: str
) -> tuple[OperatorPlayer, InterposedAccount]:
    """The operator right after a pass over changed objects in which one call raised an unexpected exception."""
    account = InterposedAccount()
    player = OperatorPlayer(History(slots, ()), 0, folder, lambda _: None, account)
    player.run(1200)
    account.unexpected_at = operation
    for each in edit_steps("change", "operator"):
        player.act(replace(each, slot=each.slot % len(slots)))
    while account.unexpected_at:
        player.run(3)
    assert player.invariants.broken == [_UNEXPECTED]
    player.invariants.broken.clear()
    return player, account


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_an_exception_in_a_pass_of_the_operator_loses_nothing(tmp_path: Path, operation: str) -> None:
    """An unexpected exception at an executed call: the next passes continue, and one of each is left."""
    player, account = _interrupt_pass(tmp_path, SLOTS, operation)
    player.end()
    assert not player.invariants.broken
    assert account.living() == len(SLOTS)


def test_the_inventory_has_what_a_pass_did_before_an_exception(tmp_path: Path) -> None:
    """A new generation was created, and deleting the old one failed unexpectedly: the inventory has the new one."""
    player, _ = _interrupt_pass(tmp_path, SLOTS[:1], "DeleteModel")
    (value,) = (each for each in player.clusters[SET].objects.values() if each["kind"] == "Model")
    memory = value["status"]["memory"]
    assert "attempt" not in memory["entry"]
    assert "two.tar.gz" in memory["applied"]


def test_a_setting_enabled_without_a_response_is_disabled_later(tmp_path: Path) -> None:
    """Its inventory was written before the call, but not after: the next pass finds it on, and disables it later."""
    account = InterposedAccount(unexpected_at="EnableSagemakerServicecatalogPortfolio")
    player = OperatorPlayer(History((slot(PORTFOLIO),), ()), 0, tmp_path, lambda _: None, account)
    player.run(1200)
    assert player.invariants.broken == [_UNEXPECTED]
    player.invariants.broken.clear()
    assert list(map(is_live, account.rows().values())) == [True]
    player.act(Step("remove", 0))
    player.run(900)
    player.end()
    assert not player.invariants.broken
    assert not any(map(is_live, account.rows().values()))
