"""Cluster: instances of HyperPod in groups; only InstanceGroupsToDelete removes a group, by its name."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from controller.core.phase import Action
from controller.kinds.columns import Body, DeleteBlocker, Delta
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import ENDS, Consequence, Fleet, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Excludes, If, Requires, Rule, SumLimit, Unique

_GROUPS, _RESTRICTED = "InstanceGroups", "RestrictedInstanceGroups"
_BOTH = (_GROUPS, _RESTRICTED)
# UpdateCluster refuses another value of these in an existing group: the Developer Guide, CloudFormation's create-only
# properties, and of the third the message "Updating fields OverrideVpcConfig on an InstanceGroup not supported" in
# public logs. Images change by UpdateClusterSoftware alone (the Developer Guide).
_FIXED = ("InstanceType", "ExecutionRole", "OverrideVpcConfig", "ThreadsPerCore")
_IMAGES = ("ImageId", "ImageReleaseVersion")
# Members with another name in Describe, by the name in Create.
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "InstanceCount": "TargetCount",
        "MinInstanceCount": "MinCount",
        "ImageId": "DesiredImageId",
        "ImageReleaseVersion": "DesiredImageReleaseVersion",
    }
)
_DESIRED = "Desired"  # the prefix of desired members, beside the current ones
_HELD = frozenset({"Creating", "Created", "Updating", "Updated"})


def _desired_members(value: Any) -> Any:
    """A structure of Describe as Create takes it: the desired one of each pair of current and desired members."""
    if not isinstance(value, Mapping):
        return value
    return {
        name.removeprefix(_DESIRED): _desired_members(inner)
        for name, inner in value.items()
        if not name.startswith("Current") and inner is not None
    }


def _group(details: Body) -> dict[str, Any]:
    renamed = {name: details[shown] for name, shown in _NAMES.items() if details.get(shown) is not None}
    return {**_desired_members({k: v for k, v in details.items() if k not in _NAMES.values()}), **renamed}


def _groups(member: str) -> Any:
    return lambda body: [_group(each) for each in body.get(member) or ()]


def _group_text(group: Body) -> str:
    return f"{group.get('InstanceGroupName', '?')} {group.get('CurrentCount', '?')}/{group.get('TargetCount', '?')}"


def _rules() -> Iterator[Rule]:
    yield Choice(_BOTH, most=2, source="Developer Guide: a cluster is never without an instance group")
    yield Unique(_BOTH, "InstanceGroupName", source="API reference, ClusterInstanceGroupSpecification")
    yield Choice(("Eks", "Slurm"), within="Orchestrator", source="API reference, ClusterOrchestrator")
    yield Choice(
        ("InstanceType", "InstanceRequirements"),
        within=f"{_GROUPS}[]",
        source="API reference, ClusterInstanceGroupSpecification: InstanceRequirements",
    )
    yield SumLimit(
        ("MinInstanceCount",),
        "InstanceCount",
        within=f"{_GROUPS}[]",
        source="API reference, ClusterInstanceGroupSpecification: MinInstanceCount",
    )
    for member in ("InstanceRequirements", "MinInstanceCount"):
        given, source = If(f"{_GROUPS}[].{member}"), "Developer Guide, continuous provisioning"
        yield Requires("NodeProvisioningMode", (given,), source=source)
    for groups in _BOTH:
        storage = f"{groups}[].InstanceStorageConfigs[]"
        kinds = ("EbsVolumeConfig", "FsxLustreConfig", "FsxOpenZfsConfig")
        yield Choice(kinds, within=storage, source="API reference, ClusterInstanceStorageConfig: a union")
        root, volume = If("RootVolume", (True,)), f"{storage}.EbsVolumeConfig"
        source = "API reference, ClusterEbsVolumeConfig: RootVolume"
        yield Excludes("VolumeSizeInGB", (root,), within=volume, source=source)
        yield Requires("VolumeKmsKeyId", (root,), within=volume, source=source)
        yield Requires(
            "VolumeSizeInGB", (If("RootVolume", (True,), holds=False),), within=volume, source=source
        )


CLUSTER = Kind(
    name="Cluster",
    identity=KindIdentity(
        # The ARN ends in an ID of the service, not in the name.
        arns=("cluster/*",),
    ),
    compare=Compare(
        reads=MappingProxyType(
            {
                _GROUPS: _groups(_GROUPS),
                _RESTRICTED: _groups(_RESTRICTED),
                "RestrictedInstanceGroupsConfig": lambda body: _desired_members(
                    body.get("RestrictedInstanceGroupsConfig")
                ),
            }
        ),
        # CloudFormation's schema: insertionOrder false. Instance types are in the order of preference.
        keyed=MappingProxyType(dict.fromkeys(_BOTH, "InstanceGroupName")),
        unordered=(
            "VpcConfig.SecurityGroupIds",
            "VpcConfig.Subnets",
            *(
                f"{groups}[].{member}"
                for groups in _BOTH
                for member in (
                    "OverrideVpcConfig.SecurityGroupIds",
                    "OverrideVpcConfig.Subnets",
                    "OnStartDeepHealthChecks",
                    "ScheduledUpdateConfig.DeploymentConfig.AutoRollbackConfiguration",
                )
            ),
            f"{_GROUPS}[].AutoPatchConfig.DeploymentConfig.AutoRollbackConfiguration",
            f"{_GROUPS}[].KubernetesConfig.Taints",
        ),
        # API reference, and what CloudFormation and Terraform's forks take as computed.
        defaults=MappingProxyType(
            {
                "NodeRecovery": "Automatic",
                "AutoScaling.AutoScalerType": "Karpenter",
                "Orchestrator": ServiceValue.CHOSEN,
                f"{_GROUPS}[].MinInstanceCount": 0,
                f"{_GROUPS}[].AutoPatchConfig.IdleWaitWindowInSeconds": 86400,
                f"{_GROUPS}[].AutoPatchConfig.DrainPolicy.DrainTimeoutInSeconds": 3600,
                f"{_GROUPS}[].AutoPatchConfig.DrainPolicy.OnDrainTimeout": "Skip",
                f"{_GROUPS}[].AutoPatchConfig.PatchSchedule": ServiceValue.CHOSEN,
                **{f"{_GROUPS}[].{image}": ServiceValue.CHOSEN for image in _IMAGES},
                **{f"{groups}[].ThreadsPerCore": ServiceValue.CHOSEN for groups in _BOTH},
            }
        ),
    ),
    write=Write(
        # Developer Guide: a cluster stays with its EKS cluster. CloudFormation's schema: createOnlyProperties.
        immutable=("Orchestrator.Eks",),
        rules=tuple(_rules()),
        # The values that disable them (API reference).
        cleared=MappingProxyType({"NodeRecovery": "Automatic", "AutoScaling.AutoScalerType": "Karpenter"}),
        deltas=MappingProxyType(
            {
                _GROUPS: Delta(add=_GROUPS, remove="InstanceGroupsToDelete", fixed=(*_FIXED, *_IMAGES)),
                _RESTRICTED: Delta(add=_RESTRICTED, remove="InstanceGroupsToDelete", fixed=_FIXED),
            }
        ),
    ),
    lifecycle=Lifecycle(
        # AWS's HyperPod workshops: 10 to 25 minutes
        usual_seconds=900,
        reasons=("FailureMessage",),
        # Some scripts for HyperPod wait for both before they delete a cluster; others report that these survive it.
        delete_blockers=(
            DeleteBlocker("ListComputeQuotas", "ClusterArn", _HELD),
            DeleteBlocker("ListClusterSchedulerConfigs", "ClusterArn", _HELD),
        ),
        consequences=(
            Consequence(ENDS, Impact.LOSES, "all its nodes go, with their volumes and what runs on them"),
            Consequence(
                frozenset({Action.UPDATE}),
                Impact.LOSES,
                "the nodes of {sent} go, with their volumes and what runs on them",
                sent="InstanceGroupsToDelete",
            ),
        ),
        fleets=(
            Fleet(f"{_GROUPS}[]", named="InstanceGroupName", desired="TargetCount"),
            Fleet(f"{_RESTRICTED}[]", named="InstanceGroupName", desired="TargetCount"),
        ),
    ),
    display=Display(columns=(DisplayColumn(_GROUPS, _group_text),)),
)
