"""The operator's own metrics: its queue, its objects and its requests to the API server."""

from collections import Counter

from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.operator.object_cache import ObjectCache
from controller.runtime import metrics
from controller.runtime.metrics import Labels, Metrics
from controller.runtime.workqueue import Queue


class OperatorMetrics:
    """Records what the operator does in the metrics of its process."""

    def __init__(self, to: Metrics, queue: Queue[Ref], store: ObjectCache) -> None:
        self.process = to
        self._store = store
        to.add(metrics.STATUS_WRITES, by=0)
        to.set(metrics.LEADING, to=0)
        to.read(metrics.QUEUE_DEPTH, lambda: {(): float(queue.depth())})
        to.read(metrics.QUEUE_OLDEST, lambda: {(): queue.oldest_age()})
        to.read(metrics.OBJECTS, self._objects)

    def reconciled(self, ref: Ref, reason: Reason, took: float, waited: float) -> None:
        """Record a reconciliation of an object, in seconds; without a reason if the object is deleted."""
        self.process.reconciled(ref.kind, reason.value, took)
        self.process.observe(metrics.QUEUE_WAIT, value=waited)

    def request(self, verb: str, resource: str, status: int) -> None:
        """Record a request to the API server; status 0 is one without an answer."""
        self.process.add(metrics.KUBE_REQUESTS, verb, resource, str(status))

    def record_status_write(self) -> None:
        """Record a write of a status."""
        self.process.add(metrics.STATUS_WRITES)

    def panicked(self) -> None:
        """Record a reconciliation that ended with an unexpected exception."""
        self.process.panicked()

    def record_leadership(self, *, is_leader: bool) -> None:
        """Record whether this replica leads."""
        self.process.set(metrics.LEADING, to=float(is_leader))

    def _objects(self) -> dict[Labels, float]:
        counts = Counter(
            (each.ref.kind, str(each.condition("Ready").get("status", "Unknown")))
            for each in self._store.all()
        )
        return {labels: float(count) for labels, count in counts.items()}
