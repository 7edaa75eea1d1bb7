"""ModelCard: keeps all its versions, and has states of its deletion."""

import json
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

EXPORT = "ModelCardExportJob"
_CHANGED = ("Content", "ModelCardStatus")
# API reference, DescribeModelCard: the part of the content that IncludedData=MetadataOnly returns.
_METADATA = (
    ("model_overview", "model_id"),
    ("model_overview", "model_name"),
    ("intended_uses", "risk_rating"),
    ("model_package_details", "model_package_group_name"),
    ("model_package_details", "model_package_arn"),
)


def _is_json(request: OperationRequest) -> None:
    """Refuse content that is no JSON object; the message is unverified."""
    content = request.params.get("Content")
    if content is None:
        return
    try:
        is_object = isinstance(json.loads(content), dict)
    except ValueError:
        is_object = False
    if not is_object:
        raise invalid("Model card content is not valid against the model card JSON schema.")


def _change_is_valid(request: OperationRequest, row: Row) -> None:
    """Refuse content and status in one call (API reference, UpdateModelCard); the messages are unverified."""
    _is_json(request)
    if request.knobs.model_card_takes_one_change and all(member in request.params for member in _CHANGED):
        raise invalid("Model card content and model card status cannot be updated in a single call.")
    archived = row.body["ModelCardStatus"] == "Archived" and "Content" in request.params
    if request.knobs.archived_model_card_is_final and archived:
        raise invalid(f"Model card {row.name} is archived and cannot be updated.")


def _initial(request: OperationRequest) -> Json:
    return {"ModelCardVersion": 1, "CreatedBy": request.creator, "LastModifiedBy": request.creator}


def _version(body: Json) -> Json:
    return {member: body[member] for member in (*_CHANGED, "CreationTime")}


def _keep(request: OperationRequest) -> Json:
    first = {member: request.params[member] for member in _CHANGED}
    return {"versions": {"1": first | {"CreationTime": request.now}}}


def _change(request: OperationRequest, row: Row) -> Row:
    body = row.body | {member: request.params[member] for member in _CHANGED if member in request.params}
    if "Content" in request.params or request.knobs.model_card_status_makes_version:
        body["ModelCardVersion"] += 1
    versions = row.keep["versions"] | {
        str(body["ModelCardVersion"]): _version(body | {"CreationTime": request.now})
    }
    body["LastModifiedBy"] = request.creator
    return replace(row, body=body, keep={"versions": versions})


def _describe_response(request: OperationRequest, row: Row) -> Json:
    body = row.body
    number = request.params.get("ModelCardVersion")
    if number is not None:
        version = row.keep["versions"].get(str(number))
        if version is None:
            text = f"Modelcard with name {row.name} and version: {number} does not exist"  # from moto
            raise ServiceError("ResourceNotFound", text)
        body = body | {"ModelCardVersion": number} | {member: version[member] for member in _CHANGED}
    if request.params.get("IncludedData") == "MetadataOnly":
        body = body | {"Content": _metadata(json.loads(body["Content"]))}
    return body


def _metadata(content: Json) -> str:
    kept: Json = {}
    for section, member in _METADATA:
        if member in content.get(section, {}):
            kept.setdefault(section, {})[member] = content[section][member]
    return json.dumps(kept)


def _versions(request: OperationRequest) -> Json:
    """List all versions of a card on one page, the newest first."""
    arn = MODEL_CARD.arn_in(request)
    row = request.state.find(arn, request.now)
    if row is None:
        raise MODEL_CARD.missing.refusal(arn=arn, name=request.params["ModelCardName"])
    stated = request.params.get("ModelCardStatus")
    listed = [
        row.body | version | {"ModelCardVersion": int(number)}
        for number, version in row.keep["versions"].items()
        if stated in (None, version["ModelCardStatus"])
    ]
    newest_first = request.params.get("SortOrder", "Descending") == "Descending"
    return {
        "ModelCardVersionSummaryList": sorted(
            listed, key=lambda each: int(each["ModelCardVersion"]), reverse=newest_first
        )
    }


def _has_status(request: OperationRequest, row: Row) -> bool:
    return request.params.get("ModelCardStatus") in (None, row.body["ModelCardStatus"])


def _exports(request: OperationRequest, row: Row) -> list[Row]:
    return [one for one in request.rows_of(EXPORT) if one.arn.startswith(f"{row.arn}/")]


MODEL_CARD = SandboxKind(
    name="ModelCard",
    path="model-card",
    # The codes are modelled, the first two messages are moto's.
    missing=Phrase("ResourceNotFound", "Modelcard {name} does not exist."),
    exists=Phrase("ConflictException", "Modelcard {name} already exists"),
    busy=Phrase("ConflictException", "Model card {arn} is being deleted."),
    # API reference, ListModelCards: by creation time; that the newest is first is unverified.
    listing=ListDefaults(
        key="ModelCardSummaries",
        order="Descending",
        row_filter=_has_status,
        filtered=frozenset({"ModelCardStatus"}),
    ),
    life=StateSequence(
        status="ModelCardProcessingStatus",
        stable="",
        deleting="DeletePending",
        deletion_states=tuple(
            (word, lambda request: request.knobs.model_card_deleting / 4)
            for word in ("DeleteInProgress", "ContentDeleted", "ExportJobsDeleted")
        ),
        delete_failed="DeleteFailed",
        failure_members=lambda _: {},  # Describe has no member for a reason
        deletion_seconds=lambda request: request.knobs.model_card_deleting,
        busy=frozenset({"DeletePending", "DeleteInProgress", "ContentDeleted", "ExportJobsDeleted"}),
    ),
    by_arn=True,
    guards=(_is_json,),
    update_guards=(_change_is_valid,),
    initial=_initial,
    keep=_keep,
    grow=lambda _, row: row,
    shown=_describe_response,
    change=_change,
    along=_exports,
    reads={"ListModelCardVersions": _versions},
)
