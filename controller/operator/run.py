"""Construction of the operator, and its run until a signal."""

import logging
import math
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from controller.aws_events.address import QueueAddress
from controller.aws_events.message import ResourceEvent
from controller.aws_events.queue import EventQueue, OwnRequests
from controller.core.cloud import Cloud, ListeningCloud
from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.gitops.metrics import SyncMetrics
from controller.gitops.notifications import AllowedHosts
from controller.operator.accounts import Accounts, Role, Tenants
from controller.operator.aws_events import object_enqueuer
from controller.operator.cache_sync import CacheSync, Relist
from controller.operator.cached_object import Item
from controller.operator.conditions import FirstStatus
from controller.operator.constants import KIND_NAMES, MANAGER
from controller.operator.context import OperatorContext, OperatorSettings
from controller.operator.default_set import own_set
from controller.operator.event_handler import ObjectEventHandler
from controller.operator.events import EventRecorder
from controller.operator.gitsync.controller import GitSyncController
from controller.operator.gitsync.namespace_syncs import Shared
from controller.operator.informer import ResourceEventHandler, inform
from controller.operator.kube.access import Access
from controller.operator.kube.api import Api
from controller.operator.leader_election import Lease
from controller.operator.metrics import OperatorMetrics
from controller.operator.object_cache import ObjectCache
from controller.operator.observed_cache import ObservedCache
from controller.operator.periodic import PeriodicThread, Sweep
from controller.operator.resource_controller import ResourceController
from controller.operator.secrets import Rotation, own_key
from controller.runtime.metrics import Metrics
from controller.runtime.probe_server import Pages, metrics_page, probe
from controller.runtime.reconciler import Workers
from controller.runtime.workqueue import Queue
from controller.source.git.snapshot import Mirrors

_log = logging.getLogger("sagectl.operator")
_RELIST_INTERVAL = 300.0
_POLL_INTERVAL = 1.0
_SWEEP_SECONDS = 60.0  # short, because nothing is observed after a start
_STUCK_SECONDS = 3600.0  # seconds of a GitSync's pass: a large repository takes thousands of calls
_PASSES = 2  # concurrent passes for each concurrent AWS call: between calls a pass waits for the cluster
_LAST = 2.0  # seconds of the grace period for releasing the Lease
_FLOWS = 3  # namespaces that may use their full share of workers


@dataclass(frozen=True)
class Setup:
    """The configuration of an operator process.

    ``kinds`` are the kinds to watch, GitSync among them. ``workers`` is the number of concurrent calls to an AWS
    account. ``cache`` is the folder of GitSyncs' repositories, ``hosts`` are the allowed hosts of their reports and
    messages. ``events`` is the queue with events of AWS.
    """

    access: Access
    connect: Callable[[Role], Cloud]
    rules: OperatorSettings = field(default_factory=OperatorSettings)
    tenants: Tenants = field(default_factory=Tenants)
    namespaces: Sequence[str] = ()
    kinds: frozenset[str] = KIND_NAMES
    home: str = "sagemaker-gitops"
    name: str = MANAGER
    serves: Callable[[Item], bool] = lambda _: True
    workers: int = 12
    grace: float = 25.0
    lease: float = 15.0
    host: str = "127.0.0.1"
    port: int = 8080
    cache: Path = Path("cache")
    tool: str = ""
    hosts: AllowedHosts = field(default_factory=AllowedHosts)
    events: QueueAddress | None = None


