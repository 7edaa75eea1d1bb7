"""A run that is stopped at any point creates nothing twice and loses nothing."""

import itertools
import os
import random
import signal
from pathlib import Path

import pytest

from controller.core.cloud import Call, CloudError
from controller.core.cloud import Fault as CoreFault
from controller.core.phase import Convergence
from controller.core.ref import Ref
from controller.engine.report import Event, Happening, Result
from controller.sandbox import InjectedFault, Knobs, ManualClock, Sandbox
from tests.journeys.documents import GROUP, all_documents, model, serving
from tests.journeys.stage import Stage, acting_steps

pytestmark = pytest.mark.usefixtures("parallel")


class Killed(BaseException):
    """Stands for ``kill -9``: no code runs after it, and no handler catches it."""


def _is_change(call: Call) -> bool:
    return call.operation.startswith(("Create", "Update", "Delete", "Add"))


def _run_until(stage: Stage, count: int, *documents: str, after: bool) -> bool:
    """Apply and die at the n-th changing call, before or just after AWS accepted it; False if the run ended first."""
    seen = 0

    def before(call: Call) -> None:
        nonlocal seen
        if seen < 0 or not _is_change(call):
            if seen < 0:
                raise Killed
            return
        seen += 1
        if seen == count:
            if after:
                seen = -1
                stage.cloud_now(call)
            raise Killed

    stage.before_call = before
    try:
        stage.apply(*documents, concurrency=1)
    except Killed:
        return True
    finally:
        stage.before_call = lambda _: None
    return False


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("count", range(1, 9))
def test_killed_at_every_creating_call(stage: Stage, count: int, *, after: bool) -> None:
    """Row 38: killed at each creating call in turn; the next run converges with exactly one of each resource."""
    assert _run_until(stage, count, *all_documents(), after=after)
    assert stage.apply(*all_documents()).convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 8
    assert acting_steps(stage.plan(*all_documents())) == {}
    assert stage.destroy(*all_documents()).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()


@pytest.mark.parametrize("made", [False, True], ids=["not made", "made"])
@pytest.mark.parametrize("count", range(1, 9))
def test_a_creation_without_a_response_is_found(stage: Stage, count: int, *, made: bool) -> None:
    """Row 38: sent without a response, each creation in turn is found or repeated by a later pass: one of each."""
    numbers = itertools.count(1)

    def lose(call: Call) -> None:
        if _is_change(call) and next(numbers) == count:
            if made:
                stage.before_call = lambda _: None
                stage.cloud_now(call)
            raise CloudError(CoreFault.UNANSWERED, "Unanswered", "AWS did not answer", call.operation)

    stage.before_call = lose
    assert stage.apply(*all_documents(), concurrency=1).convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 8
    assert acting_steps(stage.plan(*all_documents())) == {}


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("count", range(1, 6))
def test_killed_at_every_call_of_a_replacement(stage: Stage, count: int, *, after: bool) -> None:
    """Row 38: killed at any call while model, configuration and endpoint are replaced, the next run completes it."""
    stage.apply(*serving())
    newer = serving("ml.m5.xlarge", "s3://bucket/two.tar.gz")
    assert _run_until(stage, count, *newer, after=after)
    assert stage.apply(*newer).convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 3
    assert acting_steps(stage.plan(*newer)) == {}


@pytest.mark.parametrize("count", [1, 3, 5])
def test_ctrl_c_finishes_the_calls_in_flight_and_the_next_run_goes_on(stage: Stage, count: int) -> None:
    """Interrupted during calls, the inventory has each of them; applying again creates nothing twice."""
    numbers = itertools.count(1)

    def interrupt(call: Call) -> None:
        if _is_change(call) and next(numbers) == count:
            os.kill(os.getpid(), signal.SIGINT)

    stage.before_call = interrupt
    with pytest.raises(KeyboardInterrupt):
        stage.apply(*all_documents())
    stage.before_call = lambda _: None
    assert len(stage.inventory().entries) >= len(stage.mutations()) > 0
    assert stage.apply(*all_documents()).convergence is Convergence.SETTLED
    assert len(stage.mutations()) == len(stage.sandbox.resources()) == 8


