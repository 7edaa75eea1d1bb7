"""FeatureGroup: a table of features that grows and never shrinks."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.kind import Delta, Kind

FEATURE_GROUP = Kind(
    name="FeatureGroup",
    plural="FeatureGroups",
    stirs="LastUpdateStatus.Status",
    reasons=("LastUpdateStatus.FailureReason",),
    deltas=MappingProxyType({"FeatureDefinitions": Delta(add="FeatureAdditions")}),
    apart=True,
    keyed=MappingProxyType({"FeatureDefinitions": "FeatureName"}),
    words=MappingProxyType({"Created": Phase.READY, "CreateFailed": Phase.FAILED, "Successful": Phase.READY}),
)
