"""Cases of HyperPod: a cluster, and the task governance on it."""

from collections.abc import Mapping

from tests.journeys.documents import ROLE
from tests.journeys.standalone_documents import CLUSTER_SPEC, HYPERPOD
from tests.kinds.case import Case, change_text

_GROUP = f"instanceType: ml.g5.8xlarge, executionRole: {ROLE}"
_LAKE = (
    "{sharedEnvironmentConfig: {fSxLustreDeletionPolicy: %s, "
    "fSxLustreConfig: {sizeInGiB: 1200, perUnitStorageThroughput: 125}}}"
)
_QUOTA = "{computeQuotaResources: [{instanceType: ml.g5.8xlarge, count: %d}]}"

_TEAM = f"name: fraud\ncomputeQuotaConfig: {_QUOTA % 1}\ncomputeQuotaTarget: {{teamName: fraud}}"
_BESIDE = {
    **change_text("ActivationState", "Enabled", "Disabled"),
    **change_text("Description", "one", "two"),
}


def _groups(text: str) -> str:
    return f"instanceGroups: [{text}]"


def _named(name: str, count: int, more: str = _GROUP) -> str:
    return f"{{instanceGroupName: {name}, instanceCount: {count}, {more}}}"


def _beside(member: str, before: str, after: str) -> dict[str, tuple[str, str]]:
    """A change outside of the cluster's groups."""
    return {
        name: (f"{CLUSTER_SPEC}\n{old}", f"{CLUSTER_SPEC}\n{new}")
        for name, (old, new) in change_text(member, before, after).items()
    }


HYPERPOD_CASES: Mapping[str, Case] = {
    "Cluster": Case(
        "research",
        "",
        changes={
            "InstanceGroups": (_groups(_named("workers", 2)), _groups(_named("workers", 3))),
            "RestrictedInstanceGroups": (
                f"restrictedInstanceGroups: [{_named('nova', 1)}]",
                f"restrictedInstanceGroups: [{_named('nova', 2)}]",
            ),
            **_beside("RestrictedInstanceGroupsConfig", _LAKE % "Keep", _LAKE % "DeleteIfNotUsed"),
            **_beside("NodeRecovery", "None", "Automatic"),
            **_beside("TieredStorageConfig", "{mode: Enable}", "{mode: Disable}"),
            **_beside("AutoScaling", "{mode: Enable}", "{mode: Disable}"),
            **_beside("ClusterRole", ROLE, f"{ROLE}-2"),
            **_beside(
                "Orchestrator",
                "{slurm: {slurmConfigStrategy: Merge}}",
                "{slurm: {slurmConfigStrategy: Managed}}",
            ),
        },
        frozen=(
            f"{CLUSTER_SPEC}\nvpcConfig: {{securityGroupIds: [sg-1], subnets: [subnet-1]}}",
            f"{CLUSTER_SPEC}\nvpcConfig: {{securityGroupIds: [sg-2], subnets: [subnet-1]}}",
        ),
    ),
    "ClusterSchedulerConfig": Case(
        "priorities",
        "clusterArn: research",
        frozen=("name: one\nschedulerConfig: {}", "name: two\nschedulerConfig: {}"),
        changes={
            "SchedulerConfig": (
                "name: priorities\nschedulerConfig: {priorityClasses: [{name: batch, weight: 1}]}",
                "name: priorities\nschedulerConfig: {priorityClasses: [{name: batch, weight: 2}]}",
            ),
            "Description": (
                "name: priorities\nschedulerConfig: {fairShare: Enabled}\ndescription: one",
                "name: priorities\nschedulerConfig: {fairShare: Enabled}\ndescription: two",
            ),
        },
        needs=(HYPERPOD,),
    ),
    "ComputeQuota": Case(
        "fraud-team",
        "clusterArn: research",
        frozen=(_TEAM, _TEAM.replace("name: fraud\n", "name: risk\n")),
        changes={
            "ComputeQuotaConfig": (
                _TEAM,
                f"name: fraud\ncomputeQuotaConfig: {_QUOTA % 2}\ncomputeQuotaTarget: {{teamName: fraud}}",
            ),
            "ComputeQuotaTarget": (
                _TEAM,
                _TEAM.replace("{teamName: fraud}", "{teamName: fraud, fairShareWeight: 10}"),
            ),
            **{member: (f"{_TEAM}\n{old}", f"{_TEAM}\n{new}") for member, (old, new) in _BESIDE.items()},
        },
        needs=(HYPERPOD,),
    ),
}
