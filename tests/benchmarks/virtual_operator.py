"""One replica of the operator on a virtual clock, for counts and processor time without servers and threads.

Its controllers, cache, finalizer and rounds are the real ones (tests/simulation/replica.py); a cluster in this process
stands in the place of the API server, and botocore's HTTP and kopf are left out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from controller.core.ref import Ref
from controller.operator.constants import path_of
from controller.sandbox import Answer, Knobs, ManualClock, Sandbox
from tests.benchmarks.watch import is_ready
from tests.simulation.account import Account, open_account
from tests.simulation.cluster import Cluster
from tests.simulation.replica import NAMESPACE, Replica

Json = dict[str, Any]
_MOST = 3600.0  # seconds until a condition must be true


class _Account(Account):
    """An account that does not record what a request changed, which would take longer than the request."""

    def _noted(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return self.sandbox.answer(method, path, headers, body)


@dataclass
class VirtualOperator:
    """The operator, its cluster and its account; ``knobs`` are the sandbox's, ``step`` are seconds between polls."""

    knobs: Knobs = field(default_factory=Knobs)
    step: float = 0.25

    def __post_init__(self) -> None:
        """Start the replica; it is the leader from its first pass on."""
        self.account = _Account(Sandbox(clock=ManualClock(), knobs=self.knobs))
        cloud = open_account(self.account, 0)
        self.cluster = Cluster(self._wall)
        self.replica = Replica(self.account, self.cluster, cloud, "bench", "bench-0")
        self.replica.context.deletions.limit = 0
        self.replica.workers.ready.set()

    def create(self, documents: Iterable[Json]) -> None:
        """Create objects, as ``kubectl create`` does."""
        for each in documents:
            value = {**each, "metadata": {**each["metadata"], "namespace": NAMESPACE}}
            self.cluster.create(_path(each), value)

    def delete(self, documents: Iterable[Json]) -> None:
        """Request the end of objects, as ``kubectl delete --wait=false`` does."""
        for each in documents:
            self.cluster.delete(_path(each))

    def ready(self, documents: Iterable[Json]) -> float:
        """The seconds until objects are Ready."""
        paths = [_path(each) for each in documents]
        return self.until(lambda: all(is_ready(self.cluster.objects[path]) for path in paths))

    def gone(self, documents: Iterable[Json]) -> float:
        """The seconds until the cluster has none of these objects."""
        paths = [_path(each) for each in documents]
        return self.until(lambda: not any(path in self.cluster.objects for path in paths))

    def until(self, holds: Callable[[], bool]) -> float:
        """Advance the clock until a condition is true; returns the seconds.

        Raises:
            AssertionError: it never did.

        """
        began = self.account.seconds
        while True:
            self._work()
            if holds():
                return self.account.seconds - began
            assert self.account.seconds - began < _MOST, "it did not come to pass"
            self.account.wait(self.step)

    def wait(self, seconds: float, step: float | None = None) -> None:
        """Advance the clock."""
        end = self.account.seconds + seconds
        while self.account.seconds < end:
            self._work()
            self.account.wait(min(step or self.step, end - self.account.seconds))

    def deliver(self) -> None:
        """Deliver the events of the cluster to the operator, without running passes."""
        self.replica.lease.renew()
        self.replica._deliver()

    def calls(self) -> Counter[str]:
        """The calls to AWS since the last time, without that for the identity."""
        made = Counter(each.operation for each in self.account.sandbox.calls if each.service != "sts")
        self.account.sandbox.clear_calls()
        return made

    def _work(self) -> None:
        """Run all passes that are due now."""
        self.replica.tick(lambda: self.replica.workers.run_one(0))
        while self.replica.queue.depth():
            self.replica.tick(lambda: self.replica.workers.run_one(0))

    def _wall(self) -> str:
        return datetime.fromtimestamp(self.account.sandbox.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _path(document: Json) -> str:
    return str(path_of(Ref(document["kind"], document["metadata"]["name"], NAMESPACE)))
