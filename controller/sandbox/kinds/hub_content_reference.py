"""HubContentReference: a reference to a model of the public hub, the only contents of private hubs in the sandbox.

DescribeHubContent and ListHubContents also return the models of the public hub. No messages of these refusals are
published; the codes are modelled.
"""

import json

from controller.sandbox import lifecycle
from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence, Verb
from controller.sandbox.kinds.hub import CONTENT, HUB, PUBLIC_HUB, hub_name
from controller.sandbox.listing import list_kind
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

REFERENCE, MODEL = "ModelReference", "Model"
_PUBLIC, _NAME, _TYPE = "SageMakerPublicHubContentArn", "HubContentName", "HubContentType"
# Models of the public hub and their versions, the newest last: the names are JumpStart's, the versions are invented.
CATALOGUE = {
    "huggingface-llm-mistral-7b": ("1.0.0", "2.0.0", "3.17.0"),
    "meta-textgeneration-llama-3-8b": ("1.0.0", "2.1.0"),
    "xgboost-classification-model": ("1.0.0", "1.2.0", "2.1.1"),
}


def _hub_arn(request: OperationRequest) -> str:
    return HUB.arn(request.account, request.knobs, request.params["HubName"])


def _address(request: OperationRequest) -> str:
    name = request.params.get(_NAME) or _model(request)
    return request.account.arn(f"hub-content/{hub_name(request)}/{REFERENCE}/{name}")


def _model(request: OperationRequest) -> str:
    return str(request.params[_PUBLIC].split("/")[3])


def _hub_takes_it(request: OperationRequest) -> None:
    arn = _hub_arn(request)
    row = request.find(arn)
    if row is None:
        raise HUB.missing.refusal(arn=arn, name=hub_name(request))
    if row.body["HubStatus"] != "InService":
        raise HUB.busy.refusal(arn=arn, name=row.name)


def _public_model_exists(request: OperationRequest) -> None:
    _, region, owner, path = request.params[_PUBLIC].rsplit(":", 3)
    hub, name = path.split("/")[1], _model(request)
    if (region, owner, hub) != (request.account.region, "aws", PUBLIC_HUB) or name not in CATALOGUE:
        raise ServiceError("ResourceNotFound", f"Hub content {request.params[_PUBLIC]} does not exist.")


def _is_named(request: OperationRequest) -> None:
    if _NAME not in request.params and not request.knobs.reference_is_named_by_model:
        raise invalid("HubContentName must be specified.")


def _least_version_fits(request: OperationRequest, row: Row | None = None) -> None:
    """Refuse a minimum version that is not older than the model's newest (API reference, UpdateHubContentReference)."""
    least = request.params.get("MinVersion")
    newest = CATALOGUE[row.keep["model"] if row else _model(request)][-1]
    if least is not None and _number(least) >= _number(newest):
        raise invalid(f"MinVersion {least} must be older than the latest version {newest}.")


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _is_reference(request: OperationRequest, _: Row) -> None:
    if request.params[_TYPE] != REFERENCE:
        raise invalid(f"HubContentType must be {REFERENCE}.")


def _content(model: str) -> Json:
    return {
        "HubContentVersion": CATALOGUE[model][-1],
        "DocumentSchemaVersion": "2.3.0",
        "HubContentDisplayName": model,
        "HubContentDocument": json.dumps({"Url": f"https://example.com/{model}"}),
        "SupportStatus": "Supported",
    }


def _initial(request: OperationRequest) -> Json:
    model = _model(request)
    newest, arn = CATALOGUE[model][-1], _address(request)
    least = {"ReferenceMinVersion": request.params["MinVersion"]} if "MinVersion" in request.params else {}
    return {
        "HubName": hub_name(request),
        "HubArn": _hub_arn(request),
        _NAME: request.params.get(_NAME, model),
        CONTENT: f"{arn}/{newest}",
        _PUBLIC: f"{request.params[_PUBLIC]}/{newest}",
        _TYPE: REFERENCE,
        "CreatedBy": request.creator,
        **_content(model),
        **least,
    }


