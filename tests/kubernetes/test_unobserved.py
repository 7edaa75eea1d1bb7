"""An object that no operator has looked at yet: what the API server shows of it, however it came."""

import json

import pytest

from controller.crds.catalog import SYNC
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION
from controller.schema.contract import contract
from tests.kubernetes.corpus import base
from tests.kubernetes.documents import group
from tests.kubernetes.operated import Operated, until
from tests.kubernetes.rig.kubectl import Kubectl, as_list

UNOBSERVED = {"observedGeneration": -1}


@pytest.mark.parametrize("way", [("create",), ("apply",), ("apply", "--server-side")], ids=" ".join)
def test_no_new_object_reads_as_current(way: tuple[str, ...], kubectl: Kubectl) -> None:
    """Of every kind, by create, apply and server-side apply: the generation -1 is observed, and no wait succeeds."""
    metadata = {"name": "new", "namespace": kubectl.namespace}
    made = [
        {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": base(contract(kind))}
        for kind in KINDS
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


def test_what_is_written_takes_the_place_of_the_default(stage: Operated) -> None:
    """A memory that is noted first still reads as not looked at; the pass's status observes the generation."""
    stage.apply(group())
    stage.remember("ModelPackageGroup", "fraud", {"format": 2})
    assert stage.get("ModelPackageGroup", "fraud")["status"] == {**UNOBSERVED, "memory": {"format": 2}}
    stage.kubectl.must("delete", "modelpackagegroup", "fraud")
    stage.start()
    stage.apply(group())
    stage.ready()
    until(lambda: stage.get("ModelPackageGroup", "fraud")["status"]["observedGeneration"] == 1)
