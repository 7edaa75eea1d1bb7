"""The sandbox over HTTP/1.1, for clients in other processes and other languages."""

import json
import logging
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any

from controller.sandbox.faults import InjectedFault
from controller.sandbox.knobs import as_json, with_values
from controller.sandbox.protocol import NO_ANSWER, Answer, Protocol, error_response, is_for_s3
from controller.sandbox.service import Sandbox
from controller.sandbox.service_error import ServiceError

MOST_BYTES = 16 * 1024 * 1024  # of a body; the largest request that SageMaker's model permits is far smaller
LINE = 65536  # bytes of a chunk's size line or of a trailer
DIGITS = re.compile("[0-9]+")  # RFC 9110, 8.6: a Content-Length has only digits
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


CONTROL = "/_sandbox/"
BODY_SECONDS = 5.0  # for which a body may pause before it counts as shorter than its Content-Length
Json = dict[str, Any]
log = logging.getLogger(__name__)


def _clock(sandbox: Sandbox, sent: Json) -> Json:
    sandbox.clock.advance(float(sent["advance"]))
    return {"now": sandbox.clock.now()}


def _faults(sandbox: Sandbox, sent: Json) -> Json:
    sandbox.inject(InjectedFault(sent.pop("fault")), **sent)
    return {}


def _clear_faults(sandbox: Sandbox, _: Json) -> Json:
    sandbox.clear_faults()
    return {}


def _knobs(sandbox: Sandbox, _: Json) -> Json:
    return {"knobs": as_json(sandbox.knobs)}


def _set_knobs(sandbox: Sandbox, sent: Json) -> Json:
    sandbox.knobs = with_values(sandbox.knobs, sent)
    return _knobs(sandbox, {})


def _maintenance(sandbox: Sandbox, sent: Json) -> Json:
    sandbox.maintain(**sent)
    return {}


def _reset(sandbox: Sandbox, _: Json) -> Json:
    sandbox.reset()
    return {}


def _calls(sandbox: Sandbox, _: Json) -> Json:
    return {"calls": [asdict(call) for call in sandbox.calls]}


def _resources(sandbox: Sandbox, _: Json) -> Json:
    return {"resources": list(sandbox.resources())}


ROUTES: dict[tuple[str, str], Callable[[Sandbox, Json], Json]] = {
    ("POST", "clock"): _clock,
    ("POST", "faults"): _faults,
    ("POST", "maintenance"): _maintenance,
    ("POST", "reset"): _reset,
    ("DELETE", "faults"): _clear_faults,
    ("PUT", "knobs"): _set_knobs,
    ("GET", "knobs"): _knobs,
    ("GET", "calls"): _calls,
    ("GET", "resources"): _resources,
}


def control(sandbox: Sandbox, method: str, path: str, body: bytes) -> Answer:
    """Answer a request to the sandbox's own API."""
    route = ROUTES.get((method, path.removeprefix(CONTROL)))
    if route is None:
        return _json_answer(404, {"error": f"there is no {method} {path}"})
    try:
        sent = json.loads(body or b"{}")
        if not isinstance(sent, dict):
            return _json_answer(400, {"error": "the body is not a JSON object"})
        return _json_answer(200, route(sandbox, sent))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return _json_answer(400, {"error": f"{type(error).__name__}: {error}"})


def _json_answer(status: int, content: Json) -> Answer:
    body = json.dumps(content).encode()
    return Answer(status, {"Content-Type": "application/json", "Content-Length": str(len(body))}, body)


class Server:
    """A listening server; `url` is its address."""

    def __init__(self, sandbox: Sandbox, host: str, port: int) -> None:
        self._http = _Listener((host, port), sandbox)
        self._thread: threading.Thread | None = None
        self.url = f"http://{host}:{self._http.server_address[1]}"

    def start(self) -> "Server":
        """Serve in a thread of its own."""
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def serve_forever(self) -> None:
        """Serve until `stop` is called from another thread."""
        self._http.serve_forever(0.05)

    def stop(self) -> None:
        """Stop listening."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()


def serve(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Return a server for `sandbox`; port 0 selects a free port."""
    return Server(sandbox, host, port)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        super().__init__(address, _Handler)
        self.sandbox = sandbox


class _Handler(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for headers and body
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def do_GET(self) -> None:
        self._answer("GET")

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def handle_expect_100(self) -> bool:
        """Send 100 Continue at once: the client waits for it before it sends the body (RFC 9110, 10.1.1)."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def _answer(self, method: str) -> None:
        self.connection.settimeout(BODY_SECONDS)
        try:
            body = body_of(self.headers, self.rfile)
        except BadBody as error:
            self._refuse(error.status, str(error))
            return
        except TimeoutError:
            self._refuse(400, "the body is shorter than its Content-Length")
            return
        self.connection.settimeout(None)
        self._send(self._route(method, body))

    def _route(self, method: str, body: bytes) -> Answer:
        try:
            if self.path.startswith(CONTROL):
                return control(self.server.sandbox, method, self.path, body)
            if method != "POST" and not is_for_s3(
                {name.lower(): value for name, value in self.headers.items()}
            ):
                return _json_answer(404, {"error": f"there is no {method} {self.path}"})
            return self.server.sandbox.answer(method, self.path, dict(self.headers), body)
        except Exception:
            log.exception("the sandbox failed on %s", self.headers.get("X-Amz-Target", self.path))
            return error_response(
                Protocol.JSON, "", ServiceError("InternalFailure", "Internal server error.", 500), ""
            )

    def _refuse(self, status: int, message: str) -> None:
        """Refuse a body that cannot be read, and end the connection, because the rest of the stream is unknown."""
        self.close_connection = True
        answer = error_response(
            Protocol.JSON, "", ServiceError("SerializationException", message, status), ""
        )
        with suppress(ConnectionError):  # the client may have closed the connection
            self._send(replace(answer, headers=answer.headers | {"Connection": "close"}))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Log nothing: `calls` is the record."""

    def _send(self, answer: Answer) -> None:
        if answer.status == NO_ANSWER:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()
