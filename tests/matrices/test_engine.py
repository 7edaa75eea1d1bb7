"""Every call of a run ends in every way, and the run after it finds one of each and loses nothing."""

import itertools
import random
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pytest

from tests.journeys.stage import acting_steps
from tests.matrices.call_outcomes import PARTS, WAYS
from tests.matrices.cells import ALL_LATER, Cell, Interposition
from tests.matrices.forks import report_failures_only, run_forked
from tests.matrices.runs import SCENARIOS, check_next_run, check_single_run, create_stage
from tests.soak import soak

_FEW = 12  # cells of each scenario in make test; make soak takes all
# So many of them are changes that end so.
_ENDS = {"killed after the call": 2, "no answer, carried out": 3}

Record = Callable[[str, object], None]
Run = Callable[[str, Path, Interposition], object]


def _check(run: Run, name: str, cells: Callable[[Interposition], Iterable[Cell]], record: Record) -> None:
    """Run cells, and check that none fails."""
    found = run_forked(report_failures_only(partial(run, name)), cells)
    assert not found.failures, str(found)
    assert found.ends
    record("cells", len(found.ends))


def _few_cells(plain: Interposition) -> list[Cell]:
    """A few cells, some of them changes with a lost response: these find what was not stored before."""
    cells = list(itertools.product(range(plain.seen), WAYS))
    chance = random.Random(7)
    unread = [
        (at, way)
        for way, number in _ENDS.items()
        for at in chance.sample(plain.changes, min(number, len(plain.changes)))
    ]
    few = [*unread, *chance.sample(cells, min(_FEW, len(cells)) - len(unread))]
    return list(itertools.starmap(Cell, dict.fromkeys(few)))


@pytest.mark.parametrize("ways", [(), *soak(*PARTS)])
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_call_may_end_in_every_way(record_property: Record, name: str, ways: tuple[str, ...]) -> None:
    """Whatever one call returns, the next run settles: one of each, none lost, none deleted by a response."""

    def every(plain: Interposition) -> Iterable[Cell]:
        assert plain.seen > 3
        return itertools.starmap(Cell, itertools.product(range(plain.seen), ways))

    _check(check_next_run, name, every if ways else _few_cells, record_property)


@pytest.mark.parametrize("every", [15, *soak(1)])
@pytest.mark.parametrize("way", ["ExpiredTokenException", "no answer, not carried out", "a false not-found"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_all_later_calls_of_a_run_may_fail(record_property: Record, name: str, way: str, every: int) -> None:
    """Credentials expire, AWS stops responding or denies everything during a run: the next run continues."""
    _check(
        check_next_run,
        name,
        lambda plain: [Cell(at, way, ALL_LATER) for at in range(0, plain.seen, every)],
        record_property,
    )


# What the client's retry meets after a first attempt that was executed and failed internally.
_SECOND = (
    "",
    "ThrottlingException",
    "AccessDeniedException",
    "ResourceLimitExceeded",
    "no answer, not carried out",
)


def _some_changes(
    plain: Interposition, make: Callable[[int, str], Cell], ways: tuple[str, ...], every: int
) -> list[Cell]:
    """A regular selection of cells of the changing requests."""
    return list(itertools.starmap(make, itertools.product(plain.changes, ways)))[::every]


@pytest.mark.parametrize("every", [9, *soak(1)])
@pytest.mark.parametrize("name", SCENARIOS)
def test_an_executed_change_may_be_refused_at_the_retry(
    record_property: Record, name: str, every: int
) -> None:
    """The client retries by itself: whatever its second attempt meets, the next run settles."""

    def cell(at: int, then: str) -> Cell:
        return Cell(at, "500, carried out", then=then)

    _check(check_next_run, name, lambda plain: _some_changes(plain, cell, _SECOND, every), record_property)


# Transient refusals and missing responses: the run waits and makes the change.
PASSING = (
    "no answer, not carried out",
    "no answer, carried out",
    "ThrottlingException",
    "ResourceInUse",
    "ConflictException",
)


@pytest.mark.parametrize("every", [7, *soak(1)])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_transient_refusal_is_retried_by_the_same_run(
    record_property: Record, name: str, every: int
) -> None:
    """AWS is busy, throttles or does not respond once: no second run is needed, and nothing is created twice."""
    _check(check_single_run, name, lambda plain: _some_changes(plain, Cell, PASSING, every), record_property)


def test_repeated_scenarios_change_nothing(tmp_path: Path) -> None:
    """Each scenario's name is true: run twice without a fault, the second run changes nothing."""
    for name, scenario in SCENARIOS.items():
        (tmp_path / name).mkdir()
        stage = create_stage(scenario, tmp_path / name, Interposition())
        scenario.run(stage)
        stage.forget_calls()
        scenario.run(stage)
        assert stage.mutations() == [], name
        assert not acting_steps(stage.plans[-1]), name
