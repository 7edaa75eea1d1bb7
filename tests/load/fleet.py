"""An operator with many objects in many namespaces and accounts: its own controllers, in one process and on one clock.

The API server is ``Cluster`` of the simulation, because etcd and kube-apiserver take more of the machine than the
operator that is measured; ``tests/benchmarks/operator.py`` measures with the real ones. The accounts are sandboxes,
each behind a boto3 client of its own. Passes are made one after the other in this thread, so many in a tick, which
stands for the workers: what is counted does not depend on how busy the machine is.
"""

import copy
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from controller.aws import connect
from controller.aws.rate_limit import RateLimiters
from controller.aws.rate_quotas import UNLISTED
from controller.core.cloud import Cloud
from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.engine.shared_reads import SharedReads
from controller.gitops.metrics import SyncMetrics
from controller.operator.accounts import Accounts, Role, Tenants
from controller.operator.constants import path_of
from controller.operator.gitsync.controller import GitSyncController
from controller.operator.gitsync.namespace_syncs import Shared
from controller.operator.kube.api import Json
from controller.operator.object_cache import ObjectCache
from controller.runtime.reconciler import Reconciler, ReconcileResult, Workers
from controller.runtime.workqueue import Queue, ReconcileRequest
from controller.sandbox import ManualClock, Sandbox
from controller.source.git.snapshot import Snapshot
from controller.source.git.source import Source
from tests.benchmarks.watch import is_ready
from tests.simulation.account import Account, attach_unsigned
from tests.simulation.cluster import Cluster
from tests.simulation.replica import Replica, UnwaitedAccounts
from tests.simulation.syncs import Commits

TICK = 3.0  # seconds
_ANY = 100_000  # passes of a tick


@dataclass
class MultiAccount(Account):
    """A number of accounts on one clock."""

    number: int = 1
    sandboxes: list[Sandbox] = field(init=False)
    clouds: list[Cloud] = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        assert isinstance(self.sandbox.clock, ManualClock)
        limiters = RateLimiters(UNLISTED, now=lambda: self.seconds)
        self.sandboxes = [
            Sandbox(account=f"{each + 1:012d}", clock=self.sandbox.clock) for each in range(self.number)
        ]
        self.clouds = [
            connect(
                region="us-east-1", attach=partial(attach_unsigned, handler=each.answer), limiters=limiters
            )
            for each in self.sandboxes
        ]

    def role(self, number: int) -> Role:
        """A role of an account."""
        return Role(f"arn:aws:iam::{self.sandboxes[number].account}:role/operator")

    def cloud(self, role: Role) -> Cloud:
        """The cloud of the account of a role."""
        return self.clouds[int(role.arn.split(":")[4]) - 1]

    def calls(self) -> int:
        """The number of requests."""
        return sum(len(each._calls) for each in self.sandboxes)


@dataclass
class IndexedCluster(Cluster):
    """A cluster with an index of its lists."""

    lists: dict[str, dict[str, Json]] = field(default_factory=dict)

    def store(self, path: str, value: Json) -> Json:
        """Store a new state of an object, and update the index."""
        made = super().store(path, value)
        held = self.lists.setdefault(path.rpartition("/")[0], {})
        held[path] = made
        if path not in self.objects:
            del held[path]
        return made

    def list_objects(self, path: str) -> list[Json]:
        """The objects of a list."""
        return list(self.lists.get(path, {}).values())


class _Repository(Commits):
    """A repository of which each GitSync reads a path of its own."""

    def __init__(self, documents: Callable[[str], tuple[str, ...]], now: Callable[[], float]) -> None:
        super().__init__(tuple, now)
        self._documents = documents

    def fetch_snapshot(self, source: Source, **options: Any) -> Snapshot:
        """The files of the newest commit below a path."""
        self._tree = lambda: self._documents(source.path)
        return super().fetch_snapshot(source, **options)


@dataclass
class _CountedReconciler:
    """A reconciler whose passes are counted by namespace."""

    reconciler: Reconciler[Ref]
    passes: Counter[str]

    def reconcile(self, request: ReconcileRequest[Ref]) -> ReconcileResult:
        """One pass."""
        self.passes[request.key.namespace] += 1
        return self.reconciler.reconcile(request)