def _change(request: OperationRequest, row: Row) -> Row:
    least = {"ReferenceMinVersion": request.params["MinVersion"]} if "MinVersion" in request.params else {}
    last = {"HubContentStatus": "Available"}
    if request.effect.fails is not None:  # that a failed update has a failed import's state is unverified
        least, last = {}, {"HubContentStatus": "ImportFailed", "FailureReason": request.effect.fails}
    stages = [
        lifecycle.Stage(
            put=lifecycle.constant({"HubContentStatus": "Importing"} | least),
            seconds=request.knobs.hub_content_changing,
            drop=("FailureReason",),
        ),
        lifecycle.Stage(put=lifecycle.constant(last)),
    ]
    return lifecycle.enter_stages(request, row, stages, "LastModifiedTime")


def _public(request: OperationRequest, model: str) -> Json:
    """A model of the public hub, as DescribeHubContent returns it."""
    account = request.account
    hub = f"arn:{account.partition}:sagemaker:{account.region}:aws:hub/{PUBLIC_HUB}"
    content = hub.replace(":hub/", ":hub-content/")
    return {
        "HubName": PUBLIC_HUB,
        "HubArn": hub,
        _NAME: model,
        _TYPE: MODEL,
        CONTENT: f"{content}/{MODEL}/{model}/{CATALOGUE[model][-1]}",
        "HubContentStatus": "Available",
        "CreationTime": 1.7e9,
        **_content(model),
    }


def _describe(request: OperationRequest) -> Json:
    if hub_name(request) == PUBLIC_HUB:
        if request.params[_TYPE] == MODEL and request.params[_NAME] in CATALOGUE:
            return _public(request, request.params[_NAME])
    elif request.params[_TYPE] == REFERENCE:
        return lifecycle.describe(HUB_CONTENT_REFERENCE, request)
    raise HUB_CONTENT_REFERENCE.missing.refusal(arn="", name=request.params[_NAME])


def _list(request: OperationRequest) -> Json:
    """Answer ListHubContents: the public hub has all its models on one page."""
    if hub_name(request) == PUBLIC_HUB:
        models = CATALOGUE if request.params[_TYPE] == MODEL else ()
        part = request.params.get("NameContains", "")
        return {"HubContentSummaries": [_public(request, name) for name in sorted(models) if part in name]}
    arn = _hub_arn(request)
    if request.state.find(arn, request.now) is None:
        raise HUB.missing.refusal(arn=arn, name=hub_name(request))
    return list_kind(HUB_CONTENT_REFERENCE, HUB_CONTENT_REFERENCE.listing, request)


def _of_hub(request: OperationRequest, row: Row) -> bool:
    return bool(row.body["HubName"] == hub_name(request)) and request.params[_TYPE] == REFERENCE


HUB_CONTENT_REFERENCE = SandboxKind(
    name="HubContentReference",
    path="hub-content",
    name_member=_NAME,
    arn_member=CONTENT,
    missing=Phrase("ResourceNotFound", "Hub content {name} does not exist."),
    exists=Phrase("ResourceInUse", "Hub content {name} already exists."),
    busy=Phrase("ResourceInUse", "Hub content {name} is being imported or deleted."),
    listing=ListDefaults(
        key="HubContentSummaries",
        row_filter=_of_hub,
        filtered=frozenset({"HubName", _TYPE, "MaxSchemaVersion"}),
    ),
    life=StateSequence(
        status="HubContentStatus",
        growth=(("Importing", lambda request: request.knobs.hub_content_changing),),
        stable="Available",
        failed="ImportFailed",
        deletion_seconds=lambda request: request.knobs.hub_content_changing,
        delete_failed="DeleteFailed",
        busy=frozenset({"Importing", "Deleting"}),
    ),
    instructions=frozenset({"MinVersion"}),
    guards=(_is_named, _hub_takes_it, _public_model_exists, _least_version_fits),
    update_guards=(_is_reference, _least_version_fits),
    delete_guards=(_is_reference,),
    identify=lambda request: (_address(request), request.params.get(_NAME) or _model(request)),
    address=_address,
    initial=_initial,
    keep=lambda request: {"model": _model(request)},
    change=_change,
    called={Verb.DESCRIBE: "DescribeHubContent", Verb.LIST: "ListHubContents"},
    reads={"DescribeHubContent": _describe, "ListHubContents": _list},
)
