"""HyperPod: groups are added, changed and removed by one update; immutable members are refused; versions are locked."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.kinds import KINDS
from controller.kinds.effects import Impact
from controller.sandbox import InjectedFault
from controller.schema.names import lower_camel
from tests.journeys.documents import ROLE
from tests.journeys.stage import Stage, acting_steps, document_text, step_of
from tests.journeys.standalone_documents import COMPUTE_QUOTA, HYPERPOD, SCHEDULER_CONFIG
from tests.kinds.cases import CASES


def group(name: str, count: int = 1, instance: str = "ml.g5.8xlarge", more: str = "") -> str:
    """An instance group, as documents write it."""
    fields = (
        f"instanceGroupName: {name}, instanceCount: {count}, instanceType: {instance}, executionRole: {ROLE}"
    )
    return f"{{{fields}{more}}}"


def cluster(*groups: str, policy: str = "") -> str:
    """A cluster with these groups."""
    return document_text("Cluster", "research", f"instanceGroups: [{', '.join(groups)}]", policy)


def live_groups(stage: Stage) -> dict[str, Any]:
    """The groups of the cluster, by name."""
    found = stage.client().describe_cluster(ClusterName="research")["InstanceGroups"]
    return {each["InstanceGroupName"]: each for each in found}


def update_parameters(stage: Stage) -> list[Any]:
    """The parameters of the updates so far."""
    return [call.params for call in stage.sandbox.calls if call.operation == "UpdateCluster"]


def test_a_hyperpod_group_removed(stage: Stage) -> None:
    """A group removed from the document is deleted by name, with the loss in the plan; the others are not sent."""
    stage.apply(cluster(group("workers", 2), group("old"), group("login")))
    stage.forget_calls()
    desired = cluster(group("workers", 2), group("login"))
    planned = step_of(stage.plan(desired), "Cluster/research")
    assert planned.action is Action.UPDATE
    lost = [effect.message for effect in planned.effects if effect.impact is Impact.LOSES]
    assert any("old" in text for text in lost), lost
    assert stage.apply(desired).convergence is Convergence.SETTLED
    assert update_parameters(stage) == [{"ClusterName": "research", "InstanceGroupsToDelete": ["old"]}]
    assert set(live_groups(stage)) == {"workers", "login"}
    assert acting_steps(stage.plan(desired)) == {}


def test_one_update_adds_changes_and_removes_groups(stage: Stage) -> None:
    """A changed group is sent whole, with the immutable members that the service added; unchanged ones are left out."""
    stage.apply(cluster(group("workers", 2), group("old"), group("login")))
    stage.forget_calls()
    desired = cluster(group("workers", 3), group("login"), group("new"))
    assert stage.apply(desired).convergence is Convergence.SETTLED
    (sent,) = update_parameters(stage)
    assert {each["InstanceGroupName"] for each in sent["InstanceGroups"]} == {"workers", "new"}
    assert sent["InstanceGroupsToDelete"] == ["old"]
    changed = next(each for each in sent["InstanceGroups"] if each["InstanceGroupName"] == "workers")
    assert (changed["InstanceCount"], changed["ThreadsPerCore"]) == (3, 1)
    assert {name: each["CurrentCount"] for name, each in live_groups(stage).items()} == {
        "workers": 3,
        "login": 1,
        "new": 1,
    }


def test_a_foreign_group_is_drift_that_the_next_apply_removes(stage: Stage) -> None:
    """A group that no document has is deleted by the next apply."""
    stage.apply(HYPERPOD)
    added = [
        {"InstanceGroupName": "x", "InstanceCount": 1, "InstanceType": "ml.c5.xlarge", "ExecutionRole": ROLE}
    ]
    stage.client().update_cluster(ClusterName="research", InstanceGroups=added)
    stage.wait(900)
    planned = step_of(stage.plan(HYPERPOD), "Cluster/research")
    assert (planned.action, planned.why) == (Action.UPDATE, Reason.LIVE_DIFFERS)
    stage.apply(HYPERPOD)
    assert set(live_groups(stage)) == {"workers"}


def test_a_change_of_an_immutable_member_of_a_group_is_refused(stage: Stage) -> None:
    """Another instance type can't be updated: the plan blocks, nothing is sent, and nothing is replaced."""
    stage.apply(cluster(group("workers")))
    stage.forget_calls()
    report = stage.apply(cluster(group("workers", instance="ml.g5.12xlarge")))
    found = step_of(report.plan, "Cluster/research")
    assert (found.action, found.why) == (Action.BLOCKED, Reason.IMMUTABLE)
    assert "{sent}" not in found.detail
    assert stage.mutations() == []


def test_a_cluster_stays_with_its_eks_cluster(stage: Stage) -> None:
    """UpdateCluster's shape has the orchestrator, but another EKS cluster can't be set."""
    arn = "arn:aws:eks:us-east-1:123456789012:cluster/one"
    one = document_text(
        "Cluster",
        "research",
        f"instanceGroups: [{group('workers')}]\norchestrator: {{eks: {{clusterArn: '{arn}'}}}}",
    )
    stage.apply(one)
    planned = step_of(stage.plan(one.replace("cluster/one", "cluster/two")), "Cluster/research")
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.IMMUTABLE)


