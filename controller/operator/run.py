"""The operator put together, and run until a signal."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from controller.core.cloud import Cloud
from controller.core.ref import Ref
from controller.crds.own import SYNC
from controller.fronts.git.snapshot import Mirrors
from controller.fronts.pages import Pages, measured, probe
from controller.fronts.sync.loop import Threads
from controller.fronts.sync.metrics import Metrics as SyncMetrics
from controller.operator.accounts import Accounts, Role, Tenants
from controller.operator.census import Census
from controller.operator.desk import Desk, Rules
from controller.operator.events import Teller
from controller.operator.gitsync.driver import Driver
from controller.operator.gitsync.roster import Roster
from controller.operator.gitsync.shared import Shared
from controller.operator.informer import Taker, inform
from controller.operator.intake import Intake
from controller.operator.item import Item
from controller.operator.kube.access import Access
from controller.operator.kube.api import Api
from controller.operator.lease import Lease
from controller.operator.metrics import Metrics
from controller.operator.own_set import own_set
from controller.operator.queue import Queue
from controller.operator.roll import Roll
from controller.operator.rotation import Rotation
from controller.operator.rounds import Rounds
from controller.operator.secrets import own_key
from controller.operator.sights import Sights
from controller.operator.store import Store
from controller.operator.sweep import Sweep
from controller.operator.words import MANAGER, kinds_by_plural
from controller.operator.workers import Workers

_log = logging.getLogger("sagectl.operator")
_CENSUS = 300.0
_SWEEP = 60.0  # soon, for after a start nothing was seen yet
_TURNS = 2  # for each call to AWS at once: between its calls a turn waits for the cluster
_STUCK = 600.0  # seconds after which a key that nobody takes means that the workers are


@dataclass(frozen=True)
class Setup:
    """How an operator is to run.

    ``workers`` is how many calls are made to an AWS account at once.
    ``cache`` is where repositories are kept that GitSyncs follow, ``hosts`` are those that their messages may go to.
    """

    access: Access
    connect: Callable[[Role], Cloud]
    rules: Rules = field(default_factory=Rules)
    tenants: Tenants = field(default_factory=Tenants)
    namespaces: Sequence[str] = ()
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
    hosts: frozenset[str] = frozenset()


class Operator:
    """One process of the operator."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.queue: Queue[Ref] = Queue()
        self.store = Store()
        self.intake = Intake(self.store, self.queue, setup.serves)
        self.metrics = Metrics(self.queue, self.store)
        self.measures = SyncMetrics()
        self.api = Api(setup.access, connections=setup.workers * _TURNS * 2, count=self.metrics.request)
        self.teller = Teller(self.api, socket.gethostname())
        me = f"{socket.gethostname()}-{os.getpid()}"
        self.lease = Lease(
            Api(setup.access, connections=1, patience=setup.lease / 3),
            setup.home,
            setup.name,
            me,
            duration=setup.lease,
            margin=setup.lease / 3,
            elected=self._elected,
        )
        self.health = Pages(setup.host, setup.port, self._pages())
        self.roll = Roll(self.api, self.store, tuple(setup.namespaces))
        self.accounts = Accounts(setup.tenants, setup.connect, setup.workers, self.lease.margin)
        self.workers: Workers | None = None
        self.rounds: tuple[Rounds, ...] = ()
        self.driver: Driver | None = None

    def run(self) -> None:
        """Work until a signal.

        Raises:
            ApiError: the operator's own key or set can neither be read nor made.

        """
        setup = self.setup
        cluster = own_set(self.api, setup.home, f"{setup.name}-key")
        desk = Desk(
            api=self.api,
            store=self.store,
            intake=self.intake,
            accounts=self.accounts,
            sights=Sights(),
            teller=self.teller,
            metrics=self.metrics,
            rules=replace(setup.rules, set=setup.rules.set or cluster),
            key=own_key(self.api, setup.home, f"{setup.name}-key", cluster),
            cluster=cluster,
            leads=self.lease.leads,
            now=lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        self.workers = Workers(desk, self.queue, setup.workers * _TURNS, self.roll.complete)
        threads = Threads(setup.workers)
        mirrors = Mirrors(setup.cache, self.measures.asked_git)
        shared = Shared(desk, Store(), mirrors, setup.tool, threads, setup.hosts, self.measures)
        roster = Roster(shared, setup.serves)
        self.measures.stand(roster.standing)
        self.driver = Driver(roster, threads, setup.namespaces)
        self.rounds = self._rounds(desk, roster)
        takers: dict[str, tuple[str, Taker]] = {
            plural: (kind, self.intake) for plural, kind in kinds_by_plural().items()
        }
        takers[SYNC.plural] = SYNC.kind, roster
        inform(takers, setup.access, setup.namespaces, self._begin, self._end)

    def _rounds(self, desk: Desk, roster: Roster) -> tuple[Rounds, ...]:
        """What is looked at besides events; a gap of a watch asks for a census."""
        rules, where = self.setup.rules, tuple(self.setup.namespaces)
        counting = Rounds("census", Census(self.api, self.intake, where).once, _CENSUS, _CENSUS)
        of_syncs = Rounds("census of syncs", Census(self.api, roster, where).once, _CENSUS, _CENSUS)
        self.intake.gap, roster.gap = counting.ask, of_syncs.ask
        return (
            counting,
            of_syncs,
            Rounds("sweep", Sweep(desk, self.queue).once, rules.resync, min(_SWEEP, rules.resync)),
            Rounds("secrets", Rotation(desk, self.queue).once, rules.poll, rules.poll),
        )

    def _begin(self) -> None:
        self.health.start()
        _log.info("serving", extra={"told": {"host": self.setup.host, "port": self.health.port}})
        self.lease.start()
        self.roll.start()
        threading.Thread(target=self.accounts.prepare, name="account", daemon=True).start()
        if self.workers is not None and self.driver is not None:
            self.teller.start()
            self.workers.start()
            self.driver.start()
        for each in self.rounds:
            each.start()

    def _end(self) -> None:
        self.roll.stop()
        if self.workers is not None:
            self.workers.stop(self.setup.grace)
        if self.driver is not None:
            self.driver.stop()
        for each in self.rounds:
            each.stop()
        self.teller.stop()
        self.lease.stop()
        self.health.stop()

    def _elected(self) -> None:
        """What another replica did meanwhile is in the objects; look at all of them."""
        self.metrics.leading.set_function(lambda: float(self.lease.leads()))
        self.intake.everything("elected")

    def _pages(self) -> dict[str, Callable[[], tuple[int, str, bytes]]]:
        return {
            "/healthz": probe(self._trouble),
            "/readyz": probe(lambda: self.roll.lacking),
            "/metrics": measured(self._measured),
        }

    def _measured(self) -> bytes:
        """Of syncs only the replica that leads knows how they stand."""
        return self.metrics.text() + (self.measures.text() if self.lease.leads() else b"")

    def _trouble(self) -> str:
        waited = self.queue.oldest() if self.lease.leads() else 0.0
        return f"an object has waited for {waited:.0f} s" if waited > _STUCK else ""
