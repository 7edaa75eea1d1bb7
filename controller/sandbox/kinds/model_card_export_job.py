"""ModelCardExportJob: exports a version of a card as a PDF. It has no Update, Stop or Delete.

It is deleted with its card. Names are unique within a card, as in its ARN. No messages of its refusals are published.
"""

from controller.sandbox.kind import ListDefaults, SandboxKind, Verb
from controller.sandbox.kinds.job_lifecycle import JobLifecycle
from controller.sandbox.kinds.model_card import EXPORT, MODEL_CARD
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError

_CARD, _VERSION, _ARN = "ModelCardName", "ModelCardVersion", "ModelCardExportJobArn"


def _card(request: OperationRequest) -> Row:
    """The card that a request gives as name or ARN, as reads return it."""
    arn = MODEL_CARD.arn_in(request)
    row = request.find(arn)
    if row is None:
        raise MODEL_CARD.missing.refusal(arn=arn, name=request.params[_CARD])
    return row


def _card_can_be_exported(request: OperationRequest) -> None:
    """Refuse a card that is being deleted, and a version that does not exist; an archived card can be exported."""
    card, number = _card(request), request.params.get(_VERSION)
    if MODEL_CARD.life and card.body.get(MODEL_CARD.life.status) in MODEL_CARD.life.busy:
        raise MODEL_CARD.busy.refusal(arn=card.arn, name=card.name)
    if number is not None and str(number) not in card.keep["versions"]:
        text = f"Modelcard with name {card.name} and version: {number} does not exist"  # from moto
        raise ServiceError("ResourceNotFound", text)


def _identify(request: OperationRequest) -> tuple[str, str]:
    name = request.params["ModelCardExportJobName"]
    return f"{_card(request).arn}/export-job/{name}", name


def _initial(request: OperationRequest) -> Json:
    card = _card(request)
    return {_CARD: card.name, _VERSION: request.params.get(_VERSION, card.body[_VERSION])}


def _marks(_: OperationRequest, word: str, _at: float, body: Json) -> Json:
    if word != RUN.states.completed:
        return {}
    folder = body["OutputConfig"]["S3OutputPath"].rstrip("/")
    name = f"{body[_CARD]}-{body['ModelCardExportJobName']}.pdf"  # its form is unverified
    return {"ExportArtifacts": {"S3ExportArtifacts": f"{folder}/{name}"}}


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    body, given = row.body, request.params
    return (
        bool(body[_CARD] == given[_CARD])
        and given.get(_VERSION) in (None, body[_VERSION])
        and given.get("ModelCardExportJobNameContains", "") in row.name
    )


RUN = JobLifecycle(
    noun="model card export job",
    status="Status",
    course=lambda run, request: [run.working(request, request.knobs.model_card_exporting)],
    halt=lambda _: 0.0,  # nothing stops it
    marks=_marks,
    modified="LastModifiedAt",
)
MODEL_CARD_EXPORT_JOB = SandboxKind(
    name=EXPORT,
    path="model-card",
    missing=Phrase("ResourceNotFound", "Model card export job {arn} does not exist."),
    exists=Phrase("ConflictException", "Model card export job {arn} already exists."),
    busy=Phrase("ConflictException", "Model card export job {arn} is in progress."),
    # API reference, ListModelCardExportJobs: by creation time; that the newest is first is unverified.
    listing=ListDefaults(
        key="ModelCardExportJobSummaries",
        order="Descending",
        row_filter=_matches_filters,
        filtered=frozenset({_CARD, _VERSION, "ModelCardExportJobNameContains"}),
    ),
    created="CreatedAt",
    modified="LastModifiedAt",
    life=RUN.life,
    guards=(_card_can_be_exported,),
    identify=_identify,
    address=lambda request: str(request.params[_ARN]),
    initial=_initial,
    grow=RUN.grow,
    called={Verb.DELETE: None},
)
