"""What is counted and measured of syncs, for Prometheus: as many series for ten resources as for ten thousand."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from controller.core.cloud import Answered
from controller.gitops.pass_summary import Turned
from controller.gitops.status import Record, State
from controller.gitops.sync_spec import Sync
from controller.webhooks.trigger_queue import Looks

if TYPE_CHECKING:
    from prometheus_client import Metric
    from prometheus_client.metrics import MetricWrapperBase

_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
Hooked = Callable[[], Mapping[tuple[str, str], int]]


class Metrics:
    """One registry of its own, so that two loops in a process do not mix."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = to = CollectorRegistry()
        sync = ["sync"]
        self._turns = Counter(
            "sagectl_reconcile", "Turns by how the sync stood after.", ["sync", "result"], registry=to
        )
        self._took = Histogram(
            "sagectl_reconcile_duration_seconds", "Time of a turn.", sync, registry=to, buckets=_BUCKETS
        )
        self._changes = Gauge(
            "sagectl_plan_changes", "Actions of the newest plan.", ["sync", "action"], registry=to
        )
        self._drifted = Gauge(
            "sagectl_drifted_resources", "Not as the applied revision has it.", sync, registry=to
        )
        self._waiting = Gauge("sagectl_waiting_resources", "AWS is at work on them.", sync, registry=to)
        self._blocked = Gauge("sagectl_prune_blocked", "Deletions that a brake holds.", sync, registry=to)
        self._success = Gauge(
            "sagectl_last_success_timestamp_seconds", "When it was applied last.", sync, registry=to
        )
        self._calls = Counter("sagectl_aws_requests", "Answers of AWS.", ["operation", "code"], registry=to)
        self._git = Counter(
            "sagectl_git_requests", "Questions to git servers.", ["op", "result"], registry=to
        )
        self._git_took = Histogram(
            "sagectl_git_duration_seconds", "Their time.", ["op"], registry=to, buckets=_BUCKETS
        )
        self._wall = wall
        self._known: dict[str, set[str]] = {}

    def turned(self, reconciliation: Turned) -> None:
        """A turn ended."""
        self._turns.labels(reconciliation.sync, reconciliation.state.name.lower()).inc()
        self._took.labels(reconciliation.sync).observe(reconciliation.seconds)
        known = self._known.setdefault(reconciliation.sync, set())
        known.update(reconciliation.changes)  # |= with a view of keys would make another set
        for action in known:
            self._changes.labels(reconciliation.sync, action).set(reconciliation.changes.get(action, 0))
        self._drifted.labels(reconciliation.sync).set(reconciliation.drifted)
        self._waiting.labels(reconciliation.sync).set(reconciliation.waiting)
        self._blocked.labels(reconciliation.sync).set(reconciliation.blocked)
        if reconciliation.state is State.APPLIED:
            self._success.labels(reconciliation.sync).set(self._wall())

    def answered(self, answer: Answered) -> None:
        """AWS answered."""
        self._calls.labels(answer.operation, answer.code or "OK").inc()

    def git_request(self, op: str, result: str, seconds: float) -> None:
        """A git server answered, or did not."""
        self._git.labels(op, result).inc()
        self._git_took.labels(op).observe(seconds)

    def watch(
        self,
        syncs: Callable[[], Iterable[tuple[Sync, Record]]],
        looks: Looks,
        now: Callable[[], float],
        hooked: Hooked = dict,
    ) -> None:
        """Tell as well, when asked: how syncs stand, who waits to look, and what hooks came."""
        self.stand(syncs)
        self.registry.register(_HookCollector(looks, now, hooked))

    def stand(self, syncs: Callable[[], Iterable[tuple[Sync, Record]]]) -> None:
        """Tell as well, when asked, how syncs stand."""
        self.registry.register(_Standing(syncs))

    def part(self, sync: str) -> None:
        """Measure a sync no more, so that one that is gone leaves no series behind."""
        several = (
            (self._turns, [each.name.lower() for each in State]),
            (self._changes, self._known.pop(sync, ())),
        )
        for family, parts in several:
            for word in parts:
                _drop(family, sync, word)
        for one in (self._took, self._drifted, self._waiting, self._blocked, self._success):
            _drop(one, sync)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)


class _Collector:
    """What is read when it is asked for."""

    def describe(self) -> tuple[()]:
        """Nothing, so that nothing is collected at registration."""
        return ()


class _Standing(_Collector):
    """What stands in records."""

    def __init__(self, syncs: Callable[[], Iterable[tuple[Sync, Record]]]) -> None:
        self._syncs = syncs

    def collect(self) -> "Iterator[Metric]":
        """How each sync stands now."""
        from prometheus_client.core import GaugeMetricFamily

        info = GaugeMetricFamily(
            "sagectl_sync_info", "How a sync stands.", labels=["name", "ready", "suspended", "revision"]
        )
        for sync, record in self._syncs():
            revision = record.applied.revision if record.applied else ""
            info.add_metric([sync.name, _word(record.good), _word(sync.suspend), revision], 1)
        yield info


class _HookCollector(_Collector):
    """What hooks asked for."""

    def __init__(self, looks: Looks, now: Callable[[], float], hooked: Hooked) -> None:
        self._looks, self._now, self._hooked = looks, now, hooked

    def collect(self) -> "Iterator[Metric]":
        """Who waits to look, and what hooks came."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        yield GaugeMetricFamily(
            "sagectl_queue_depth", "Syncs that hooks asked for.", value=self._looks.depth()
        )
        oldest = self._looks.oldest(self._now())
        yield GaugeMetricFamily("sagectl_queue_oldest_seconds", "How long the oldest waits.", value=oldest)
        hooks = CounterMetricFamily("sagectl_webhook_requests", "Webhooks.", labels=["provider", "result"])
        for (provider, result), count in sorted(self._hooked().items()):
            hooks.add_metric([provider, result], count)
        yield hooks


def _drop(family: "MetricWrapperBase", *labels: str) -> None:
    with suppress(KeyError):  # it was never counted
        family.remove(*labels)


def _word(value: bool) -> str:
    return str(value).lower()
