"""Every call of a run ends in every way, and the run after it finds one of each and loses nothing.

The runs are those of the command line: passes of the engine until nothing waits.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.core.cloud import CloudError
from controller.core.phase import Convergence
from controller.engine.converge import PlanMoved
from controller.inventory.model import InventoryError
from tests.journeys.documents import GROUP, package, pipeline, serving
from tests.journeys.stage import Stage, acting
from tests.kinds.cases import CASES
from tests.matrices.call_outcomes import PARTS, WAYS, Interposed
from tests.simulation.passes import Killed
from tests.soak import soak

_MODEL = tuple(serving())
_NEWER = tuple(serving("ml.m5.xlarge", "s3://bucket/two.tar.gz"))
_FEW = 16  # cells of each scenario that make test takes; make soak takes all
# So many of the few are of changes that end so.
_ENDS = {"killed after the call": 2, "no answer, carried out": 3}


@dataclass(frozen=True)
class Scenario:
    """A run, what was applied before it, and what stands after it.

    Fields:
        before: documents that are applied first.
        run: the run of which one call ends otherwise.
        deletes: whether the run may delete something.
        left: the number of resources after the next run.
        named: whether the names of what is made are known before it is.
    """

    before: tuple[str, ...]
    run: Callable[[Stage], object]
    deletes: bool
    left: int
    named: bool = True


_ALL = (*_MODEL, GROUP, pipeline())
# What the service numbers, some of it without a client token: what a lost answer made is known by what was noted.
_NUMBERED = (
    GROUP,
    package(),
    *(
        CASES[kind].document(kind, next(iter(CASES[kind].changes.values()))[0])
        for kind in ("Artifact", "Domain")
    ),
)
_NAMED = {"prune": True, "confirm_deletes": 1, "concurrency": 1}
SCENARIOS = {
    "create": Scenario((), lambda stage: stage.apply(*_ALL, concurrency=1), deletes=False, left=5),
    "change": Scenario(_MODEL, lambda stage: stage.apply(*_NEWER, concurrency=1), deletes=True, left=3),
    "prune": Scenario((GROUP, pipeline()), lambda stage: stage.apply(GROUP, **_NAMED), deletes=True, left=1),
    "numbered": Scenario(
        (),
        lambda stage: stage.apply(*_NUMBERED, concurrency=1),
        deletes=False,
        left=len(_NUMBERED),
        named=False,
    ),
    "destroy": Scenario(_ALL, lambda stage: stage.destroy(*_ALL, concurrency=1), deletes=True, left=0),
}


def _run(scenario: Scenario, stage: Stage) -> object:
    """One run; how it ends is its own affair, as long as it ends in one of the ways that a front knows."""
    with suppress(Killed, CloudError, InventoryError, PlanMoved):
        return scenario.run(stage)
    return None


def _few_cells(count: int, changes: list[int]) -> Iterator[tuple[int, str]]:
    """A few cells, some of them of changes whose answer is not read: these show what is not noted before."""
    cells = list(itertools.product(range(count), WAYS))
    chance = random.Random(7)
    unread = [
        (at, way) for way, number in _ENDS.items() for at in chance.sample(changes, min(number, len(changes)))
    ]
    return iter([*unread, *chance.sample(cells, min(_FEW, len(cells)) - len(unread))])


class Cell:
    """One account for all cells of a scenario: to make a client takes longer than a run."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self.scenario, self.folder = scenario, folder
        self.sandbox = Interposed()
        self.stage = Stage(folder, self.sandbox)

    def prepare(self) -> None:
        """Begin with an empty account and what stands before the run."""
        self.sandbox.arm(-1, "")
        self.sandbox.reset()
        self.stage.plans.clear()
        for each in self.folder.iterdir():
            each.unlink()
        if self.scenario.before:
            assert self.stage.apply(*self.scenario.before).convergence is Convergence.SETTLED
        self.stage.forget_calls()

    def calls(self) -> int:
        """How many requests the run makes where nothing goes wrong."""
        self.prepare()
        self.sandbox.arm(-1, "")
        _run(self.scenario, self.stage)
        return self.sandbox.seen

    def check(self, at: int, way: str, then: str = "") -> None:
        """Let one request end in a way, and the next one in another, run again, and look at what stands."""
        self.prepare()
        self.sandbox.arm(at, way, then=then)
        _run(self.scenario, self.stage)
        self.sandbox.arm(-1, "")
        where = f"request {at}: {way} {then}"
        if not self.scenario.deletes:
            gone = [each for each in self.stage.mutations() if each.startswith(("Delete", "Stop"))]
            assert not gone, where
        known = repr(self.stage.inventory())
        unknown = [arn for arn in self.sandbox.resources() if arn.rpartition("/")[2] not in known]
        assert not (unknown and self.scenario.named), f"{where}: the inventory does not know {unknown}"
        report = self.scenario.run(self.stage)
        assert report.convergence is Convergence.SETTLED, (where, [o.message for o in report.outcomes])  # type: ignore[attr-defined]  # Report
        assert len(self.sandbox.resources()) == self.scenario.left, (where, self.sandbox.resources())
        if self.scenario.left:
            assert len(self.stage.inventory().entries) == self.scenario.left, where


