"""Row 26: the same documents by ``kubectl apply`` and by git are equal except for their source."""

from pathlib import Path
from typing import Any

import pytest

from controller.aws import connect
from controller.engine.order import Order
from controller.engine.plan import Plan
from controller.engine.reconcile import reconcile
from controller.inventory.file_store import FileInventoryStore
from controller.kinds import KINDS
from controller.manifests.bundle import Bundle
from controller.manifests.files import Limits
from controller.manifests.yaml_reader import read
from controller.manifests.yaml_writer import yaml_text
from controller.sandbox import Sandbox
from tests.journeys.tree import ENDS, TREE
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import ALL_KINDS, wait_until
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.test_examples import for_cluster
from tests.parity.two_ways_in import normal_form, read_through_git, read_through_kubectl
from tests.repo.files import ROOT
from tests.soak import soak
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository

EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())


def _all_documents() -> list[str]:
    return [*TREE.values(), *ENDS]


def _example_documents(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))]


def _objects(texts: list[str], namespace: str) -> list[Any]:
    raw = [each.value for text in texts for each in read("a.yaml", text.encode(), Limits()).documents]
    return [for_cluster(each, namespace) for each in raw if "apiVersion" in each]


CORPUS = {"everything": _all_documents(), **{folder.name: _example_documents(folder) for folder in EXAMPLES}}
# Every kind, and some typical documents.
SHORT = ("everything", *(folder.name for folder in EXAMPLES[::6]))


def _plan_json(of: Bundle, folder: Path, order: Order) -> Plan:
    sandbox = Sandbox()
    cloud = connect(region="us-east-1", attach=sandbox.attach)
    store = FileInventoryStore(folder / f"{order.set}.json", order.set)
    return reconcile(of, cloud, store, lambda _: False, order).plan


@pytest.mark.parametrize("name", [*SHORT, *soak(*(name for name in CORPUS if name not in SHORT))])
def test_manifests_and_plans_of_kubectl_and_git_are_equal(
    name: str, kubectl: Kubectl, forge: Forge, repository: Repository, tmp_path: Path
) -> None:
    """Row 26: normalized manifests are byte-identical, and so is a plan; only its fingerprint has the caller."""
    objects = _objects(CORPUS[name], kubectl.namespace)
    applied = read_through_kubectl(objects, kubectl)
    pushed = read_through_git(objects, forge, repository, tmp_path / "cache")
    assert normal_form(applied) == normal_form(pushed)
    assert len(applied.resources) == len(objects)
    by_hand = _plan_json(applied, tmp_path, Order(set="default", secrets=lambda _: "secret"))
    by_git = _plan_json(
        pushed,
        tmp_path,
        Order(set="ml.prod", bound={"source": {"path": "deploy"}}, secrets=lambda _: "secret"),
    )
    assert by_hand.steps
    assert by_hand.content == by_git.content
    assert by_hand.fingerprint != by_git.fingerprint


def test_the_corpus_has_every_kind() -> None:
    """None of the kinds is left out of the comparison."""
    assert set(TREE) == set(KINDS)


def test_another_document_is_another_content(tmp_path: Path, kubectl: Kubectl) -> None:
    """The comparison can fail: one changed field of one document changes manifest and content."""
    one = _objects([TREE["Pipeline"]], kubectl.namespace)
    other = _objects([TREE["Pipeline"]], kubectl.namespace)
    other[0]["spec"]["pipelineDescription"] = "another"
    first = read_through_kubectl(one, kubectl)
    second = read_through_kubectl(other, kubectl)
    assert normal_form(first) != normal_form(second)
    plans = [_plan_json(each, tmp_path, Order()) for each in (first, second)]
    assert plans[0].content != plans[1].content


def test_plans_in_the_cluster_are_equal(gitsync_stage: GitSyncStage) -> None:
    """Row 26: the operator shows the same plan of a document, applied or pushed."""
    namespace = gitsync_stage.stage.kubectl.namespace
    document = _objects([TREE["ModelPackageGroup"]], namespace)[0]
    gitsync_stage.push({"deploy/a.yaml": yaml_text(document)})
    gitsync_stage.prepare()
    gitsync_stage.stage.start(kinds=ALL_KINDS)
    gitsync_stage.stage.apply({**document, "policy": {"mode": "Plan"}})
    gitsync_stage.follow(mode="Plan")
    name = document["metadata"]["name"]
    wait_until(lambda: gitsync_stage.stage.reason("ModelPackageGroup", name) == "Planned")
    wait_until(lambda: gitsync_stage.reason() == "Planned")
    by_hand, by_git = gitsync_stage.stage.get("ModelPackageGroup", name)["status"], gitsync_stage.status()
    assert by_hand["plan"]["content"] == by_git["plan"]["content"]
    lines = [each["plan"]["text"].rpartition(", set ")[0] for each in (by_hand, by_git)]
    assert lines[0] == lines[1]
    assert "CreateModelPackageGroup" in lines[0]
    assert by_hand["fingerprint"] != by_git["fingerprint"]
