"""``sagectl sync``: follow repositories, once or until stopped."""

import argparse
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from controller.cli.errors import Refused, refused
from controller.cli.exit_codes import CHANGES, FAILED, OK, WAITING
from controller.cli.output import Output, version
from controller.cli.session import account, memory
from controller.cli.sync_requests import request_from_options
from controller.cli.sync_services import listening, open_notifier, reviewing, serving
from controller.cli.sync_settings import SyncSettings, sync_settings
from controller.core.cloud import Overheard
from controller.core.finding import Code
from controller.gitops.context import SyncContext
from controller.gitops.loop import Loop, Threads, run
from controller.gitops.metrics import SyncMetrics
from controller.gitops.registry import Fleet
from controller.gitops.status import Record, State
from controller.gitops.status_store import Folder
from controller.gitops.webhook_triggers import advance
from controller.inventory.file_store import FileMemory
from controller.inventory.model import InventoryError
from controller.runtime.atomic_file import StateError
from controller.runtime.metrics import Metrics
from controller.source.git.snapshot import Mirrors
from controller.webhooks.handler import Gate
from controller.webhooks.trigger_queue import Looks


def sync(args: argparse.Namespace, out: Output) -> int:
    """Follow; with ``--once`` 0 all applied, 1 something failed, 2 a plan waits for approval, 4 AWS still works."""
    settings = sync_settings(args, out)
    folder = Path(args.state).resolve()  # git runs in folders of its own
    try:
        if request_from_options(args, settings.syncs, folder, out) and not args.once:
            return OK
        with (
            account(settings.options) as cloud,
            _alone(folder),
            _stopping() as stop,
            open_notifier(settings, out) as teller,
        ):
            metrics = Metrics()
            sync_metrics = SyncMetrics(metrics)
            heard = Overheard(cloud, metrics.aws_request)
            context = SyncContext(
                Mirrors(folder / "cache", metrics.git_request),
                lambda _: heard,
                lambda sync: memory(settings.of(sync), cloud, sync.owner),
                Folder(folder),
                teller,
                version(),
                lambda _, reference: out.secrets(reference),
                stop=stop,
                turned=sync_metrics.reconciled,
                panicked=metrics.panicked,
            )
            return _followed(settings, context, sync_metrics, args)
    except StateError as error:
        raise Refused(str(error)) from None


def _followed(
    settings: SyncSettings, context: SyncContext, metrics: SyncMetrics, args: argparse.Namespace
) -> int:
    """Run the loop; the threads' work ends before anything is closed."""
    fleet, threads, looks = Fleet(settings.syncs, context), Threads(int(args.threads)), Looks()
    loop = Loop(fleet, context.clock, threads)
    until = context.clock.now() + settings.options.timeout

    gate = Gate(settings.receivers, looks)
    metrics.read_syncs(fleet.standing)
    if settings.model.webhooks is not None:
        metrics.read_webhooks(looks, context.clock.wall, gate.counts)
    with (
        reviewing(settings, context, fleet, once=args.once) as reviews,
        listening(settings, gate, context.teller, once=args.once),
        serving(settings, args, loop, metrics.process, context.teller),
    ):

        def wait(seconds: float) -> None:
            loop.ended.wait(min(seconds, 0.2) if loop.busy else seconds)
            loop.ended.clear()
            advance(looks, fleet, context.clock, reviews.ask)

        def done() -> bool:
            return bool(args.once) and (loop.resting or context.clock.now() >= until)

        try:
            run(loop, wait=wait, stop=context.stop, done=done)
            if args.once and not context.stop.is_set():
                reviews.run()
        finally:
            context.stop.set()
            threads.close()
    return _code([each.record for each in fleet.followers.values()]) if args.once else OK


def _code(records: Sequence[Record]) -> int:
    states = {record.state for record in records}
    bad = any(record.refused for record in records) or states & {State.FAILED, State.NEEDS}
    if bad:
        return FAILED
    if State.PENDING in states:
        return CHANGES
    return WAITING if states & {State.WAITING, State.NEW} else OK


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process serves a folder of syncs."""
    try:
        with FileMemory(folder / "syncs", "").held():
            yield
    except InventoryError as error:
        raise refused(Code.INVENTORY, str(error), "name another folder with --state") from error


@contextmanager
def _stopping() -> Iterator[Event]:
    """The first signal asks to end: what is under way is finished. The second one interrupts."""
    stop = Event()

    def ask(number: int, _frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        del number

    before = [(each, signal.signal(each, ask)) for each in (signal.SIGTERM, signal.SIGINT)]
    try:
        yield stop
    finally:
        for each, handler in before:
            signal.signal(each, handler)
