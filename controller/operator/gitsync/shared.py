"""What the GitSyncs of all namespaces share."""

from dataclasses import dataclass, field
from threading import Event

from controller.fronts.git.snapshot import Mirrors
from controller.fronts.sync.addressees import Hosts
from controller.fronts.sync.loop import Threads
from controller.fronts.sync.metrics import Metrics
from controller.operator.desk import Desk
from controller.operator.store import Store


@dataclass(frozen=True)
class Shared:
    """What all namespaces share.

    ``threads`` run passes of syncs, ``ended`` is set when one has ended, ``hosts`` are those that reports and messages
    may go to.
    """

    desk: Desk
    store: Store
    mirrors: Mirrors
    tool: str
    threads: Threads
    hosts: Hosts = field(default_factory=Hosts)
    measures: Metrics = field(default_factory=Metrics)
    stop: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)
