"""What goes on around the loop while it runs: reports, reviews of pull requests, webhooks, probes and metrics."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from controller.cli.errors import Refused
from controller.cli.output import Output
from controller.cli.sync_settings import SyncSettings
from controller.gitops.artifact import Tree
from controller.gitops.commit_statuses import Reports
from controller.gitops.context import SyncContext, Teller
from controller.gitops.log import Log
from controller.gitops.loop import Loop
from controller.gitops.pull_request_plans import Review
from controller.gitops.pull_request_worker import Reviews
from controller.gitops.registry import Fleet
from controller.runtime.clock import Clock
from controller.runtime.metrics import Metrics
from controller.runtime.probe_server import Pages, measured, probe
from controller.webhooks.handler import Gate


@contextmanager
def open_notifier(settings: SyncSettings, out: Output) -> Iterator[Teller]:
    """Whom the syncs tell: the log, and the forges and addresses that are configured."""
    clock = Clock()
    log = Log(out.say, clock.wall, json=out.json)
    if not settings.desks and not settings.posts:
        yield log
        return
    reports = Reports(log, settings.desks, clock.now, settings.posts, clock.wall)
    reports.start()
    try:
        yield reports
    finally:
        reports.close()


@contextmanager
def reviewing(settings: SyncSettings, context: SyncContext, fleet: Fleet, *, once: bool) -> Iterator[Reviews]:
    """Plan pull requests meanwhile, for the syncs that want it."""
    reviews = Reviews(
        [
            Review(sync, context, settings.rules[sync.name], partial(_tree, fleet, sync.name))
            for sync in settings.syncs
            if sync.name in settings.rules
        ],
        context.clock,
        context.teller,
    )
    if once or not settings.rules:
        yield reviews
        return
    reviews.start()
    try:
        yield reviews
    finally:
        context.stop.set()
        reviews.close()


def _tree(fleet: Fleet, name: str) -> Tree | None:
    return fleet.followers[name].tree


@contextmanager
def listening(settings: SyncSettings, gate: Gate, teller: Teller, *, once: bool) -> Iterator[None]:
    """Listen for webhooks, if there are receivers and time."""
    hooks = settings.model.webhooks
    if once or hooks is None:
        yield
        return
    from controller.webhooks.server import listening

    with ExitStack() as stack:
        with _bound(f"{hooks.host}:{hooks.port}"):
            port = stack.enter_context(listening(gate, host=hooks.host, port=hooks.port))
        teller.log("all", "listening", host=hooks.host, port=str(port))
        yield


@contextmanager
def serving(
    settings: SyncSettings, args: argparse.Namespace, loop: Loop, metrics: Metrics, teller: Teller
) -> Iterator[None]:
    """Serve probes and metrics, where that was asked for."""
    serve = settings.model.serve
    port = args.port if args.port is not None else serve.port if serve else None
    if args.once or port is None:
        yield
        return
    host = args.host or (serve.host if serve else "127.0.0.1")
    pages: dict[str, Callable[[], tuple[int, str, bytes]]] = {
        "/healthz": probe(loop.trouble),
        "/readyz": probe(lambda: "" if loop.beat is not None else "it is starting"),
        "/metrics": measured(metrics.text),
    }
    with _bound(f"{host}:{port}"):
        site = Pages(host, port, pages)
    site.start()
    teller.log("all", "serving", host=host, port=str(site.port))
    try:
        yield
    finally:
        site.stop()


@contextmanager
def _bound(where: str) -> Iterator[None]:
    """Say it in words where an address can't be listened at."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Refused(f"can't serve on {where}: {error}", "port 0 selects a free port") from error
