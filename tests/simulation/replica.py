"""A replica of the operator in a history: what ``controller.operator.run`` puts together, without its threads."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event

from controller.core.cloud import Call, Cloud, CloudWrapper, Json
from controller.core.ref import Ref
from controller.engine.shared_reads import SharedReads
from controller.kinds import KINDS
from controller.operator.accounts import Accounts, FencedCloud, Tenants
from controller.operator.cache_sync import Relist
from controller.operator.conditions import FirstStatus
from controller.operator.constants import KIND_NAMES, plural_of
from controller.operator.context import OperatorContext, OperatorSettings
from controller.operator.event_handler import ObjectEventHandler
from controller.operator.events import EventRecorder
from controller.operator.informer import ResourceEventHandler
from controller.operator.leader_election import Lease
from controller.operator.metrics import OperatorMetrics
from controller.operator.object_cache import ObjectCache
from controller.operator.observed_cache import ObservedCache
from controller.operator.periodic import Sweep
from controller.operator.resource_controller import ResourceController
from controller.runtime.clock import Clock
from controller.runtime.metrics import Metrics
from controller.runtime.reconciler import Workers
from controller.runtime.throttling import BRIEF, CallerPriority, WaitLimit
from controller.runtime.workqueue import Queue
from tests.simulation.account import Account
from tests.simulation.cluster import Cluster, ClusterClient, ClusterLink
from tests.simulation.passes import Interruption, KillableCloud

NAMESPACE, HOME, LEASE = "ml", "sagemaker-gitops", "operator"
DURATION = 15.0  # seconds of a Lease
_LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{HOME}/leases/{LEASE}"
_SWEEP, _RELIST = 3600.0, 300.0
_KIND_OF = {plural_of(kind): kind for kind in KIND_NAMES}
_MOST = 60  # passes of one tick; more would not end


@dataclass(frozen=True)
class LeaderChecker(CloudWrapper):
    """A cloud that records changes by a replica that does not hold the Lease; ``late`` are their operations."""

    account: Account
    cluster: Cluster
    me: str
    late: list[str]

    def call(self, call: Call) -> Json:
        """Make one call."""
        before = len(self.account.mutations)
        try:
            return self.cloud.call(call)
        finally:
            holder = self.cluster.objects.get(_LEASE, {}).get("spec", {}).get("holderIdentity")
            if holder != self.me:
                self.late.extend(each.record.operation for each in self.account.mutations[before:])


class UnwaitedAccounts(Accounts):
    """Accounts whose calls are not waited for: time does not pass within a pass."""

    def fenced_cloud(
        self, namespace: str, reconcile_id: str, is_leader: Callable[[], bool], by: CallerPriority = BRIEF
    ) -> FencedCloud | None:
        """The cloud of a namespace for one pass."""
        found = super().fenced_cloud(namespace, reconcile_id, is_leader, by)
        return None if found is None else replace(found, timeout=WaitLimit())


class _Metrics(OperatorMetrics):
    """The metrics of a replica; ``panics`` are passes that ended with an unexpected exception."""

    panics = 0

    def panicked(self) -> None:
        self.panics += 1


@dataclass
class Replica:
    """One process of the operator of a cluster.

    Attributes:
        rate: seconds of its clock in a second.
        frozen: whether it stands still, as a process that the system has stopped.
        posted: its Events.
        namespaces: those that it watches.
        most: how many passes one tick makes.

    """

    account: Account
    cluster: Cluster
    aws: Cloud
    of: str
    me: str
    rate: float = 1.0
    link: ClusterLink = field(default_factory=ClusterLink)
    interruption: Interruption = field(default_factory=Interruption)
    frozen: bool = False
    late: list[str] = field(default_factory=list)
    posted: list[Json] = field(default_factory=list)
    namespaces: tuple[str, ...] = (NAMESPACE,)
    most: int = _MOST
    seen: int = 0
    led: int = 0

    def __post_init__(self) -> None:
        clock = self.clock = Clock(self.now, self.account.sandbox.clock.now, lambda: 0.5)
        self.api = ClusterClient(self.cluster, self.link)
        self.queue: Queue[Ref] = Queue(clock, flow=lambda ref: ref.namespace, share=1)
        self.store = ObjectCache(self.now)
        self.intake = ObjectEventHandler(self.store, self.queue)
        self.takers: dict[str, ResourceEventHandler] = dict.fromkeys(KINDS, self.intake)
        self.lease = Lease(self.api, HOME, LEASE, self.me, DURATION, now=self.now, elected=self._elected)
        self.metrics = _Metrics(Metrics(), self.queue, self.store)
        self.context = OperatorContext(
            api=self.api,
            store=self.store,
            intake=self.intake,
            accounts=self._accounts(),
            observed=ObservedCache(self.now),
            recorder=EventRecorder(self.api, self.me),
            metrics=self.metrics,
            rules=OperatorSettings(set=self.of, threads=1),
            key="key of the operator",
            cluster=self.of,
            is_leader=self.lease.holds,
            now=lambda: datetime.fromtimestamp(clock.wall(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            clock=clock,
        )
        self.workers = Workers(ResourceController(self.context), self.queue, 1, Event(), self.lease.holds)
        self.relist = Relist(self.api, self.intake, self.namespaces)
        self._begin()
        self.sweep, self.first = Sweep(self.context, self.queue), FirstStatus(self.context)
        self.due = {"sweep": self.now() + 60.0, "relist": self.now() + _RELIST}
        self.gap()

    def _accounts(self) -> Accounts:
        """The one account, with recorded changes."""
        cloud = KillableCloud(
            LeaderChecker(self.aws, self.account, self.cluster, self.me, self.late), self.interruption
        )
        accounts = UnwaitedAccounts(Tenants(), lambda _: cloud, 1)
        accounts._reads[self.aws.identity] = SharedReads(self.now, waits=False)
        return accounts

    def _begin(self) -> None:
        """Nothing; the process has no further parts here."""

    def now(self) -> float:
        """The seconds of its own clock."""
        return self.account.seconds * self.rate

    def _elected(self) -> None:
        self.led += 1
        self.intake.enqueue_all("elected")

    def gap(self) -> None:
        """The watch starts again (410 Gone): with a list, which shows no deletion of the time before."""
        self.seen = len(self.cluster.events)
        self.intake.gap = lambda: self.due.update(relist=0.0)
        for path, value in self.cluster.objects.items():
            ref, taker = self._taken(path)
            if ref is not None:
                taker.on_listed(ref, value)

    def tick(self, watch: Callable[[], object]) -> None:
        """The events of one instant: watch events, the Lease, periodic jobs, and all due passes.

        Args:
            watch: makes each pass, with what is judged around it.

        """
        if self.frozen:
            return
        if not self.link.cut:
            self._deliver()
        self.lease.renew()
        for name, every, work in (
            ("sweep", _SWEEP, self.sweep.run_once),
            ("relist", _RELIST, self.relist.run_once),
        ):
            if self.now() >= self.due[name]:
                self.due[name] = self.now() + every
                work()
        if self.lease.holds():
            self.first.run_once()
        for _ in range(self.most):
            if not self.lease.holds() or not self.queue.depth():
                break
            watch()
        self.post()

    def post(self) -> None:
        """Post the waiting Events."""
        while not self.context.recorder._waiting.empty():
            event = self.context.recorder._waiting.get()
            self.posted += [event.body] if event else []

    def _deliver(self) -> None:
        for path, value, gone in self.cluster.events[self.seen :]:
            ref, taker = self._taken(path)
            if ref is not None and gone:
                taker.on_deleted(ref, value["metadata"]["uid"])
            elif ref is not None:
                taker.on_object(ref, value)
        self.seen = len(self.cluster.events)

    def _taken(self, path: str) -> tuple[Ref | None, ResourceEventHandler]:
        """The object of ours at a path, and the handler for it; None for any other."""
        *_, namespace, plural, name = path.split("/")
        kind = _KIND_OF.get(plural, "")
        taker = self.takers.get(kind)
        return (Ref(kind, name, namespace), taker) if taker else (None, self.intake)
