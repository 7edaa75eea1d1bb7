"""A flood of webhooks for hundreds of syncs."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.gitops.reconciler import Follower
from controller.gitops.registry import SyncRegistry
from controller.gitops.sync import Sync
from controller.gitops.sync_controller import SyncController
from controller.gitops.webhook_triggers import request_polls
from controller.source.git.snapshot import Snapshot
from controller.source.git.source import Source
from controller.webhooks.delivery import WebhookResult
from controller.webhooks.handler import SeenDeliveries, WebhookHandler
from controller.webhooks.providers import Provider
from controller.webhooks.receiver import Receiver, Watch
from controller.webhooks.trigger_queue import TriggerQueue
from tests.simulation.account import Account, open_account
from tests.simulation.inventories import Inventories
from tests.simulation.syncs import TIMING, Commits, SyncProcess
from tests.soak import soak
from tests.webhooks.signed import MAIN, Request, push_request, secret_of, secrets_of

_SECONDS, _GAP = 60, 10.0
_SEEN = 1000  # deliveries that are remembered


class _CountedMirrors(Commits):
    """A reader of repositories that counts its fetches."""

    fetches: Counter[str]

    def fetch_snapshot(self, source: Source, **options: Any) -> Snapshot:
        """Count a fetch."""
        self.fetches[source.path] += 1
        return super().fetch_snapshot(source, **options)


class _CountedFollowers(dict[str, Follower]):
    """Followers that count how often all of them are iterated."""

    walks = 0

    def values(self) -> Any:
        """One more walk."""
        self.walks += 1
        return super().values()

    def items(self) -> Any:
        """One more walk."""
        self.walks += 1
        return super().items()


class _WebhookProcess(SyncProcess):
    """A process with many syncs that follow a path each, and are due by webhooks only."""

    def follow(self, number: int) -> SyncRegistry:
        """Follow a number of syncs; returns their registry."""
        self.mirrors = _CountedMirrors(self.tree, self.context.clock.now)
        self.mirrors.fetches = Counter()
        sync = next(iter(self.registry.followers.values())).sync
        timing = replace(TIMING, interval=86_400, drift=86_400)
        syncs = [_renamed(replace(sync, timing=timing), f"s{each}") for each in range(number)]
        context = replace(self.context, mirrors=self.mirrors)
        registry = SyncRegistry(syncs, context, self.workers.queue.add)
        self.workers.reconciler = SyncController(registry, context.clock)
        return registry


def _renamed(sync: Sync, name: str) -> Sync:
    return replace(sync, name=name, source=replace(sync.source, path=name))


def _webhook_requests(number: int, at: float) -> list[Request]:
    """A number of webhooks: each second one is forged, each third one is a duplicate."""
    made = []
    for each in range(number):
        hook = push_request(Provider.GITHUB, name=f"{at}-{each - each % 3 % 2}")
        made.append(hook if each % 2 else hook.having("X-Hub-Signature-256", f"sha256={each:064x}"))
    return made


@pytest.mark.parametrize(("syncs", "hooks"), [(50, 20), *soak((500, 500), names=2)])
def test_a_flood_of_webhooks_is_a_poll_for_each_sync_and_gap(
    tmp_path: Path, record_property: Callable[[str, object], None], syncs: int, hooks: int
) -> None:
    """However many webhooks arrive, a sync fetches once in ten seconds; forged ones fetch none; memory is bounded."""
    account = Account()
    inventories = Inventories(account, open_account(account, 0), tmp_path, in_s3=False)
    process = _WebhookProcess(account, open_account(account, 0), inventories, tuple, str, prune=False)
    registry = process.follow(syncs)
    looks, seen = TriggerQueue(most=syncs, gap=_GAP), SeenDeliveries(most=_SEEN)
    watches = tuple(Watch(name, (MAIN,)) for name in registry.followers)
    receiver = Receiver("fleet", Provider.GITHUB, secrets_of(secret_of(Provider.GITHUB)), watches)
    handler = WebhookHandler((receiver,), looks, seen)
    _process_triggers(process)
    process.mirrors.fetches.clear()
    ends: Counter[WebhookResult] = Counter()
    for second in range(_SECONDS):
        for each in _webhook_requests(hooks, second):
            ends[handler.handle(receiver, each.headers, each.body, process.context.clock.wall())] += 1
        request_polls(looks, registry, process.context.clock)
        _process_triggers(process)
        account.wait(1.0)
    record_property(
        "load", f"{ends.total()} hooks, {process.mirrors.fetches.total()} fetches of {syncs} syncs"
    )
    assert ends[WebhookResult.UNAUTHENTICATED] == ends.total() // 2
    assert ends[WebhookResult.QUEUED] > 0
    assert len(seen._until) <= _SEEN
    assert process.panics == 0
    assert len(process.mirrors.fetches) == syncs
    assert max(process.mirrors.fetches.values()) <= _SECONDS / _GAP + 1
    assert set(ends) <= {WebhookResult.QUEUED, WebhookResult.UNAUTHENTICATED, WebhookResult.REPLAYED}


def test_the_end_of_a_pass_walks_through_the_other_syncs_twice(tmp_path: Path) -> None:
    """The end of a pass iterates over all syncs twice, however many there are."""
    account = Account()
    inventories = Inventories(account, open_account(account, 0), tmp_path, in_s3=False)
    process = _WebhookProcess(account, open_account(account, 0), inventories, tuple, str, prune=False)
    registry = process.follow(8)
    _process_triggers(process)
    registry.followers = walked = _CountedFollowers(registry.followers)
    registry.request_pass(walked["s0"])
    assert walked.walks == 2


def _process_triggers(process: SyncProcess) -> None:
    while process.workers.queue.depth():
        process.workers.run_one(0)
