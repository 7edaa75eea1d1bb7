"""The settings of ``sagectl sync``, and the services beside its workers: notifications, webhooks, probes."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controller.cli.errors import Refused
from controller.cli.options import Options, options
from controller.cli.output import Output
from controller.core.finding import Code, Finding, errors
from controller.crds.sync_fields import BY_FLAG
from controller.gitops.artifact import SourceArtifact
from controller.gitops.commit_statuses import MessageRoute, Reports, StatusReporter
from controller.gitops.notifications import AllowedHosts, addressees_of
from controller.gitops.pull_request_plans import PullRequestSettings, Review
from controller.gitops.pull_request_worker import Reviews
from controller.gitops.registry import SyncRegistry
from controller.gitops.settings import Settings, read_syncs
from controller.gitops.status_writer import SyncLog
from controller.gitops.sync import Sync, SyncContext, SyncListener
from controller.gitops.sync_file import SyncFileReader
from controller.gitops.webhook_triggers import receivers
from controller.manifests.interpolation import sensitive_texts
from controller.runtime.clock import Clock
from controller.runtime.metrics import Metrics
from controller.runtime.probe_server import Pages, metrics_page, probe
from controller.runtime.reconciler import Workers
from controller.webhooks.handler import WebhookHandler
from controller.webhooks.receiver import Receiver

if TYPE_CHECKING:
    from controller.gitops.settings_syncs import SyncsModel


_ACCOUNT = ("region", "profile", "role_arn", "external_id", "endpoint_url", "rate_limits")
_SINGLE = tuple(flag.removeprefix("--").replace("-", "_") for flag in BY_FLAG)


@dataclass(frozen=True)
class SyncSettings:
    """The syncs, and their account."""

    syncs: tuple[Sync, ...]
    options: Options
    model: "SyncsModel"
    reporters: Mapping[str, StatusReporter]
    rules: Mapping[str, PullRequestSettings]
    posts: Mapping[str, MessageRoute]
    receivers: tuple[Receiver, ...]

    def of(self, sync: Sync) -> Options:
        """The options of one sync."""
        location = next((each.inventory for each in self.model.syncs if each.name == sync.name), None)
        return replace(self.options, inventory=location or self.options.inventory or self.model.inventory)


def sync_settings(args: argparse.Namespace, out: Output) -> SyncSettings:
    """Combine options and settings.

    Raises:
        Refused: it can't be read, or is invalid.

    """
    model, file = (_of_file(args), args.file) if args.file else (_of_options(args), "the options")
    given = {name: getattr(args, name) or getattr(model, name) for name in _ACCOUNT}
    if args.sandbox:
        given["endpoint_url"] = args.endpoint_url
    chosen = argparse.Namespace(**{**vars(args), **given, "paths": [], "values": None, "var": []})
    del chosen.path
    run_options = replace(options(chosen), guard=Settings(file, model.account, None))
    reading = SyncFileReader(
        file if args.file else "", out.secrets, run_options.poll, [], args.events is not None
    )
    syncs = reading.syncs(model)
    for sync in syncs:
        out.secrets.add_secrets(sensitive_texts(sync.variables))
    if len(syncs) > 1 and not (run_options.inventory or "/").endswith("/"):
        reading.report("--inventory for several syncs names a folder, and so ends in /")
    hosts, made = AllowedHosts(frozenset(model.message_hosts or ())), {sync.name: sync for sync in syncs}
    to = {each.name: addressees_of(each, made.get(each.name), reading, hosts) for each in model.syncs}
    hooks = receivers(model.webhooks, syncs, reading) if model.webhooks else ()
    if found := errors(reading.findings):
        raise Refused(findings=found)
    reports = {name: each.report for name, each in to.items() if each.report}
    reporters = {name: each.status_reporter(out.without_secrets) for name, each in reports.items()}
    rules = {name: each.rules(lambda: out.redactor) for name, each in reports.items() if each.requests}
    posts = {name: post for name, each in to.items() if (post := each.post(out.without_secrets))}
    return SyncSettings(syncs, run_options, model, reporters, rules, posts, hooks)


def _of_file(args: argparse.Namespace) -> "SyncsModel":
    given = [f"--{name.replace('_', '-')}" for name in _SINGLE if getattr(args, name)]
    if given:
        raise Refused(f"{', '.join(given)} and a file of syncs exclude each other", "write it into the file")
    model, found = read_syncs(Path(args.file))
    if model is None or errors(found):
        raise Refused(findings=errors(found))
    return model


def _of_options(args: argparse.Namespace) -> "SyncsModel":
    if not args.repo:
        raise Refused("give a FILE of syncs, or --repo URL with --branch NAME")
    from controller.gitops.settings import syncs_of

    one: dict[str, Any] = {
        "name": args.name or "default",
        "repo": args.repo,
        "path": args.path,
        "branch": args.branch,
        "tag": args.tag,
        "semver": args.semver,
        "commit": args.commit,
        "ref": args.ref,
        "ca": {"file": args.ca} if args.ca else None,
        "prune": args.prune,
        "mode": "Plan" if args.plan_only else None,
        "valuesFile": args.values,
        "interval": args.interval,
        "driftInterval": args.drift_interval,
        "login": {"user": args.user or "git", "password": {"env": args.password_env}}
        if args.password_env
        else None,
    }
    model, found = syncs_of({"syncs": [{name: value for name, value in one.items() if value is not None}]})
    if model is None:
        raise Refused(findings=found or (Finding(Code.SETTINGS, "the options are invalid"),))
    return model


@contextmanager
def open_notifier(settings: SyncSettings, out: Output) -> Iterator[SyncListener]:
    """The listener of the syncs: the log, and the configured Git providers and addresses."""
    clock = Clock()
    log = SyncLog(out.write, clock.wall, json=out.json)
    if not settings.reporters and not settings.posts:
        yield log
        return
    reports = Reports(log, settings.reporters, clock.now, settings.posts, clock.wall)
    reports.start()
    try:
        yield reports
    finally:
        reports.close()


@contextmanager
def run_reviews(
    settings: SyncSettings, context: SyncContext, fleet: SyncRegistry, *, once: bool
) -> Iterator[Reviews]:
    """Plan pull requests in the background, for the syncs with that setting."""
    reviews = Reviews(
        [
            Review(sync, context, settings.rules[sync.name], partial(_tree, fleet, sync.name))
            for sync in settings.syncs
            if sync.name in settings.rules
        ],
        context.clock,
        context.listener,
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


def _tree(fleet: SyncRegistry, name: str) -> SourceArtifact | None:
    return fleet.followers[name].tree


@contextmanager
def run_receivers(
    settings: SyncSettings, webhook_handler: WebhookHandler, listener: SyncListener, *, once: bool
) -> Iterator[None]:
    """Listen for webhooks, if there are receivers and the process keeps running."""
    hooks = settings.model.webhooks
    if once or hooks is None:
        yield
        return
    from controller.webhooks.server import run_server

    with ExitStack() as stack:
        with _refuse_listen_error(f"{hooks.host}:{hooks.port}"):
            port = stack.enter_context(run_server(webhook_handler, host=hooks.host, port=hooks.port))
        listener.log("all", "listening", host=hooks.host, port=str(port))
        yield


@contextmanager
def serve_probes(
    settings: SyncSettings,
    args: argparse.Namespace,
    workers: Workers[str],
    metrics: Metrics,
    listener: SyncListener,
) -> Iterator[None]:
    """Serve probes and metrics, if configured."""
    serve = settings.model.serve
    port = args.port if args.port is not None else serve.port if serve else None
    if args.once or port is None:
        yield
        return
    host = args.host or (serve.host if serve else "127.0.0.1")
    pages: dict[str, Callable[[], tuple[int, str, bytes]]] = {
        "/healthz": probe(workers.problem),
        "/readyz": probe(lambda: workers.missing_start_reason),
        "/metrics": metrics_page(metrics.text),
    }
    with _refuse_listen_error(f"{host}:{port}"):
        site = Pages(host, port, pages)
    site.start()
    listener.log("all", "serving", host=host, port=str(site.port))
    try:
        yield
    finally:
        site.stop()


@contextmanager
def _refuse_listen_error(where: str) -> Iterator[None]:
    """Turn an error of listening at an address into a ``Refused``."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Refused(f"can't serve on {where}: {error}", "port 0 selects a free port") from error
