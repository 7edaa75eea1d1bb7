"""A sync of a history's tree: the real follower, queue and status files, and the files of a commit in place of git.

The git server is the one part that is left out, for it takes programs; tests/gitops has syncs with a real one.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from controller.core.cloud import Cloud
from controller.gitops.registry import SyncRegistry
from controller.gitops.status import SyncRecord, SyncResult
from controller.gitops.status_store import Folder
from controller.gitops.sync import Sync, SyncContext, Timing
from controller.gitops.sync_controller import SyncController
from controller.inventory.model import LockedInventoryStore
from controller.inventory.observation_cache import SUFFIX, ObservationCache, ObservationFile
from controller.runtime.clock import Clock
from controller.runtime.reconciler import Workers
from controller.runtime.throttling import CallerPriority, PassCloud, WaitLimit
from controller.runtime.workqueue import Queue
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.source.git.snapshot import Mirrors, Snapshot
from controller.source.git.source import Source
from tests.simulation.account import Account
from tests.simulation.history import SET
from tests.simulation.inventories import Inventories
from tests.simulation.passes import Interruption, KillableCloud, KillableStore

POLL = 60.0  # seconds
TIMING = Timing(interval=60, drift=600, poll=POLL, timeout=3600)


class Commits(Mirrors):
    """The newest commit of the repository, with the documents of the history."""

    def __init__(self, tree: Callable[[], tuple[str, ...]], now: Callable[[], float]) -> None:
        self._tree, self._time = tree, now

    def fetch_snapshot(self, source: Source, **_: Any) -> Snapshot:
        """The files of the newest commit."""
        texts = self._tree()
        revision = hashlib.sha1("".join(texts).encode(), usedforsecurity=False).hexdigest()
        files = tuple((f"doc{number}.yaml", text.encode()) for number, text in enumerate(texts))
        return Snapshot("refs/heads/main", revision, revision, revision, files)

    def last_request_time(self, source: Source) -> float:
        """It is read each time."""
        return self._time()


@dataclass
class SyncProcess:
    """A sync process, as ``SyncHost`` and ``SyncListener`` of its one sync."""

    account: Account
    aws: Cloud
    inventories: Inventories
    tree: Callable[[], tuple[str, ...]]
    value: Callable[[Mapping[str, Any]], str]
    prune: bool
    concurrency: int = 1  # concurrent calls of a pass; with one, a history makes the same calls each time
    interruption: Interruption = field(default_factory=Interruption)
    renews: bool = False
    panics: int = 0
    observed: dict[str, ObservationCache] = field(default_factory=dict)

    def __post_init__(self) -> None:
        clock = Clock(
            now=lambda: self.account.seconds, wall=self.account.sandbox.clock.now, chance=lambda: 0.5
        )
        commits = Commits(self.tree, clock.now)
        self.context = context = SyncContext(
            commits,
            self,
            Folder(self.inventories.folder / "state"),
            self,
            "0",
            clock,
            concurrency=self.concurrency,
        )
        queue: Queue[str] = Queue(clock)
        selector = RevisionSelector(RevisionForm.BRANCH, "main")
        source = Source("https://git.example.com/team/models.git", selector)
        sync = Sync(SET, source, prune=self.prune, timing=TIMING, secret_env=frozenset({"SECRET"}))
        self.registry = SyncRegistry((sync,), context, queue.add)
        self.workers = Workers(SyncController(self.registry, clock), queue, 1, Event())

    def run(self, seconds: float) -> None:
        """Advance the clock, and run everything that is due."""
        end = self.account.seconds + seconds
        while self.account.seconds < end:
            self.registry.enqueue_requested()
            for _ in range(max(self.workers.queue.depth(), 1)):
                self.workers.run_one(0)
            self.account.wait(POLL)

    @property
    def record(self) -> SyncRecord:
        """The record of the sync."""
        return self.registry.followers[SET].record

    def cloud(self, sync: Sync, by: CallerPriority) -> Cloud:
        """The account, with throttled calls refused at once: time does not pass within a pass."""
        return PassCloud(KillableCloud(self.aws, self.interruption), sync.name, WaitLimit())

    def inventory(self, sync: Sync) -> LockedInventoryStore:
        """The inventory of the set."""
        return KillableStore(self.inventories.opened(SET), self.interruption)

    inventory_reader = inventory

    def observations(self, sync: Sync) -> ObservationCache:
        """The observations of earlier passes of the set, while its process runs."""
        path = self.inventories.folder / f"{sync.owner}{SUFFIX}"
        return self.observed.setdefault(sync.owner, ObservationCache(ObservationFile(path)))

    def secret(self, sync: Sync, reference: Mapping[str, Any]) -> str:
        """The value of a secret."""
        return self.value(reference)

    def with_current_settings(self, sync: Sync) -> Sync:
        """The sync."""
        return sync

    def reconciled(self, result: SyncResult) -> None:
        """Nothing is counted."""

    def panicked(self) -> None:
        """A pass ended with an unexpected exception."""
        self.panics += 1

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Nothing is logged."""

    def record_changed(self, sync: Sync, before: SyncRecord, now: SyncRecord) -> None:
        """Nobody is notified."""
