"""A stage for syncs: a real git server, the sandbox behind a real client, and a manual clock."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from threading import Event
from typing import Any

from controller.aws import connect
from controller.aws.rate_limit import RateLimiters
from controller.aws.rate_quotas import UNLISTED
from controller.core.cloud import Cloud, ListeningCloud
from controller.gitops.metrics import SyncMetrics
from controller.gitops.reconciler import Follower
from controller.gitops.registry import SyncRegistry
from controller.gitops.status import SyncRecord, SyncResult
from controller.gitops.status_store import (
    Folder,
    SyncRequest,
    read_sync_request,
    sync_request_file,
    write_sync_request,
)
from controller.gitops.sync import Sync, SyncContext, Timing
from controller.gitops.sync_controller import SyncController
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import LockedInventoryStore
from controller.inventory.observation_cache import SUFFIX, ObservationCache, ObservationFile
from controller.runtime.clock import Clock
from controller.runtime.metrics import Metrics
from controller.runtime.reconciler import Workers
from controller.runtime.throttling import CallerPriority, PassCloud, WaitLimit
from controller.runtime.workqueue import Queue
from controller.sandbox import Sandbox
from controller.source.git.snapshot import Mirrors
from tests.botocore_shortcut import attach_short
from tests.source.git.following import git_source
from tests.source.git.forge import Forge
from tests.source.git.repository import Files, Repository

# An interval just below the waits of most tests: each poll starts processes, and shows nothing new.
TIMING = Timing(interval=110, drift=600, poll=30, timeout=3600)
_MOST_TURNS = 500


@dataclass
class SyncNotes:
    """The events and records of a sync."""

    events: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    records: list[SyncRecord] = field(default_factory=list)

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Record an event."""
        self.events.append((sync, event, fields))

    def record_changed(self, sync: Sync, before: SyncRecord, now: SyncRecord) -> None:
        """Record a status."""
        self.records.append(now)

    def names(self, sync: str) -> list[str]:
        """The events of a sync, without those of calls."""
        return [e for name, e, _ in self.events if name == sync and e not in ("called", "answered")]


@dataclass
class Stage:
    """Syncs, their repository, account and clock. ``wait`` advances the clock and runs everything that is due.

    With ``refresh`` each pass describes all resources, whatever an earlier one observed.
    """

    forge: Forge
    repository: Repository
    folder: Path
    refresh: bool = False
    sandbox: Sandbox = field(default_factory=Sandbox)
    notes: SyncNotes = field(default_factory=SyncNotes)
    secrets: dict[str, str] = field(default_factory=dict)
    seconds: float = field(default_factory=time.monotonic)
    metrics: SyncMetrics = field(default_factory=lambda: SyncMetrics(Metrics()))
    context: SyncContext | None = None
    fleet: SyncRegistry | None = None
    workers: Workers[str] | None = None

    @cached_property
    def cloud(self) -> Cloud:
        """A client of the sandbox."""
        limiters = RateLimiters(UNLISTED, now=lambda: self.seconds)
        attach = partial(attach_short, handler=self.sandbox.answer)
        return connect(region="us-east-1", attach=attach, limiters=limiters)

    @cached_property
    def mirrors(self) -> Mirrors:
        """The reader of repositories."""
        return Mirrors(self.folder / "cache", self.metrics.process.git_request)

    @cached_property
    def clock(self) -> Clock:
        """The clock, without jitter."""
        return Clock(now=lambda: self.seconds, wall=lambda: self.seconds + 1.7e9, chance=lambda: 0.5)

    def sync(self, name: str = "prod", **settings: Any) -> Sync:
        """A sync of a folder of the repository, ``deploy`` by default."""
        source = git_source(self.forge, path=settings.pop("path", "deploy"))
        return Sync(**{"name": name, "source": source, "timing": TIMING, **settings})

    def push(self, files: Files, **more: str) -> str:
        """Push a commit that holds these files, and no others."""
        return self.repository.commit(files, **more)

    def start(self, *syncs: Sync) -> Follower:
        """Start a process with these syncs; returns the first."""
        self.context = context = SyncContext(
            self.mirrors,
            StageHost(self),
            Folder(self.folder / "state"),
            self.notes,
            "0",
            self.clock,
        )
        queue: Queue[str] = Queue(self.clock)
        self.fleet = SyncRegistry(syncs, context, queue.add)
        self.workers = Workers(SyncController(self.fleet, self.clock), queue, 1, Event())
        return self.fleet.followers[syncs[0].name]

    def of(self, name: str) -> Follower:
        """The follower of a sync."""
        assert self.fleet is not None
        return self.fleet.followers[name]

    def record(self, name: str = "prod") -> SyncRecord:
        """The state of a sync."""
        return self.of(name).record

    def wait(self, seconds: float = 0.0, *, turns: int = _MOST_TURNS) -> None:
        """Advance our clock and the sandbox's."""
        end = self.seconds + seconds
        for _ in range(turns):
            left = self._run_due()
            if left > 0 and self.seconds >= end:
                return
            self._pass(min(left, end - self.seconds))
        raise AssertionError("the syncs do not come to rest")

    def step(self, seconds: float) -> None:
        """Run everything that is due now, and then advance the clocks: what becomes due meanwhile is late."""
        self._run_due()
        self._pass(seconds)

    def _run_due(self) -> float:
        """Reconcile each due sync once; returns the seconds until another is due."""
        assert self.fleet is not None
        assert self.workers is not None
        self.fleet.enqueue_requested()
        for _ in range(max(self.workers.queue.depth(), 1)):
            self.workers.run_one(0)
        due = min(each.due for each in self.fleet.followers.values())
        return 0.0 if self.workers.queue.depth() else max(due - self.seconds, 0.0)

    def _pass(self, seconds: float) -> None:
        self.seconds += seconds
        self.sandbox.clock.advance(seconds)  # type: ignore[attr-defined,unused-ignore]

    def request(self, name: str = "prod", **word: Any) -> None:
        """Write a request to a sync, as a person does from another process."""
        file = sync_request_file(self.folder / "state", name)
        before: SyncRequest = read_sync_request(file)
        write_sync_request(file, replace(before, **word))

    def mutations(self) -> list[str]:
        """The operations that changed the account, in order, refused ones left out."""
        return [record.operation for record in self.sandbox.calls if record.mutating and record.error is None]

    def deletions(self) -> list[str]:
        """The operations that deleted something."""
        return [name for name in self.mutations() if name.startswith(("Delete", "Stop"))]


