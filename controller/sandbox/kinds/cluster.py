"""Cluster: HyperPod. Describe returns its groups under other member names, with desired and current values.

The ARN ends in an ID that the service assigns, and does not contain the name. Refusals for which no public source has
the service's message have one of our own.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

GROUPS, RESTRICTED, DELETED = "InstanceGroups", "RestrictedInstanceGroups", "InstanceGroupsToDelete"
SHARED = "RestrictedInstanceGroupsConfig"
FIXED = ("InstanceType", "ExecutionRole", "OverrideVpcConfig", "ThreadsPerCore")
# Changed by UpdateClusterSoftware, which the sandbox does not have.
IMAGES = ("ImageId", "ImageReleaseVersion")
BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
# The default image; the values are our own.
IMAGE: Json = {"ImageId": "ami-0123456789abcdef0", "ImageReleaseVersion": "1.0.0"}
PATCHES: Json = {
    "IdleWaitWindowInSeconds": 86400,
    "DrainPolicy": {"DrainTimeoutInSeconds": 3600, "OnDrainTimeout": "Skip"},
}


def _groups(params: Json) -> list[Json]:
    return [*params.get(GROUPS, ()), *params.get(RESTRICTED, ())]


def _names(groups: Iterable[Json]) -> list[str]:
    return [one["InstanceGroupName"] for one in groups]


def _has_groups(request: OperationRequest) -> None:
    if not _groups(request.params):
        raise invalid("At least one instance group must be specified.")


def _groups_fit(request: OperationRequest) -> None:
    names = _names(_groups(request.params))
    if len(set(names)) != len(names):
        raise invalid("The names of instance groups must be unique within a cluster.")
    for group in _groups(request.params):
        for one in group.get("InstanceStorageConfigs", ()):
            _storage_fits(one)
    for group in request.params.get(GROUPS, ()):
        _group_fits(group)


def _group_fits(group: Json) -> None:
    if ("InstanceType" in group) == ("InstanceRequirements" in group):
        raise invalid("Exactly one of InstanceType and InstanceRequirements must be specified in a group.")
    if group.get("MinInstanceCount", 0) > group["InstanceCount"]:
        raise invalid("MinInstanceCount cannot exceed InstanceCount.")


def _storage_fits(config: Json) -> None:
    if len(config) != 1:
        raise invalid("Exactly one kind of volume must be specified in an InstanceStorageConfig.")
    volume = config.get("EbsVolumeConfig")
    if volume is None:
        return
    root = bool(volume.get("RootVolume"))
    if root == ("VolumeSizeInGB" in volume):
        raise invalid("VolumeSizeInGB must be specified if and only if RootVolume is not true.")
    if root and "VolumeKmsKeyId" not in volume:
        raise invalid("VolumeKmsKeyId must be specified if RootVolume is true.")


def _provisioning_fits(request: OperationRequest) -> None:
    incomplete = ("InstanceRequirements", "MinInstanceCount")
    given = [name for one in request.params.get(GROUPS, ()) for name in incomplete if name in one]
    if given and request.params.get("NodeProvisioningMode") != "Continuous":
        raise invalid(f"{given[0]} requires NodeProvisioningMode Continuous.")


def _one_orchestrator(request: OperationRequest) -> None:
    given = request.params.get("Orchestrator")
    if given is not None and len(given) != 1:
        raise invalid("Exactly one orchestrator must be specified.")
    arn = _eks(request.params)
    for row in request.rows_of("Cluster"):
        if arn is not None and _eks(row.body) == arn and row.name != request.params["ClusterName"]:
            # As in two public logs; it also holds while the other cluster is being deleted.
            raise invalid(f"Specified cluster external resource id {arn} already in use")


def _eks(body: Json) -> str | None:
    arn: str | None = body.get("Orchestrator", {}).get("Eks", {}).get("ClusterArn")
    return arn


def _desired_and_current(value: Json, *members: str) -> Json:
    """The values as desired and as current members, as Describe returns them."""
    return {f"{prefix}{m}": value[m] for m in members if m in value for prefix in ("Current", "Desired")}


def _details(group: Json) -> Json:
    """A group as Describe returns it, without instances yet."""
    renamed = {"InstanceCount", "MinInstanceCount", *IMAGES}
    made: Json = {name: value for name, value in group.items() if name not in renamed}
    made |= {"TargetCount": group["InstanceCount"], "CurrentCount": 0, "Status": "Creating"}
    made |= {"ThreadsPerCore": group.get("ThreadsPerCore", 1)}
    if "EnvironmentConfig" in group:
        return made
    if "MinInstanceCount" in group:
        made["MinCount"] = group["MinInstanceCount"]
    if "InstanceRequirements" in group:
        made["InstanceRequirements"] = _desired_and_current(group["InstanceRequirements"], "InstanceTypes")
    if "KubernetesConfig" in group:
        made["KubernetesConfig"] = _desired_and_current(group["KubernetesConfig"], "Labels", "Taints")
    if "AutoPatchConfig" in group:
        given = group["AutoPatchConfig"]
        drain = PATCHES["DrainPolicy"] | given.get("DrainPolicy", {})
        rest = {name: value for name, value in given.items() if name != "PatchSchedule"}
        made["AutoPatchConfig"] = (
            PATCHES | rest | {"DrainPolicy": drain} | _desired_and_current(given, "PatchSchedule")
        )
    return made


def _with_image(details: Json, group: Json) -> Json:
    return details | _desired_and_current(
        IMAGE | {name: group[name] for name in IMAGES if name in group}, *IMAGES
    )


def _described_members(params: Json) -> Json:
    """The members that Describe returns in another form than Create takes."""
    made: Json = {}
    if GROUPS in params:
        made[GROUPS] = [_with_image(_details(one), one) for one in params[GROUPS]]
    if RESTRICTED in params:
        made[RESTRICTED] = [_details(one) for one in params[RESTRICTED]]
    if SHARED in params:
        given = params[SHARED]["SharedEnvironmentConfig"]
        shared = _desired_and_current(given, "FSxLustreConfig", "FSxLustreDeletionPolicy")
        made[SHARED] = {"SharedEnvironmentConfig": shared}
    if "AutoScaling" in params:
        made["AutoScaling"] = {"AutoScalerType": "Karpenter", "Status": "InService"} | params["AutoScaling"]
    return made


def _with_target_counts(body: Json) -> Json:
    """All groups with their target counts, in another order than they were given."""
    there = {"Status": "InService"}
    return {
        name: [one | there | {"CurrentCount": one["TargetCount"]} for one in sorted(body[name], key=_by_name)]
        for name in (GROUPS, RESTRICTED)
        if name in body
    }


def _by_name(group: Json) -> str:
    return str(group["InstanceGroupName"])


def _plans(row: Row) -> list[str]:
    groups = [one for name in (GROUPS, RESTRICTED) for one in row.body.get(name, ())]
    return [one["TrainingPlanArn"] for one in groups if "TrainingPlanArn" in one]


def _initial(request: OperationRequest) -> Json:
    # Slurm by default (API reference, CreateCluster: Orchestrator); Describe requires the groups.
    filled = {"NodeRecovery": "Automatic", "Orchestrator": {"Slurm": {}}, GROUPS: []}
    return filled | request.params | _described_members(request.params) | {"Tags": None}


def _identify(request: OperationRequest) -> tuple[str, str]:
    name = request.params["ClusterName"]
    there = _find_by_name(request, name)
    if there is not None:
        return there.arn, name
    number = f"{request.account.arn('cluster')}/{name}/{request.state.count('clusters')}"
    return request.account.arn(f"cluster/{hashlib.sha256(number.encode()).hexdigest()[:12]}"), name


def _find_by_name(request: OperationRequest, name: str) -> Row | None:
    return next((row for row in request.rows_of("Cluster") if row.name == name), None)


def _address(request: OperationRequest) -> str:
    name = request.params["ClusterName"]
    if name.startswith("arn:"):
        return str(name)
    stale_rows = request.state.listed_rows("Cluster", request.now)
    there = _find_by_name(request, name) or next((row for row in stale_rows if row.name == name), None)
    return request.account.arn(f"cluster/{name}") if there is None else there.arn


def _check_not_busy(_: OperationRequest, row: Row) -> None:
    if row.body["ClusterStatus"] in BUSY:
        raise CLUSTER.busy.refusal(arn=row.arn, name=row.name)


def _may_go(request: OperationRequest, row: Row) -> None:
    status, continuous = row.body["ClusterStatus"], row.body.get("NodeProvisioningMode") == "Continuous"
    if status == "Deleting" or (status in BUSY and not continuous):
        raise CLUSTER.busy.refusal(arn=row.arn, name=row.name)
    for kind in ("ComputeQuota", "ClusterSchedulerConfig"):
        held = [
            one
            for one in request.rows_of(kind)
            if one.body["ClusterArn"] == row.arn and one.body["Status"] != "Deleted"
        ]
        if held and request.knobs.governed_cluster_is_kept:
            raise ServiceError("ConflictException", f"Cluster {row.arn} is used by {held[0].arn}.")


def _groups_may_change(request: OperationRequest, row: Row) -> None:
    """Refuse changes of immutable members of an existing group, and deletions of a group in use or of the last one."""
    there = {one["InstanceGroupName"]: one for name in (GROUPS, RESTRICTED) for one in row.body.get(name, ())}
    desired, gone = _names(_groups(request.params)), request.params.get(DELETED, [])
    if both := sorted(set(desired) & set(gone)):
        raise invalid(f"Instance group {both[0]} cannot be both updated and deleted.")
    if foreign := sorted(set(gone) - set(there)):
        raise invalid(f"Instance group {foreign[0]} does not exist in the cluster.")
    if not set(there) - set(gone) | set(desired):
        raise invalid("The last instance group of a cluster cannot be deleted.")
    for group in _groups(request.params):
        held = there.get(group["InstanceGroupName"])
        if held is None:
            continue
        shown = {name: held.get(name) for name in FIXED} | {n: held.get(f"Desired{n}") for n in IMAGES}
        for name, value in shown.items():
            if value is not None and group.get(name, IMAGE.get(name)) != value:
                raise invalid(f"Updating fields {name} on an InstanceGroup not supported")


def _groups_after_update(request: OperationRequest, row: Row, name: str, described: Json) -> Json:
    """The groups of a list after an update: deleted ones removed, given ones replaced."""
    if name not in row.body and name not in described:
        return {}
    sent: dict[str, Any] = {_by_name(one): one for one in described.get(name, ())}
    held = {_by_name(one): one for one in row.body.get(name, ())}
    merged = [
        sent[each] | {"CurrentCount": held.get(each, sent[each])["CurrentCount"]}
        if each in sent
        else held[each]
        for each in dict.fromkeys([*held, *sent])
        if each not in request.params.get(DELETED, ())
    ]
    return {name: merged}


def _rolled_back(request: OperationRequest, row: Row) -> Row:
    """An update that fails as a whole: the groups stay as they were (API reference, ClusterStatus: RollingBack)."""
    seconds, reason = request.knobs.cluster_updating, {"FailureMessage": request.effect.fails}
    due = (
        request.step_after(seconds, {"ClusterStatus": "RollingBack"} | reason),
        request.step_after(seconds * 2, {"ClusterStatus": "InService"}),
    )
    return replace(row, body=row.body | {"ClusterStatus": "Updating"}, due=due)


def _change(request: OperationRequest, row: Row) -> Row:
    plain = {k: v for k, v in request.params.items() if k not in {"ClusterName", GROUPS, RESTRICTED, DELETED}}
    described = _described_members(request.params)
    body = row.body | plain | {k: v for k, v in described.items() if k not in {GROUPS, RESTRICTED}}
    for name in (GROUPS, RESTRICTED):
        body |= _groups_after_update(request, row, name, described)
    continuous = body.get("NodeProvisioningMode") == "Continuous"
    if request.effect.fails is not None and not continuous:
        return _rolled_back(request, row)
    done = request.step_after(
        request.knobs.cluster_updating,
        {"ClusterStatus": "InService"} | _with_target_counts(body),
        ("FailureMessage",),
    )
    return replace(row, body=body | {"ClusterStatus": "InService" if continuous else "Updating"}, due=(done,))


CLUSTER = SandboxKind(
    name="Cluster",
    path="cluster",
    missing=Phrase("ResourceNotFound", "Cluster with name {name} not found."),
    # As in moto.
    exists=Phrase(
        "ResourceInUse",
        "Resource Already Exists: Cluster with name {name} already exists. Choose a different name.",
    ),
    busy=Phrase("ConflictException", "Cluster {arn} is being created, updated or deleted."),
    listing=ListDefaults(
        key="ClusterSummaries",
        row_filter=lambda request, row: (
            "TrainingPlanArn" not in request.params or request.params["TrainingPlanArn"] in _plans(row)
        ),
        filtered=frozenset({"TrainingPlanArn"}),
        item=lambda row: {"TrainingPlanArns": _plans(row)},
    ),
    life=StateSequence(
        status="ClusterStatus",
        stable="InService",
        growth=(("Creating", lambda request: request.knobs.cluster_creating),),
        failure="FailureMessage",
        deletion_seconds=lambda request: request.knobs.cluster_deleting,
    ),
    modified=None,
    guards=(_has_groups, _groups_fit, _provisioning_fits, _one_orchestrator),
    update_guards=(_check_not_busy, lambda request, _: _groups_fit(request), _groups_may_change),
    delete_guards=(_may_go,),
    identify=_identify,
    address=_address,
    initial=_initial,
    settle=lambda _, body: (_with_target_counts(body), ()),
    change=_change,
)
