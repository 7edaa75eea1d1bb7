"""Project, and the Service Catalog portfolio."""

import hashlib
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence, Verb
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

NAME = "ServicecatalogPortfolio"


def _switch_arn(request: OperationRequest) -> str:
    """Return the sandbox's key of the switch; the API gives it no name."""
    return request.account.arn("servicecatalog-portfolio")


def is_enabled(request: OperationRequest) -> bool:
    """Whether the switch is on."""
    return request.state.find(_switch_arn(request), request.now) is not None


def _disable(request: OperationRequest) -> Json:
    row = request.state.find(_switch_arn(request), request.now)
    if row is not None:
        request.commit(row, None)
    return {}


def _status(request: OperationRequest) -> Json:
    enabled = request.state.described_row(_switch_arn(request), request.now) is not None
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
    identify=lambda request: (_switch_arn(request), NAME),
    address=_switch_arn,
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


def _catalog_is_open(request: OperationRequest) -> None:
    if request.knobs.project_needs_portfolio and not is_enabled(request):
        # The message is our own: AWS only documents that the portfolio must be enabled.
        raise invalid("AWS Service Catalog is not enabled for SageMaker in this account and region.")


def _one_template(request: OperationRequest) -> None:
    if (DETAILS in request.params) == bool(request.params.get("TemplateProviders")):
        raise invalid(f"Exactly one of {DETAILS} and TemplateProviders must be provided.")


def _short_id(*parts: object) -> str:
    """Return twelve letters and digits, derived from `parts`."""
    number = int(hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest(), 16)
    return "".join(DIGITS[number // 36**exponent % 36] for exponent in range(12))


def _with_default_artifact(details: Json) -> Json:
    """Return the details with Service Catalog's default artifact: the latest."""
    return {"ProvisioningArtifactId": f"pa-{_short_id(details.get('ProductId'))}"} | details


def _initial(request: OperationRequest) -> Json:
    number = request.state.count("projects")
    made: Json = {
        "ProjectId": f"p-{_short_id(request.account.arn('project'), number)}",
        "CreatedBy": request.creator,
        "LastModifiedBy": request.creator,
    }
    if DETAILS in request.params:
        made[DETAILS] = _with_default_artifact(request.params[DETAILS])
    templates = request.params.get("TemplateProviders", [])
    if templates:
        made["TemplateProviderDetails"] = [_template(request, one) for one in templates]
    return made


def _template(request: OperationRequest, provider: Json) -> Json:
    given = provider.get("CfnTemplateProvider", {})
    stack = request.account.arn(f"stack/{given.get('TemplateName')}", "cloudformation")
    return {"CfnTemplateProviderDetail": given | {"StackDetail": {"Id": stack, "StatusMessage": ""}}}


def _settle(request: OperationRequest, body: Json) -> tuple[Json, tuple[str, ...]]:
    made = f"pp-{_short_id(request.account.region, body['ProjectId'])}"
    return ({PRODUCT: {"ProvisionedProductId": made}} if DETAILS in body else {}), ()


def _change(request: OperationRequest, row: Row) -> Row:
    sent = {key: value for key, value in request.params.items() if key == "ProjectDescription"}
    done = {"ProjectStatus": "UpdateCompleted"} | _newly_provisioned(request, row)
    if request.effect.fails is not None:
        done = {"ProjectStatus": "UpdateFailed"} | _failure_members(request.effect.fails)
    step = request.step_after(request.knobs.project_updating, done)
    step = replace(step, put=step.put | {"LastModifiedTime": step.at})
    body = row.body | sent | {"ProjectStatus": "UpdateInProgress", "LastModifiedBy": request.creator}
    tags = dict(row.tags or {}) | {one["Key"]: one["Value"] for one in request.params.get("Tags", [])}
    return replace(row, body=body, tags=tags or row.tags, due=(step,))


def _newly_provisioned(request: OperationRequest, row: Row) -> Json:
    made: Json = {}
    if UPDATED in request.params and DETAILS in row.body:
        made[DETAILS] = row.body[DETAILS] | request.params[UPDATED]
    templates = request.params.get("TemplateProvidersToUpdate", [])
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


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    return request.knobs.deleted_projects_listed or bool(row.body["ProjectStatus"] != DELETED_STATE)


PROJECT = SandboxKind(
    name="Project",
    path="project",
    missing=Phrase("ValidationException", "Project {arn} does not exist"),
    exists=Phrase("ValidationException", "Project already exists: {arn}"),
    busy=Phrase("ConflictException", "Project {arn} is being created, updated or deleted."),
    listing=ListDefaults(key="ProjectSummaryList", row_filter=_matches_filters),
    life=StateSequence(
        status="ProjectStatus",
        growth=(
            ("Pending", lambda request: request.knobs.project_pending),
            ("CreateInProgress", lambda request: request.knobs.project_creating),
        ),
        stable="CreateCompleted",
        failed="CreateFailed",
        failure_members=_failure_members,
        deleting="DeleteInProgress",
        deletion_seconds=lambda request: request.knobs.project_deleting,
        deleted=DELETED_STATE,
        delete_failed="DeleteFailed",
    ),
    instructions=frozenset({"TemplateProviders"}),
    guards=(_one_template, _catalog_is_open),
    update_guards=(_may_change,),
    delete_guards=(_may_go,),
    initial=_initial,
    settle=_settle,
    change=_change,
)
