"""A run that is stopped anywhere leaves nothing twice and nothing lost."""

import pytest

from controller.core.cloud import Call
from controller.core.phase import Standing
from tests.journeys.documents import everything, serving
from tests.journeys.stage import Stage, acting


class Killed(BaseException):
    """Stands for ``kill -9``: nothing after it runs, no handler catches it."""


def _changes(call: Call) -> bool:
    return call.operation.startswith(("Create", "Update", "Delete", "Add"))


def _run_until(stage: Stage, count: int, *documents: str, after: bool) -> bool:
    """Apply and die at the n-th changing call, before it or just after AWS took it; False if it ended first."""
    seen = 0

    def before(call: Call) -> None:
        nonlocal seen
        if seen < 0 or not _changes(call):
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
    """Killed at each creating call in turn, the next run converges with exactly one of each."""
    assert _run_until(stage, count, *everything(), after=after)
    assert stage.apply(*everything()).standing is Standing.SETTLED
    assert len(stage.sandbox.resources()) == 8
    assert acting(stage.plan(*everything())) == {}
    assert stage.destroy(*everything()).standing is Standing.SETTLED
    assert stage.sandbox.resources() == ()


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("count", range(1, 6))
def test_killed_at_every_call_of_a_succession(stage: Stage, count: int, *, after: bool) -> None:
    """Killed anywhere while model, configuration and endpoint move, the next run ends it and sweeps the old."""
    stage.apply(*serving())
    newer = serving("ml.m5.xlarge", "s3://bucket/two.tar.gz")
    assert _run_until(stage, count, *newer, after=after)
    assert stage.apply(*newer).standing is Standing.SETTLED
    assert len(stage.sandbox.resources()) == 3
    assert acting(stage.plan(*newer)) == {}
