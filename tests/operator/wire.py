"""A server on loopback that records raw requests, and answers all with one status."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class RecordingServer(ThreadingHTTPServer):
    """The server; ``targets`` are method and target of each request, not decoded, and ``bodies`` their contents."""

    targets: list[tuple[str, str]]
    bodies: list[bytes]
    status: int = 200

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: RecordingServer
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.server.targets.append((self.command, self.path))
        self.server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its signature
        """Print nothing."""


for _verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_verb}", _Handler._answer)


@contextmanager
def serve_wire() -> Iterator[RecordingServer]:
    """Serve until the block ends."""
    server = RecordingServer(("127.0.0.1", 0), _Handler)
    server.targets, server.bodies = [], []
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
