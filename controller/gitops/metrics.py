"""Metrics of syncs; the number of series does not depend on the number of resources."""

import time
from collections.abc import Callable, Iterable, Mapping

from controller.crds.catalog import SYNC
from controller.gitops.status import SyncRecord, SyncResult, SyncState
from controller.gitops.sync import Sync
from controller.runtime import metrics
from controller.runtime.metrics import Labels, Metrics
from controller.webhooks.trigger_queue import TriggerQueue

RecordSource = Callable[[], Iterable[tuple[Sync, SyncRecord]]]


class SyncMetrics:
    """Records what syncs do in the metrics of their process; ``wall`` gives seconds since 1970."""

    def __init__(self, to: Metrics, wall: Callable[[], float] = time.time) -> None:
        self.process, self._wall = to, wall
        self._actions: dict[str, set[str]] = {}

    def reconciled(self, summary: SyncResult) -> None:
        """Record a reconciliation; actions that are not in the newest plan are set to 0."""
        to, sync = self.process, summary.sync
        to.reconciled(SYNC.kind, summary.state.name.lower(), summary.seconds, sync)
        known = self._actions.setdefault(sync, set())
        known.update(summary.changes)  # |= with a view of keys would create another set
        for action in known:
            to.set(metrics.PLAN_CHANGES, sync, action, to=summary.changes.get(action, 0))
        to.set(metrics.DRIFTED, sync, to=summary.drifted)
        to.set(metrics.WAITING, sync, to=summary.waiting)
        to.set(metrics.PRUNE_BLOCKED, sync, to=summary.blocked)
        if summary.state is SyncState.APPLIED:
            to.set(metrics.LAST_SUCCESS, sync, to=self._wall())

    def read_syncs(self, records: RecordSource) -> None:
        """Collect the state of all syncs."""

        def info() -> dict[Labels, float]:
            return {_info(sync, record): 1.0 for sync, record in records()}

        self.process.read(metrics.SYNC_INFO, info)

    def read_webhooks(
        self,
        queue: TriggerQueue,
        now: Callable[[], float],
        counts: Callable[[], Mapping[tuple[str, str], int]],
    ) -> None:
        """Collect the received webhooks, and their requests."""
        to = self.process
        to.read(metrics.WEBHOOK_DEPTH, lambda: {(): float(queue.depth())})
        to.read(metrics.WEBHOOK_OLDEST, lambda: {(): queue.oldest_age(now())})
        to.read(metrics.WEBHOOKS, lambda: {labels: float(count) for labels, count in counts().items()})

    def forget(self, sync: str) -> None:
        """Remove the series of a removed sync."""
        self._actions.pop(sync, None)
        self.process.forget_sync(sync)


def _info(sync: Sync, record: SyncRecord) -> Labels:
    revision = record.applied.revision if record.applied else ""
    return sync.name, str(record.is_applied).lower(), str(sync.suspend).lower(), revision
