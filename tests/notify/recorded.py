"""A Git provider on loopback that expects recorded requests, in order and with equal content."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class ExpectedRequest:
    """An expected request, and its response.

    ``headers`` are among those that come; ``body`` is the JSON that comes. A status of 0 hangs up instead.
    """

    method: str
    path: str
    status: int = 200
    answer: Any = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    answered: Mapping[str, str] = field(default_factory=dict)


@dataclass
class RecordedProvider:
    """The requests that are still expected, and the errors."""

    expected: list[ExpectedRequest] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    raw: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def base(self) -> str:
        """The address of the provider."""
        return f"http://127.0.0.1:{self.port}"

    def will(self, *expected: ExpectedRequest) -> None:
        """Expect these requests next."""
        self.expected += expected

    def met(self) -> None:
        """Whether all expected requests arrived, as expected, and no other."""
        assert not self.wrong, "\n".join(self.wrong)
        assert not self.expected, f"did not come: {self.expected}"
        self.raw.clear()


class _Handler(BaseHTTPRequestHandler):
    recorded: RecordedProvider
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass

    def do_GET(self) -> None:
        self._any()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the library's names

    def _any(self) -> None:
        came = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        recorded = self.recorded
        recorded.raw.append((dict(self.headers.items()), came))
        if not recorded.expected:
            recorded.wrong.append(f"not expected: {self.command} {self.path}")
            return self._send(599, {}, None)
        expected = recorded.expected.pop(0)
        recorded.wrong += self._differences(expected, came)
        if not expected.status:
            self.close_connection = True
            return None
        return self._send(expected.status, expected.answered, expected.answer)

    def _differences(self, expected: ExpectedRequest, came: bytes) -> list[str]:
        body = json.loads(came) if came else None
        pairs = [((self.command, self.path), (expected.method, expected.path)), (body, expected.body)]
        pairs += [((name, self.headers.get(name)), (name, value)) for name, value in expected.headers.items()]
        return [f"came {here!r}, expected {there!r}" for here, there in pairs if here != there]

    def _send(self, status: int, headers: Mapping[str, str], answer: Any) -> None:
        text = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)


@contextmanager
def serve_recorded() -> Iterator[RecordedProvider]:
    """Serve while the block runs; at its end, everything expected must have come."""
    provider = RecordedProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"recorded": provider}))
    server.daemon_threads = True
    provider.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield provider
        provider.met()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
