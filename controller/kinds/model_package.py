"""ModelPackage: a version in a group, numbered by the service, or an unversioned package with a name."""

from types import MappingProxyType

from controller.kinds.columns import (
    AssignedIdentity,
    Delta,
    Generations,
    JsonDocument,
    Link,
    ReleasedState,
    TargetForm,
)
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Excludes, If, Unique

_UNVERSIONED = (If("ModelPackageGroupName", holds=False),)
_RULES = (
    Choice(
        ("ModelPackageGroupName", "ModelPackageName"), least=0, source="API reference, CreateModelPackage"
    ),
    Excludes(
        "ModelApprovalStatus",
        _UNVERSIONED,
        source="API reference, CreateModelPackage: this parameter is optional for versioned models",
    ),
    Excludes(
        "InferenceSpecification.Containers[].Environment",
        _UNVERSIONED,
        source="SageMaker SDK, what the service says of it",
    ),
    Unique(
        ("AdditionalInferenceSpecifications",),
        "Name",
        source="API reference, AdditionalInferenceSpecificationDefinition",
    ),
)

MODEL_PACKAGE = Kind(
    name="ModelPackage",
    identity=KindIdentity(
        links=(
            Link("ModelPackageGroupName", "ModelPackageGroup"),
            Link("SourceAlgorithmSpecification.SourceAlgorithms[].AlgorithmName", "Algorithm"),
            Link("MetadataProperties.ProjectId", "Project", TargetForm.ID),
        ),
        # only the unversioned by default (API reference, ListModelPackages: ModelPackageType)
        fixed=MappingProxyType({"ModelPackageType": "Both"}),
        found_by=AssignedIdentity(
            when="ModelPackageGroupName",
            listed_by=MappingProxyType({"ModelPackageGroupName": "ModelPackageGroupName"}),
            marker="CustomerMetadataProperties",
            generations=Generations(hashed=False, sweep=False),
        ),
    ),
    compare=Compare(
        unordered=tuple(
            f"{specification}.{member}"
            for specification in ("InferenceSpecification", "AdditionalInferenceSpecifications[]")
            for member in (
                "SupportedTransformInstanceTypes",
                "SupportedRealtimeInferenceInstanceTypes",
                "SupportedContentTypes",
                "SupportedResponseMIMETypes",
            )
        ),
        keyed=MappingProxyType({"AdditionalInferenceSpecifications": "Name"}),
        documents=MappingProxyType({"ModelCard.ModelCardContent": JsonDocument()}),
        # ACK's sagemaker-controller, pkg/resource/model_package (late initialised); a version that nobody approved
        # is pending (unverified).
        defaults=MappingProxyType(
            {
                "CertifyForMarketplace": False,
                "ModelApprovalStatus": "PendingManualApproval",
                **{
                    f"{specification}.Containers[].{member}": ServiceValue.MADE
                    for specification in ("InferenceSpecification", "AdditionalInferenceSpecifications[]")
                    for member in ("ImageDigest", "ModelDataETag", "ProductId")
                },
            }
        ),
    ),
    write=Write(
        cleared=MappingProxyType({"SourceUri": ""}),  # the shape's least length is 0 (effect unverified)
        deltas=MappingProxyType(
            {
                "CustomerMetadataProperties": Delta(remove="CustomerMetadataPropertiesToRemove"),
                "AdditionalInferenceSpecifications": Delta(add="AdditionalInferenceSpecificationsToAdd"),
            }
        ),
        rules=_RULES,
    ),
    lifecycle=Lifecycle(
        # UpdateModelPackage takes these of an approved version too (API reference), but pipelines and models deploy the
        # approved version by its ARN, which must stay what was approved. A rejected version may have been approved
        # before.
        release=ReleasedState(
            "ModelApprovalStatus",
            open=frozenset({"PendingManualApproval"}),
            released="Approved",
            defines=("InferenceSpecification", "SourceUri"),
        ),
    ),
    display=Display(
        columns=(DisplayColumn("ModelApprovalStatus"),),
    ),
)
