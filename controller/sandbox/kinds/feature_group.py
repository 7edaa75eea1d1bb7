"""FeatureGroup: features can only be added; one type of change at a time; and Describe pages the features."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.lifecycle import Stage, constant, enter_stages
from controller.sandbox.listing import page
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid, over_quota

STATUS, UPDATE, FEATURES = "FeatureGroupStatus", "LastUpdateStatus", "FeatureDefinitions"
CHANGEABLE = ("FeatureAdditions", "OnlineStoreConfig", "ThroughputConfig")
RESERVED = frozenset({"is_deleted", "write_time", "api_invocation_time"})
EVENT_TIMES = ("String", "Fractional")
STANDARD, IN_MEMORY = "Standard", "InMemory"
MOST_FEATURES = 2500


def _types(features: list[Json]) -> dict[str, str]:
    return {one["FeatureName"]: one["FeatureType"] for one in features}


def _names_are_free(features: list[Json]) -> None:
    names = [one["FeatureName"] for one in features]
    reserved = sorted(RESERVED & set(names))
    if reserved:
        raise invalid(f"Feature names {reserved} are reserved and cannot be used.")
    if len(set(names)) != len(names):
        raise invalid("Feature names of a feature group must be unique.")


def _features_are_valid(request: OperationRequest) -> None:
    _names_are_free(request.params[FEATURES])
    types = _types(request.params[FEATURES])
    for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if request.params[member] not in types:
            raise invalid(f"{member} {request.params[member]} must be one of the feature definitions' names.")
    if types[request.params["EventTimeFeatureName"]] not in EVENT_TIMES:
        raise invalid("The event time feature must be of type String or Fractional.")


def _options_fit(request: OperationRequest) -> None:
    """Enforce the API reference's rules on combinations of options; the messages are our own."""
    for feature in request.params[FEATURES]:
        if feature.get("CollectionType") == "Vector" and feature["FeatureType"] != "Fractional":
            raise invalid("The elements of a Vector must be of type Fractional.")
    offline = request.params.get("OfflineStoreConfig", {})
    if offline.get("TableFormat") == "Iceberg" and offline.get("DisableGlueTableCreation"):
        raise invalid("The Iceberg table format requires that DisableGlueTableCreation is False.")
    throughput = request.params.get("ThroughputConfig", {})
    units = [m for m in ("ProvisionedReadCapacityUnits", "ProvisionedWriteCapacityUnits") if m in throughput]
    if units and throughput["ThroughputMode"] != "Provisioned" and request.knobs.unsupported_is_refused:
        raise invalid(f"{units[0]} is not applicable for on-demand feature groups.")


def _has_a_store(request: OperationRequest) -> None:
    online = request.params.get("OnlineStoreConfig", {}).get("EnableOnlineStore", False)
    if not online and "OfflineStoreConfig" not in request.params:
        raise invalid("At least one of OnlineStoreConfig and OfflineStoreConfig must be provided.")
    if "OfflineStoreConfig" in request.params and "RoleArn" not in request.params:
        raise invalid("RoleArn is required when OfflineStoreConfig is provided.")


def _few_at_once(request: OperationRequest) -> None:
    limit = request.knobs.feature_groups_at_once
    creating = [row for row in request.rows_of("FeatureGroup") if row.body[STATUS] == "Creating"]
    if len(creating) >= limit:
        quota = "Maximum number of feature group creation workflows executing in parallel"
        raise over_quota(quota, limit, len(creating), "Workflows")


def _offline(request: OperationRequest) -> Json:
    """Return the members that the service adds to the configuration of the offline store."""
    given, name, account = (
        request.params["OfflineStoreConfig"],
        request.params["FeatureGroupName"],
        request.account,
    )
    storage, stamp = given["S3StorageConfig"], int(request.now)
    path = f"{account.account}/sagemaker/{account.region}/offline-store/{name}-{stamp}/data"
    made: Json = {"DisableGlueTableCreation": False, "TableFormat": "Glue"} | given
    made["S3StorageConfig"] = storage | {"ResolvedOutputS3Uri": f"{storage['S3Uri'].rstrip('/')}/{path}"}
    if not made["DisableGlueTableCreation"]:
        table = f"{name.replace('-', '_')}_{stamp}"
        made.setdefault(
            "DataCatalogConfig",
            {"TableName": table, "Catalog": "AwsDataCatalog", "Database": "sagemaker_featurestore"},
        )
    return made


def _initial(request: OperationRequest) -> Json:
    given = request.params
    made: Json = {"ThroughputConfig": given.get("ThroughputConfig", {"ThroughputMode": "OnDemand"})}
    if "OfflineStoreConfig" in given:
        made["OfflineStoreConfig"] = _offline(request)
    return made


def _settle(_: OperationRequest, body: Json) -> tuple[Json, tuple[str, ...]]:
    made: Json = {"OnlineStoreTotalSizeBytes": 0} if "OnlineStoreConfig" in body else {}
    return made | ({"OfflineStoreStatus": {"Status": "Active"}} if "OfflineStoreConfig" in body else {}), ()


