"""A short way from a boto3 client's call to a response in this process, for services with a JSON protocol.

Two thirds of a call's time botocore spends on an address, a user agent, headers, retries and events that nothing here
reads. The short way leaves these out. It takes botocore's serializer, the tokens that botocore makes, the events at
which the product checks its leadership and the answer, botocore's parser and botocore's errors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ReadTimeoutError
from botocore.session import Session

from controller.sandbox import Answer
from controller.sandbox.protocol import attach

SERVICES = frozenset({"sagemaker", "resource-groups-tagging-api", "application-auto-scaling"})
_HOST = "api.sagemaker.us-east-1.amazonaws.com"
_REFUSED = 300  # the first HTTP status that is no success
Handler = Callable[[str, str, Mapping[str, str], bytes], Answer]


@dataclass(frozen=True)
class _LongWay:
    """The part of a session at which the sandbox answers: for the services that do not go the short way."""

    session: Session

    def register(self, event: str, handler: Any) -> None:
        """Register a handler of the sandbox."""
        if event.removeprefix("before-send.") not in SERVICES:
            self.session.register(event, handler)


def attach_short(session: Session, handler: Handler) -> None:
    """Let ``handler`` answer the clients that are made of a session from now on, on the short way if it has one."""
    shorten(session, handler)
    attach(_LongWay(session), handler)  # type: ignore[arg-type]  # it registers, and no more


def shorten(session: Session, handler: Handler) -> None:
    """Let ``handler`` answer the clients of ``SERVICES`` that are made of a session from now on, on the short way."""

    def change(class_attributes: dict[str, Any], **_: object) -> None:
        class_attributes["_make_api_call"] = lambda client, operation, params: _called(
            client, operation, params, handler
        )

    for service in SERVICES:
        session.register(f"creating-client-class.{service}", change)  # type: ignore[arg-type]  # the stubs want fewer


def _called(client: Any, operation: str, params: dict[str, Any], handler: Handler) -> dict[str, Any]:
    """What ``BaseClient._make_api_call`` does.

    Raises:
        botocore.exceptions.ClientError: a refusal.
        botocore.exceptions.ReadTimeoutError: no answer.

    """
    model = client.meta.service_model.operation_model(operation)
    service, events = client.meta.service_model.service_id.hyphenize(), client.meta.events
    if model.idempotent_members:
        params = client._emit_api_params(params, model, {})
    request = client._serializer.serialize_to_request(params, model)
    # moto, which other tests import, has a handler here that takes a request
    events.emit(f"before-send.{service}.{operation}", request=request)
    answer = handler("POST", "/", {"Host": _HOST} | request["headers"], request["body"])
    if answer.status == 0:
        raise ReadTimeoutError(endpoint_url=f"https://{_HOST}/")
    response = {
        "headers": {name.lower(): value for name, value in answer.headers.items()},
        "status_code": answer.status,
        "context": {"operation_name": operation},
        "body": answer.body,
    }
    events.emit(f"before-parse.{service}.{operation}", operation_model=model, response_dict=response)
    parser = client._response_parser
    parsed: dict[str, Any] = parser.parse(response, model.output_shape)
    if answer.status < _REFUSED:
        return parsed
    client._endpoint._add_modeled_error_fields(response, parsed, model, parser)
    raise client.exceptions.from_code(parsed.get("Error", {}).get("Code"))(parsed, operation)
