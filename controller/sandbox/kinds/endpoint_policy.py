"""The resource policy of an endpoint."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, Verb
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.kinds.model_package_group import policy_is_sound, stored_policy
from controller.sandbox.kinds.variants import policy_arn
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

REFUSED = frozenset({"Deleting", "Failed"})  # API reference, PutEndpointPolicy


def _endpoint(ask: OperationRequest) -> Row:
    arn = ENDPOINT.arn(ask.account, ask.knobs, ask.params["EndpointName"])
    row = ask.find(arn)
    if row is None:
        raise ServiceError("ResourceNotFound", f'Could not find endpoint "{arn}".')
    return row


def _takes_a_policy(ask: OperationRequest) -> None:
    row = _endpoint(ask)
    if row.body["EndpointStatus"] in REFUSED:
        raise invalid(f"Cannot attach a policy to endpoint {row.arn} in status {row.body['EndpointStatus']}.")
    if not ask.params["ResourcePolicy"].isascii():
        raise invalid("The endpoint policy can contain only ASCII characters.")


def _address(ask: OperationRequest) -> str:
    return policy_arn(_endpoint(ask).arn)


def _birth(ask: OperationRequest) -> Json:
    return {
        "ResourcePolicy": stored_policy(ask),
        "EndpointArn": _endpoint(ask).arn,
        "EndpointName": _endpoint(ask).name,
    }


def _again(ask: OperationRequest, row: Row) -> Row:
    return replace(row, body=row.body | {"ResourcePolicy": stored_policy(ask)})


def _delete(ask: OperationRequest) -> Json:
    """Delete a policy; where there is none, the operation succeeds."""
    row = ask.world.find(_address(ask), ask.now)
    if row is not None:
        ask.commit(row, None)
    return {}


ENDPOINT_POLICY = SandboxKind(
    name="EndpointPolicy",
    path="endpoint",
    # the code is the API reference's, the words are ours
    missing=Phrase("ValidationException", "Cannot find endpoint policy {arn}."),
    exists=Phrase("ValidationException", "The endpoint policy {arn} exists."),
    busy=Phrase("ConflictException", "The endpoint policy {arn} is being changed by another request."),
    listing=ListDefaults(key=""),
    modified=None,
    called={
        Verb.CREATE: "PutEndpointPolicy",
        Verb.DESCRIBE: "GetEndpointPolicy",
        Verb.LIST: None,
        Verb.DELETE: None,
    },
    guards=(_takes_a_policy, policy_is_sound),
    identify=lambda ask: (_address(ask), ask.params["EndpointName"]),
    address=_address,
    birth=_birth,
    keep=lambda _: {"untagged": True},
    again=_again,
    acts={"DeleteEndpointPolicy": _delete},
)
