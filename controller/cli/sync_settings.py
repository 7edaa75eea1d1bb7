"""What ``sagectl sync`` was asked for: a file of syncs, or one sync told by options."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controller.cli.errors import Refused
from controller.cli.options import Options, options
from controller.cli.output import Output
from controller.core.finding import Code, Finding, errors
from controller.crds.sync_fields import BY_FLAG
from controller.gitops.commit_statuses import Post, StatusReporter
from controller.gitops.notifications import Hosts, addressees_of
from controller.gitops.pull_request_plans import Rules
from controller.gitops.settings import Settings, read_syncs
from controller.gitops.sync_file import Reading
from controller.gitops.sync_spec import Sync
from controller.gitops.webhook_triggers import receivers
from controller.manifests.variables import sensitive_texts
from controller.webhooks.receiver import Receiver

if TYPE_CHECKING:
    from controller.gitops.settings_syncs import SyncsModel

_ACCOUNT = ("region", "profile", "role_arn", "external_id", "endpoint_url")
_SINGLE = tuple(flag.removeprefix("--").replace("-", "_") for flag in BY_FLAG)


@dataclass(frozen=True)
class SyncSettings:
    """The syncs, and the account that they are about."""

    syncs: tuple[Sync, ...]
    options: Options
    model: "SyncsModel"
    desks: Mapping[str, StatusReporter]
    rules: Mapping[str, Rules]
    posts: Mapping[str, Post]
    receivers: tuple[Receiver, ...]

    def of(self, sync: Sync) -> Options:
        """The options that hold for one sync."""
        location = next((each.inventory for each in self.model.syncs if each.name == sync.name), None)
        return replace(self.options, inventory=location or self.options.inventory or self.model.inventory)


def sync_settings(args: argparse.Namespace, out: Output) -> SyncSettings:
    """Put together what was asked.

    Raises:
        Refused: it can't be read, or something is wrong with it.

    """
    model, file = (_of_file(args), args.file) if args.file else (_of_options(args), "the options")
    given = {name: getattr(args, name) or getattr(model, name) for name in _ACCOUNT}
    if args.sandbox:
        given["endpoint_url"] = args.endpoint_url
    chosen = argparse.Namespace(**{**vars(args), **given, "paths": [], "values": None, "var": []})
    del chosen.path
    run_options = replace(options(chosen), guard=Settings(file, model.account, None))
    reading = Reading(file if args.file else "", out.secrets, run_options.poll, [])
    syncs = reading.syncs(model)
    for sync in syncs:
        out.secrets.learn(sensitive_texts(sync.variables))
    if len(syncs) > 1 and not (run_options.inventory or "/").endswith("/"):
        reading.wrong("--inventory for several syncs names a folder, and so ends in /")
    hosts, made = Hosts(frozenset(model.message_hosts or ())), {sync.name: sync for sync in syncs}
    to = {each.name: addressees_of(each, made.get(each.name), reading, hosts) for each in model.syncs}
    hooks = receivers(model.webhooks, syncs, reading) if model.webhooks else ()
    if found := errors(reading.findings):
        raise Refused(findings=found)
    reports = {name: each.report for name, each in to.items() if each.report}
    desks = {name: each.status_reporter(out.scrubbed) for name, each in reports.items()}
    rules = {name: each.rules(lambda: out.redactor) for name, each in reports.items() if each.requests}
    posts = {name: post for name, each in to.items() if (post := each.post(out.scrubbed))}
    return SyncSettings(syncs, run_options, model, desks, rules, posts, hooks)


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
