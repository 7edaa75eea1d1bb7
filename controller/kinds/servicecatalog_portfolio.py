"""ServicecatalogPortfolio: the account's switch for SageMaker's project templates."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import Gate, Verbs
from controller.kinds.kind import Identity, Kind, Lifecycle

SERVICECATALOG_PORTFOLIO = Kind(
    name="ServicecatalogPortfolio",
    identity=Identity(
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
            Gate(
                "ListProjects",
                states=frozenset(
                    {"Pending", "CreateInProgress", "CreateCompleted", "UpdateInProgress", "UpdateCompleted"}
                    | {"UpdateFailed", "DeleteInProgress", "DeleteFailed"}
                ),
            ),
        ),
    ),
)
