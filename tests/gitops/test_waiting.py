"""While AWS works a sync polls Lists, and runs a pass when a resource is ready or on request."""

from collections import Counter

import pytest

from controller.core.cloud import Call
from controller.gitops.sync import Timing
from controller.sandbox import Knobs
from tests.engine.test_in_flight import serving_stack
from tests.gitops.stage import Stage, group
from tests.journeys.stage import document_text

ADAPTIVE = Timing(interval=60, drift=7200, timeout=36000)


@pytest.mark.parametrize("seconds", [60.0, 900.0])
def test_a_sync_detects_an_end_soon_and_describes_once(stage: Stage, seconds: float) -> None:
    """Three endpoints cost a List at each poll and one Describe each, however long they take."""
    stage.sandbox.knobs = Knobs(endpoint_creating=seconds)
    texts = [text for number in range(3) for text in serving_stack(f"m{number}")]
    stage.push({f"deploy/{number}.yaml": text for number, text in enumerate(texts)})
    stage.start(stage.sync(timing=ADAPTIVE))
    start = stage.seconds
    while not stage.record().is_applied and stage.seconds - start < 2 * seconds + 60:
        stage.wait(1)
    assert stage.record().is_applied
    assert stage.seconds - start <= seconds * 1.05 + 5
    per = Counter(record.operation for record in stage.sandbox.calls)
    assert per["DescribeEndpoint"] <= 6  # before and after
    assert 10 <= per["ListEndpoints"] <= 130


def test_a_requested_pass_does_not_wait_for_a_poll(stage: Stage) -> None:
    """A requested pass describes what a List may not show yet: it does not wait for the next poll."""
    stage.sandbox.knobs = Knobs(endpoint_creating=600.0)
    stage.push({f"deploy/{number}.yaml": text for number, text in enumerate(serving_stack("m"))})
    follower = stage.start(stage.sync(timing=ADAPTIVE))
    stage.wait(300)
    described = Counter(record.operation for record in stage.sandbox.calls)["DescribeEndpoint"]
    assert follower.reconcile_due > stage.seconds
    follower.request_pass("aws event")
    assert stage.workers is not None
    stage.workers.queue.add("prod")
    stage.wait(0)
    again = Counter(record.operation for record in stage.sandbox.calls)["DescribeEndpoint"]
    assert again == described + 1


def test_a_pruning_sync_waits_for_a_refused_deletion(stage: Stage) -> None:
    """It keeps an experiment with a foreign trial, reports that, and deletes it once the trial is deleted."""
    lab = document_text("Experiment", "lab", "description: one")
    stage.push({"deploy/lab.yaml": lab, "deploy/g.yaml": group("g")})
    stage.start(stage.sync(prune=True))
    stage.wait(120)
    stage.cloud.call(Call("CreateTrial", {"TrialName": "theirs", "ExperimentName": "lab"}))
    stage.push({"deploy/g.yaml": group("g")})
    stage.wait(200)
    assert stage.deletions() == []
    assert "'theirs' (ListTrials) must be deleted first" in str(stage.record())
    stage.cloud.call(Call("DeleteTrial", {"TrialName": "theirs"}))
    stage.wait(1500)
    assert stage.deletions() == ["DeleteTrial", "DeleteExperiment"]
    assert stage.record().is_applied