@pytest.mark.parametrize("threads", [1, 32])
@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("count", [1, 3, 6, 8])
def test_an_unexpected_exception_loses_nothing_that_was_done(
    stage: Stage, count: int, threads: int, *, after: bool
) -> None:
    """An unexpected exception at one call is raised, and the inventory holds what the other calls created."""
    numbers, raised = itertools.count(1), list[str]()

    def fail(call: Call) -> None:
        if _is_change(call) and next(numbers) == count:
            stage.before_call = lambda _: None
            raised.append(call.operation)
            if after:
                stage.cloud_now(call)
            raise ZeroDivisionError

    stage.before_call = fail
    with pytest.raises(ZeroDivisionError):
        stage.apply(*all_documents(), concurrency=threads)
    entries = stage.inventory().entries
    recorded = sorted(f"Create{ref.kind}" for ref, entry in entries.items() if entry.applied is not None)
    others = [each for each in stage.mutations() if not (after and each in raised)]
    assert recorded == sorted(others)
    assert stage.apply(*all_documents()).convergence is Convergence.SETTLED
    assert len(stage.mutations()) == len(stage.sandbox.resources()) == 8


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("happening", [Happening.STARTED, Happening.CALLED, Happening.ENDED])
def test_an_event_listener_may_fail(stage: Stage, happening: Happening, number: int) -> None:
    """If printing the progress fails at any event, as with a closed pipe, the inventory has what was created."""
    numbers = itertools.count(1)

    def listen(event: Event) -> None:
        if event.happening is happening and next(numbers) == number:
            raise BrokenPipeError

    stage.listen = listen
    with pytest.raises(BrokenPipeError):
        stage.reconcile(*all_documents(), concurrency=4)
    stage.listen = lambda _: None
    recorded = [each for each in stage.inventory().entries.values() if each.applied is not None]
    assert len(recorded) == len(stage.mutations())
    assert stage.apply(*all_documents()).convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 8


@pytest.mark.parametrize("seed", range(12))
def test_a_random_fault_heals_with_the_next_apply(stage: Stage, seed: int) -> None:
    """After one of five faults at one of ten operations, the next apply settles with all resources."""
    chance = random.Random(seed)
    operation = chance.choice(
        ["CreateModel", "CreateEndpointConfig", "CreateEndpoint", "CreateWorkforce", "CreateWorkteam",
         "CreateModelPackageGroup", "CreateModelPackage", "CreatePipeline", "DescribeEndpoint", "GetResources"]
    )  # fmt: skip
    fault = chance.choice(
        [
            InjectedFault.THROTTLE,
            InjectedFault.DENIED,
            InjectedFault.LIMIT,
            InjectedFault.IN_USE,
            InjectedFault.STALE,
        ]
    )
    stage.sandbox.inject(fault, operation=operation, seconds=90)
    stage.apply(*all_documents(), timeout=600)
    stage.sandbox.clear_faults()
    assert stage.apply(*all_documents()).convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 8
    assert acting_steps(stage.plan(*all_documents())) == {}


def test_the_inventory_holds_a_resource_before_its_creation(stage: Stage) -> None:
    """Row 39: at every changing call the inventory on disk already holds the resource, and all that were created."""
    newer, missing = serving("ml.m5.xlarge", "s3://bucket/two.tar.gz"), list[str]()

    def before(call: Call) -> None:
        if _is_change(call) and not call.operation.startswith("Add"):
            entries = stage.inventory().entries.values()
            known = sum(1 + len(entry.old) for entry in entries)
            kinds = {entry.ref.kind for entry in entries}
            made = call.operation.removeprefix("Create").removeprefix("Update").removeprefix("Delete")
            if made not in kinds or len(stage.sandbox.resources()) > known:
                missing.append(call.operation)

    stage.before_call = before
    stage.apply(*all_documents())
    stage.apply(*newer, prune=True, confirm_deletes=5)
    assert not missing
    assert len(stage.mutations()) > 15


@pytest.mark.parametrize(
    "killed", [True, False], ids=["began by a run that was killed", "refused at the first try"]
)
def test_a_refused_name_may_come_from_an_earlier_try(tmp_path: Path, *, killed: bool) -> None:
    """Row 38: Create refuses the name before Describe and List show it: it is owned if this inventory began it."""
    stage = Stage(tmp_path, Sandbox(clock=ManualClock(), knobs=Knobs(list_lag=3600)))
    document = model(extra="modelName: fraud-model")
    if killed:
        assert _run_until(stage, 1, document, after=True)
    else:
        (tmp_path / "other").mkdir()
        Stage(tmp_path / "other", stage.sandbox).apply(document)
    stage.sandbox.inject(InjectedFault.MISSING, operation="DescribeModel", times=1)
    report = stage.reconcile(document)
    assert [o.fault for o in report.outcomes] == [CoreFault.EXISTS]
    assert stage.inventory().of(Ref("Model", "fraud")).holds("fraud-model") is killed
    assert (stage.apply(document).convergence is Convergence.SETTLED) is killed


def test_a_lost_response_waits_and_is_no_failure(stage: Stage) -> None:
    """A lost response needs no person: the pass reports that it will run again."""

    def lose(call: Call) -> None:
        if call.operation == "CreateModelPackageGroup":
            raise CloudError(CoreFault.UNANSWERED, "Unanswered", "AWS did not answer", call.operation)

    stage.before_call = lose
    report = stage.reconcile(GROUP)
    assert [(o.result, o.fault) for o in report.outcomes] == [(Result.WAITING, CoreFault.UNANSWERED)]
    assert report.convergence is Convergence.WAITING
    assert stage.inventory().of(Ref("ModelPackageGroup", "fraud")).attempt is not None
