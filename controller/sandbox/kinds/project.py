"""Project, and the portfolio of its product."""

import hashlib
from dataclasses import replace

from controller.sandbox.kind import Life, ListDefaults, SandboxKind, Verb
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

NAME = "ServicecatalogPortfolio"


def _arn(ask: OperationRequest) -> str:
    """Return the sandbox's key of the switch; the API gives it no name."""
    return ask.account.arn("servicecatalog-portfolio")


def is_enabled(ask: OperationRequest) -> bool:
    """Whether the switch is on."""
    return ask.world.find(_arn(ask), ask.now) is not None


def _disable(ask: OperationRequest) -> Json:
    row = ask.world.find(_arn(ask), ask.now)
    if row is not None:
        ask.commit(row, None)
    return {}


def _status(ask: OperationRequest) -> Json:
    enabled = ask.world.described(_arn(ask), ask.now) is not None
    return {"Status": "Enabled" if enabled else "Disabled"}


PORTFOLIO = SandboxKind(
    name=NAME,
    path="servicecatalog-portfolio",
    missing=Phrase("ValidationException", "The portfolio is not enabled."),
    exists=Phrase("ValidationException", "The portfolio is enabled."),
    busy=Phrase("ConflictException", "The portfolio is being changed by another request."),
    listing=ListDefaults(key=""),
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


DETAILS = "ServiceCatalogProvisioningDetails"
UPDATED = "ServiceCatalogProvisioningUpdateDetails"
PRODUCT = "ServiceCatalogProvisionedProductDetails"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
UNDER_WAY = frozenset({"Pending", "CreateInProgress", "UpdateInProgress", "DeleteInProgress"})
DELETED_STATE = "DeleteCompleted"


def _catalog_is_open(ask: OperationRequest) -> None:
    if ask.knobs.project_needs_portfolio and not is_enabled(ask):
        # The text is ours: AWS only documents that the portfolio must be enabled.
        raise invalid("AWS Service Catalog is not enabled for SageMaker in this account and region.")


def _one_template(ask: OperationRequest) -> None:
    if (DETAILS in ask.params) == bool(ask.params.get("TemplateProviders")):
        raise invalid(f"Exactly one of {DETAILS} and TemplateProviders must be provided.")


def _twelve(*parts: object) -> str:
    """Return twelve letters and digits that stand for `parts`."""
    number = int(hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest(), 16)
    return "".join(DIGITS[number // 36**exponent % 36] for exponent in range(12))


def _resolved(details: Json) -> Json:
    """Return the details with the artifact that Service Catalog takes when none is named: the latest."""
    return {"ProvisioningArtifactId": f"pa-{_twelve(details.get('ProductId'))}"} | details


def _birth(ask: OperationRequest) -> Json:
    number = ask.world.count("projects")
    made: Json = {
        "ProjectId": f"p-{_twelve(ask.account.arn('project'), number)}",
        "CreatedBy": ask.creator,
        "LastModifiedBy": ask.creator,
    }
    if DETAILS in ask.params:
        made[DETAILS] = _resolved(ask.params[DETAILS])
    templates = ask.params.get("TemplateProviders", [])
    if templates:
        made["TemplateProviderDetails"] = [_template(ask, one) for one in templates]
    return made


def _template(ask: OperationRequest, provider: Json) -> Json:
    given = provider.get("CfnTemplateProvider", {})
    stack = ask.account.arn(f"stack/{given.get('TemplateName')}", "cloudformation")
    return {"CfnTemplateProviderDetail": given | {"StackDetail": {"Id": stack, "StatusMessage": ""}}}


def _settle(ask: OperationRequest, body: Json) -> tuple[Json, tuple[str, ...]]:
    made = f"pp-{_twelve(ask.account.region, body['ProjectId'])}"
    return ({PRODUCT: {"ProvisionedProductId": made}} if DETAILS in body else {}), ()


def _change(ask: OperationRequest, row: Row) -> Row:
    sent = {key: value for key, value in ask.params.items() if key == "ProjectDescription"}
    done = {"ProjectStatus": "UpdateCompleted"} | _newly_provisioned(ask, row)
    if ask.fate.fails is not None:
        done = {"ProjectStatus": "UpdateFailed"} | _failure_members(ask.fate.fails)
    step = ask.after(ask.knobs.project_updating, done)
    step = replace(step, put=step.put | {"LastModifiedTime": step.at})
    body = row.body | sent | {"ProjectStatus": "UpdateInProgress", "LastModifiedBy": ask.creator}
    tags = dict(row.tags or {}) | {one["Key"]: one["Value"] for one in ask.params.get("Tags", [])}
    return replace(row, body=body, tags=tags or row.tags, due=(step,))


def _newly_provisioned(ask: OperationRequest, row: Row) -> Json:
    made: Json = {}
    if UPDATED in ask.params and DETAILS in row.body:
        made[DETAILS] = row.body[DETAILS] | ask.params[UPDATED]
    templates = ask.params.get("TemplateProvidersToUpdate", [])
    held = row.body.get("TemplateProviderDetails", [])
    if templates and held:
        given = templates[0].get("CfnTemplateProvider", {})
        detail = held[0]["CfnTemplateProviderDetail"] | given
        made["TemplateProviderDetails"] = [{"CfnTemplateProviderDetail": detail}]
    return made


def _failure_members(reason: str) -> Json:
    return {PRODUCT: {"ProvisionedProductStatusMessage": reason}}


def _may_change(_: OperationRequest, row: Row) -> None:
    status = row.body["ProjectStatus"]
    if status in UNDER_WAY:
        raise ServiceError("ConflictException", f"Cannot update Project in {status} status")
    if status in {DELETED_STATE, "CreateFailed", "DeleteFailed"}:
        raise invalid(f"Cannot update Project in {status} status")


def _may_go(_: OperationRequest, row: Row) -> None:
    status = row.body["ProjectStatus"]
    if status in {*UNDER_WAY, DELETED_STATE}:
        raise invalid(f"Cannot delete Project in {status} status")


def _wanted(ask: OperationRequest, row: Row) -> bool:
    return ask.knobs.deleted_projects_listed or bool(row.body["ProjectStatus"] != DELETED_STATE)


PROJECT = SandboxKind(
    name="Project",
    path="project",
    missing=Phrase("ValidationException", "Project {arn} does not exist"),
    exists=Phrase("ValidationException", "Project already exists: {arn}"),
    busy=Phrase("ConflictException", "Project {arn} is being created, updated or deleted."),
    listing=ListDefaults(key="ProjectSummaryList", sieve=_wanted),
    life=Life(
        status="ProjectStatus",
        growth=(
            ("Pending", lambda ask: ask.knobs.project_pending),
            ("CreateInProgress", lambda ask: ask.knobs.project_creating),
        ),
        stable="CreateCompleted",
        failed="CreateFailed",
        failure_members=_failure_members,
        deleting="DeleteInProgress",
        death=lambda ask: ask.knobs.project_deleting,
        deleted=DELETED_STATE,
        delete_failed="DeleteFailed",
    ),
    unkept=frozenset({"TemplateProviders"}),
    guards=(_one_template, _catalog_is_open),
    update_guards=(_may_change,),
    delete_guards=(_may_go,),
    birth=_birth,
    settle=_settle,
    change=_change,
)
