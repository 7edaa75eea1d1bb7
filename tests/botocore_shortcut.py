"""A short way from a boto3 client's call to a response in this process, for services with a JSON protocol.

Two thirds of a call's time botocore spends on an address, a user agent, headers, retries and events that nothing here
reads. The short way leaves these out. It takes botocore's serializer, the tokens that botocore makes, the events at
which the product checks its leadership and the answer, botocore's errors, and its parser, with functions that are made
once for each shape. What botocore derives for a client from configuration and environment is for the parts that are
left out, so one client of each service is made by botocore, and all others are copies.
"""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ReadTimeoutError
from botocore.parsers import JSONParser
from botocore.session import Session

from controller.sandbox import Answer
from controller.sandbox.protocol import attach

SERVICES = frozenset({"sagemaker", "resource-groups-tagging-api", "application-auto-scaling", "sts"})
_HOST = "api.sagemaker.us-east-1.amazonaws.com"
_JSONParser: Any = JSONParser  # the stubs lack its methods
_REFUSED = 300  # the first HTTP status that is no success
Handler = Callable[[str, str, Mapping[str, str], bytes], Answer]
_first: dict[tuple[Any, ...], Any] = {}  # clients by service, region, loader of models and validation


@dataclass(frozen=True)
class _SessionHandlers:
    """The part of a session at which the sandbox answers: for the services that do not go the short way."""

    session: Session

    def register(self, event: str, handler: Any) -> None:
        """Register a handler of the sandbox."""
        if event.removeprefix("before-send.") not in SERVICES:
            self.session.register(event, handler)


def attach_short(session: Session, handler: Handler) -> None:
    """Let ``handler`` answer the clients that are made of a session from now on, on the short way if it has one."""
    shorten(session, handler)
    attach(_SessionHandlers(session), handler)  # type: ignore[arg-type]  # it registers, and no more


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
            if type(first._response_parser) is JSONParser:
                first._response_parser = Parser(first._response_parser)
            _first[key] = first
        return _copy_client(first, session, handler)

    session.create_client = create_client  # type: ignore[assignment,method-assign]


class Parser(_JSONParser):  # type: ignore[misc]
    """Botocore's parser of the JSON protocol, with a function for each shape that is made once.

    Botocore derives the name of each member's parser for each value, which took three times as long. Times repeat.
    """

    def __init__(self, parser: Any) -> None:
        super().__init__(_memoized(parser._timestamp_parser), parser._blob_parser)
        self._made: dict[str, Callable[[Any], Any]] = {}  # by the name of the shape, which is the service's

    def _handle_json_body(self, raw_body: bytes, shape: Any) -> Any:
        return self._function(shape)(self._parse_body_as_json(raw_body))

    def _function(self, shape: Any) -> Callable[[Any], Any]:
        made = self._made.get(shape.name)
        if made is None:
            self._made[shape.name] = lambda value: self._made[shape.name](value)  # noqa: PLW0108 - it is replaced below
            kinds = {"structure": self._structure, "list": self._list, "map": self._map}
            made = self._made[shape.name] = kinds.get(shape.type_name, self._leaf)(shape)
        return made

    def _leaf(self, shape: Any) -> Callable[[Any], Any]:
        leaves: dict[str, Callable[[Any], Any]] = {
            "timestamp": self._timestamp_parser,
            "blob": self._blob_parser,
        }
        return leaves.get(shape.type_name, _unchanged)

    def _structure(self, shape: Any) -> Callable[[Any], Any]:
        if shape.is_document_type or shape.is_tagged_union:
            return lambda value: self._handle_structure(shape, value)
        members = [
            (name, each.serialization.get("name", name), self._function(each))
            for name, each in shape.members.items()
        ]

        def parse(value: Any) -> Any:
            if value is None:
                return None
            return {
                name: inner(item) for name, wire, inner in members if (item := value.get(wire)) is not None
            }

        return parse

    def _list(self, shape: Any) -> Callable[[Any], Any]:
        inner = self._function(shape.member)
        return lambda value: [None if item is None else inner(item) for item in value]

    def _map(self, shape: Any) -> Callable[[Any], Any]:
        key, inner = self._function(shape.key), self._function(shape.value)
        return lambda value: {key(name): inner(item) for name, item in value.items()}


def _memoized(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function, which is called once for each number; other values may have no hash."""
    of_number = lru_cache(4096)(parse)
    return lambda value: of_number(value) if isinstance(value, (int, float)) else parse(value)


def _unchanged(value: Any) -> Any:
    return value


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
