"""What every sync of a process shares: the way to repositories, to the account, to files, to time and to people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol

from controller.core.cloud import Cloud
from controller.engine.restrictions import UNRESTRICTED, Restrictions
from controller.gitops.pass_summary import Turned
from controller.gitops.status import Record
from controller.gitops.status_store import SyncStore
from controller.gitops.sync_spec import Sync
from controller.inventory.lock import Keeper
from controller.runtime.clock import Clock
from controller.source.git.snapshot import Mirrors


class Teller(Protocol):
    """Hears what happens, while it happens; never raises and never waits."""

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Something happened to a sync."""

    def stands(self, sync: Sync, before: Record, now: Record) -> None:
        """A sync stands otherwise than before."""


@dataclass(frozen=True)
class SyncContext:
    """What depends on the sync is asked for each: its account, its inventory, the secrets its documents name.

    ``glance`` is for reading a sync's inventory beside its own turn, where ``memory`` keeps what it read last.
    ``stop`` is set when the process is to end; ``turned`` is told what each turn came to, ``panicked`` of one that
    ended with an unexpected exception. ``fresh`` reads a sync's
    settings anew before each look, where its login may have been replaced meanwhile; it raises ``StateError``
    where they can't be read. ``restrictions`` are what an administrator allows the documents of all these syncs.
    """

    mirrors: Mirrors
    cloud: Callable[[Sync], Cloud]
    memory: Callable[[Sync], Keeper]
    store: SyncStore
    teller: Teller
    tool: str
    secrets: Callable[[Sync, Mapping[str, Any]], str]
    clock: Clock = field(default_factory=Clock)
    stop: Event = field(default_factory=Event)
    fresh: Callable[[Sync], Sync] | None = None
    turned: Callable[[Turned], None] = lambda _: None
    panicked: Callable[[], None] = lambda: None
    glance: Callable[[Sync], Keeper] | None = None
    restrictions: Restrictions = UNRESTRICTED
