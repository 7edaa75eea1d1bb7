"""The metrics of all long-running processes: one table, and the registry that records them for Prometheus.

A metric appears with its first series, so that a page has no metric that its process never fills. Names follow
Prometheus' conventions (prometheus.io, "Metric and label naming"): ``_total`` for counters, base units as a suffix.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, Flag, auto
from typing import TYPE_CHECKING, Any

from controller.core.cloud import ResponseRecord

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client import Metric as Family

Labels = tuple[str, ...]
Read = Callable[[], Mapping[Labels, float]]

_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)  # seconds
_MOST_SERIES = 2000  # of one metric; labels of syncs are not counted, for they are removed with their sync
_OTHER = "other"  # the labels of all further series
SYNC_LABEL = "sync"


class MetricType(Enum):
    """A metric's type, in Prometheus' words."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Process(Flag):
    """The processes that serve metrics."""

    OPERATOR = auto()
    SYNC = auto()
    ALL = OPERATOR | SYNC


@dataclass(frozen=True)
class Metric:
    """A metric's definition; ``by`` are the processes that fill it, ``unit`` is empty for plain counts."""

    name: str
    type: MetricType
    labels: Labels
    unit: str
    help: str
    by: Process = Process.ALL

    @property
    def of_syncs(self) -> bool:
        """Whether it is the current state of a sync, which only the leader has."""
        return self.type is MetricType.GAUGE and SYNC_LABEL in self.labels


