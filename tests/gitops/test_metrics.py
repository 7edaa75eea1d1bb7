"""Row 63: the metrics of syncs, whose number does not depend on the resources."""

import re
from dataclasses import replace

from controller.core.cloud import Call
from controller.gitops.metrics import SyncMetrics
from controller.gitops.status import SyncResult, SyncState
from controller.gitops.sync import Sync, SyncMode
from controller.inventory.model import LockedInventoryStore
from controller.runtime.metrics import METRICS, Metrics, Process
from controller.webhooks.trigger_queue import TriggerQueue
from tests.gitops.stage import Stage, StageHost, group


def start_with_metrics(stage: Stage, *syncs: Sync) -> Metrics:
    """A process with metrics of its syncs."""
    stage.metrics = metrics = SyncMetrics(Metrics(), stage.clock.wall)
    stage.start(*syncs)
    assert stage.fleet is not None
    metrics.read_syncs(stage.fleet.records)
    metrics.read_webhooks(TriggerQueue(), stage.clock.wall, lambda: {("github", "queued"): 3})
    metrics.process.aws_event("delivered")
    return metrics.process


def read_series(metrics: Metrics) -> dict[str, float]:
    """All series, by name and labels; of histograms the counts only."""
    lines = (line for line in metrics.text().decode().splitlines() if not line.startswith("#"))
    fields = dict(line.rsplit(" ", 1) for line in lines if "_bucket{" not in line and "_created" not in line)
    return {name: float(value) for name, value in fields.items()}


def test_a_sync_is_measured_from_git_to_aws(stage: Stage) -> None:
    """Row 63: passes, Git requests, AWS responses by code, webhooks, and the state of the sync."""
    revision = stage.push({"deploy/a.yaml": group("fraud")})
    metrics = start_with_metrics(stage, stage.sync())
    stage.wait(120)
    fields = read_series(metrics)
    info = f'sagectl_sync_info{{ready="true",revision="{revision}",suspended="false",sync="prod"}}'
    assert fields[info] == 1
    assert fields['sagectl_aws_requests_total{code="OK",operation="CreateModelPackageGroup"}'] == 1
    assert fields['sagectl_git_requests_total{operation="fetch",result="ok"}'] == 1
    assert fields['sagectl_webhook_requests_total{provider="github",result="queued"}'] == 3
    assert fields['sagectl_reconcile_total{kind="GitSync",result="applied",sync="prod"}'] >= 1
    assert fields['sagectl_drifted_resources{sync="prod"}'] == 0
    assert fields['sagectl_last_success_timestamp_seconds{sync="prod"}'] <= stage.clock.wall()
    assert {name.partition("{")[0].removesuffix("_count").removesuffix("_sum") for name in fields} == {
        row.name for row in METRICS if row.by & Process.SYNC
    }
    stage.forge.down = True
    stage.wait(120)
    assert any("git_requests" in name and "unreachable" in name for name in read_series(metrics))


def test_an_unexpected_exception_is_counted(stage: Stage) -> None:
    """A reconciliation that ends with an unexpected exception counts as a panic, and the sync continues."""
    stage.push({"deploy/a.yaml": group("fraud")})
    metrics = start_with_metrics(stage, stage.sync())
    context, follower = stage.context, stage.of("prod")
    assert context is not None
    follower._context = replace(context, host=FaultyHost(stage))
    stage.wait(30)
    assert read_series(metrics)["sagectl_reconcile_panics_total"] >= 1
    follower._context = context
    stage.wait(600)
    assert read_series(metrics)['sagectl_reconcile_total{kind="GitSync",result="applied",sync="prod"}'] >= 1


class FaultyHost(StageHost):
    """A host with a fault."""

    def inventory(self, sync: Sync) -> LockedInventoryStore:
        """Raise an unexpected exception."""
        raise ZeroDivisionError


def test_drift_is_measured_where_it_is_only_reported(stage: Stage) -> None:
    """Row 45: a resource deleted outside counts as drifted until it exists again."""
    stage.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
    metrics = start_with_metrics(stage, stage.sync(mode=SyncMode.PLAN))
    stage.wait(120)
    attempted = stage.record().attempted
    assert attempted is not None
    stage.request(approved=attempted.fingerprint)
    stage.wait(700)
    assert read_series(metrics)['sagectl_drifted_resources{sync="prod"}'] == 0
    stage.cloud.call(Call("DeleteModelPackageGroup", {"ModelPackageGroupName": "fraud"}))
    stage.wait(1500)
    assert read_series(metrics)['sagectl_drifted_resources{sync="prod"}'] == 1
    assert read_series(metrics)['sagectl_plan_changes{action="create",sync="prod"}'] == 1


def test_blocked_deletions_are_measured(stage: Stage) -> None:
    """Row 41: a gauge has the number of deletions that need a confirmation."""
    stage.push({f"deploy/{n}.yaml": group(f"g{n}") for n in range(5)})
    metrics = start_with_metrics(stage, stage.sync(prune=True))
    stage.wait(120)
    stage.push({"deploy/0.yaml": group("g0")})
    stage.wait(120)
    assert read_series(metrics)['sagectl_prune_blocked_resources{sync="prod"}'] == 4


def test_more_resources_make_no_more_series(stage: Stage) -> None:
    """Row 63: twelve resources and forty have the same series, and a revision is a label of the info metric alone."""
    stage.push({f"deploy/{n}.yaml": group(f"g{n}") for n in range(12)})
    metrics = start_with_metrics(stage, stage.sync())
    stage.wait(120)
    few = {re.sub(r'revision="\w*"', "", name) for name in read_series(metrics)}
    revision = stage.push({f"deploy/{n}.yaml": group(f"g{n}") for n in range(40)})
    stage.wait(700)
    assert {re.sub(r'revision="\w*"', "", name) for name in read_series(metrics)} == few
    assert [name.partition("{")[0] for name in read_series(metrics) if revision in name] == [
        "sagectl_sync_info"
    ]


def test_actions_of_an_earlier_plan_are_not_counted() -> None:
    """The newest plan is measured; a removed sync leaves no series behind."""
    syncs = SyncMetrics(Metrics())
    metrics = syncs.process
    for changes in ({"create": 2}, {"update": 1}):
        syncs.reconciled(SyncResult("prod", SyncState.APPLIED, 1.0, changes, 0, 0, 0))
    assert read_series(metrics)['sagectl_plan_changes{action="create",sync="prod"}'] == 0
    assert read_series(metrics)['sagectl_plan_changes{action="update",sync="prod"}'] == 1
    syncs.forget("prod")
    assert not any("prod" in name for name in read_series(metrics))
