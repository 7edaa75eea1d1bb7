"""ComputeQuota: a team's share of a HyperPod cluster."""

from collections.abc import Iterator
from types import MappingProxyType

from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, InRange, Rule
from controller.kinds.task_governance import FOUND, ON_CLUSTER, STATUS_PHASES

_CONFIG, _SHARING = "ComputeQuotaConfig", "ComputeQuotaConfig.ResourceSharingConfig"
_RESOURCES = (f"{_CONFIG}.ComputeQuotaResources", f"{_SHARING}.AbsoluteBorrowLimits")
_AMOUNTS = ("Count", "Accelerators", "VCpu", "MemoryInGiB", "AcceleratorPartition")


def _rules() -> Iterator[Rule]:
    for resources in _RESOURCES:
        source = "Terraform, aws_sagemaker_compute_quota: at least one amount"
        yield Choice(_AMOUNTS, most=len(_AMOUNTS), within=f"{resources}[]", source=source)
    yield InRange(
        "BorrowLimit", 1, 500, within=_SHARING, source="API reference, ResourceSharingConfig: BorrowLimit"
    )


COMPUTE_QUOTA = Kind(
    name="ComputeQuota",
    identity=KindIdentity(
        arn_parts=("ComputeQuotaId",),
        arns=("compute-quota/*",),
        found_by=FOUND,
        unique=("ClusterArn", "Name"),
        links=ON_CLUSTER,
        # AWS's page on removing task governance: quotas go first, then the scheduler config.
        after=("ClusterSchedulerConfig",),
    ),
    compare=Compare(
        # A type may occur twice, with different partitions.
        unordered=_RESOURCES,
        # Terraform, aws_sagemaker_compute_quota: schema defaults and computed attributes. The service derives
        # amounts from those that are given (API reference, ComputeQuotaResourceConfig).
        defaults=MappingProxyType(
            {
                "ActivationState": "Enabled",
                "ComputeQuotaTarget.FairShareWeight": 0,
                f"{_CONFIG}.PreemptTeamTasks": "LowerPriority",
                f"{_SHARING}.Strategy": "LendAndBorrow",
                f"{_SHARING}.BorrowLimit": 50,
                **{
                    f"{each}[].{amount}": ServiceValue.CHOSEN
                    for each in _RESOURCES
                    for amount in _AMOUNTS[:4]
                },
            }
        ),
    ),
    write=Write(
        rules=tuple(_rules()),
        # awslabs' scripts for HyperPod clear the description like this.
        cleared=MappingProxyType({"Description": "", "ActivationState": "Enabled"}),
        # Terraform reads the quota right before its Update, and sends this version.
        locks=MappingProxyType({"TargetVersion": "ComputeQuotaVersion"}),
    ),
    lifecycle=Lifecycle(
        status_phases=STATUS_PHASES,
        consequences=(
            Consequence(
                ENDS, Impact.INTERRUPTS, "the team has no guaranteed compute on the cluster any more"
            ),
        ),
    ),
    display=Display(
        columns=(DisplayColumn("ComputeQuotaTarget", lambda target: str(target.get("TeamName", "?"))),)
    ),
)
