"""Runs of the command line where one request to AWS ends otherwise: passes of the engine until nothing waits."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from controller.core.cloud import CloudError
from controller.core.phase import Convergence
from controller.engine.converge import PlanMoved
from controller.engine.report import Report
from controller.inventory.model import InventoryError
from tests.journeys.documents import GROUP, package, pipeline, serving
from tests.journeys.stage import Stage
from tests.kinds.cases import CASES
from tests.matrices.cells import InterposedSandbox, Interposition
from tests.simulation.passes import Killed


@dataclass(frozen=True)
class Scenario:
    """A run, the resources applied before it, and those after it.

    Fields:
        before: documents that are applied first.
        run: the run of which one call ends otherwise.
        deletes: whether the run may delete something.
        left: the number of resources after the next run.
        named: whether the names of what is made are known before it is.
    """

    before: tuple[str, ...]
    run: Callable[[Stage], Report]
    deletes: bool
    left: int
    named: bool = True


_MODEL = tuple(serving())
_NEWER = tuple(serving("ml.m5.xlarge", "s3://bucket/two.tar.gz"))
_ALL = (*_MODEL, GROUP, pipeline())
# Numbered by the service, some without a client token: after a lost response they are found by the inventory.
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


def create_stage(scenario: Scenario, folder: Path, interposition: Interposition) -> Stage:
    """An account with the resources before the run."""
    stage = Stage(folder, InterposedSandbox(interposition))
    if scenario.before:
        assert stage.apply(*scenario.before).convergence is Convergence.SETTLED
    stage.forget_calls()
    return stage


def check_next_run(name: str, folder: Path, interposition: Interposition) -> Stage:
    """A run, which must end in one of the documented ways, and a second one that settles.

    Raises:
        AssertionError: something was deleted for an answer, is not in the inventory, or is not settled.

    """
    scenario = SCENARIOS[name]
    stage = create_stage(scenario, folder, interposition)
    interposition.begin()
    with suppress(Killed, CloudError, InventoryError, PlanMoved):
        scenario.run(stage)
    interposition.end()
    if not scenario.deletes:
        assert not [each for each in stage.mutations() if each.startswith(("Delete", "Stop"))]
    known = repr(stage.inventory())
    unknown = [arn for arn in stage.sandbox.resources() if arn.rpartition("/")[2] not in known]
    assert not (unknown and scenario.named), f"the inventory does not know {unknown}"
    _check_settled(scenario, stage)
    return stage


def check_single_run(name: str, folder: Path, interposition: Interposition) -> Stage:
    """A run that settles although one of its requests ends otherwise.

    Raises:
        AssertionError: it does not.

    """
    scenario = SCENARIOS[name]
    stage = create_stage(scenario, folder, interposition)
    interposition.begin()
    _check_settled(scenario, stage)
    interposition.end()
    return stage


def _check_settled(scenario: Scenario, stage: Stage) -> None:
    """Run, and check that everything is as in the scenario afterwards."""
    report = scenario.run(stage)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    assert len(stage.sandbox.resources()) == scenario.left, stage.sandbox.resources()
    if scenario.left:
        assert len(stage.inventory().entries) == scenario.left, stage.inventory()