def _seconds(request: OperationRequest) -> float:
    in_memory = request.params.get("OnlineStoreConfig", {}).get("StorageType") == IN_MEMORY
    return request.knobs.in_memory_group_creating if in_memory else request.knobs.feature_group_creating


def _describe_response(request: OperationRequest, row: Row) -> Json:
    numbered = list(enumerate(row.body[FEATURES]))
    shown, token = page(
        numbered,
        key=lambda one: one[0],
        size=request.knobs.features_per_page,
        token=request.params.get("NextToken") or None,
        question=row.arn,
    )
    return row.body | {FEATURES: [feature for _, feature in shown], "NextToken": token or ""}


def _idle(_: OperationRequest, row: Row) -> None:
    if row.body.get(UPDATE, {}).get("Status") == "InProgress":
        # No public source has the message; the refusal is inferred from LastUpdateStatus.
        raise invalid(f"Feature group {row.arn} cannot be changed: an update is in progress.")


def _one_change(request: OperationRequest, row: Row) -> None:
    given = [member for member in CHANGEABLE if member in request.params]
    if len(given) != 1:
        raise invalid(f"Exactly one of {', '.join(CHANGEABLE)} must be provided, but {len(given)} were.")
    if row.body[STATUS] != "Created":
        raise invalid(f"Feature group {row.arn} cannot be updated in status {row.body[STATUS]}.")


def _additions_are_new(request: OperationRequest, row: Row) -> None:
    additions = request.params.get("FeatureAdditions", [])
    _names_are_free(additions)
    known = sorted(set(_types(additions)) & set(_types(row.body[FEATURES])))
    if known:
        raise invalid(f"Features {known} already exist in feature group {row.arn}.")
    if len(row.body[FEATURES]) + len(additions) > MOST_FEATURES:
        raise invalid(f"A feature group can have at most {MOST_FEATURES} features.")


def _online_store_fits(request: OperationRequest, row: Row) -> None:
    desired = request.params.get("OnlineStoreConfig")
    if desired is None:
        return
    online = row.body.get("OnlineStoreConfig", {})
    if not online.get("EnableOnlineStore"):
        raise invalid(f"Feature group {row.arn} has no online store.")
    held = online.get("StorageType", STANDARD)  # the default; Describe returns it only if it was given
    if desired.get("StorageType", held) != held:
        raise invalid("StorageType cannot be changed.")


def _updated_members(request: OperationRequest, row: Row) -> Json:
    given = request.params
    if "FeatureAdditions" in given:
        return {FEATURES: [*row.body[FEATURES], *given["FeatureAdditions"]]}
    if "ThroughputConfig" in given:
        desired = given["ThroughputConfig"]
        # ThroughputConfigUpdate: capacity units are of provisioned feature groups only
        on_demand = desired.get("ThroughputMode") == "OnDemand"
        return {"ThroughputConfig": desired if on_demand else row.body["ThroughputConfig"] | desired}
    online = {k: v for k, v in row.body["OnlineStoreConfig"].items() if k != "TtlDuration"}
    ttl = given["OnlineStoreConfig"].get("TtlDuration")  # empty: no TTL any more
    return {"OnlineStoreConfig": online | ({"TtlDuration": ttl} if ttl else {})}


def _change(request: OperationRequest, row: Row) -> Row:
    """Start an update: only LastUpdateStatus shows its outcome, once it is done."""
    begun = Stage(
        put=constant({UPDATE: {"Status": "InProgress"}}), seconds=request.knobs.feature_group_updating
    )
    done: Json = {UPDATE: {"Status": "Successful"}} | _updated_members(request, row)
    if request.effect.fails is not None:
        done = {UPDATE: {"Status": "Failed", "FailureReason": request.effect.fails}}
    return enter_stages(
        request, replace(row, due=()), [begun, Stage(put=constant(done))], FEATURE_GROUP.modified
    )


FEATURE_GROUP = SandboxKind(
    name="FeatureGroup",
    path="feature-group",
    missing=Phrase("ResourceNotFound", "Could not find feature group '{name}'."),
    exists=Phrase(
        "ResourceInUse",
        "Resource Already Exists: FeatureGroup with name {name} already exists. Choose a different name.\n"
        "Info: Feature Group '{name}' already exists.",
    ),
    # Code and message are not known; ResourceInUse is the other possibility.
    busy=Phrase("ValidationException", "Feature group {arn} is being created or deleted."),
    listing=ListDefaults(key="FeatureGroupSummaries"),
    life=StateSequence(
        status=STATUS,
        growth=(("Creating", _seconds),),
        stable="Created",
        failed="CreateFailed",
        delete_failed="DeleteFailed",
        deletion_seconds=lambda request: request.knobs.feature_group_deleting,
        busy=frozenset({"Creating", "Deleting"}),
    ),
    by_arn=True,
    guards=(_features_are_valid, _options_fit, _has_a_store, _few_at_once),
    update_guards=(_idle, _one_change, _additions_are_new, _online_store_fits),
    delete_guards=(_idle,),
    initial=_initial,
    settle=_settle,
    shown=_describe_response,
    change=_change,
)
