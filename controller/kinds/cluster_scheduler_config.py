"""ClusterSchedulerConfig: the priorities of the tasks of a HyperPod cluster; a cluster has one at most."""

from types import MappingProxyType

from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Unique
from controller.kinds.task_governance import FOUND, ON_CLUSTER, STATUS_PHASES

CLUSTER_SCHEDULER_CONFIG = Kind(
    name="ClusterSchedulerConfig",
    identity=KindIdentity(
        arn_parts=("ClusterSchedulerConfigId",),
        arns=("cluster-scheduler-config/*",),
        found_by=FOUND,
        # A second one of a cluster is refused (alchemy-run/alchemy, a test against a live cluster).
        unique=("ClusterArn",),
        links=ON_CLUSTER,
    ),
    compare=Compare(
        # CloudFormation's schema: insertionOrder false.
        keyed=MappingProxyType({"SchedulerConfig.PriorityClasses": "Name"}),
        # API reference, SchedulerConfig: FairShare.
        defaults=MappingProxyType({"SchedulerConfig.FairShare": "Enabled"}),
    ),
    write=Write(
        rules=(
            Unique(("SchedulerConfig.PriorityClasses",), "Name", source="API reference, PriorityClass: Name"),
        ),
        cleared=MappingProxyType({"Description": ""}),  # the shape's least length is 0 (effect unverified)
        # As Terraform's resource of ComputeQuota, whose Update is similar: the version that was read last.
        locks=MappingProxyType({"TargetVersion": "ClusterSchedulerConfigVersion"}),
    ),
    lifecycle=Lifecycle(
        status_phases=STATUS_PHASES,
        consequences=(
            Consequence(
                ENDS, Impact.INTERRUPTS, "tasks of its cluster lose their priorities until there is another"
            ),
        ),
    ),
)