RECONCILES = Metric(
    "sagectl_reconcile_total",
    MetricType.COUNTER,
    ("kind", SYNC_LABEL, "result"),
    "",
    "Reconciliations. For objects `result` is the reason of the condition Synced, or Gone; for syncs it is the phase, "
    "and `sync` the name.",
)
RECONCILE_SECONDS = Metric(
    "sagectl_reconcile_duration_seconds",
    MetricType.HISTOGRAM,
    ("kind", SYNC_LABEL),
    "seconds",
    "Time of a reconciliation.",
)
PANICS = Metric(
    "sagectl_reconcile_panics_total",
    MetricType.COUNTER,
    (),
    "",
    "Reconciliations that ended with an unexpected exception.",
)
AWS_REQUESTS = Metric(
    "sagectl_aws_requests_total",
    MetricType.COUNTER,
    ("operation", "code"),
    "",
    "Requests to AWS by the error code of the answer, or OK; those that were retried are included.",
)
GIT_REQUESTS = Metric(
    "sagectl_git_requests_total",
    MetricType.COUNTER,
    ("operation", "result"),
    "",
    "Requests to Git servers; `result` is ok or the error.",
)
GIT_SECONDS = Metric(
    "sagectl_git_request_duration_seconds",
    MetricType.HISTOGRAM,
    ("operation",),
    "seconds",
    "Time of a request to a Git server.",
)
SYNC_INFO = Metric(
    "sagectl_sync_info",
    MetricType.GAUGE,
    (SYNC_LABEL, "ready", "suspended", "revision"),
    "",
    "1 for each sync, with its state as labels; no other metric has the revision.",
)
PLAN_CHANGES = Metric(
    "sagectl_plan_changes", MetricType.GAUGE, (SYNC_LABEL, "action"), "", "Actions of the newest plan."
)
DRIFTED = Metric(
    "sagectl_drifted_resources",
    MetricType.GAUGE,
    (SYNC_LABEL,),
    "",
    "Resources that differed from the applied revision at the newest reconciliation.",
)
WAITING = Metric(
    "sagectl_waiting_resources",
    MetricType.GAUGE,
    (SYNC_LABEL,),
    "",
    "Resources whose change AWS has not finished.",
)
PRUNE_BLOCKED = Metric(
    "sagectl_prune_blocked_resources",
    MetricType.GAUGE,
    (SYNC_LABEL,),
    "",
    "Resources whose deletion exceeds the deletion limit.",
)
LAST_SUCCESS = Metric(
    "sagectl_last_success_timestamp_seconds",
    MetricType.GAUGE,
    (SYNC_LABEL,),
    "seconds since 1970",
    "When everything was applied last.",
)
QUEUE_DEPTH = Metric(
    "sagectl_queue_depth", MetricType.GAUGE, (), "", "Keys of the workqueue that are due.", Process.OPERATOR
)
QUEUE_OLDEST = Metric(
    "sagectl_queue_oldest_seconds",
    MetricType.GAUGE,
    (),
    "seconds",
    "For how long the oldest key has been due.",
    Process.OPERATOR,
)
QUEUE_WAIT = Metric(
    "sagectl_queue_wait_seconds",
    MetricType.HISTOGRAM,
    (),
    "seconds",
    "Time of a key from due to the start of its reconciliation.",
    Process.OPERATOR,
)
OBJECTS = Metric(
    "sagectl_objects",
    MetricType.GAUGE,
    ("kind", "ready"),
    "",
    "Kubernetes objects by their condition Ready.",
    Process.OPERATOR,
)
LEADING = Metric("sagectl_leading", MetricType.GAUGE, (), "", "1 while this replica leads.", Process.OPERATOR)
KUBE_REQUESTS = Metric(
    "sagectl_kube_requests_total",
    MetricType.COUNTER,
    ("verb", "resource", "code"),
    "",
    "Requests to the API server by HTTP status; 0 without an answer.",
    Process.OPERATOR,
)
STATUS_WRITES = Metric(
    "sagectl_status_writes_total",
    MetricType.COUNTER,
    (),
    "",
    "Writes of an object's status.",
    Process.OPERATOR,
)
WEBHOOKS = Metric(
    "sagectl_webhook_requests_total",
    MetricType.COUNTER,
    ("provider", "result"),
    "",
    "Webhook requests received.",
    Process.SYNC,
)
WEBHOOK_DEPTH = Metric(
    "sagectl_webhook_queue_depth", MetricType.GAUGE, (), "", "Syncs that a webhook requested.", Process.SYNC
)
WEBHOOK_OLDEST = Metric(
    "sagectl_webhook_queue_oldest_seconds",
    MetricType.GAUGE,
    (),
    "seconds",
    "For how long the oldest of them has waited.",
    Process.SYNC,
)
AWS_EVENTS = Metric(
    "sagectl_aws_events_total",
    MetricType.COUNTER,
    ("result",),
    "",
    "Messages of the queue of `--events`: `delivered` to reconcilers, or `ignored`, which are of no change, of no "
    "resource, or of a request of this process.",
)

METRICS = (
    RECONCILES,
    RECONCILE_SECONDS,
    PANICS,
    AWS_REQUESTS,
    GIT_REQUESTS,
    GIT_SECONDS,
    SYNC_INFO,
    PLAN_CHANGES,
    DRIFTED,
    WAITING,
    PRUNE_BLOCKED,
    LAST_SUCCESS,
    QUEUE_DEPTH,
    QUEUE_OLDEST,
    QUEUE_WAIT,
    OBJECTS,
    LEADING,
    KUBE_REQUESTS,
    STATUS_WRITES,
    AWS_EVENTS,
    WEBHOOKS,
    WEBHOOK_DEPTH,
    WEBHOOK_OLDEST,
)


