import time
from collections.abc import Iterator

import pytest

from tests.kubernetes.documents import SERVING, group, pipeline
from tests.kubernetes.operator_process import OperatorStage, wait_until
from tests.kubernetes.rig.definitions import SERVED, establish
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.rig.programs import programs
from tests.kubernetes.rig.server import ADMIN, Access, Server, run_restartable
from tests.kubernetes.wire import relay_to
from tests.programs.requests import Requests
from tests.soak import soak

pytestmark = pytest.mark.waits
SECONDS = 10.0
STALL = 2.0  # seconds; the Lease of these tests lasts 3
MADE = ["CreateEndpoint", "CreateEndpointConfig", "CreateModel", "CreatePipeline", "UpdatePipeline"]
PIPELINES = "/apis/sagemaker.gitops.dev/v1alpha1/namespaces/{}/pipelines"


@pytest.fixture(scope="module")
def own_server(apiserver: Access, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A separate server; that of the other tests shows that the programs exist."""
    del apiserver
    with run_restartable(programs(print), tmp_path_factory.mktemp("own")) as made:
        establish(Kubectl(made.access), *SERVED)
        yield made


@pytest.fixture(scope="module")
def cluster_kubectl(own_server: Server) -> Kubectl:
    """A kubectl for that server."""
    return Kubectl(own_server.access)


def test_a_restart_during_calls_ends_with_one_of_each(own_server: Server, stage: OperatorStage) -> None:
    """Calls in flight when the API server stopped end with one of each; the first edit after it is applied."""
    running = stage.start()
    stage.apply(pipeline("before"))
    stage.ready()
    stage.slow(0.3)
    stage.apply(*SERVING)
    wait_until(lambda: len(stage.changes()) > 1)
    own_server.stop()
    time.sleep(5)  # longer than the Lease lasts
    own_server.start()
    stage.apply(pipeline("after"))
    wait_until(
        lambda: stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == "after", SECONDS
    )
    wait_until(lambda: stage.reason("Pipeline", "train") == "Ready")
    stage.ready()
    assert running.poll() is None
    assert (sorted(stage.changes()), stage.refused()) == (MADE, [])


@pytest.mark.parametrize("edits", [2, *soak(12)])
def test_a_stalling_etcd_ends_with_one_of_each(own_server: Server, stage: OperatorStage, edits: int) -> None:
    """Writes of statuses and of the Lease take seconds, and some are refused: one of each, with the last edit."""
    running = stage.start()
    stage.apply(pipeline("before"))
    stage.ready()
    with own_server.slow_etcd(STALL, 0.5):
        stage.apply(*SERVING)
        for number in range(edits):
            stage.apply(pipeline(f"edit {number}"))
            time.sleep(STALL)
    last = f"edit {edits - 1}"
    wait_until(
        lambda: stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == last, 3 * SECONDS
    )
    wait_until(lambda: stage.reason("Pipeline", "train") == "Ready", 3 * SECONDS)
    stage.ready()
    assert running.poll() is None
    made = [each for each in stage.changes() if each.startswith("Create")]
    assert (sorted(made), stage.refused()) == (MADE[:-1], [])


def test_after_410_everything_is_listed_again(own_server: Server, stage: OperatorStage) -> None:
    """With its version expired the watch starts again: edits and new objects are handled, deleted ones removed."""
    with relay_to(stage.kubectl.access, stage.folder) as (wire, kubeconfig):
        running = stage.start(kubeconfig=kubeconfig, verbose="")
        stage.apply(pipeline("before"), group(name="one"), group(name="two"))
        stage.ready()
        wait_until(lambda: _cached_objects(stage, "ModelPackageGroup") == 2)
        version = stage.get("ModelPackageGroup", "two")["metadata"]["resourceVersion"]
        wire.cut()
        for name in ("one", "two"):  # by force: an unchanged object is checked again in an hour only
            stage.patch("modelpackagegroup", name, {"metadata": {"finalizers": None}})
        stage.kubectl.must("delete", "modelpackagegroup", "--all", "--timeout=20s")
        another = group(name="two", policy={"adopt": "Always"})  # with that name, and without an inventory
        stage.apply(pipeline("after"), another)
        own_server.stop()  # a new server has no older version than that of its start
        own_server.start()
        wait_until(lambda: _watch_error(own_server.access, stage.kubectl.namespace, version) == 410)
        wire.mend()
        wait_until(lambda: _cached_objects(stage, "ModelPackageGroup") == 1, 2 * SECONDS)
        wait_until(lambda: stage.reason("ModelPackageGroup", "two") == "Ready")
        wait_until(lambda: stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == "after")
        assert running.poll() is None


def _cached_objects(stage: OperatorStage, kind: str) -> float:
    """The number of objects of a kind in the operator's cache, by its metrics."""
    lines = stage.page("metrics").splitlines()
    mine = [line for line in lines if line.startswith("sagectl_objects{") and f'kind="{kind}"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in mine)


def _watch_error(access: Access, namespace: str, version: str) -> int:
    """The error code with which a watch from a version begins; 429 while the server is not ready for it."""
    requests = Requests(access.host, access.port, access.authority, f"Bearer {ADMIN}")
    try:
        path = f"{PIPELINES.format(namespace)}?watch=1&timeoutSeconds=1&resourceVersion={version}"
        event = requests.send("GET", path).body
    finally:
        requests.close()
    return int(event.get("object", event)["code"])
