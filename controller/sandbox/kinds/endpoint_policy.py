"""The resource policy of an endpoint."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, Verb
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.kinds.model_package_group import policy_is_valid, stored_policy
from controller.sandbox.kinds.variants import policy_arn
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

REFUSED = frozenset({"Deleting", "Failed"})  # API reference, PutEndpointPolicy


def _endpoint(request: OperationRequest) -> Row:
    arn = ENDPOINT.arn(request.account, request.knobs, request.params["EndpointName"])
    row = request.find(arn)
    if row is None:
        raise ServiceError("ResourceNotFound", f'Could not find endpoint "{arn}".')
    return row


def _takes_a_policy(request: OperationRequest) -> None:
    row = _endpoint(request)
    if row.body["EndpointStatus"] in REFUSED:
        raise invalid(f"Cannot attach a policy to endpoint {row.arn} in status {row.body['EndpointStatus']}.")
    if not request.params["ResourcePolicy"].isascii():
        raise invalid("The endpoint policy can contain only ASCII characters.")


def _address(request: OperationRequest) -> str:
    return policy_arn(_endpoint(request).arn)


def _initial(request: OperationRequest) -> Json:
    return {
        "ResourcePolicy": stored_policy(request),
        "EndpointArn": _endpoint(request).arn,
        "EndpointName": _endpoint(request).name,
    }


def _replace_policy(request: OperationRequest, row: Row) -> Row:
    return replace(row, body=row.body | {"ResourcePolicy": stored_policy(request)})


def _delete(request: OperationRequest) -> Json:
    """Delete a policy; without one, the operation succeeds too."""
    row = request.state.find(_address(request), request.now)
    if row is not None:
        request.commit(row, None)
    return {}


ENDPOINT_POLICY = SandboxKind(
    name="EndpointPolicy",
    path="endpoint",
    # the code is from the API reference, the message is our own
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
    guards=(_takes_a_policy, policy_is_valid),
    identify=lambda request: (_address(request), request.params["EndpointName"]),
    address=_address,
    initial=_initial,
    keep=lambda _: {"untagged": True},
    again=_replace_policy,
    acts={"DeleteEndpointPolicy": _delete},
)
