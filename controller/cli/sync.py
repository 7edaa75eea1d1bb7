"""``sagectl sync``: reconcile with repositories, once or until stopped, and send requests to a running sync."""

import argparse
import math
import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

from controller.aws_events.address import QueueAddress
from controller.aws_events.queue import EventQueue, OwnRequests
from controller.cli.errors import Refused, refusal_of
from controller.cli.exit_codes import CHANGES, FAILED, OK, WAITING
from controller.cli.output import Output, version
from controller.cli.session import account, inventory_store, observation_cache
from controller.cli.sync_settings import (
    SyncSettings,
    open_notifier,
    run_receivers,
    run_reviews,
    serve_probes,
    sync_settings,
)
from controller.core.cloud import Cloud, ListeningCloud
from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code
from controller.gitops.metrics import SyncMetrics
from controller.gitops.registry import SyncRegistry
from controller.gitops.status import SyncRecord, SyncResult, SyncState
from controller.gitops.status_store import (
    Folder,
    RollbackPin,
    SyncRequest,
    read_sync_request,
    sync_request_file,
    token,
    write_sync_request,
)
from controller.gitops.sync import Sync, SyncContext
from controller.gitops.sync_controller import SyncController
from controller.gitops.webhook_triggers import request_polls
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import InventoryError, LockedInventoryStore
from controller.inventory.observation_cache import ObservationCache
from controller.runtime.atomic_file import StateError
from controller.runtime.metrics import Metrics
from controller.runtime.reconciler import Workers
from controller.runtime.throttling import CallerPriority, PassCloud, WaitLimit
from controller.runtime.workqueue import Queue
from controller.source.git.snapshot import Mirrors
from controller.webhooks.handler import WebhookHandler
from controller.webhooks.trigger_queue import TriggerQueue

_TICK, _TICK_ONCE = 1.0, 0.2  # seconds between polls of requests from other processes, and of the end
_STUCK_SECONDS = 3600.0  # seconds of a pass: one over a large repository makes thousands of calls


def request_from_options(args: argparse.Namespace, syncs: Sequence[Sync], folder: Path, out: Output) -> bool:
    """Write the requests of the command line; whether there were any.

    Raises:
        Refused: a request names no sync, or is invalid for it.
        StateError: a file can't be read or written.

    """
    names = [sync.name for sync in syncs]
    reported = False
    for option in ("approve", "rollback", "forward", "look"):
        text = getattr(args, option)
        if text:
            name, value = _parts(option, text, names)
            file = sync_request_file(folder, name)
            write_sync_request(file, _request(option, name, value, read_sync_request(file), folder))
            out.warn(f"{name}: {option}{' ' + value[:12] if value else ''} requested")
            reported = True
    return reported


def _parts(option: str, text: str, names: Sequence[str]) -> tuple[str, str]:
    """The sync and the value; an approval may omit the sync if there is only one."""
    name, equals, value = text.partition("=")
    if option == "approve" and not equals and len(names) == 1:
        name, value = names[0], text
    if name not in names:
        raise Refused(f"--{option}: there is no sync {name}", did_you_mean(name, names) or "")
    if option == "approve" and not re.fullmatch(r"[0-9a-f]{64}", value):
        raise Refused("--approve takes the fingerprint of a plan", "the status and the log contain it")
    if option in ("forward", "look") and equals:
        raise Refused(f"--{option} takes the name of a sync, and nothing else")
    return name, value


def _request(option: str, name: str, value: str, before: SyncRequest, folder: Path) -> SyncRequest:
    if option == "approve":
        return replace(before, approved=value)
    if option == "forward":
        return replace(before, pin=None)
    if option == "look":
        return replace(before, look=token())
    return replace(before, pin=_rollback_pin(name, value, folder))


def _rollback_pin(name: str, value: str, folder: Path) -> RollbackPin:
    record = Folder(folder).record(name)
    now = record.attempted.revision if record.attempted else ""
    back = value or record.revision_before(now)
    if not back or not record.head:
        raise Refused(f"{name} has no earlier revision that was applied", "name one: --rollback SYNC=COMMIT")
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", back):
        raise Refused("--rollback takes a commit with all its digits", "the status file lists those applied")
    return RollbackPin(back, record.head, token())


@dataclass(frozen=True)
class ProcessHost:
    """The host of the syncs of ``sagectl sync``: one account, and files."""

    settings: SyncSettings
    account: Cloud
    secrets: Callable[[Mapping[str, Any]], str]
    metrics: SyncMetrics
    stop: Event
    own: OwnRequests
    renews: bool = False
    observed: dict[str, ObservationCache] = field(default_factory=dict)

    def cloud(self, sync: Sync, by: CallerPriority) -> Cloud:
        """The account, for one pass: a throttled call holds its thread no longer than ``by`` allows."""
        cloud = ListeningCloud(
            ListeningCloud(self.account, self.metrics.process.aws_request), self.own.record
        )
        return PassCloud(cloud, sync.name, WaitLimit(by.once, by.all, self.stop))

    def inventory(self, sync: Sync) -> LockedInventoryStore:
        """A sync's inventory, in a file or in S3."""
        return inventory_store(self.settings.of(sync), self.account, sync.owner)

    def inventory_reader(self, sync: Sync) -> LockedInventoryStore:
        """The same inventory: it is not cached between passes."""
        return self.inventory(sync)

    def observations(self, sync: Sync) -> ObservationCache:
        """The observations of a sync's earlier passes, in a file or in S3 beside its inventory."""
        if sync.owner not in self.observed:
            made = observation_cache(self.settings.of(sync), self.account, sync.owner)
            self.observed[sync.owner] = made
        return self.observed[sync.owner]

    def secret(self, sync: Sync, reference: Mapping[str, Any]) -> str:
        """The value of a variable of the environment, or of a file."""
        del sync
        return self.secrets(reference)

    def with_current_settings(self, sync: Sync) -> Sync:
        """The sync itself: its file is read only once."""
        return sync

    def reconciled(self, result: SyncResult) -> None:
        """Record the result of a pass."""
        self.metrics.reconciled(result)

    def panicked(self) -> None:
        """Record a pass that ended with an unexpected exception."""
        self.metrics.process.panicked()


