"""A git server over TLS: the real ``git http-backend`` behind the standard library's server."""

import base64
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.source.git.authority import Issued


@dataclass
class Forge:
    """What the server lets in and how it behaves; what it was asked."""

    root: Path
    issued: Issued
    port: int = 0
    user: str = ""
    password: str = ""
    bearer: str = ""
    delay: float = 0.0
    redirect: str = ""
    down: bool = False
    requests: list[tuple[str, bytes, str]] = field(default_factory=list)

    def url(self, name: str = "fleet.git") -> str:
        """The address of a repository."""
        return f"https://127.0.0.1:{self.port}/{name}"

    def count(self, command: str) -> int:
        """How many requests held a command of protocol 2: ``ls-refs`` or ``fetch``."""
        return sum(f"command={command}".encode() in body for _, body, _ in self.requests)

    def lets_in(self, header: str) -> bool:
        """Whether a request with this header may go on."""
        basic = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        desired = f"Bearer {self.bearer}" if self.bearer else f"Basic {basic}" if self.user else header
        return header == desired


@contextmanager
def serving(root: Path, issued: Issued) -> Iterator[Forge]:
    """Serve the repositories of a folder on a free port of loopback."""
    forge = Forge(root, issued)
    handler = type("Handler", (_Handler,), {"forge": forge})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*issued.write(root))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that doesn't trust us hangs up
    forge.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    forge: Forge
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        forge = self.forge
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        header = self.headers.get("Authorization", "")
        forge.requests.append((self.path, body, header))
        time.sleep(forge.delay)
        if forge.down:
            self._say(503, [], b"")
        elif forge.redirect:
            self._say(302, [("Location", forge.redirect + self.path)], b"")
        elif not forge.lets_in(header):
            self._say(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
        else:
            self._say(*self._backend(body))

    def _backend(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        parts = urlsplit(self.path)
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.forge.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if ": " in line]
        status = next((int(value[:3]) for name, value in headers if name == "Status"), 200)
        return status, [(name, value) for name, value in headers if name != "Status"], content

    def _say(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
