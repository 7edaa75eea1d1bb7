"""ServicecatalogPortfolio: a switch of the account and Region, off at first."""

from controller.sandbox.kind import Kind, Listing, Verb
from controller.sandbox.request import Ask
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase

NAME = "ServicecatalogPortfolio"


def _arn(ask: Ask) -> str:
    """Return what the sandbox knows the switch by; the API gives it no name."""
    return ask.account.arn("servicecatalog-portfolio")


def is_enabled(ask: Ask) -> bool:
    """Whether the switch is on."""
    return ask.world.find(_arn(ask), ask.now) is not None


def _disable(ask: Ask) -> Json:
    row = ask.world.find(_arn(ask), ask.now)
    if row is not None:
        ask.commit(row, None)
    return {}


def _status(ask: Ask) -> Json:
    enabled = ask.world.described(_arn(ask), ask.now) is not None
    return {"Status": "Enabled" if enabled else "Disabled"}


PORTFOLIO = Kind(
    name=NAME,
    path="servicecatalog-portfolio",
    missing=Phrase("ValidationException", "The portfolio is not enabled."),
    exists=Phrase("ValidationException", "The portfolio is enabled."),
    busy=Phrase("ConflictException", "The portfolio is being changed by another request."),
    listing=Listing(key=""),
    modified=None,
    called={
        Verb.CREATE: "EnableSagemakerServicecatalogPortfolio",
        Verb.DESCRIBE: None,
        Verb.DELETE: None,
        Verb.LIST: None,
    },
    identify=lambda ask: (_arn(ask), NAME),
    address=_arn,
    keep=lambda _: {"untagged": True},
    again=lambda _, row: row,  # enabling twice is no error
    acts={"DisableSagemakerServicecatalogPortfolio": _disable},
    reads={"GetSagemakerServicecatalogPortfolioStatus": _status},
)