@pytest.mark.parametrize("ways", [(), *soak(*PARTS)])
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_call_may_end_in_every_way(
    tmp_path: Path, record_property: Callable[[str, object], None], name: str, ways: tuple[str, ...]
) -> None:
    """Whatever one call answers, the next run settles: one of each, nothing lost, nothing deleted by an answer."""
    cell = Cell(SCENARIOS[name], tmp_path)
    count = cell.calls()
    assert count > 3
    ran = 0
    for at, way in itertools.product(range(count), ways) if ways else _few_cells(count, cell.sandbox.changes):
        cell.check(at, way)
        ran += 1
    record_property("cells", ran)
    assert ran == (count * len(ways) or _FEW)


@pytest.mark.parametrize("every", [15, *soak(5)])
@pytest.mark.parametrize("way", ["ExpiredTokenException", "no answer, not carried out", "a false not-found"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_all_calls_from_one_on_end_alike(
    tmp_path: Path, record_property: Callable[[str, object], None], name: str, way: str, every: int
) -> None:
    """Credentials expire, AWS falls silent or denies everything in the middle of a run: the next run goes on."""
    cell = Cell(SCENARIOS[name], tmp_path)
    starts = range(0, cell.calls(), every)
    for at in starts:
        cell.prepare()
        cell.sandbox.arm(at, way, lasting=True)
        _run(cell.scenario, cell.stage)
        cell.sandbox.arm(-1, "")
        report = cell.scenario.run(cell.stage)
        assert report.convergence is Convergence.SETTLED, (at, way)  # type: ignore[attr-defined]  # as above
        assert len(cell.sandbox.resources()) == cell.scenario.left, (at, way)
    record_property("cells", len(starts))


# What a second attempt of the client meets after a first one that was carried out and failed within.
_SECOND = (
    "",
    "ThrottlingException",
    "AccessDeniedException",
    "ResourceLimitExceeded",
    "no answer, not carried out",
)


@pytest.mark.parametrize("every", [9, *soak(1)])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_change_that_was_carried_out_may_be_refused_at_the_second_attempt(
    tmp_path: Path, record_property: Callable[[str, object], None], name: str, every: int
) -> None:
    """The client tries again by itself: whatever its second attempt meets, the next run settles."""
    cell = Cell(SCENARIOS[name], tmp_path)
    cell.calls()
    cells = list(itertools.product(list(cell.sandbox.changes), _SECOND))[::every]
    for at, then in cells:
        cell.check(at, "500, carried out", then)
    record_property("cells", len(cells))


# Refusals and silence that pass by themselves: the run waits and makes the change, as a person would.
PASSING = (
    "no answer, not carried out",
    "no answer, carried out",
    "ThrottlingException",
    "ResourceInUse",
    "ConflictException",
)


@pytest.mark.parametrize("every", [7, *soak(1)])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_change_that_is_refused_for_now_is_made_by_the_same_run(
    tmp_path: Path, record_property: Callable[[str, object], None], name: str, every: int
) -> None:
    """AWS is busy, throttles or does not answer once: no second run is needed, and nothing is made twice."""
    cell = Cell(SCENARIOS[name], tmp_path)
    cell.calls()
    cells = list(itertools.product(list(cell.sandbox.changes), PASSING))[::every]
    for at, way in cells:
        cell.prepare()
        cell.sandbox.arm(at, way)
        report = cell.scenario.run(cell.stage)
        cell.sandbox.arm(-1, "")
        assert report.convergence is Convergence.SETTLED, (at, way, [o.message for o in report.outcomes])  # type: ignore[attr-defined]  # Report
        assert len(cell.sandbox.resources()) == cell.scenario.left, (at, way)
    record_property("cells", len(cells))


def test_nothing_is_changed_where_the_plan_is_empty(tmp_path: Path) -> None:
    """The scenarios are what they say: run twice without a fault, the second run changes nothing."""
    for name, scenario in SCENARIOS.items():
        cell = Cell(scenario, tmp_path)
        cell.prepare()
        scenario.run(cell.stage)
        cell.stage.forget_calls()
        scenario.run(cell.stage)
        assert cell.stage.mutations() == [], name
        assert not acting(cell.stage.plans[-1]), name
