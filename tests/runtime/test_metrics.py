import re
from typing import Any

import pytest

from controller.core.cloud import ResponseRecord
from controller.runtime import metrics
from controller.runtime.metrics import METRICS, Metric, Metrics, MetricType, Process

_UNITS = {"": ("",), "seconds": ("_seconds",), "seconds since 1970": ("_timestamp_seconds",)}


def metric_names(page: bytes) -> set[str]:
    """The metrics that a page announces."""
    return set(re.findall(r"^# TYPE (\S+)", page.decode(), re.MULTILINE))


def record(to: Metrics, row: Metric, *labels: str) -> None:
    """Record one value of a metric, whatever its type."""
    by_type: dict[MetricType, Any] = {
        MetricType.COUNTER: lambda: to.add(row, *labels),
        MetricType.GAUGE: lambda: to.set(row, *labels, to=1),
        MetricType.HISTOGRAM: lambda: to.observe(row, *labels, value=1),
    }
    by_type[row.type]()


@pytest.mark.parametrize("row", METRICS, ids=lambda row: row.name)
def test_each_row_follows_the_conventions(row: Metric) -> None:
    """Counters end in _total and nothing else does; a unit is the suffix; names and labels are in snake case."""
    assert re.fullmatch(r"sagectl_[a-z]+(_[a-z]+)*", row.name)
    assert row.name.endswith("_total") == (row.type is MetricType.COUNTER)
    assert row.name.endswith(_UNITS[row.unit])
    assert row.unit or not row.name.endswith("_seconds")
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", label) for label in row.labels)
    assert row.help.endswith(".")
    assert row.by in (Process.OPERATOR, Process.SYNC, Process.ALL)


def test_each_row_is_in_the_table_once() -> None:
    """The table holds every row of the module, and no name twice."""
    rows = [each for each in vars(metrics).values() if isinstance(each, Metric)]
    assert sorted(row.name for row in rows) == sorted(row.name for row in METRICS)
    assert len({row.name for row in METRICS}) == len(METRICS)


@pytest.mark.parametrize("row", METRICS, ids=lambda row: row.name)
def test_a_metric_is_announced_with_its_first_series(row: Metric) -> None:
    """A metric without a series is not on the page; a recorded one is there with its type."""
    to = Metrics()
    assert metric_names(to.text()) == {metrics.PANICS.name}
    record(to, row, *row.labels)
    assert f"# TYPE {row.name} {row.type.value}" in to.text().decode()


def test_values_are_read_with_the_page() -> None:
    """A metric that is read from a function has its values of now, and is announced with the first of them."""
    to, values = Metrics(), dict[tuple[str, ...], float]()
    to.read(metrics.WEBHOOKS, lambda: values)
    assert metrics.WEBHOOKS.name not in metric_names(to.text())
    values["github", "queued"] = 2
    assert b'sagectl_webhook_requests_total{provider="github",result="queued"} 2.0' in to.text()


@pytest.mark.parametrize(
    "row",
    [each for each in METRICS if each.labels and metrics.SYNC_LABEL not in each.labels],
    ids=lambda row: row.name,
)
def test_labels_from_outside_make_a_bounded_number_of_series(row: Metric) -> None:
    """After the two-thousandth series of a metric, whatever is new is counted as other."""
    to = Metrics()
    for number in range(2100):
        record(to, row, *[f"v{number}"] * len(row.labels))
    assert len(to._series[row.name]) == 2001
    assert ("other",) * len(row.labels) in to._series[row.name]


def test_a_sync_that_is_gone_leaves_no_series() -> None:
    """Every metric with the label of syncs drops the sync's series, and those of others stay."""
    to = Metrics()
    rows = [row for row in METRICS if metrics.SYNC_LABEL in row.labels]
    for row in rows:
        for sync in ("gone", "here"):
            record(to, row, *[sync if label == metrics.SYNC_LABEL else label for label in row.labels])
    to.forget_sync("gone")
    assert b'"gone"' not in to.text()
    assert {row.name for row in rows} <= metric_names(to.text())


def test_the_state_of_syncs_is_left_out_where_another_replica_leads() -> None:
    """Gauges of syncs belong to the replica that leads; counters are of this process."""
    to = Metrics()
    to.set(metrics.DRIFTED, "prod", to=1)
    to.reconciled("GitSync", "applied", 1.0, "prod")
    page = metric_names(to.text(of_syncs=False))
    assert metrics.DRIFTED.name not in page
    assert metrics.RECONCILES.name in page


def test_a_request_to_aws_is_counted_by_its_error_code() -> None:
    """Refused requests are counted by their code, accepted ones as OK."""
    to = Metrics()
    for code in ("", "ThrottlingException"):
        to.aws_request(ResponseRecord("sagemaker", "ListModels", code, "id", 0.1))
    page = to.text().decode()
    assert 'sagectl_aws_requests_total{code="OK",operation="ListModels"} 1.0' in page
    assert 'sagectl_aws_requests_total{code="ThrottlingException",operation="ListModels"} 1.0' in page
