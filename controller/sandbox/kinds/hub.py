"""Hub: private hubs, whose contents are references to models of the public hub; and the public hub, read-only.

UpdateHub declares only ResourceNotFound: its refusal of a hub in transition is our own, as are the other messages.
"""

from dataclasses import replace

from controller.sandbox import lifecycle
from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.listing import list_kind
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError

CONTENT, PUBLIC_HUB = "HubContentArn", "SageMakerPublicHub"  # the name as SDKs and Terraform have it


def hub_name(request: OperationRequest) -> str:
    """The name of the hub that a request gives as name or ARN."""
    return str(request.params["HubName"].rsplit("/", 1)[-1])


def _public_hub(request: OperationRequest) -> Json:
    account = request.account
    return {
        "HubName": PUBLIC_HUB,
        "HubArn": f"arn:{account.partition}:sagemaker:{account.region}:aws:hub/{PUBLIC_HUB}",
        "HubDescription": "Models of SageMaker JumpStart",
        "HubStatus": "InService",
        "CreationTime": 1.7e9,
        "LastModifiedTime": 1.7e9,
    }


def _describe(request: OperationRequest) -> Json:
    return _public_hub(request) if hub_name(request) == PUBLIC_HUB else lifecycle.describe(HUB, request)


def _list(request: OperationRequest) -> Json:
    """Answer ListHubs; the public hub is the first on the first page, if it is listed at all."""
    answer = list_kind(HUB, HUB.listing, request)
    if request.knobs.public_hub_listed and "NextToken" not in request.params:
        answer["HubSummaries"] = [_public_hub(request), *answer["HubSummaries"]]
    return answer


def _is_empty(request: OperationRequest, row: Row) -> None:
    """Refuse the deletion of a hub with contents (Developer Guide, "Delete a private hub"); the message is our own."""
    if any(one.body["HubName"] == row.name for one in request.rows_of("HubContentReference")):
        raise ServiceError("ResourceInUse", f"Hub {row.arn} is not empty.")


def _change(request: OperationRequest, row: Row) -> Row:
    sent = {name: value for name, value in request.params.items() if name != "HubName"}
    fails = request.effect.fails
    last: Json = {"HubStatus": "InService"}
    if fails is not None:
        sent, last = {}, {"HubStatus": "UpdateFailed", "FailureReason": fails}
    done = request.step_after(request.knobs.hub_changing, last, () if fails else ("FailureReason",))
    done = replace(done, put=done.put | {"LastModifiedTime": done.at})
    return replace(row, body=row.body | sent | {"HubStatus": "Updating"}, due=(done,))


HUB = SandboxKind(
    name="Hub",
    path="hub",
    missing=Phrase("ResourceNotFound", "Hub {name} does not exist."),
    exists=Phrase("ResourceInUse", "Hub {name} already exists."),
    busy=Phrase("ValidationException", "Hub {arn} is being created, updated or deleted."),
    listing=ListDefaults(key="HubSummaries"),
    life=StateSequence(
        status="HubStatus",
        stable="InService",
        growth=(("Creating", lambda request: request.knobs.hub_changing),),
        failed="CreateFailed",
        deletion_seconds=lambda request: request.knobs.hub_changing,
        delete_failed="DeleteFailed",
        busy=frozenset({"Creating", "Updating", "Deleting"}),
    ),
    by_arn=True,
    delete_guards=(_is_empty,),
    change=_change,
    reads={"DescribeHub": _describe, "ListHubs": _list},
)
