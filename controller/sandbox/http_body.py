"""The body of an HTTP/1.1 request: by its Content-Length or in chunks, or the reason why it cannot be read."""

import re
from email.message import Message
from io import BufferedIOBase

MOST_BYTES = 16 * 1024 * 1024  # of a body; the largest request that SageMaker's model admits is far smaller
LINE = 65536  # bytes of a chunk's size line or of a trailer
DIGITS = re.compile("[0-9]+")  # RFC 9110, 8.6: a Content-Length has nothing but digits
SIZE = re.compile(rb"[0-9A-Fa-f]+")


class BadBody(Exception):  # noqa: N818 - it is an answer to the client
    """A request whose body cannot be delimited or is too long; `status` is the HTTP status of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def body_of(headers: Message, stream: BufferedIOBase) -> bytes:
    """Read the body of a request as RFC 9112, 6.3 delimits it.

    Raises `BadBody` for a body whose end cannot be known: no further request can be read from the connection.
    """
    coding = headers.get("Transfer-Encoding")
    lengths = headers.get_all("Content-Length") or []
    if coding is not None:
        if lengths:  # RFC 9112, 6.1: a sender must not send both, and this may be request smuggling
            raise BadBody(400, "Content-Length and Transfer-Encoding are both given")
        if coding.strip().lower() != "chunked":
            raise BadBody(501, f"transfer coding {coding!r} is not supported")
        return _chunks(stream)
    if not lengths:
        return b""
    if len(set(lengths)) != 1 or DIGITS.fullmatch(lengths[0].strip()) is None:
        raise BadBody(400, f"Content-Length {', '.join(lengths)!r} is not a number of bytes")
    digits = lengths[0].strip().lstrip("0")
    if len(digits) > len(str(MOST_BYTES)) or (size := int(digits or "0")) > MOST_BYTES:
        raise BadBody(413, f"the body is longer than {MOST_BYTES} bytes")
    body = stream.read(size)
    if len(body) < size:
        raise BadBody(400, f"the body ends after {len(body)} of {size} bytes")
    return body


def _chunks(stream: BufferedIOBase) -> bytes:
    """Read a chunked body with its trailers."""
    body = bytearray()
    while True:
        line = _line(stream)
        text = line.partition(b";")[0].strip()
        if SIZE.fullmatch(text) is None:
            raise BadBody(400, "the size of a chunk is not a hexadecimal number")
        if (
            len(text.lstrip(b"0")) > len(f"{MOST_BYTES:x}")
            or len(body) + (size := int(text, 16)) > MOST_BYTES
        ):
            raise BadBody(413, f"the body is longer than {MOST_BYTES} bytes")
        if size == 0:
            _skip_trailers(stream)
            return bytes(body)
        body += stream.read(size)
        if _line(stream).strip():
            raise BadBody(400, "a chunk is longer than its size")


def _line(stream: BufferedIOBase) -> bytes:
    line = stream.readline(LINE)
    if not line.endswith(b"\n"):
        raise BadBody(400, "a chunked body ends before its last chunk, or a line in it is too long")
    return line


def _skip_trailers(stream: BufferedIOBase) -> None:
    for _ in range(100):  # as many as `http.client` allows headers
        if not _line(stream).strip():
            return
    raise BadBody(400, "there are too many trailers")
