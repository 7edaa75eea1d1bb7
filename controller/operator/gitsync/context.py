"""What the GitSyncs of all namespaces share."""

from dataclasses import dataclass, field
from threading import Event

from controller.gitops.loop import Threads
from controller.gitops.metrics import SyncMetrics
from controller.gitops.notifications import Hosts
from controller.operator.context import OperatorContext
from controller.operator.object_cache import Store
from controller.source.git.snapshot import Mirrors


@dataclass(frozen=True)
class Shared:
    """What all namespaces share.

    ``threads`` run passes of syncs, ``ended`` is set when one has ended, ``hosts`` are those that reports and messages
    may go to.
    """

    context: OperatorContext
    store: Store
    mirrors: Mirrors
    tool: str
    threads: Threads
    metrics: SyncMetrics
    hosts: Hosts = field(default_factory=Hosts)
    stop: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)
