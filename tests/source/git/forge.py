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

from tests.source.git.authority import IssuedCertificate

_Answer = tuple[int, list[tuple[str, str]], bytes]  # status, headers, body
# The variables by which git http-backend reads the headers of a request.
_HEADERS = {
    "CONTENT_TYPE": "Content-Type",
    "HTTP_CONTENT_ENCODING": "Content-Encoding",
    "GIT_PROTOCOL": "Git-Protocol",
}


@dataclass
class Forge:
    """The server's settings and behaviour, and its received requests."""

    root: Path
    issued: IssuedCertificate
    port: int = 0
    user: str = ""
    password: str = ""
    bearer: str = ""
    delay: float = 0.0
    redirect: str = ""
    down: bool = False
    requests: list[tuple[str, bytes, str]] = field(default_factory=list)
    answers: dict[object, _Answer] = field(default_factory=dict)

    def url(self, name: str = "fleet.git") -> str:
        """The address of a repository."""
        return f"https://127.0.0.1:{self.port}/{name}"

    def count(self, command: str) -> int:
        """The number of requests with a command of protocol 2: ``ls-refs`` or ``fetch``."""
        return sum(f"command={command}".encode() in body for _, body, _ in self.requests)

    def state(self, path: str) -> object:
        """The input of a response about refs: a repository's files, of its objects the names and sizes.

        None while it is written to.
        """
        root = self.root / path.split("/")[1]
        objects = root / "objects"
        try:
            return tuple(
                (str(each), each.stat().st_size if objects in each.parents else each.read_bytes())
                for each in sorted(root.rglob("*"))
                if each.is_file()
            )
        except FileNotFoundError:
            return None

    def lets_in(self, header: str) -> bool:
        """Whether a request with this header is authorized."""
        basic = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        desired = f"Bearer {self.bearer}" if self.bearer else f"Basic {basic}" if self.user else header
        return header == desired


@contextmanager
def serve_forge(root: Path, issued: IssuedCertificate) -> Iterator[Forge]:
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
            self._send(503, [], b"")
        elif forge.redirect:
            self._send(302, [("Location", forge.redirect + self.path)], b"")
        elif not forge.lets_in(header):
            self._send(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
        else:
            self._send(*self._remembered(body))

    def _remembered(self, body: bytes) -> _Answer:
        """The backend's response; the same one if refs are listed again and the repository has not changed.

        Nine of ten requests are polls, and an answer takes two processes.
        """
        if self.command != "GET" and b"command=ls-refs" not in body:
            return self._backend(body)
        headers = tuple(self.headers.get(name, "") for name in _HEADERS.values())
        state = self.forge.state(self.path)
        key = self.command, self.path, body, headers, state
        known = self.forge.answers.get(key)
        if known is None:
            known = self._backend(body)
            if state is not None and state == self.forge.state(self.path):
                self.forge.answers[key] = known
        return known

    def _backend(self, body: bytes) -> _Answer:
        parts = urlsplit(self.path)
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.forge.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": "127.0.0.1",
            **{name: self.headers.get(header, "") for name, header in _HEADERS.items()},
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if ": " in line]
        status = next((int(value[:3]) for name, value in headers if name == "Status"), 200)
        return status, [(name, value) for name, value in headers if name != "Status"], content

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
