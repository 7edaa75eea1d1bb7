"""Requests and responses: AWS JSON, the query protocol, reads of S3, and botocore in process."""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.session import Session

from controller.sandbox import query, s3
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError

JSON_TYPE = "application/x-amz-json-1.1"
SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
NO_ANSWER = 0  # in place of a status: the request was executed, and the connection ends without a response
TARGETS = {
    "SageMaker": "sagemaker",
    "ResourceGroupsTaggingAPI_20170126": "resourcegroupstaggingapi",
    "AnyScaleFrontendService": "application-autoscaling",
    "GraniteServiceVersion20100801": "cloudwatch",
    "AmazonEC2ContainerRegistry_V20150921": "ecr",
    "ServiceQuotasV20190624": "service-quotas",
}


class Protocol(Enum):
    """The protocol of a request and of its response."""

    JSON = "json"
    QUERY = "query"
    REST_XML = "rest-xml"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request: service, operation, region, parameters, which are in the body or were read from the URL."""

    service: str
    operation: str
    region: str | None
    body: bytes = b""
    protocol: Protocol = Protocol.JSON
    from_url: Json = field(default_factory=dict)

    def params(self) -> Json:
        """Return the parameters, not yet checked."""
        if self.protocol is Protocol.REST_XML:
            return self.from_url
        if self.protocol is Protocol.QUERY:
            return query.params_of(self.service, self.operation, dict(parse_qsl(self.body.decode())))
        try:
            parsed = json.loads(self.body or b"{}")
        except ValueError:
            raise ServiceError("SerializationException", "The request body is not JSON.") from None
        if not isinstance(parsed, dict):
            raise ServiceError("SerializationException", "Start of structure or map expected.")
        return parsed


def protocol_of(headers: Mapping[str, str]) -> Protocol:
    """Return the protocol of a request whose operation may be unknown."""
    if is_for_s3(headers):
        return Protocol.REST_XML
    form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return Protocol.QUERY if form and "x-amz-target" not in headers else Protocol.JSON


def is_for_s3(headers: Mapping[str, str]) -> bool:
    """Whether a request was signed for S3, which takes other methods and paths than POST /."""
    scope = SCOPE.search(headers.get("authorization", ""))
    return scope is not None and scope.group(2) == "s3"


def read(method: str, url: str, headers: Mapping[str, str], body: bytes) -> HttpRequest:
    """Read the operation and parameters of a request; names of headers are in lower case."""
    scope = SCOPE.search(headers.get("authorization", ""))
    region = scope.group(1) if scope else None
    if is_for_s3(headers):
        operation, params = s3.operation_of(method, url, headers.get("host", ""))
        return HttpRequest("s3", operation, region, protocol=Protocol.REST_XML, from_url=params)
    target = headers.get("x-amz-target")
    if target is not None:
        prefix, _, operation = target.partition(".")
        if prefix not in TARGETS or not operation:
            raise ServiceError("UnknownOperationException", f"The sandbox has no target {target}.")
        return HttpRequest(TARGETS[prefix], operation, region, body)
    try:
        form = dict(parse_qsl(body.decode()))
    except UnicodeDecodeError:
        form = {}
    if "Action" not in form:
        raise ServiceError("UnknownOperationException", "The request names no operation.")
    return HttpRequest(query.service_of(form), form["Action"], region, body, Protocol.QUERY)


def written(request: HttpRequest, answer: Json | None, request_id: str) -> Answer:
    """Return a successful response; None is one without a body."""
    if request.protocol is Protocol.QUERY:
        text = query.answer(request.service, request.operation, answer or {}, request_id)
        return _xml(200, text, request_id)
    if request.protocol is Protocol.REST_XML:
        headers, text = s3.answer(request.operation, answer or {})
        plain = _xml(200, text, request_id)
        return Answer(200, plain.headers | headers, plain.body)
    body = b"" if answer is None else json.dumps(answer, separators=(",", ":")).encode()
    return Answer(200, _headers(JSON_TYPE, body, request_id), body)


def error_response(protocol: Protocol, service: str, refusal: ServiceError, request_id: str) -> Answer:
    """Return a refusal in the protocol of the request; ``service`` is empty if it is unknown."""
    if protocol is not Protocol.JSON and refusal.code == "AccessDeniedException":
        refusal = ServiceError("AccessDenied", refusal.message, 403)  # the code of older protocols
    if protocol is Protocol.QUERY:
        return _xml(refusal.status, query.refusal(service or query.DEFAULT, refusal, request_id), request_id)
    if protocol is Protocol.REST_XML:
        return _xml(refusal.status, s3.refusal(refusal, request_id), request_id)
    body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
    headers = _headers(JSON_TYPE, body, request_id) | {"x-amzn-ErrorType": refusal.code}
    return Answer(refusal.status, headers, body)


def _xml(status: int, text: str, request_id: str) -> Answer:
    body = text.encode()
    return Answer(status, _headers("text/xml", body, request_id), body)


def _headers(kind: str, body: bytes, request_id: str) -> dict[str, str]:
    return {"Content-Type": kind, "Content-Length": str(len(body)), "x-amzn-RequestId": request_id}


SERVICES = (
    "sagemaker",
    "sts",
    "resource-groups-tagging-api",
    "application-auto-scaling",
    "cloudwatch",
    "iam",
    "ecr",
    "s3",
    "service-quotas",
)
Handler = Callable[[str, str, Mapping[str, str], bytes], Answer]


class _Raw(io.BytesIO):
    """The part of a urllib3 response that botocore reads."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def attach(session: Session, handler: Handler) -> None:
    """Answer all clients that are created from `session` afterwards by `handler`."""

    def send(request: AWSPreparedRequest, **_: object) -> Any:
        if not _is_answered(request):
            return None
        split = urlsplit(request.url)
        headers = {name: _text(value) for name, value in request.headers.items()}
        url = f"{split.path}?{split.query}" if split.query else split.path
        answer = handler(request.method, url, {"Host": split.netloc} | headers, _bytes(request.body))
        if answer.status == NO_ANSWER:
            raise ReadTimeoutError(endpoint_url=request.url)
        return AWSResponse(
            request.url, answer.status, HTTPHeaders.from_dict(answer.headers), _Raw(answer.body)
        )

    for service in SERVICES:
        session.register(f"before-send.{service}", send)  # type: ignore[arg-type]  # handlers may answer


def _is_answered(request: AWSPreparedRequest) -> bool:
    """Whether a request is answered here: of S3 only known reads of AWS's own endpoints.

    The objects of an inventory in S3 are read and written in their bucket.
    """
    if not is_for_s3({name.lower(): _text(value) for name, value in request.headers.items()}):
        return True
    split = urlsplit(request.url)
    with suppress(ServiceError):
        s3.operation_of(request.method, f"{split.path}?{split.query}", split.netloc)
        return ".amazonaws.com" in split.netloc
    return False


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b""
