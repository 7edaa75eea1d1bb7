"""The operator is killed while it updates an endpoint to a new configuration, and while it deletes everything."""

from collections.abc import Callable
from pathlib import Path

import pytest

from controller.sandbox import Knobs
from tests.kubernetes.documents import SERVING, config
from tests.kubernetes.killed_at_call import KillAtCall, Moment
from tests.kubernetes.operator_process import OperatorStage, operator_stage_on, wait_until
from tests.kubernetes.rig.kubectl import Kubectl
from tests.soak import soak

MOVED = ["CreateEndpointConfig", "UpdateEndpoint", "DeleteEndpointConfig"]
DELETED = ["DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"]


@pytest.mark.parametrize("after", [False, True], ids=["before-it", "after-it"])
@pytest.mark.parametrize("number", [2, 4, *soak(1, 3, 5, 6)])
def test_killed_at_any_change_each_is_made_once_and_in_order(
    cluster_kubectl: Kubectl, tmp_path: Path, number: int, *, after: bool
) -> None:
    """Row 38: killed at a call of a replacement or a deletion, the next run makes the rest, and nothing twice."""
    sandbox = KillAtCall(Moment(number, after, reads=False), Knobs(pace=1000))
    with operator_stage_on(sandbox, cluster_kubectl.fresh(), tmp_path) as stage:
        first = stage.start()
        stage.apply(*SERVING)
        stage.ready()
        made = len(_effective_changes(stage))
        sandbox.kill_at_moment(first)
        stage.apply(config(count=2))
        _wait_with_restart(stage, sandbox, lambda: _effective_changes(stage)[made:] == MOVED)
        stage.ready()
        stage.kubectl.must("delete", "sagemaker", "--all", "--wait=false")
        _wait_with_restart(stage, sandbox, lambda: stage.gone(*SERVING))
        assert sandbox.died.is_set()
        assert _effective_changes(stage)[made:] == MOVED + DELETED
        assert (stage.refused(), sandbox.resources()) == ([], ())


def _effective_changes(stage: OperatorStage) -> list[str]:
    """The changes that took effect."""
    return [each.operation for each in stage.sandbox.calls if each.mutating and not each.error]


def _wait_with_restart(stage: OperatorStage, sandbox: KillAtCall, done: Callable[[], bool]) -> None:
    """Wait until a condition is true; if the operator dies before, with another one."""
    running = stage.running[-1]
    wait_until(lambda: done() or running.poll() is not None)
    if running.poll() is not None:
        assert sandbox.died.is_set()
        stage.release_lease()
        stage.start()
        wait_until(done)
