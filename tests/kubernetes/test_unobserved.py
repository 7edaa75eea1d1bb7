"""An object that no operator has reconciled yet: its status, however the object was created."""

import json

import pytest

from controller.crds.catalog import SYNC
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION
from controller.schema.contract import contract
from tests.kinds.sample import covering_kinds
from tests.kubernetes.corpus import least_spec
from tests.kubernetes.documents import group
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, wait_until
from tests.kubernetes.rig.kubectl import Kubectl, as_list
from tests.soak import soak

UNOBSERVED = {"observedGeneration": -1}
_ALL = tuple(KINDS)
# `kubectl apply` of all kinds takes 10 s of CPU time, and the default is the same in every definition.
_SOME = tuple(sorted(covering_kinds())[:5])
_APPLIES = (("apply",), ("apply", "--server-side"))


@pytest.mark.parametrize(
    ("way", "kinds"),
    [
        (("create",), _ALL),
        *((way, _SOME) for way in _APPLIES),
        *soak(*((way, _ALL) for way in _APPLIES), names=2),
    ],
    ids=lambda given: f"{len(given)} kinds" if given in (_SOME, _ALL) else " ".join(given),
)
def test_no_new_object_reads_as_current(
    way: tuple[str, ...], kinds: tuple[str, ...], kubectl: Kubectl
) -> None:
    """By create of every kind, by both ways to apply: the generation -1 is observed, and no wait succeeds."""
    metadata = {"name": "new", "namespace": kubectl.namespace}
    made = [
        {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": least_spec(contract(kind))}
        for kind in kinds
    ]
    source = {"url": "https://git.example.com/ml.git", "ref": {"branch": "main"}}
    made += [{"apiVersion": API_VERSION, "kind": SYNC.kind, "metadata": metadata, "spec": {"source": source}}]
    kubectl.must(*way, "-f", "-", given=as_list(made))
    listed = json.loads(kubectl.must("get", "sagemaker,gitsyncs", "-o", "json"))["items"]
    assert len(listed) == len(made)
    assert [each["status"] for each in listed] == [UNOBSERVED] * len(made)
    waited = kubectl.run("wait", "--for=condition=Ready", "sagemaker", "--all", "--timeout=1s")
    assert waited.returncode != 0
    again = kubectl.must("apply", *way[1:], "-f", "-", given=as_list(made)) if way[0] == "apply" else ""
    assert " configured" not in again


def test_the_first_status_replaces_the_default(stage: OperatorStage) -> None:
    """With an inventory alone the object still counts as not observed; the pass's status has the generation."""
    stage.apply(group())
    stage.write_inventory("ModelPackageGroup", "fraud", {"format": 2})
    assert stage.get("ModelPackageGroup", "fraud")["status"] == {**UNOBSERVED, "memory": {"format": 2}}
    stage.kubectl.must("delete", "modelpackagegroup", "fraud")
    stage.start(kinds=ALL_KINDS)
    stage.apply(group())
    stage.ready()
    wait_until(lambda: stage.get("ModelPackageGroup", "fraud")["status"]["observedGeneration"] == 1)
