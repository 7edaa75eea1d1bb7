import time

import pytest

from tests.kubernetes.documents import group, pipeline
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, wait_until
from tests.kubernetes.wire import relay_to

SILENCE = 120.0  # longer than kopf waits for data, which a server sends each minute
SECONDS = 15.0


@pytest.mark.waits
def test_edits_during_a_silence_are_handled_within_seconds(stage: OperatorStage) -> None:
    """Connections without data and without an end are closed; changes made meanwhile are handled."""
    with relay_to(stage.kubectl.access, stage.folder) as (wire, kubeconfig):
        running = stage.start(kinds=ALL_KINDS, kubeconfig=kubeconfig)
        stage.apply(group(), pipeline("before"))
        stage.ready()
        before = stage.changes()
        wire.silence()
        stage.apply(pipeline("after"), group(name="new"))
        stage.kubectl.must("delete", "modelpackagegroup", "fraud", "--wait=false")
        time.sleep(SILENCE)
        assert stage.changes() == before
        wire.mend()
        began = time.monotonic()
        wait_until(lambda: stage.reason("ModelPackageGroup", "new") == "Ready", SECONDS)
        wait_until(lambda: not stage.get("ModelPackageGroup", "fraud"), SECONDS)
        wait_until(lambda: stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == "after")
        assert time.monotonic() - began < SECONDS
        assert running.poll() is None
        assert stage.refused() == []
