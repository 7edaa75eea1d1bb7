"""A short way from a boto3 client's call to a response in this process, for services with a JSON protocol.

Two thirds of a call's time botocore spends on an address, a user agent, headers, retries and events that nothing here
reads. The short way leaves these out. It takes botocore's serializer, the tokens that botocore makes, the events at
which the product checks its leadership and the answer, botocore's parser and botocore's errors. What botocore derives
for a client from configuration and environment is for the parts that are left out, so one client of each service is
made by botocore, and all others are copies.
"""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ReadTimeoutError
from botocore.session import Session

from controller.sandbox import Answer
from controller.sandbox.protocol import attach

SERVICES = frozenset({"sagemaker", "resource-groups-tagging-api", "application-auto-scaling", "sts"})
_HOST = "api.sagemaker.us-east-1.amazonaws.com"
_REFUSED = 300  # the first HTTP status that is no success
Handler = Callable[[str, str, Mapping[str, str], bytes], Answer]
_first: dict[tuple[Any, ...], Any] = {}  # clients by service, region, loader of models and validation


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
    make: Any = session.create_client
    services = SERVICES

    def create_client(service_name: str, region_name: str | None = None, **options: Any) -> Any:
        config = options.get("config")
        region = region_name or session.get_config_variable("region")
        key = (
            service_name,
            region,
            session.get_component("data_loader"),
            config and config.parameter_validation,
        )
        first = _first.get(key)
        if first is None or _service_id(first) not in services:
            first = make(service_name, region_name, **options)
            if _service_id(first) not in services:
                return first
            _first[key] = first
        return _copy_client(first, session, handler)

    session.create_client = create_client  # type: ignore[assignment,method-assign]


def _service_id(client: Any) -> str:
    """The service as botocore's events name it."""
    return str(client.meta.service_model.service_id.hyphenize())


def _copy_client(first: Any, session: Session, handler: Handler) -> Any:
    """A client like the first of its service and region, with the handlers of another session.

    What the two share, the short way reads and never changes: the service's model, the serializer and the parser.
    """
    client = object.__new__(type(first))
    vars(client).update(vars(first))
    client.meta = copy(first.meta)
    client.meta.events = copy(session.get_component("event_emitter"))
    client._make_api_call = lambda operation, params: _make_api_call(client, operation, params, handler)
    return client


def _make_api_call(client: Any, operation: str, params: dict[str, Any], handler: Handler) -> dict[str, Any]:
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
    body = urlencode(request["body"]).encode() if isinstance(request["body"], dict) else request["body"]
    answer = handler("POST", "/", {"Host": _HOST} | request["headers"], body)
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
