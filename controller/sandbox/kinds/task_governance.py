"""ClusterSchedulerConfig and ComputeQuota: task governance of a HyperPod cluster.

The service assigns their IDs, and counts the versions of each: an update must give the version that it changes. The
model declares the error codes of their refusals; the messages are not published, and those here are our own.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import LifecycleStep, Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

DELETED = "Deleted"
MOST_BORROWED, LEAST_BORROWED = 500, 1
AMOUNTS = ("Count", "Accelerators", "VCpu", "MemoryInGiB", "AcceleratorPartition")
# CPUs and memory of one accelerator; the ratios are our own, the service has some by instance type.
RATIOS = {"VCpu": 12.0, "MemoryInGiB": 128.0}


def _conflict(message: str) -> ServiceError:
    return ServiceError("ConflictException", message)


def _cluster_exists(request: OperationRequest) -> None:
    if request.find(request.params["ClusterArn"]) is None:
        raise invalid(f"Cluster {request.params['ClusterArn']} does not exist.")


def _other_rows(request: OperationRequest, kind: str) -> list[Row]:
    return [row for row in request.rows_of(kind) if row.body["Status"] != DELETED]


def _name_is_free(kind: str) -> Callable[[OperationRequest], None]:
    def guard(request: OperationRequest) -> None:
        for row in _other_rows(request, kind):
            here = (
                request.knobs.governance_names_are_regional
                or row.body["ClusterArn"] == request.params["ClusterArn"]
            )
            if here and row.name == request.params["Name"]:
                raise _conflict(f"{kind} with name {row.name} already exists.")

    return guard


def _one_config(request: OperationRequest) -> None:
    for row in _other_rows(request, "ClusterSchedulerConfig"):
        if row.body["ClusterArn"] == request.params["ClusterArn"]:
            raise _conflict(
                f"A cluster scheduler config already exists for cluster {row.body['ClusterArn']}."
            )


def _classes_differ(request: OperationRequest) -> None:
    names = [one["Name"] for one in request.params.get("SchedulerConfig", {}).get("PriorityClasses", ())]
    if len(set(names)) != len(names):
        raise invalid("The names of priority classes must be unique.")


def _amounts_fit(request: OperationRequest) -> None:
    config = request.params.get("ComputeQuotaConfig", {})
    sharing = config.get("ResourceSharingConfig", {})
    for one in (*config.get("ComputeQuotaResources", ()), *sharing.get("AbsoluteBorrowLimits", ())):
        if not any(name in one for name in AMOUNTS):
            raise invalid(f"One of {', '.join(AMOUNTS)} must be specified for {one['InstanceType']}.")
    if not LEAST_BORROWED <= sharing.get("BorrowLimit", LEAST_BORROWED) <= MOST_BORROWED:
        raise invalid(f"BorrowLimit must be between {LEAST_BORROWED} and {MOST_BORROWED}.")


def _version_is_current(kind: str) -> Callable[[OperationRequest, Row], None]:
    def guard(request: OperationRequest, row: Row) -> None:
        current = row.body[f"{kind}Version"]
        if request.params["TargetVersion"] != current:
            raise _conflict(
                f"TargetVersion {request.params['TargetVersion']} is not the current version {current}."
            )

    return guard


def _no_quotas(request: OperationRequest, row: Row) -> None:
    held = [
        one
        for one in _other_rows(request, "ComputeQuota")
        if one.body["ClusterArn"] == row.body["ClusterArn"]
    ]
    if held and request.knobs.governed_cluster_is_kept:
        raise _conflict(f"{row.arn} cannot be deleted while {held[0].arn} exists.")


def _scheduler_config(config: Json) -> Json:
    return {"SchedulerConfig": {"FairShare": "Enabled"} | config["SchedulerConfig"]} if config else {}


def _config_of(request: OperationRequest) -> Json:
    return _scheduler_config({k: v for k, v in request.params.items() if k == "SchedulerConfig"})


def _quota_of(request: OperationRequest) -> Json:
    """The members of a quota with the service's additions."""
    made: Json = {}
    if "ComputeQuotaConfig" in request.params:
        config = {"PreemptTeamTasks": "LowerPriority"} | request.params["ComputeQuotaConfig"]
        sharing = {"Strategy": "LendAndBorrow", "BorrowLimit": 50} | config.get("ResourceSharingConfig", {})
        if "AbsoluteBorrowLimits" in sharing:
            sharing["AbsoluteBorrowLimits"] = [
                _with_ratios(request, one) for one in sharing["AbsoluteBorrowLimits"]
            ]
        if "ComputeQuotaResources" in config:
            config["ComputeQuotaResources"] = [
                _with_ratios(request, one) for one in config["ComputeQuotaResources"]
            ]
        made["ComputeQuotaConfig"] = config | {"ResourceSharingConfig": sharing}
    if "ComputeQuotaTarget" in request.params:
        made["ComputeQuotaTarget"] = {"FairShareWeight": 0} | request.params["ComputeQuotaTarget"]
    return made


