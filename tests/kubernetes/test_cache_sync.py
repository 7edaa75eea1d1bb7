"""No pass begins before the caches are synced."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.core.reason import Reason
from controller.operator.cache_sync import CacheSync
from controller.operator.constants import path_of
from controller.operator.kube.access import access
from controller.operator.kube.api import Api
from controller.operator.object_cache import ObjectCache
from controller.operator.resource_controller import ResourceController
from controller.runtime.reconciler import Workers
from tests.kubernetes.documents import SERVING, config, group, model
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, wait_until
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.single_passes import OperatorPasses, operator_passes


@pytest.fixture
def operator(kubectl: Kubectl) -> Iterator[OperatorPasses]:
    """The operator's passes, run by the test."""
    with operator_passes(kubectl) as made:
        yield made


def test_caches_are_complete_when_they_have_all_listed_objects(operator: OperatorPasses) -> None:
    """Listed objects that no watch showed yet are reported by kind; later or deleted ones are not waited for."""
    refs = [operator.show(each) for each in (model(), config())]
    store = ObjectCache()
    cache_sync = CacheSync(operator.context.api, store, (operator.kubectl.namespace,))
    assert not cache_sync.call()
    assert cache_sync.pending == "1 of endpointconfigs not seen yet; 1 of models not seen yet"
    store.put(refs[1], operator.context.api.get(path_of(refs[1])))
    assert not cache_sync.call()
    assert cache_sync.pending == "1 of models not seen yet"
    operator.kubectl.apply(model(name="later"))
    operator.kubectl.must("delete", "model.sagemaker.gitops.dev", "fraud")
    assert cache_sync.call()
    assert cache_sync.pending == ""


def test_unlisted_kinds_are_reported_and_waited_for(operator: OperatorPasses) -> None:
    """Without permissions no object counts as absent."""
    foreign = Api(replace(access(operator.kubectl.access.kubeconfig), token="nobody", certificate=None))
    cache_sync = CacheSync(foreign, operator.context.store)
    assert not cache_sync.call()
    assert "models can't be listed" in cache_sync.pending


def test_no_pass_begins_before_the_caches_are_complete(operator: OperatorPasses) -> None:
    """Workers do not read the queue until the caches are complete."""
    ref = operator.show(group())
    ready = threading.Event()
    controller = ResourceController(operator.context)
    workers = Workers(controller, operator.context.intake.queue, 2, ready, operator.context.is_leader)
    workers.start()
    try:
        time.sleep(1.0)
        assert operator.sandbox.calls == ()
        ready.set()
        wait_until(lambda: Reason.READY.value in str(operator.context.api.get(path_of(ref)).get("status")))
    finally:
        workers.stop(10)


def test_all_deleted_while_down_go_in_reverse_order(stage: OperatorStage) -> None:
    """Dependents are deleted first, though the objects arrive by kind when the operator is back."""
    first = stage.start(kinds=ALL_KINDS)
    stage.apply(*SERVING)
    stage.ready()
    first.terminate()
    first.wait(30)
    made = len(stage.changes())
    stage.kubectl.must("delete", "sagemaker", "--all", "--wait=false")
    stage.start(kinds=ALL_KINDS)
    wait_until(lambda: stage.gone(*SERVING))
    assert stage.changes()[made:] == ["DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"]
    assert stage.refused() == []