def test_an_update_names_the_version_that_was_read(stage: Stage) -> None:
    """The version is that of Describe; an outdated one is refused, and the next pass reads it again."""
    stage.apply(HYPERPOD, SCHEDULER_CONFIG, COMPUTE_QUOTA)
    stage.forget_calls()
    more = COMPUTE_QUOTA.replace("count: 1", "count: 2")
    stage.sandbox.inject(InjectedFault.IN_USE, operation="UpdateComputeQuota")
    assert stage.apply(HYPERPOD, SCHEDULER_CONFIG, more).convergence is Convergence.SETTLED
    assert (
        stage.apply(HYPERPOD, SCHEDULER_CONFIG, more.replace("count: 2", "count: 3")).convergence
        is Convergence.SETTLED
    )
    sent = [
        call.params["TargetVersion"] for call in stage.sandbox.calls if call.operation == "UpdateComputeQuota"
    ]
    assert sent == [1, 1, 2]


def test_the_deletion_of_a_cluster_waits_for_its_quota(stage: Stage) -> None:
    """A foreign quota blocks the deletion of its cluster; after the quota's deletion the cluster is deleted."""
    stage.apply(HYPERPOD)
    arn = stage.client().describe_cluster(ClusterName="research")["ClusterArn"]
    made = stage.client().create_compute_quota(
        Name="others", ClusterArn=arn, ComputeQuotaConfig={}, ComputeQuotaTarget={"TeamName": "others"}
    )
    stage.wait(60)
    assert stage.destroy(HYPERPOD).convergence is not Convergence.SETTLED
    assert "DeleteCluster" not in stage.mutations()
    stage.client().delete_compute_quota(ComputeQuotaId=made["ComputeQuotaId"])
    stage.wait(60)
    assert stage.destroy(HYPERPOD).convergence is Convergence.SETTLED


def test_a_deleted_quota_is_recreated_under_its_name(stage: Stage) -> None:
    """Describe and List still show a quota as Deleted: it counts as absent, and its name is free."""
    documents = (HYPERPOD, SCHEDULER_CONFIG, COMPUTE_QUOTA)
    stage.apply(*documents)
    (quota,) = stage.client().list_compute_quotas()["ComputeQuotaSummaries"]
    stage.client().delete_compute_quota(ComputeQuotaId=quota["ComputeQuotaId"])
    stage.wait(60)
    stage.apply(*documents)
    report = stage.apply(*documents)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    states = [each["Status"] for each in stage.client().list_compute_quotas()["ComputeQuotaSummaries"]]
    assert sorted(states) == ["Created", "Deleted"]
    assert acting_steps(stage.plan(*documents)) == {}


# A parent can have only one of these, and a document's resource is identified by another member, such as its name.
SINGLE = [
    kind
    for kind in CASES
    if (its := KINDS[kind].identity).unique and its.found_by and not {*its.found_by.matches} <= {*its.unique}
]


def test_kinds_of_which_a_parent_has_one() -> None:
    """A cluster has one scheduler configuration."""
    assert SINGLE == ["ClusterSchedulerConfig"]


@pytest.mark.parametrize("kind", SINGLE)
def test_a_second_child_of_a_single_child_parent_is_refused(stage: Stage, kind: str) -> None:
    """A foreign one exists: nothing is sent until that is deleted, or the document has its name and adopts it."""
    case, mine = CASES[kind], f"{kind}/{CASES[kind].name}"
    (member,) = KINDS[kind].identity.found_by.matches  # type: ignore[union-attr]
    document = yaml.safe_load(case.document(kind, next(iter(case.changes.values()))[0]))
    stage.apply(*case.needs)
    (call,) = step_of(stage.plan(*case.needs, yaml.safe_dump(document)), mine).calls
    there = frozenset(stage.sandbox.resources())
    stage.cloud_now(replace(call, params={**call.params, member: "theirs", "Tags": []}))
    (theirs,) = frozenset(stage.sandbox.resources()) - there
    stage.forget_calls()
    for _ in range(2):
        report = stage.apply(*case.needs, yaml.safe_dump(document))
        planned = step_of(report.plan, mine)
        assert (planned.action, planned.why, planned.calls) == (Action.BLOCKED, Reason.NOT_OWNED, ())
        assert theirs in planned.detail
        assert "deleted with it" in planned.detail
    assert call.operation not in {record.operation for record in stage.sandbox.calls}
    document["policy"] = {"adopt": "IfUnowned"}
    document["spec"][lower_camel(member)] = "theirs"
    assert stage.apply(*case.needs, yaml.safe_dump(document)).convergence is Convergence.SETTLED
    stage.destroy(*case.needs, yaml.safe_dump(document))
    document["spec"][lower_camel(member)] = "ours"
    assert stage.apply(*case.needs, yaml.safe_dump(document)).convergence is Convergence.SETTLED
