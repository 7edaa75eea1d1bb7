"""ServicecatalogPortfolio: enables SageMaker's project templates for the account."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import DeleteBlocker, Verbs
from controller.kinds.kind import Kind, KindIdentity, Lifecycle

SERVICECATALOG_PORTFOLIO = Kind(
    name="ServicecatalogPortfolio",
    identity=KindIdentity(
        verbs=Verbs(
            create="EnableSagemakerServicecatalogPortfolio",
            describe="GetSagemakerServicecatalogPortfolioStatus",
            delete="DisableSagemakerServicecatalogPortfolio",
        ),
        key=(),
        arns=("",),
    ),
    lifecycle=Lifecycle(
        shared=True,
        status_phases=MappingProxyType({"Enabled": Phase.READY, "Disabled": Phase.ABSENT}),
        delete_blockers=(
            DeleteBlocker(
                "ListProjects",
                states=frozenset(
                    {"Pending", "CreateInProgress", "CreateCompleted", "UpdateInProgress", "UpdateCompleted"}
                    | {"UpdateFailed", "DeleteInProgress", "DeleteFailed"}
                ),
            ),
        ),
    ),
)
