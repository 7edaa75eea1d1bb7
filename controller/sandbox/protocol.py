"""Requests and answers: AWS JSON 1.1, the query protocol of STS, and botocore in process."""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.session import Session

from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError

JSON_TYPE = "application/x-amz-json-1.1"
STS_XMLNS = "https://sts.amazonaws.com/doc/2011-06-15/"
SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
NO_ANSWER = 0  # in place of a status: the request was carried out, and the connection ends without an answer
TARGETS = {
    "SageMaker": "sagemaker",
    "ResourceGroupsTaggingAPI_20170126": "resourcegroupstaggingapi",
    "AnyScaleFrontendService": "application-autoscaling",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request: service, operation, region, parameters."""

    service: str
    operation: str
    region: str | None
    body: bytes

    def params(self) -> Json:
        """Return the parameters, not yet checked."""
        if self.service == "sts":
            return {
                name: value
                for name, value in parse_qsl(self.body.decode())
                if name not in {"Action", "Version"}
            }
        try:
            parsed = json.loads(self.body or b"{}")
        except ValueError:
            raise ServiceError("SerializationException", "The request body is not JSON.") from None
        if not isinstance(parsed, dict):
            raise ServiceError("SerializationException", "Start of structure or map expected.")
        return parsed


def read(headers: Mapping[str, str], body: bytes) -> HttpRequest:
    """Read the operation and parameters of a request."""
    scope = SCOPE.search(headers.get("authorization", ""))
    region = scope.group(1) if scope else None
    target = headers.get("x-amz-target")
    if target is not None:
        prefix, _, operation = target.partition(".")
        if prefix not in TARGETS or not operation:
            raise ServiceError("UnknownOperationException", f"The sandbox has no target {target}.")
        return HttpRequest(TARGETS[prefix], operation, region, body)
    try:
        action = dict(parse_qsl(body.decode())).get("Action")
    except UnicodeDecodeError:
        action = None
    if action is None:
        raise ServiceError("UnknownOperationException", "The request names no operation.")
    return HttpRequest("sts", action, region, body)


def written(service: str, operation: str, answer: Json | None, request_id: str) -> Answer:
    """Return a good answer; None is one without a body."""
    if service == "sts":
        members = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in (answer or {}).items())
        return _xml(
            200,
            f'<{operation}Response xmlns="{STS_XMLNS}"><{operation}Result>{members}</{operation}Result>'
            f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>",
            request_id,
        )
    body = b"" if answer is None else json.dumps(answer, separators=(",", ":")).encode()
    return Answer(200, _headers(JSON_TYPE, body, request_id), body)


def refused(service: str, refusal: ServiceError, request_id: str) -> Answer:
    """Return a refusal in the protocol of the service."""
    if service == "sts":
        return _xml(
            refusal.status,
            f'<ErrorResponse xmlns="{STS_XMLNS}"><Error><Type>Sender</Type><Code>{refusal.code}</Code>'
            f"<Message>{escape(refusal.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
            request_id,
        )
    body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
    headers = _headers(JSON_TYPE, body, request_id) | {"x-amzn-ErrorType": refusal.code}
    return Answer(refusal.status, headers, body)


def _xml(status: int, text: str, request_id: str) -> Answer:
    body = text.encode()
    return Answer(status, _headers("text/xml", body, request_id), body)


def _headers(kind: str, body: bytes, request_id: str) -> dict[str, str]:
    return {"Content-Type": kind, "Content-Length": str(len(body)), "x-amzn-RequestId": request_id}


SERVICES = ("sagemaker", "sts", "resource-groups-tagging-api", "application-auto-scaling")
Door = Callable[[str, str, Mapping[str, str], bytes], Answer]


class _Raw(io.BytesIO):
    """The part of a urllib3 response that botocore reads."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def attach(session: Session, door: Door) -> None:
    """Let clients made of `session` afterwards be answered through `door`."""

    def send(request: AWSPreparedRequest, **_: object) -> Any:
        headers = {name: _text(value) for name, value in request.headers.items()}
        answer = door(request.method, urlsplit(request.url).path, headers, _bytes(request.body))
        if answer.status == NO_ANSWER:
            raise ReadTimeoutError(endpoint_url=request.url)
        return AWSResponse(
            request.url, answer.status, HTTPHeaders.from_dict(answer.headers), _Raw(answer.body)
        )

    for service in SERVICES:
        session.register(f"before-send.{service}", send)  # type: ignore[arg-type]  # handlers may answer


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b""
