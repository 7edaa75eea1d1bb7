"""FeatureGroup: a table of features; features can be added and never removed."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import Delta
from controller.kinds.defaults import ServiceValue
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Kind, Lifecycle, Write
from controller.kinds.rule import Excludes, Form, If, Names, Requires, Rule, Unique

_CREATE = "API reference, CreateFeatureGroup"
_FEATURES = "FeatureDefinitions"
_VECTOR = (If("CollectionType", ("Vector",)),)
_RULES: tuple[Rule, ...] = (
    Requires(
        "OfflineStoreConfig",
        (If("OnlineStoreConfig.EnableOnlineStore", (True,), holds=False),),
        source="developer guide, Feature Store: a group has an online store, an offline store or both",
    ),
    Requires("RoleArn", (If("OfflineStoreConfig"),), source=f"{_CREATE}: RoleArn"),
    Names(
        "RecordIdentifierFeatureName",
        _FEATURES,
        "FeatureName",
        source=f"{_CREATE}: RecordIdentifierFeatureName",
    ),
    Names(
        "EventTimeFeatureName",
        _FEATURES,
        "FeatureName",
        (If("FeatureType", ("String", "Fractional")),),
        source=f"{_CREATE}: EventTimeFeatureName",
    ),
    Unique((_FEATURES,), "FeatureName", source=f"{_CREATE}: FeatureDefinitions"),
    Form(
        "FeatureName",
        "is_deleted|write_time|api_invocation_time",
        "not be is_deleted, write_time or api_invocation_time",
        never=True,
        within=f"{_FEATURES}[]",
        source="API reference, FeatureDefinition: FeatureName",
    ),
    Form(
        "FeatureType",
        "Fractional",
        "be Fractional",
        when=_VECTOR,
        within=f"{_FEATURES}[]",
        source="API reference, FeatureDefinition: CollectionType",
    ),
    Form(
        "TableFormat",
        "Iceberg",
        "not be Iceberg",
        never=True,
        when=(If("DisableGlueTableCreation", (True,)),),
        within="OfflineStoreConfig",
        source="API reference, OfflineStoreConfig: DisableGlueTableCreation",
    ),
    *(
        Excludes(
            member,
            (If("ThroughputMode", ("Provisioned",), holds=False),),
            within="ThroughputConfig",
            source="API reference, ThroughputConfig: not applicable for on-demand feature groups",
            doubtful=True,  # refused or ignored
        )
        for member in ("ProvisionedReadCapacityUnits", "ProvisionedWriteCapacityUnits")
    ),
)

FEATURE_GROUP = Kind(
    name="FeatureGroup",
    compare=Compare(
        keyed=MappingProxyType({"FeatureDefinitions": "FeatureName"}),
        # ACK's sagemaker-controller, pkg/resource/feature_group, and the API reference: OfflineStoreConfig (Glue),
        # OnlineStoreConfig (Standard), ThroughputConfig (OnDemand). ResolvedOutputS3Uri is an output in an input's
        # shape.
        defaults=MappingProxyType(
            {
                "OfflineStoreConfig.S3StorageConfig.ResolvedOutputS3Uri": ServiceValue.MADE,
                "OfflineStoreConfig.DisableGlueTableCreation": False,
                "OfflineStoreConfig.TableFormat": "Glue",
                "OfflineStoreConfig.DataCatalogConfig.TableName": ServiceValue.MADE,
                "OfflineStoreConfig.DataCatalogConfig.Catalog": "AwsDataCatalog",
                "OfflineStoreConfig.DataCatalogConfig.Database": "sagemaker_featurestore",
                "OnlineStoreConfig.StorageType": "Standard",
                "ThroughputConfig.ThroughputMode": "OnDemand",
            }
        ),
    ),
    write=Write(
        # The time to live is removed by a TtlDuration without members (API reference, UpdateFeatureGroup: null; the
        # empty structure is unverified). Without provisioned capacity a group is on demand (ThroughputConfig).
        cleared=MappingProxyType(
            {"OnlineStoreConfig.TtlDuration": {}, "ThroughputConfig": {"ThroughputMode": "OnDemand"}}
        ),
        deltas=MappingProxyType({"FeatureDefinitions": Delta(add="FeatureAdditions")}),
        # API reference, S3StorageConfig: "The S3 path where offline records are written", which Describe returns
        outputs=("OfflineStoreConfig.S3StorageConfig.ResolvedOutputS3Uri",),
        rules=_RULES,
        one_change_per_update=True,
    ),
    lifecycle=Lifecycle(
        update_status_path="LastUpdateStatus.Status",
        reasons=("LastUpdateStatus.FailureReason",),
        consequences=(
            # API reference, DeleteFeatureGroup: the online store's data are deleted, the offline store's are not
            Consequence(
                ENDS,
                Impact.LOSES,
                "all records of its online store are deleted; those of its offline store stay in S3",
            ),
        ),
        status_phases=MappingProxyType(
            {"Created": Phase.READY, "CreateFailed": Phase.FAILED, "Successful": Phase.READY}
        ),
    ),
)