def _with_ratios(request: OperationRequest, resource: Json) -> Json:
    count = resource.get("Accelerators")
    if count is None or not request.knobs.quota_fills_ratios:
        return resource
    return {name: ratio * count for name, ratio in RATIOS.items()} | resource


def _end_of_update(request: OperationRequest) -> LifecycleStep:
    """The end of an update: with the injected failure, or without one."""
    fails, last = request.effect.fails, {"Status": "Updated"}
    if fails is not None:
        last = {"Status": "UpdateFailed", "FailureReason": fails}
    done = request.step_after(request.knobs.governance_changing, last, () if fails else ("FailureReason",))
    return replace(done, put=done.put | {"LastModifiedTime": done.at})


def _kind(
    name: str, members: Callable[[OperationRequest], Json], filled: Json, own: SandboxKind
) -> SandboxKind:
    """The common parts of both kinds: an ID of twelve characters, versions, and the names of their states."""

    def identify(request: OperationRequest) -> tuple[str, str]:
        request.state.count(name)
        return request.account.arn(f"{own.path}/{_number(request, own)}"), request.params["Name"]

    def initial(request: OperationRequest) -> Json:
        given = {k: v for k, v in request.params.items() if k in filled}
        return filled | given | members(request) | {f"{name}Id": _number(request, own), f"{name}Version": 1}

    def change(request: OperationRequest, row: Row) -> Row:
        sent = {k: v for k, v in request.params.items() if k not in {"TargetVersion", f"{name}Id"}}
        version = {f"{name}Version": row.body[f"{name}Version"] + 1, "Status": "Updating"}
        sent = {} if request.effect.fails is not None else sent | members(request)
        return replace(row, body=row.body | sent | version, due=(_end_of_update(request),))

    return replace(
        own,
        identify=identify,
        address=lambda request: request.account.arn(f"{own.path}/{request.params[f'{name}Id']}"),
        initial=initial,
        change=change,
        name_member="Name",
        life=StateSequence(
            status="Status",
            stable="Created",
            growth=(("Creating", lambda request: request.knobs.governance_changing),),
            failed="CreateFailed",
            deleted=DELETED,
            deletion_seconds=lambda request: request.knobs.governance_changing,
            busy=frozenset({"Creating", "Updating", "Deleting", DELETED}),
        ),
        update_guards=(*own.update_guards, _version_is_current(name)),
    )


def _number(request: OperationRequest, of: SandboxKind) -> str:
    text = f"{request.account.arn(of.path)}/{request.state.counters[of.name]}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _list_defaults(key: str) -> ListDefaults:
    return ListDefaults(
        key=key,
        order="Descending",
        row_filter=lambda request, row: (
            all(
                row.body[name] == request.params[name]
                for name in ("ClusterArn", "Status")
                if name in request.params
            )
            and (request.knobs.deleted_governance_listed or bool(row.body["Status"] != DELETED))
        ),
        filtered=frozenset({"ClusterArn", "Status"}),
    )


CLUSTER_SCHEDULER_CONFIG = _kind(
    "ClusterSchedulerConfig",
    _config_of,
    {},
    SandboxKind(
        name="ClusterSchedulerConfig",
        path="cluster-scheduler-config",
        missing=Phrase("ResourceNotFound", "Cluster scheduler config {name} does not exist."),
        exists=Phrase("ConflictException", "Cluster scheduler config {name} already exists."),
        busy=Phrase("ConflictException", "Cluster scheduler config {arn} is being changed or deleted."),
        listing=_list_defaults("ClusterSchedulerConfigSummaries"),
        guards=(_classes_differ, _cluster_exists, _one_config, _name_is_free("ClusterSchedulerConfig")),
        update_guards=(lambda request, _: _classes_differ(request),),
        delete_guards=(_no_quotas,),
    ),
)
COMPUTE_QUOTA = _kind(
    "ComputeQuota",
    _quota_of,
    {"ActivationState": "Enabled"},
    SandboxKind(
        name="ComputeQuota",
        path="compute-quota",
        missing=Phrase("ResourceNotFound", "Compute quota {name} does not exist."),
        exists=Phrase("ConflictException", "Compute quota {name} already exists."),
        busy=Phrase("ConflictException", "Compute quota {arn} is being changed or deleted."),
        listing=_list_defaults("ComputeQuotaSummaries"),
        guards=(_amounts_fit, _cluster_exists, _name_is_free("ComputeQuota")),
        update_guards=(lambda request, _: _amounts_fit(request),),
    ),
)