class Metrics:
    """The registry of one process. Thread-safe; instances are independent."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, disable_created_metrics

        # The library adds a ``_created`` series for each counter and histogram, which Prometheus does not use.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._common, self._of_syncs = CollectorRegistry(), CollectorRegistry()
        self._families: dict[str, Any] = {}
        self._series: dict[str, set[Labels]] = {}
        self._lock = threading.Lock()
        self.add(PANICS, by=0)

    def add(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """Increase a counter."""
        self._with_labels(metric, labels).inc(by)

    def set(self, metric: Metric, *labels: str, to: float) -> None:
        """Set a gauge."""
        self._with_labels(metric, labels).set(to)

    def observe(self, metric: Metric, *labels: str, value: float) -> None:
        """Add an observation to a histogram."""
        self._with_labels(metric, labels).observe(max(value, 0.0))

    def read(self, metric: Metric, values: Read) -> None:
        """Read a metric's values, by their labels, from a function whenever the page is requested."""
        self._registry(metric).register(_Collector(metric, values))

    def forget_sync(self, sync: str) -> None:
        """Remove all series of a removed sync."""
        with self._lock:
            for metric in METRICS:
                if SYNC_LABEL in metric.labels:
                    self._remove(metric, metric.labels.index(SYNC_LABEL), sync)

    def reconciled(self, kind: str, result: str, seconds: float, sync: str = "") -> None:
        """Record a reconciliation of an object, or of a sync by its name."""
        self.add(RECONCILES, kind, sync, result)
        self.observe(RECONCILE_SECONDS, kind, sync, value=seconds)

    def panicked(self) -> None:
        """Record a reconciliation that ended with an unexpected exception."""
        self.add(PANICS)

    def aws_request(self, answer: ResponseRecord) -> None:
        """Record a request to AWS."""
        self.add(AWS_REQUESTS, answer.operation, answer.code or "OK")

    def aws_event(self, result: str) -> None:
        """Record a message of the event queue."""
        self.add(AWS_EVENTS, result)

    def git_request(self, operation: str, result: str, seconds: float) -> None:
        """Record a request to a Git server."""
        self.add(GIT_REQUESTS, operation, result)
        self.observe(GIT_SECONDS, operation, value=seconds)

    def text(self, *, of_syncs: bool = True) -> bytes:
        """The page in Prometheus' text format; without the state of syncs if another replica leads."""
        from prometheus_client import generate_latest

        return generate_latest(self._common) + (generate_latest(self._of_syncs) if of_syncs else b"")

    def _registry(self, metric: Metric) -> "CollectorRegistry":
        return self._of_syncs if metric.of_syncs else self._common

    def _with_labels(self, metric: Metric, labels: Labels) -> Any:
        with self._lock:
            family = self._families.get(metric.name) or self._family(metric)
            series = self._series.setdefault(metric.name, set())
            if SYNC_LABEL not in metric.labels and labels not in series and len(series) >= _MOST_SERIES:
                labels = (_OTHER,) * len(labels)
            series.add(labels)
            return family.labels(*labels) if labels else family

    def _family(self, metric: Metric) -> Any:
        from prometheus_client import Counter, Gauge, Histogram

        to, names = self._registry(metric), metric.labels
        if metric.type is MetricType.HISTOGRAM:
            made: Any = Histogram(metric.name, metric.help, names, registry=to, buckets=_BUCKETS)
        else:
            made = (Counter if metric.type is MetricType.COUNTER else Gauge)(
                metric.name, metric.help, names, registry=to
            )
        self._families[metric.name] = made
        return made

    def _remove(self, metric: Metric, position: int, value: str) -> None:
        known = self._series.get(metric.name, set())
        for labels in [each for each in known if each[position] == value]:
            known.discard(labels)
            with suppress(KeyError):  # the series does not exist
                self._families[metric.name].remove(*labels)


class _Collector:
    """A metric that is read when the page is requested."""

    def __init__(self, metric: Metric, values: Read) -> None:
        self._metric, self._values = metric, values

    def describe(self) -> tuple[()]:
        """Return nothing, so that nothing is read at registration."""
        return ()

    def collect(self) -> "Iterator[Family]":
        """The metric, if it has any series."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        of = CounterMetricFamily if self._metric.type is MetricType.COUNTER else GaugeMetricFamily
        family = of(self._metric.name, self._metric.help, labels=self._metric.labels)
        for labels, value in sorted(self._values().items()):
            family.add_metric(labels, value)
        if family.samples:
            yield family
