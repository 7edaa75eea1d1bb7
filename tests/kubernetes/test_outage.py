import time

from tests.kubernetes.documents import group, pipeline
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, wait_until
from tests.kubernetes.wire import relay_to


def test_changes_during_an_outage_of_the_api_server_are_handled(stage: OperatorStage) -> None:
    """Disconnected for seconds the operator changes nothing; then it creates, changes and deletes what it missed."""
    with relay_to(stage.kubectl.access, stage.folder) as (wire, kubeconfig):
        running = stage.start(kinds=ALL_KINDS, kubeconfig=kubeconfig)
        stage.apply(group(), pipeline("before"))
        stage.ready()
        before = stage.changes()
        wire.cut()
        stage.apply(pipeline("after"), group(name="new"))
        stage.kubectl.must("delete", "modelpackagegroup", "fraud", "--wait=false")
        time.sleep(6)  # twice the Lease's duration
        assert stage.changes() == before
        wire.mend()
        wait_until(lambda: not stage.get("ModelPackageGroup", "fraud"))
        wait_until(lambda: stage.reason("ModelPackageGroup", "new") == "Ready")
        wait_until(lambda: stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == "after")
        assert running.poll() is None
        assert stage.refused() == []
