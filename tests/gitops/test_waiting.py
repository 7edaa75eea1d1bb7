"""While AWS works a sync looks at Lists, and runs a pass when something ended or somebody requests one."""

from collections import Counter

import pytest

from controller.gitops.sync import Timing
from controller.sandbox import Knobs
from tests.engine.test_in_flight import stack
from tests.gitops.stage import Stage

ADAPTIVE = Timing(interval=60, drift=7200, timeout=36000)


@pytest.mark.parametrize("seconds", [60.0, 900.0])
def test_a_sync_sees_an_end_soon_and_describes_once(stage: Stage, seconds: float) -> None:
    """Three endpoints cost a List at each look and one Describe each, however long they take."""
    stage.sandbox.knobs = Knobs(endpoint_creating=seconds)
    texts = [text for number in range(3) for text in stack(f"m{number}")]
    stage.push({f"deploy/{number}.yaml": text for number, text in enumerate(texts)})
    stage.start(stage.sync(timing=ADAPTIVE))
    start = stage.seconds
    while not stage.record().good and stage.seconds - start < 2 * seconds + 60:
        stage.wait(1)
    assert stage.record().good
    assert stage.seconds - start <= seconds * 1.05 + 5
    per = Counter(record.operation for record in stage.sandbox.calls)
    assert per["DescribeEndpoint"] <= 6  # before and after
    assert 10 <= per["ListEndpoints"] <= 130


def test_a_requested_pass_does_not_wait_for_a_look(stage: Stage) -> None:
    """A wake describes what a List may not show yet: the sync does not sleep until its next look."""
    stage.sandbox.knobs = Knobs(endpoint_creating=600.0)
    stage.push({f"deploy/{number}.yaml": text for number, text in enumerate(stack("m"))})
    follower = stage.start(stage.sync(timing=ADAPTIVE))
    stage.wait(300)
    described = Counter(record.operation for record in stage.sandbox.calls)["DescribeEndpoint"]
    assert follower.reconcile_due > stage.seconds
    follower.wake("aws event")
    assert stage.workers is not None
    stage.workers.queue.add("prod")
    stage.wait(0)
    again = Counter(record.operation for record in stage.sandbox.calls)["DescribeEndpoint"]
    assert again == described + 1
