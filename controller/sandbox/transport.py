"""Answers a botocore client in process: no socket is opened, the rest of botocore runs as ever."""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.session import Session

from controller.sandbox.protocol import NO_ANSWER, Answer

SERVICES = ("sagemaker", "sts", "resource-groups-tagging-api")
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
