"""FeatureGroup: a table of features that grows and never shrinks."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.filled import Filled
from controller.kinds.kind import Delta, Kind

FEATURE_GROUP = Kind(
    name="FeatureGroup",
    plural="FeatureGroups",
    stirs="LastUpdateStatus.Status",
    reasons=("LastUpdateStatus.FailureReason",),
    deltas=MappingProxyType({"FeatureDefinitions": Delta(add="FeatureAdditions")}),
    consequences=(
        # API reference, DeleteFeatureGroup: the online store's data are deleted, the offline store's are not
        Consequence(
            ENDS,
            Impact.LOSES,
            "all records of its online store are deleted; those of its offline store stay in S3",
        ),
    ),
    # API reference, S3StorageConfig: "The S3 path where offline records are written", told by Describe
    outputs=("OfflineStoreConfig.S3StorageConfig.ResolvedOutputS3Uri",),
    apart=True,
    keyed=MappingProxyType({"FeatureDefinitions": "FeatureName"}),
    words=MappingProxyType({"Created": Phase.READY, "CreateFailed": Phase.FAILED, "Successful": Phase.READY}),
    # ACK's sagemaker-controller, pkg/resource/feature_group, and the API reference: OfflineStoreConfig (Glue),
    # OnlineStoreConfig (Standard), ThroughputConfig (OnDemand). ResolvedOutputS3Uri is an output in an input's shape.
    defaults=MappingProxyType(
        {
            "OfflineStoreConfig.S3StorageConfig.ResolvedOutputS3Uri": Filled.MADE,
            "OfflineStoreConfig.DisableGlueTableCreation": False,
            "OfflineStoreConfig.TableFormat": "Glue",
            "OfflineStoreConfig.DataCatalogConfig.TableName": Filled.MADE,
            "OfflineStoreConfig.DataCatalogConfig.Catalog": "AwsDataCatalog",
            "OfflineStoreConfig.DataCatalogConfig.Database": "sagemaker_featurestore",
            "OnlineStoreConfig.StorageType": "Standard",
            "ThroughputConfig.ThroughputMode": "OnDemand",
        }
    ),
)
