"""The bucket of an inventory, below the boto3 client: objects with versions, and writes on condition of one.

The sandbox answers no writes of S3. Source of the answers: Amazon S3 API reference, PutObject and GetObject (412
PreconditionFailed where If-Match or If-None-Match does not hold, 404 NoSuchKey where there is no object).
"""

from dataclasses import dataclass, field
from hashlib import md5
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

NAME = "inventories"


class _Body(BytesIO):
    """A body as botocore reads it: whole, or in chunks."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


@dataclass
class Bucket:
    """Objects by key."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def answer(self, request: AWSPreparedRequest) -> AWSResponse | None:
        """Respond to a request for an object of this bucket; None for any other."""
        split = urlsplit(request.url)
        if not split.netloc.startswith(f"{NAME}."):
            return None
        key, given = split.path.strip("/"), dict[str, str]()
        for name, value in request.headers.items():
            text: Any = value  # bytes, whatever the stubs say
            given[name.lower()] = text.decode() if isinstance(text, bytes) else text
        held = self.objects.get(key)
        if request.method == "PUT":
            return self._put(request, key, held, given)
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return _answer(request, 204)
        if held is None:
            return _answer(request, 404, _error("NoSuchKey", "The specified key does not exist."))
        return _answer(request, 200, held, _etag(held))

    def _put(
        self, request: AWSPreparedRequest, key: str, held: bytes | None, given: dict[str, str]
    ) -> AWSResponse:
        matches = held is not None and given.get("if-match") == _etag(held)
        if ("if-match" in given and not matches) or ("if-none-match" in given and held is not None):
            message = "At least one of the pre-conditions you specified did not hold"
            return _answer(request, 412, _error("PreconditionFailed", message))
        body: Any = request.body
        content: bytes = body if hasattr(body, "split") else body.read()
        self.objects[key] = (
            _join_chunks(content) if "aws-chunked" in given.get("content-encoding", "") else content
        )
        return _answer(request, 200, b"", _etag(self.objects[key]))


def _join_chunks(chunks: bytes) -> bytes:
    """The content of chunks, each behind its size (Amazon S3 API reference, aws-chunked)."""
    content = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            break
        content, chunks = content + rest[:length], rest[length + 2 :]
    return content


def _etag(held: bytes) -> str:
    return f'"{md5(held, usedforsecurity=False).hexdigest()}"'


def _error(code: str, message: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


def _answer(request: AWSPreparedRequest, status: int, body: bytes = b"", etag: str = "") -> AWSResponse:
    headers = HTTPHeaders.from_dict({"Content-Length": str(len(body)), **({"ETag": etag} if etag else {})})
    return AWSResponse(request.url, status, headers, _Body(body))
