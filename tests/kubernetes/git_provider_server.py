"""A Git provider's API over TLS, beside the git server of a test; its data is a ``GitProviderState``."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from controller.runtime.http_client import Request
from tests.gitops.git_provider import GitProviderState
from tests.source.git.authority import IssuedCertificate

_HOST = "https://forge.example.com"


@dataclass
class ProviderServer:
    """A provider's state, the accepted token, and the requests: method, and whether it was authorized."""

    board: GitProviderState = field(default_factory=GitProviderState)
    token: str = ""
    requests: list[tuple[str, bool]] = field(default_factory=list)
    port: int = 0

    @property
    def host(self) -> str:
        """Its host, as an operator's option allows it."""
        return f"127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        """The address of its API."""
        return f"https://{self.host}/api/v1"

    def states_of(self, sha: str, context: str = "sagectl/prod") -> list[str]:
        """The states of a commit under a name, oldest first."""
        lines = self.board.statuses.get(sha, [])
        return [each["state"] for each in reversed(lines) if each["context"] == context]

    def writes(self) -> int:
        """The number of writes, also of refused ones."""
        return sum(method != "GET" for method, _ in self.requests)


class _Handler(BaseHTTPRequestHandler):
    hosted: ProviderServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        hosted = self.hosted
        known = self.headers.get("Authorization", "").split(" ")[-1] == hosted.token
        hosted.requests.append((self.command, known))
        request = Request(self.command, f"{_HOST}{self.path}", {}, {}, body)
        content = hosted.board.send(request).body if known else b'{"message": "who are you"}'
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PATCH = do_GET  # noqa: N815 - the library's names


@contextmanager
def serve_provider(folder: Path, issued: IssuedCertificate) -> Iterator[ProviderServer]:
    """Serve a provider on a free port of loopback."""
    provider_server = ProviderServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hosted": provider_server}))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*issued.write(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    provider_server.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield provider_server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
