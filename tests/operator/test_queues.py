"""The queues of the operator: each namespace is a flow, for objects and for GitSyncs."""

import pytest

from controller.aws import connect
from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.operator.kube.access import Access
from controller.operator.run import Operator, Setup
from controller.sandbox import Sandbox

WORKERS = 2


@pytest.mark.parametrize("kind", ["Model", SYNC.kind])
def test_a_namespace_leaves_workers_to_others(kind: str) -> None:
    """A thousand keys of one namespace delay another's by one, and never use all the workers."""
    cloud = connect(region="us-east-1", attach=Sandbox().attach)
    operator = Operator(Setup(Access("https://127.0.0.1:1"), lambda _: cloud, workers=WORKERS, port=0))
    operator.health.start()
    operator.health.stop()
    queue = operator.sync_queue if kind == SYNC.kind else operator.queue
    for number in range(1000):
        queue.add(Ref(kind, f"n{number}", "many"))
    queue.add(Ref(kind, "one", "few"))
    taken = []
    while (request := queue.get(0)) is not None:
        taken.append(request.key.namespace)
    assert taken.index("few") <= 1
    assert taken.count("many") == (WORKERS if kind == SYNC.kind else 2 * WORKERS)