def sync(args: argparse.Namespace, out: Output) -> int:
    """Run the syncs; with ``--once`` 0 all applied, 1 a failure, 2 a plan waits for approval, 4 AWS still works."""
    settings = sync_settings(args, out)
    folder = Path(args.state).resolve()  # git runs in folders of its own
    try:
        if request_from_options(args, settings.syncs, folder, out) and not args.once:
            return OK
        with (
            account(settings.options) as cloud,
            _locked_folder(folder),
            _stop_at_signal() as stop,
            open_notifier(settings, out) as listener,
        ):
            metrics = Metrics()
            sync_metrics = SyncMetrics(metrics)
            context = SyncContext(
                Mirrors(folder / "cache", metrics.git_request),
                host := ProcessHost(settings, cloud, out.secrets, sync_metrics, stop, OwnRequests()),
                Folder(folder),
                listener,
                version(),
                stop=stop,
                preflight=settings.options.preflight,
            )
            return _reconcile_syncs(settings, context, host, args)
    except StateError as error:
        raise Refused(str(error)) from None


def _reconcile_syncs(
    settings: SyncSettings, context: SyncContext, host: ProcessHost, args: argparse.Namespace
) -> int:
    """Reconcile the syncs; running passes end before anything is closed."""
    metrics = host.metrics
    clock, looks, queue = context.clock, TriggerQueue(), Queue[str](context.clock)
    registry = SyncRegistry(settings.syncs, context, queue.add)
    controller, ready = SyncController(registry, clock), Event()
    workers = Workers(controller, queue, int(args.threads), ready, stuck_after=_STUCK_SECONDS)
    until = clock.now() + settings.options.timeout

    webhook_handler = WebhookHandler(settings.receivers, looks)
    metrics.read_syncs(registry.records)
    if settings.model.webhooks is not None:
        metrics.read_webhooks(looks, clock.wall, webhook_handler.counts)
    with (
        run_reviews(settings, context, registry, once=args.once) as reviews,
        run_receivers(settings, webhook_handler, context.listener, once=args.once),
        _receive_events(args.events, host, registry),
        serve_probes(settings, args, workers, metrics.process, context.listener),
    ):
        workers.start()
        ready.set()
        try:
            while not context.stop.is_set():
                if args.once and ((queue.idle and controller.idle) or clock.now() >= until):
                    break
                looks.wait(_TICK_ONCE if args.once else _TICK, clock.wall())
                request_polls(looks, registry, clock, reviews.request)
                registry.enqueue_requested()
            if args.once and not context.stop.is_set():
                reviews.run()
        finally:
            context.stop.set()
            workers.stop(math.inf)
    return _code([each.record for each in registry.followers.values()]) if args.once else OK


@contextmanager
def _receive_events(
    address: QueueAddress | None, host: ProcessHost, registry: SyncRegistry
) -> Iterator[None]:
    """Receive events of AWS, if a queue is configured."""
    if address is None:
        yield
        return
    count = host.metrics.process.aws_event
    queue = EventQueue(lambda: host.account, address, registry.changed_in_aws, own=host.own, count=count)
    queue.start()
    try:
        yield
    finally:
        queue.stop()


def _code(records: Sequence[SyncRecord]) -> int:
    states = {record.state for record in records}
    bad = any(record.refused for record in records) or states & {SyncState.FAILED, SyncState.NEEDS}
    if bad:
        return FAILED
    if SyncState.PENDING in states:
        return CHANGES
    return WAITING if states & {SyncState.WAITING, SyncState.NEW} else OK


@contextmanager
def _locked_folder(folder: Path) -> Iterator[None]:
    """Lock the folder of syncs, which only one process may serve."""
    try:
        with FileInventoryStore(folder / "syncs", "").lock():
            yield
    except InventoryError as error:
        raise refusal_of(Code.INVENTORY, str(error), "name another folder with --state") from error


@contextmanager
def _stop_at_signal() -> Iterator[Event]:
    """Stop at the first signal, after the current work. A second one interrupts."""
    stop = Event()

    def request(number: int, _frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        del number

    before = [(each, signal.signal(each, request)) for each in (signal.SIGTERM, signal.SIGINT)]
    try:
        yield stop
    finally:
        for each, handler in before:
            signal.signal(each, handler)
