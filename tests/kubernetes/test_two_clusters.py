"""Ownership: two clusters on one account, an upgrade, and a lost status."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from controller.operator.default_set import own_set
from controller.operator.kube.access import access
from controller.operator.kube.api import Api
from controller.operator.kube.request import ApiError
from controller.operator.secrets import own_key
from tests.gitops.stage import group as group_text
from tests.kubernetes.documents import SERVING, group, model, pipeline
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import TIMEOUT, OperatorStage, operator_stage_on, wait_until
from tests.kubernetes.rig.definitions import SERVED, establish
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.rig.programs import programs
from tests.kubernetes.rig.server import Access, run_server

KEY = "sagemaker-gitops-key"
REPLICAS = 8
OBJECTS = (*SERVING, pipeline(), group())
OWNER = "sagemaker.gitops.dev/owner"


@pytest.fixture(scope="module")
def other_kubectl(apiserver: Access, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """Another cluster."""
    del apiserver
    with run_server(programs(print), tmp_path_factory.mktemp("another")) as access:
        establish(Kubectl(access), *SERVED)
        yield Kubectl(access)


@pytest.fixture
def other_stage(
    other_kubectl: Kubectl, stage: OperatorStage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorStage]:
    """A namespace of the same name in another cluster, on the same account."""
    other_kubectl.must("create", "namespace", stage.kubectl.namespace)
    kubectl = other_kubectl.within(stage.kubectl.namespace)
    with operator_stage_on(stage.sandbox, kubectl, tmp_path_factory.mktemp("operator")) as made:
        yield made


def ownership_tags(stage: OperatorStage) -> set[str]:
    """The sets of all ownership tags in the account."""
    found = stage.client()
    names = [each["PipelineArn"] for each in _pipelines(found)]
    lines = [tag for arn in names for tag in found.list_tags(ResourceArn=arn)["Tags"]]
    return {tag["Value"].partition("/")[0] for tag in lines if tag["Key"] == OWNER}


def _pipelines(client: object) -> list[dict[str, str]]:
    found = client.list_pipelines()["PipelineSummaries"]  # type: ignore[attr-defined]
    return [client.describe_pipeline(PipelineName=each["PipelineName"]) for each in found]  # type: ignore[attr-defined]


def messages(stage: OperatorStage) -> list[str]:
    """The messages of all objects."""
    found = stage.kubectl.items("sagemaker")
    return [each["status"]["conditions"][0]["message"] for each in found if each.get("status")]


@pytest.mark.parametrize("given", ["", "prod"], ids=["each its own set", "both the same"])
def test_two_clusters_change_nothing_of_each_other(
    stage: OperatorStage, other_stage: OperatorStage, given: str
) -> None:
    """Objects of the same names: the second cluster changes nothing, also when its objects go, or both have one set."""
    options = {"set": given} if given else {}
    stage.start(**options)
    stage.apply(*OBJECTS)
    stage.ready()
    assert (
        ownership_tags(stage) == {given}
        if given
        else all(each.startswith("k8s-") for each in ownership_tags(stage))
    )
    before, owned = len(stage.changes()), stage.sandbox.resources()
    other_stage.start(**options)
    other_stage.apply(*SERVING[1:], model("s3://bucket/other.tar.gz"), pipeline("other"), group("other"))
    wait_until(
        lambda: (
            other_stage.reason("Pipeline", "train")
            == other_stage.reason("ModelPackageGroup", "fraud")
            == "ForeignOwner"
        )
    )
    message = other_stage.condition("Pipeline", "train")["message"]
    assert (
        ("rebuild-inventory=prod" in message and "set (an option of the operator)" in message)
        if given
        else "it belongs to k8s-" in message
    )
    other_stage.apply(*SERVING)
    wait_until(lambda: other_stage.reason("Model", "fraud") == "ForeignOwner")
    other_stage.kubectl.must("delete", "sagemaker", "--all", f"--timeout={TIMEOUT:.0f}s")
    made = {arn for arn in stage.sandbox.resources() if arn not in owned}
    own = {"CreateModel", "CreateEndpointConfig", "DeleteEndpointConfig", "DeleteModel"}
    assert set(stage.changes()[before:]) <= own  # its own other generation at most
    assert (set(owned) - set(stage.sandbox.resources()), made) == (set(), set())
    stage.ready()


def test_objects_without_status_are_adopted_by_annotation_only(stage: OperatorStage) -> None:
    """A restored backup has no status: nothing is changed until each object names its former set."""
    running = stage.start()
    stage.apply(*OBJECTS)
    stage.ready()
    running.terminate()
    running.wait(TIMEOUT)
    kept = json.loads(stage.kubectl.must("get", "configmap", "sagemaker-gitops-set", "-o", "json"))["data"][
        "set"
    ]
    for each in stage.kubectl.items("sagemaker"):
        where = f"{each['kind'].lower()}.sagemaker.gitops.dev", each["metadata"]["name"]
        emptied = json.dumps([{"op": "remove", "path": "/status"}])
        stage.kubectl.must("patch", *where, "--subresource=status", "--type=json", "-p", emptied)
    before = len(stage.changes())
    stage.start()
    wait_until(
        lambda: stage.reason("ModelPackageGroup", "fraud") == stage.reason("Model", "fraud") == "ForeignOwner"
    )
    stage.kubectl.must("annotate", "sagemaker", "--all", "sagemaker.gitops.dev/rebuild-inventory=another")
    wait_until(lambda: stage.reason("Pipeline", "train") == "ForeignOwner")
    stage.kubectl.must(
        "annotate", "sagemaker", "--all", "--overwrite", f"sagemaker.gitops.dev/rebuild-inventory={kept}"
    )
    stage.ready()
    assert stage.changes()[before:] == []
    stage.kubectl.must("delete", "sagemaker", "--all", f"--timeout={TIMEOUT:.0f}s")
    assert sorted(stage.changes()[before:]) == sorted(f"Delete{each['kind']}" for each in OBJECTS)


def test_a_sync_without_its_inventory_adopts_by_annotation_only(gitsync_stage: GitSyncStage) -> None:
    """Without its SyncMemory it changes nothing, and prunes its former resources again once the set is named."""
    gitsync_stage.push({"deploy/a.yaml": group_text("stays"), "deploy/b.yaml": group_text("goes")})
    gitsync_stage.prepare()
    stage = gitsync_stage.stage
    stage.start()
    gitsync_stage.follow(prune=True)
    gitsync_stage.ready()
    (head,) = [each for each in gitsync_stage.inventory_objects() if each.get("set")]
    assert head["set"].startswith("k8s-")
    assert head["set"].endswith(f".{stage.kubectl.namespace}.prod")
    stage.kubectl.must("delete", "syncmemories.state.sagemaker.gitops.dev", "--all")
    before = len(stage.changes())
    stage.stop()
    stage.start()
    gitsync_stage.push({"deploy/a.yaml": group_text("stays")})
    wait_until(lambda: "spec.prune is refused: 2 resources" in gitsync_stage.status().get("message", ""))
    assert stage.changes()[before:] == []
    stage.annotate("gitsync", "prod", rebuild_inventory=head["set"])
    wait_until(lambda: "does not say where its document was" in gitsync_stage.status().get("message", ""))
    assert stage.changes()[before:] == []
    fingerprint = gitsync_stage.status()["fingerprint"]
    stage.annotate("gitsync", "prod", approve=fingerprint)
    wait_until(lambda: stage.changes()[before:] == ["DeleteModelPackageGroup"])
    gitsync_stage.ready()


@pytest.fixture
def api(kubectl: Kubectl) -> Api:
    """The API server for an operator whose home is the test's namespace."""
    return Api(access(kubectl.access.kubeconfig))