class Operator:
    """One process of the operator; ``ended`` is whether all its threads ended at the stop."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        share = setup.workers * _PASSES
        self.queue: Queue[Ref] = Queue(flow=lambda ref: ref.namespace, share=share)
        self.store = ObjectCache()
        self.intake = ObjectEventHandler(self.store, self.queue, setup.serves)
        self.process_metrics = Metrics()
        self.metrics = OperatorMetrics(self.process_metrics, self.queue, self.store)
        self.sync_metrics = SyncMetrics(self.process_metrics)
        self.api = Api(setup.access, connections=setup.workers * _PASSES * 2, count=self.metrics.request)
        self.recorder = EventRecorder(self.api, socket.gethostname())
        identity = f"{socket.gethostname()}-{os.getpid()}"
        self.lease = Lease(
            Api(setup.access, connections=1, timeout=setup.lease / 3),
            setup.home,
            setup.name,
            identity,
            duration=setup.lease,
            margin=setup.lease / 3,
            elected=self._on_elected,
        )
        self.health = Pages(setup.host, setup.port, self._pages())
        self.cache_sync = CacheSync(self.api, self.store, tuple(setup.namespaces), setup.kinds - {SYNC.kind})
        self.accounts = Accounts(setup.tenants, self._connect, setup.workers, self.lease.margin)
        self.workers: Workers[Ref] | None = None
        self.rounds: tuple[PeriodicThread, ...] = ()
        self.ended = True
        self.sync_queue: Queue[Ref] = Queue(flow=lambda ref: ref.namespace, share=setup.workers)
        self.syncs: GitSyncController | None = None
        self.sync_workers: Workers[Ref] | None = None
        self.own_requests = OwnRequests()
        self.events: EventQueue | None = None

    def run(self) -> None:
        """Run until a signal.

        Raises:
            ApiError: the operator's key or set can neither be read nor created.

        """
        setup = self.setup
        cluster = own_set(self.api, setup.home, f"{setup.name}-key")
        context = OperatorContext(
            api=self.api,
            store=self.store,
            intake=self.intake,
            accounts=self.accounts,
            observed=ObservedCache(),
            recorder=self.recorder,
            metrics=self.metrics,
            rules=replace(setup.rules, set=setup.rules.set or cluster),
            key=own_key(self.api, setup.home, f"{setup.name}-key", cluster),
            cluster=cluster,
            is_leader=self.lease.holds,
            now=lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        count = setup.workers * _FLOWS
        controller, synced = ResourceController(context), self.cache_sync.complete
        self.workers = Workers(controller, self.queue, count * _PASSES, synced, self.lease.holds)
        mirrors = Mirrors(setup.cache, self.process_metrics.git_request)
        shared = Shared(
            context, ObjectCache(), mirrors, setup.tool, self.sync_queue, self.sync_metrics, setup.hosts
        )
        self.syncs = syncs = GitSyncController(shared, setup.serves, setup.namespaces)
        self.sync_workers = Workers(
            syncs, self.sync_queue, count, synced, syncs.is_leader, stuck_after=_STUCK_SECONDS
        )
        self.sync_metrics.read_syncs(syncs.records)
        self.rounds = self._rounds(context, syncs)
        self.events = self._event_queue(context, syncs)
        handlers: dict[str, ResourceEventHandler] = dict.fromkeys(setup.kinds - {SYNC.kind}, self.intake)
        if SYNC.kind in setup.kinds:
            handlers[SYNC.kind] = syncs
        inform(handlers, setup.access, setup.namespaces, self._begin, self._shut_down)

    def _event_queue(self, context: OperatorContext, syncs: GitSyncController) -> EventQueue | None:
        """The queue of AWS's events, read under the operator's own identity by the replica that leads."""
        if self.setup.events is None:
            return None
        of_objects = object_enqueuer(context)

        def deliver(events: Sequence[ResourceEvent]) -> None:
            of_objects(events)
            syncs.changed_in_aws(events)

        return EventQueue(
            lambda: self._connect(Role()),
            self.setup.events,
            deliver,
            own=self.own_requests,
            is_leader=self.lease.holds,
            count=self.process_metrics.aws_event,
        )

    def _rounds(self, context: OperatorContext, syncs: GitSyncController) -> tuple[PeriodicThread, ...]:
        """Periodic tasks besides events; a gap of a watch requests a full relist."""
        rules, where = self.setup.rules, tuple(self.setup.namespaces)
        counting = PeriodicThread(
            "relist", Relist(self.api, self.intake, where).run_once, _RELIST_INTERVAL, _RELIST_INTERVAL
        )
        of_syncs = PeriodicThread(
            "relist of syncs", Relist(self.api, syncs, where).run_once, _RELIST_INTERVAL, _RELIST_INTERVAL
        )
        self.intake.gap, syncs.gap = counting.request, of_syncs.request
        return (
            counting,
            of_syncs,
            PeriodicThread(
                "sweep", Sweep(context, self.queue).run_once, rules.resync, min(_SWEEP_SECONDS, rules.resync)
            ),
            PeriodicThread("first status", FirstStatus(context).run_once, _POLL_INTERVAL, _POLL_INTERVAL),
            PeriodicThread(
                "secrets", Rotation(context, self.queue).run_once, rules.poll_seconds, rules.poll_seconds
            ),
        )

    def _begin(self) -> None:
        self.health.start()
        if self.setup.kinds != KIND_NAMES:
            _log.info("watching", extra={"fields": {"kinds": sorted(self.setup.kinds)}})
        _log.info("serving", extra={"fields": {"host": self.setup.host, "port": self.health.port}})
        self.lease.start()
        self.cache_sync.start()
        threading.Thread(target=self.accounts.prepare, name="account", daemon=True).start()
        if self.workers is not None and self.sync_workers is not None:
            self.recorder.start()
            self.workers.start()
            if SYNC.kind in self.setup.kinds:
                self.sync_workers.start()
        for each in self.rounds:
            each.start()
        if self.events is not None:
            self.events.start()

    def _shut_down(self) -> None:
        """Stop within the grace period: running passes may finish, except in its last seconds.

        In those no change is sent any more, and requests in flight arrive or are closed (the margin of the Lease). Only
        then the Lease is released; without time for that, it expires.
        """
        end = time.monotonic() + self.setup.grace
        last = min(self.lease.margin + _LAST, self.setup.grace / 2)
        self.accounts.stopping.set()
        self.ended = _run_in_parallel(self._stop_functions(), end - last - time.monotonic())
        self.lease.close()
        left = max(end - _LAST / 2 - time.monotonic(), 0.0)
        if self.accounts.changing.wait_for_end(min(self.lease.margin, left)) or left >= self.lease.margin:
            _run_in_parallel([self.lease.stop, self.recorder.stop], max(end - time.monotonic(), _LAST / 2))
        self.health.stop()

    def _stop_functions(self) -> list[Callable[[], object]]:
        """The functions that stop the parts, each of which waits for its current work."""
        rounds = [each.stop for each in self.rounds]
        workers = [partial(self.workers.stop, self.setup.grace)] if self.workers is not None else []
        events = [self.events.stop] if self.events is not None else []
        return [*events, self.cache_sync.stop, *workers, self._stop_syncs, *rounds]

    def _stop_syncs(self) -> None:
        if self.syncs is not None and self.sync_workers is not None:
            self.syncs.shared.stop.set()
            self.sync_workers.stop(math.inf)
            self.syncs.close()

    def _on_elected(self) -> None:
        """Reconcile all objects, because another replica may have changed them."""
        if self.syncs is not None:
            self.syncs.on_elected()
        self.intake.enqueue_all("elected")

    def _pages(self) -> dict[str, Callable[[], tuple[int, str, bytes]]]:
        return {
            "/healthz": probe(self._problem),
            "/readyz": probe(lambda: self.cache_sync.pending),
            "/metrics": metrics_page(self._metrics_text),
        }

    def _metrics_text(self) -> bytes:
        """Collect the state of syncs, which only the leader has."""
        is_leader = self.lease.holds()
        self.metrics.record_leadership(is_leader=is_leader)
        return self.process_metrics.text(of_syncs=is_leader)

    def _connect(self, role: Role) -> Cloud:
        """Open a role's account, with all its requests recorded."""
        cloud = ListeningCloud(self.setup.connect(role), self.process_metrics.aws_request)
        return ListeningCloud(cloud, self.own_requests.record) if self.setup.events else cloud

    def _problem(self) -> str:
        pools = (self.workers, self.sync_workers)
        return "; ".join(filter(None, [each.problem() for each in pools if each is not None]))


def _run_in_parallel(work: Sequence[Callable[[], object]], within: float) -> bool:
    """Run functions in parallel and wait up to some seconds; whether all have ended."""
    threads = [threading.Thread(target=each, name="stop", daemon=True) for each in work]
    for each in threads:
        each.start()
    end = time.monotonic() + within
    for each in threads:
        each.join(max(end - time.monotonic(), 0.0))
    return not any(each.is_alive() for each in threads)
