"""What is counted and measured, for Prometheus."""

from controller.core.cloud import Call
from controller.core.ref import Ref
from controller.operator.object_cache import Store
from controller.operator.reasons import Reason
from controller.runtime.workqueue import Queue

_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """One registry of its own, so that two operators in a process do not mix."""

    def __init__(self, queue: Queue[Ref], store: Store) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = CollectorRegistry()
        to = self.registry
        self._turns = Histogram(
            "sagectl_turn_seconds", "Time of a turn.", ["kind", "reason"], registry=to, buckets=_BUCKETS
        )
        self._waited = Histogram(
            "sagectl_queue_wait_seconds", "Time from due to begun.", registry=to, buckets=_BUCKETS
        )
        self._calls = Counter("sagectl_aws_calls", "Calls to AWS.", ["operation", "ended"], registry=to)
        self._requests = Counter(
            "sagectl_kube_requests", "Requests to the API server.", ["verb", "what", "status"], registry=to
        )
        self._writes = Counter("sagectl_status_writes", "Statuses written.", registry=to)
        self._bugs = Counter("sagectl_unexpected_errors", "Turns that broke.", registry=to)
        depth = Gauge("sagectl_queue_depth", "Objects that are due.", registry=to)
        depth.set_function(queue.depth)
        oldest = Gauge("sagectl_queue_oldest_seconds", "How long the oldest is due.", registry=to)
        oldest.set_function(queue.oldest)
        self.leading = Gauge("sagectl_leading", "1 while this replica holds the lease.", registry=to)
        self._objects = Gauge("sagectl_objects", "Objects by kind and Ready.", ["kind", "ready"], registry=to)
        self._store = store

    def reconciled(self, ref: Ref, reason: Reason | None, took: float, waited: float) -> None:
        """A turn ended."""
        self._turns.labels(ref.kind, reason.value if reason else "Gone").observe(took)
        self._waited.observe(max(waited, 0.0))

    def call(self, call: Call, ended: str) -> None:
        """A call to AWS ended."""
        self._calls.labels(call.operation, ended).inc()

    def request(self, verb: str, what: str, status: int) -> None:
        """A request to the API server was answered; status 0 is one that was not."""
        self._requests.labels(verb, what, str(status)).inc()

    def wrote(self) -> None:
        """A status was written."""
        self._writes.inc()

    def broke(self) -> None:
        """A turn broke unexpectedly."""
        self._bugs.inc()

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        from prometheus_client import generate_latest

        self._objects.clear()
        for each in self._store.all():
            self._objects.labels(each.ref.kind, str(each.condition("Ready").get("status", "Unknown"))).inc()
        return generate_latest(self.registry)
