"""HyperPod in the sandbox: the refusals of its kinds, and their Describe responses."""

from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, refusal

EKS = "arn:aws:eks:us-east-1:123456789012:cluster/one"
GROUP = {
    "InstanceGroupName": "workers",
    "InstanceType": "ml.g5.8xlarge",
    "InstanceCount": 2,
    "ExecutionRole": ROLE,
}


def make(aws: Any, name: str = "one", **more: Any) -> str:
    """Create a cluster, and return its ARN."""
    return str(aws.create_cluster(ClusterName=name, **{"InstanceGroups": [GROUP], **more})["ClusterArn"])


def test_a_cluster_is_described_by_what_it_has_and_is_to_have(sandbox: Sandbox, aws: Any) -> None:
    """The ARN ends in an ID; counts, labels and images are returned twice; name and ARN both find it."""
    group = {**GROUP, "KubernetesConfig": {"Labels": {"a": "b"}}, "ImageReleaseVersion": "2.0.0"}
    arn = make(aws, InstanceGroups=[group, {**GROUP, "InstanceGroupName": "controller"}])
    assert len(arn.rpartition("/")[2]) == 12
    sandbox.clock.advance(60)
    (first, _) = aws.describe_cluster(ClusterName="one")["InstanceGroups"]
    assert (first["CurrentCount"], first["TargetCount"], first["Status"]) == (0, 2, "Creating")
    sandbox.clock.advance(900)
    found = aws.describe_cluster(ClusterName=arn)
    assert (found["ClusterStatus"], found["NodeRecovery"]) == ("InService", "Automatic")
    assert [each["InstanceGroupName"] for each in found["InstanceGroups"]] == ["controller", "workers"]
    workers = found["InstanceGroups"][1]
    assert (workers["CurrentCount"], workers["DesiredImageReleaseVersion"]) == (2, "2.0.0")
    assert workers["KubernetesConfig"] == {"CurrentLabels": {"a": "b"}, "DesiredLabels": {"a": "b"}}


def test_a_cluster_at_work_is_not_touched_unless_it_provisions_continuously(
    sandbox: Sandbox, aws: Any
) -> None:
    """Update and Delete conflict with a creation; a continuous cluster can be deleted at any time."""
    make(aws)
    assert refusal(aws.update_cluster, ClusterName="one", NodeRecovery="None")[0] == "ConflictException"
    assert refusal(aws.delete_cluster, ClusterName="one")[0] == "ConflictException"
    make(aws, "two", NodeProvisioningMode="Continuous")
    aws.delete_cluster(ClusterName="two")
    sandbox.clock.advance(300)
    assert refusal(aws.describe_cluster, ClusterName="two")[0] == "ResourceNotFound"
    sandbox.clock.advance(900)
    with pytest.raises(aws.exceptions.ResourceInUse):
        make(aws)
    sandbox.inject(InjectedFault.FAIL, reason="no capacity")
    make(aws, "three")
    sandbox.clock.advance(900)
    failed = aws.describe_cluster(ClusterName="three")
    assert (failed["ClusterStatus"], failed["FailureMessage"]) == ("Failed", "no capacity")


@pytest.mark.parametrize(
    ("update", "text"),
    [
        (
            {"InstanceGroups": [{**GROUP, "InstanceType": "ml.c5.xlarge"}]},
            "Updating fields InstanceType on an InstanceGroup not supported",
        ),
        ({"InstanceGroups": [GROUP]}, "Updating fields OverrideVpcConfig on an InstanceGroup not supported"),
        ({"InstanceGroupsToDelete": ["ghost"]}, "does not exist"),
        ({"InstanceGroupsToDelete": ["workers", "login"]}, "last instance group"),
        (
            {
                "InstanceGroups": [{**GROUP, "InstanceGroupName": "login"}],
                "InstanceGroupsToDelete": ["login"],
            },
            "both updated and deleted",
        ),
    ],
)
def test_what_an_update_of_groups_refuses(sandbox: Sandbox, aws: Any, update: Any, text: str) -> None:
    """Another value of an immutable member, or none; an unknown group, all groups, and one that is also sent."""
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    held = {**GROUP, "OverrideVpcConfig": vpc}
    make(aws, InstanceGroups=[held, {**GROUP, "InstanceGroupName": "login"}])
    sandbox.clock.advance(900)
    code, message = refusal(aws.update_cluster, ClusterName="one", **update)
    assert (code, text in message) == ("ValidationException", True), message