@dataclass
class FleetReplica(Replica):
    """A replica for namespaces with a role each; it follows GitSyncs, of which all read one repository.

    Attributes:
        tenants: the roles.
        documents: the files below a path of the repository.
        passes: the number of passes, by namespace.

    """

    tenants: Tenants = field(default_factory=Tenants)
    documents: Callable[[str], tuple[str, ...]] = lambda _: ()
    passes: Counter[str] = field(default_factory=Counter)

    def _accounts(self) -> Accounts:
        land = self.account
        assert isinstance(land, MultiAccount)
        accounts = UnwaitedAccounts(self.tenants, land.cloud, 1)
        for each in land.clouds:
            accounts._reads[each.identity] = SharedReads(self.now, waits=False)
        return accounts

    def _begin(self) -> None:
        self.sync_queue: Queue[Ref] = Queue(self.clock, flow=lambda ref: ref.namespace, share=1)
        shared = Shared(
            self.context,
            ObjectCache(self.now),
            _Repository(self.documents, self.clock.now),
            "0",
            self.sync_queue,
            SyncMetrics(self.metrics.process),
        )
        self.syncs = GitSyncController(shared, namespaces=self.namespaces)
        self.takers[SYNC.kind] = self.syncs
        self.workers.reconciler = _CountedReconciler(self.workers.reconciler, self.passes)
        of_syncs = _CountedReconciler(self.syncs, self.passes)
        self.sync_workers = Workers(of_syncs, self.sync_queue, 1, self.workers.ready, self.syncs.is_leader)


@dataclass
class Fleet:
    """The operator, its cluster and its accounts.

    Attributes:
        namespaces: the number of the account of each.
        capacity: the most passes in a tick.
        files: what the repository of the GitSyncs holds below a path.

    """

    namespaces: Mapping[str, int]
    capacity: int = _ANY
    files: Callable[[str], tuple[str, ...]] = lambda _: ()
    land: MultiAccount = field(init=False)
    minutes: list[Counter[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.land = accounts = MultiAccount(number=1 + max(self.namespaces.values()))
        self.cluster = IndexedCluster(lambda: "2026-01-01T00:00:00Z")
        self.replica = FleetReplica(
            accounts,
            self.cluster,
            accounts.clouds[0],
            "fleet",
            "fleet-0",
            namespaces=tuple(self.namespaces),
            tenants=Tenants({name: accounts.role(number) for name, number in self.namespaces.items()}),
            documents=self._read,
        )

    def _read(self, path: str) -> tuple[str, ...]:
        return self.files(path)

    def create(self, namespace: str, documents: Sequence[Json]) -> None:
        """Create objects in a namespace."""
        for each in documents:
            value = copy.deepcopy(dict(each))
            value["metadata"]["namespace"] = namespace
            self.cluster.create(self.path(namespace, each), value)

    def path(self, namespace: str, document: Json) -> str:
        """The path of an object."""
        return str(path_of(Ref(document["kind"], document["metadata"]["name"], namespace)))

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Advance the clock in ticks until a condition is true; returns whether it became true."""
        end = self.land.seconds + seconds
        while self.land.seconds < end and not until():
            self.tick(TICK)
        return until()

    def settle(self, seconds: float, stride: float) -> None:
        """Advance the clock in steps; after each the Lease is acquired again and everything due runs."""
        end = self.land.seconds + seconds
        while self.land.seconds < end:
            self.tick(TICK)
            self.tick(stride - TICK)

    def tick(self, seconds: float) -> None:
        """Run everything that is due now, then advance by so many seconds."""
        before, left = self.replica.passes.copy(), self.capacity

        def one() -> None:
            nonlocal left
            left -= 1
            self.replica.workers.run_one(0)
            self.replica.post()  # as the recorder's thread does meanwhile

        self.replica.most = self.capacity
        self.replica.tick(one)
        while left > 0 and self.replica.sync_queue.depth() and self.replica.syncs.is_leader():
            left -= 1
            self.replica.sync_workers.run_one(0)
            self.replica.post()
        minute = int(self.land.seconds // 60)
        while len(self.minutes) <= minute:
            self.minutes.append(Counter())
        self.minutes[minute].update(self.replica.passes - before)
        self.land.wait(seconds)

    def ready(self, *namespaces: str) -> int:
        """The number of Ready objects, in these namespaces or in all."""
        return sum(
            is_ready(value)
            for value in self.cluster.objects.values()
            if "spec" in value and (not namespaces or value["metadata"].get("namespace") in namespaces)
        )

    def forget(self) -> None:
        """Drop the events and requests that only the test records."""
        self.replica._deliver()
        self.cluster.events.clear()
        self.replica.seen = 0
        self.replica.posted.clear()
        self.minutes.clear()
        for each in self.land.sandboxes:
            each.clear_calls()


def sync_object(name: str, path: str = "") -> dict[str, Any]:
    """A GitSync of a part of the repository."""
    source: dict[str, Any] = {"url": "https://git.example.com/team/models.git", "ref": {"branch": "main"}}
    return {
        "apiVersion": SYNC.api_version,
        "kind": SYNC.kind,
        "metadata": {"name": name},
        "spec": {"source": {**source, **({"path": path} if path else {})}, "interval": "60s"},
    }
