"""Project: a product of the Service Catalog; once deleted it is still described for a while."""

from types import MappingProxyType
from typing import Any

from controller.core.phase import Phase
from controller.kinds.columns import Body
from controller.kinds.defaults import ServiceValue
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice


def _providers(body: Body) -> Any:
    """Describe shows each template provider with a suffix that Create has not."""
    shown = body.get("TemplateProviderDetails")
    if shown is None:
        return None
    return [{name.removesuffix("Detail"): document for name, document in each.items()} for each in shown]


PROJECT = Kind(
    name="Project",
    identity=KindIdentity(
        after=("ServicecatalogPortfolio",),
    ),
    compare=Compare(
        reads=MappingProxyType({"TemplateProviders": _providers}),
        keyed=MappingProxyType({"ServiceCatalogProvisioningDetails.ProvisioningParameters": "Key"}),
        # The latest artifact is resolved where none is named (API reference, ServiceCatalogProvisioningDetails).
        defaults=MappingProxyType(
            {"ServiceCatalogProvisioningDetails.ProvisioningArtifactId": ServiceValue.CHOSEN}
        ),
    ),
    write=Write(
        cleared=MappingProxyType(
            {"ProjectDescription": ""}
        ),  # the shape's least length is 0 (effect unverified)
        renamed=MappingProxyType(
            {
                "ServiceCatalogProvisioningDetails": "ServiceCatalogProvisioningUpdateDetails",
                "TemplateProviders": "TemplateProvidersToUpdate",
            }
        ),
        rules=(
            Choice(
                ("ServiceCatalogProvisioningDetails", "TemplateProviders"),
                source="API reference, CreateProject",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        reasons=("ServiceCatalogProvisionedProductDetails.ProvisionedProductStatusMessage",),
        consequences=(
            # "Delete a MLOps Project" (developer guide): the provisioned product is terminated with it
            Consequence(
                ENDS,
                Impact.LOSES,
                "its product of the Service Catalog is terminated, with what the template's stack made",
            ),
        ),
        status_phases=MappingProxyType(
            {
                "CreateInProgress": Phase.CHANGING,
                "UpdateInProgress": Phase.CHANGING,
                "DeleteInProgress": Phase.DELETING,
                "CreateCompleted": Phase.READY,
                "UpdateCompleted": Phase.READY,
                "CreateFailed": Phase.FAILED,
                "UpdateFailed": Phase.FAILED,
                "DeleteCompleted": Phase.ABSENT,
            }
        ),
    ),
)
