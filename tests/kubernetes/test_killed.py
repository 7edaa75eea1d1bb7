from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.sandbox import Knobs
from tests.kubernetes.documents import SERVING, group, pipeline
from tests.kubernetes.killed_at_call import KillAtCall, Moment
from tests.kubernetes.operator_process import OperatorStage, operator_stage_on, wait_until
from tests.kubernetes.rig.kubectl import Kubectl
from tests.soak import soak

SHARES = 4  # of the moments, so that workers divide them
SET = (*SERVING, group(), pipeline())
MADE = [
    "CreateEndpoint",
    "CreateEndpointConfig",
    "CreateModel",
    "CreateModelPackageGroup",
    "CreatePipeline",
]


@pytest.mark.parametrize("after", [False, True], ids=["before-a-call", "after-a-change"])
@pytest.mark.parametrize("share", [0, *soak(1, 2, 3)])
def test_killed_at_any_call_there_is_one_of_each(
    cluster_kubectl: Kubectl, tmp_path: Path, share: int, *, after: bool
) -> None:
    """Row 38: killed at each call in turn, before AWS executed it or responded, the next run ends with one of each."""
    reached = 0
    for moment in _kill_moments(share, after=after):
        if not _run_with_kill(cluster_kubectl, tmp_path / str(moment.number), moment):
            break
        reached = moment.number
    assert reached >= len(MADE) - SHARES


def _kill_moments(share: int, *, after: bool) -> Iterator[Moment]:
    number = 1 + share
    while True:
        yield Moment(number, after)
        number += SHARES


def _run_with_kill(everywhere: Kubectl, folder: Path, moment: Moment) -> bool:
    """One run with its kill; returns whether the moment was reached."""
    folder.mkdir()
    sandbox = KillAtCall(moment, Knobs(pace=1000))
    with operator_stage_on(sandbox, everywhere.fresh(), folder) as stage:
        stage.traced = False
        sandbox.kill_at_moment(stage.start())
        stage.apply(*SET)
        wait_until(lambda: sandbox.died.wait(0.5) or _are_all_ready(stage))
        if not sandbox.died.is_set():
            return False
        stage.release_lease()
        stage.start()
        stage.ready()
        made = sorted(each.operation for each in stage.sandbox.calls if each.mutating and not each.error)
        assert (made, stage.refused()) == (MADE, []), moment
        assert len(stage.sandbox.resources()) == len(MADE), moment
        stage.running[-1].kill()  # how it ends is not tested
    return True


def _are_all_ready(stage: OperatorStage) -> bool:
    return all(stage.is_ready(each["kind"], each["metadata"]["name"]) for each in SET)
