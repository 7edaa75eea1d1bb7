"""What ClusterSchedulerConfig and ComputeQuota share: HyperPod's task governance, on the cluster that they name."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import AssignedIdentity, Link, TargetForm

ON_CLUSTER = (Link("ClusterArn", "Cluster", TargetForm.ARN),)

# The service assigns an ID. A name is unique within its cluster (API reference, CreateComputeQuota: Name).
FOUND = AssignedIdentity(
    when="Name", listed_by=MappingProxyType({"ClusterArn": "ClusterArn"}), matches=("Name",)
)

# SchedulerResourceStatus, which both have. Terraform's resource of ComputeQuota takes Deleted for absence, and
# Created and Updated for the two words of success.
STATUS_PHASES: Mapping[str, Phase] = MappingProxyType(
    {
        "Created": Phase.READY,
        "Updated": Phase.READY,
        "CreateFailed": Phase.FAILED,
        "CreateRollbackFailed": Phase.FAILED,
        "UpdateFailed": Phase.FAILED,
        "UpdateRollbackFailed": Phase.FAILED,
        "DeleteRollbackFailed": Phase.FAILED,
        "Deleted": Phase.ABSENT,
    }
)