@dataclass
class StageHost:
    """The account, the inventories and the secrets of a stage."""

    stage: Stage
    renews: bool = False
    observed: dict[str, ObservationCache] = field(default_factory=dict)

    def cloud(self, sync: Sync, by: CallerPriority) -> Cloud:
        """The account, with throttled calls refused at once: time does not pass within a pass."""
        del by
        cloud = ListeningCloud(self.stage.cloud, self.stage.metrics.process.aws_request)
        return PassCloud(cloud, sync.name, WaitLimit())

    def inventory(self, sync: Sync) -> LockedInventoryStore:
        """A sync's inventory, in a file."""
        return FileInventoryStore(self.stage.folder / f"inventory-{sync.owner}.json", sync.owner)

    def inventory_reader(self, sync: Sync) -> LockedInventoryStore:
        """The same."""
        return self.inventory(sync)

    def observations(self, sync: Sync) -> ObservationCache:
        """The observations of earlier passes of a sync, in a file beside its inventory."""
        path = self.stage.folder / f"inventory-{sync.owner}.json{SUFFIX}"
        if self.stage.refresh:
            return ObservationCache()
        return self.observed.setdefault(sync.owner, ObservationCache(ObservationFile(path)))

    def secret(self, sync: Sync, reference: Mapping[str, Any]) -> str:
        """A secret that a test set."""
        del sync
        return self.stage.secrets[reference["env"]]

    def with_current_settings(self, sync: Sync) -> Sync:
        """The sync."""
        return sync

    def reconciled(self, result: SyncResult) -> None:
        """Record what a pass came to."""
        self.stage.metrics.reconciled(result)

    def panicked(self) -> None:
        """Record a pass that ended with an unexpected exception."""
        self.stage.metrics.process.panicked()


def group(name: str, description: str = "") -> str:
    """A document whose resource AWS creates at once."""
    spec = f"{{modelPackageGroupDescription: {description}}}" if description else "{}"
    return (
        "apiVersion: sagemaker.gitops.dev/v1alpha1\n"
        f"kind: ModelPackageGroup\nmetadata: {{name: {name}}}\nspec: {spec}\n"
    )