def test_replicas_that_begin_at_once_agree(kubectl: Kubectl, api: Api) -> None:
    """Replicas that start at once get the same set and key; without the ConfigMap the set is read from the key."""
    home = kubectl.namespace

    def begin(_: int) -> tuple[str, str]:
        of = own_set(api, home, KEY)
        return of, own_key(api, home, KEY, of)

    with ThreadPoolExecutor(REPLICAS) as pool:
        found = set(pool.map(begin, range(REPLICAS)))
    ((of, key),) = found
    assert of.startswith("k8s-")
    assert (own_set(api, home, KEY), own_key(api, home, KEY, of)) == (of, key)
    kubectl.must("delete", "configmap", "sagemaker-gitops-set")
    assert own_set(api, home, KEY) == of  # the key has it as well
    assert own_set(api, home, "another-shard-key") == of


def test_an_earlier_operator_keeps_its_set(kubectl: Kubectl, api: Api) -> None:
    """A key without a set is of an operator whose set was ``default``: that is recorded, and no other."""
    data = {"key": base64.b64encode(b"of before").decode()}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": KEY}, "data": data}
    kubectl.apply(secret)
    assert own_set(api, kubectl.namespace, KEY) == "default"
    assert own_key(api, kubectl.namespace, KEY, "default") == "of before"
    kept = json.loads(kubectl.must("get", "configmap", "sagemaker-gitops-set", "-o", "json"))
    assert (kept["data"], kept["immutable"]) == ({"set": "default"}, True)
    kubectl.must("delete", "secret", KEY)
    assert own_set(api, kubectl.namespace, KEY) == "default"


def test_a_damaged_set_stops_the_operator(kubectl: Kubectl, api: Api) -> None:
    """An unreadable ConfigMap is not treated as a first start."""
    kept = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "sagemaker-gitops-set"}, "data": {}}
    kubectl.apply(kept)
    with pytest.raises(ApiError, match="has no set"):
        own_set(api, kubectl.namespace, KEY)


def test_an_upgraded_operator_keeps_its_resources(stage: OperatorStage, tmp_path: Path) -> None:
    """With ``default`` tags and earlier inventories, objects stay Ready, and nothing is created or tagged again."""
    del tmp_path
    running = stage.start(set="default")
    stage.apply(pipeline(), group())
    stage.ready()
    running.terminate()
    running.wait(TIMEOUT)
    stage.kubectl.must("delete", "configmap", "sagemaker-gitops-set")
    without = json.dumps([{"op": "remove", "path": "/data/set"}])
    stage.kubectl.must("patch", "secret", KEY, "--type=json", "-p", without)
    before = len(stage.changes())
    stage.start()
    wait_until(lambda: any("the set is 'default'" in line["msg"] for line in stage.lines(1)))
    stage.apply(pipeline("after"))
    wait_until(lambda: stage.changes()[before:] == ["UpdatePipeline"])
    stage.ready()
    assert ownership_tags(stage) == {"default"}
