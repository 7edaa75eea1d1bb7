"""A sync as configured, and what all syncs of a process share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from threading import Event
from types import MappingProxyType
from typing import Any, Protocol

from controller.core.cloud import CONCURRENT_CALLS, Cloud
from controller.core.finding import Advice
from controller.crds.sync_fields import default_of
from controller.engine.advice import SYNC
from controller.engine.restrictions import UNRESTRICTED, Restrictions
from controller.gitops.status import SyncRecord, SyncResult
from controller.gitops.status_store import SyncStore
from controller.inventory.model import LockedInventoryStore
from controller.inventory.observation_cache import ObservationCache
from controller.manifests.document import NO_TAGS, IgnoredTags
from controller.runtime.clock import Clock
from controller.runtime.throttling import CallerPriority
from controller.source.git.snapshot import Mirrors
from controller.source.git.source import Source

_NONE: Mapping[str, Any] = MappingProxyType({})


_REPEAT = 10.0  # seconds


class SyncMode(Enum):
    """``spec.mode``: whether a sync applies its plans, or waits for the approval of each."""

    APPLY = "Apply"
    PLAN = "Plan"


@dataclass(frozen=True)
class Timing:
    """Seconds between polls of the repository, of a settled account (``drift``) and of transitions (``poll``).

    Without ``poll`` the time between polls of a transition follows from its duration so far. A run that still waits
    after ``timeout`` has failed. ``observation`` is the number of seconds for which a Describe is valid if a List does
    not show changes.
    """

    interval: float = 60.0
    drift: float = 600.0
    poll: float | None = None
    timeout: float = 3600.0
    observation: float = 0.0

    @property
    def repeat(self) -> float:
        """Seconds until the next pass after one that ended stuck and changed something."""
        return self.poll or _REPEAT


@dataclass(frozen=True)
class SyncValues:
    """The settings of a sync that files of syncs, GitSyncs and the command line share; times as written.

    ``poll`` and ``drift_interval`` are None for the process' default. The defaults are those of ``crds.sync_fields``.
    """

    name: str
    set: str = ""
    mode: str = default_of("mode")
    prune: bool = False
    suspend: bool = False
    depends_on: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=lambda: _NONE)
    interval: str = default_of("interval")
    drift_interval: str | None = None
    timeout: str = default_of("timeout")
    poll: str | None = None
    observation_interval: str | None = None
    default_tags: Mapping[str, str] = field(default_factory=lambda: _NONE)
    ignored_tags: IgnoredTags = NO_TAGS


@dataclass(frozen=True)
class Sync:
    """One sync.

    ``secret_env``, ``secret_files`` and, in a cluster, ``secret_names`` are all secrets that documents may name:
    whoever may push must not read the environment and files of this process. ``default_tags`` and ``ignored_tags``
    apply to all its resources. ``advice`` spells the remedies in messages.
    """

    name: str
    source: Source
    set: str = ""
    mode: SyncMode = SyncMode.APPLY
    prune: bool = False
    suspend: bool = False
    needs: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=lambda: _NONE)
    timing: Timing = field(default_factory=Timing)
    secret_env: frozenset[str] = frozenset()
    secret_files: frozenset[str] = frozenset()
    secret_names: frozenset[str] = frozenset()
    advice: Advice = SYNC
    default_tags: Mapping[str, str] = field(default_factory=lambda: _NONE)
    ignored_tags: IgnoredTags = NO_TAGS

    @property
    def owner(self) -> str:
        """The set that owns the sync's resources."""
        return self.set or self.name


class SyncListener(Protocol):
    """Receives events of syncs; must neither raise nor block."""

    def log(self, sync: str, event: str, **fields: str) -> None:
        """An event of a sync."""

    def record_changed(self, sync: Sync, before: SyncRecord, now: SyncRecord) -> None:
        """A change of a sync's record."""


class SyncHost(Protocol):
    """The environment of syncs: a process with files, or a namespace of a cluster. Thread-safe."""

    @property
    def renews(self) -> bool:
        """Whether settings may change while the process runs."""

    def cloud(self, sync: Sync, by: CallerPriority) -> Cloud:
        """A sync's account, for one pass.

        Raises:
            CloudError: it can't be opened.

        """

    def inventory(self, sync: Sync) -> LockedInventoryStore:
        """A sync's inventory, for its own passes, between which it may be cached."""

    def inventory_reader(self, sync: Sync) -> LockedInventoryStore:
        """A sync's inventory, to read outside of its own passes."""

    def observations(self, sync: Sync) -> ObservationCache:
        """The observations of a sync's earlier passes, for its own pass."""

    def secret(self, sync: Sync, reference: Mapping[str, Any]) -> str:
        """The value of a secret that a document names.

        Raises:
            SecretError: it can't be read.

        """

    def with_current_settings(self, sync: Sync) -> Sync:
        """A sync with its current settings: its login may have been replaced.

        Raises:
            StateError: they can't be read.

        """

    def reconciled(self, result: SyncResult) -> None:
        """Record the result of a pass."""

    def panicked(self) -> None:
        """Record a pass that ended with an unexpected exception."""


@dataclass(frozen=True)
class SyncContext:
    """What all syncs of a process or of a namespace share.

    ``tool`` is the version of this program, ``stop`` is set when the process is to end, ``restrictions`` are the
    administrator's for all these syncs, ``preflight`` is whether each pass first checks that the alarms, roles, images
    and S3 objects that its calls name exist, ``concurrency`` is the number of concurrent calls of one pass.
    """

    mirrors: Mirrors
    host: SyncHost
    store: SyncStore
    listener: SyncListener
    tool: str
    clock: Clock = field(default_factory=Clock)
    stop: Event = field(default_factory=Event)
    restrictions: Restrictions = UNRESTRICTED
    preflight: bool = False
    concurrency: int = CONCURRENT_CALLS
