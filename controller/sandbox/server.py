"""The sandbox over HTTP/1.1, for clients in other processes and other languages."""

import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from controller.sandbox.faults import Fault
from controller.sandbox.service import Sandbox
from controller.sandbox.wire import NO_ANSWER, Answer

CONTROL = "/_sandbox/"
Json = dict[str, Any]


def _clock(sandbox: Sandbox, sent: Json) -> Json:
    sandbox.clock.advance(float(sent["advance"]))
    return {"now": sandbox.clock.now()}


def _faults(sandbox: Sandbox, sent: Json) -> Json:
    sandbox.inject(Fault(sent.pop("fault")), **sent)
    return {}


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
    ("GET", "calls"): _calls,
    ("GET", "resources"): _resources,
}


def control(sandbox: Sandbox, method: str, path: str, body: bytes) -> Answer:
    """Answer a request that is about the sandbox itself."""
    route = ROUTES.get((method, path.removeprefix(CONTROL)))
    if route is None:
        return _plain(404, {"error": f"there is no {method} {path}"})
    try:
        return _plain(200, route(sandbox, json.loads(body or b"{}")))
    except (KeyError, TypeError, ValueError, AttributeError) as trouble:
        return _plain(400, {"error": f"{type(trouble).__name__}: {trouble}"})


def _plain(status: int, content: Json) -> Answer:
    body = json.dumps(content).encode()
    return Answer(status, {"Content-Type": "application/json", "Content-Length": str(len(body))}, body)


class Server:
    """A listening server. `url` is where clients find it."""

    def __init__(self, sandbox: Sandbox, host: str, port: int) -> None:
        self._http = _Listener((host, port), _handler(sandbox))
        self._thread: threading.Thread | None = None
        self.url = f"http://{host}:{self._http.server_address[1]}"

    def start(self) -> "Server":
        """Serve in a thread of its own."""
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def serve_forever(self) -> None:
        """Serve until `stop` is called from elsewhere."""
        self._http.serve_forever(0.05)

    def stop(self) -> None:
        """Stop listening."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()


def serve(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Return a server for `sandbox`; port 0 takes a free one."""
    return Server(sandbox, host, port)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def _handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet for headers and body
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # the client died while it sent, and nobody waits for an answer
                self.close_connection = True
            elif self.path.startswith(CONTROL):
                self._send(control(sandbox, "POST", self.path, body))
            else:
                self._send(sandbox.answer("POST", self.path, dict(self.headers), body))

        def do_GET(self) -> None:
            self._send(control(sandbox, "GET", self.path, b""))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing: `calls` is the record."""

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

    return Handler