def test_an_eks_cluster_has_one_hyperpod_cluster(aws: Any) -> None:
    """A second one is refused with the service's message."""
    make(aws, Orchestrator={"Eks": {"ClusterArn": EKS}})
    code, message = refusal(
        aws.create_cluster,
        ClusterName="two",
        InstanceGroups=[GROUP],
        Orchestrator={"Eks": {"ClusterArn": EKS}},
    )
    assert (code, message) == (
        "ValidationException",
        f"Specified cluster external resource id {EKS} already in use",
    )


def test_governance_is_numbered_versioned_and_locked(sandbox: Sandbox, aws: Any) -> None:
    """One config for a cluster, one quota of a name; an outdated version conflicts; Deleted is still described."""
    arn = make(aws)
    config = aws.create_cluster_scheduler_config(Name="p", ClusterArn=arn, SchedulerConfig={})
    number = config["ClusterSchedulerConfigId"]
    again = {"Name": "q", "ClusterArn": arn, "SchedulerConfig": {}}
    assert refusal(aws.create_cluster_scheduler_config, **again)[0] == "ConflictException"
    quota = {
        "Name": "team",
        "ClusterArn": arn,
        "ComputeQuotaConfig": {
            "ComputeQuotaResources": [{"InstanceType": "ml.g5.8xlarge", "Accelerators": 1}]
        },
        "ComputeQuotaTarget": {"TeamName": "team"},
    }
    made = aws.create_compute_quota(**quota)["ComputeQuotaId"]
    assert refusal(aws.create_compute_quota, **quota)[0] == "ConflictException"
    sandbox.clock.advance(900)
    described = aws.describe_compute_quota(ComputeQuotaId=made)
    (resource,) = described["ComputeQuotaConfig"]["ComputeQuotaResources"]
    assert (described["Status"], described["ActivationState"], resource["VCpu"]) == (
        "Created",
        "Enabled",
        12.0,
    )
    assert described["ComputeQuotaConfig"]["ResourceSharingConfig"]["BorrowLimit"] == 50
    aws.update_compute_quota(ComputeQuotaId=made, TargetVersion=1, Description="x")
    sandbox.clock.advance(60)
    stale = {"ComputeQuotaId": made, "TargetVersion": 1, "Description": "y"}
    assert refusal(aws.update_compute_quota, **stale)[0] == "ConflictException"
    found = aws.describe_compute_quota(ComputeQuotaId=made)
    assert (found["Status"], found["ComputeQuotaVersion"]) == ("Updated", 2)
    removal = {"ClusterSchedulerConfigId": number}
    assert refusal(aws.delete_cluster_scheduler_config, **removal)[0] == "ConflictException"
    aws.delete_compute_quota(ComputeQuotaId=made)
    sandbox.clock.advance(60)
    assert aws.describe_compute_quota(ComputeQuotaId=made)["Status"] == "Deleted"
    assert len(aws.list_compute_quotas(ClusterArn=arn, Status="Deleted")["ComputeQuotaSummaries"]) == 1
    aws.delete_cluster_scheduler_config(**removal)
    aws.create_compute_quota(**quota)


def test_knobs_decide_what_is_doubted() -> None:
    """Knobs make quota names unique in the Region, allow to delete clusters with quotas, and omit deleted ones."""
    knobs = Knobs(
        governed_cluster_is_kept=False, governance_names_are_regional=True, deleted_governance_listed=False
    )
    sandbox = Sandbox(knobs=knobs)
    aws = client_of(sandbox)
    first, second = make(aws), make(aws, "two")
    quota = {"Name": "team", "ComputeQuotaConfig": {}, "ComputeQuotaTarget": {"TeamName": "team"}}
    made = aws.create_compute_quota(ClusterArn=first, **quota)["ComputeQuotaId"]
    assert refusal(aws.create_compute_quota, ClusterArn=second, **quota)[0] == "ConflictException"
    sandbox.clock.advance(900)
    aws.delete_cluster(ClusterName="one")
    aws.delete_compute_quota(ComputeQuotaId=made)
    sandbox.clock.advance(60)
    assert aws.list_compute_quotas()["ComputeQuotaSummaries"] == []
