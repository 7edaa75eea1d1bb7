"""``/healthz``, ``/readyz`` and ``/metrics`` over HTTP, for all long-running processes."""

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, str, bytes]
_SILENCE = 10.0  # seconds after which a silent client is disconnected: each connection holds a thread


class Pages:
    """A small HTTP server in a thread of its own; ``pages`` has a function for each path."""

    def __init__(self, host: str, port: int, pages: Mapping[str, Callable[[], Answer]]) -> None:
        self._http = _Listener((host, port), _handler(pages))
        self.port = int(self._http.server_address[1])
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.2,), name="health", daemon=True
        )

    def start(self) -> None:
        """Start the server."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the server."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def probe(problem: Callable[[], str]) -> Callable[[], Answer]:
    """A page with status 200 while there is no problem, and 503 with the problem otherwise."""

    def page() -> Answer:
        message = problem()
        return (503 if message else 200), "text/plain; charset=utf-8", f"{message or 'ok'}\n".encode()

    return page


def metrics_page(text: Callable[[], bytes]) -> Callable[[], Answer]:
    """A page of metrics, as Prometheus reads them."""
    return lambda: (200, "text/plain; version=0.0.4; charset=utf-8", text())


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


def _handler(pages: Mapping[str, Callable[[], Answer]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SILENCE

        def do_GET(self) -> None:
            page = pages.get(self.path.split("?")[0])
            status, form, body = page() if page else (404, "text/plain", b"not here\n")
            self.send_response(status)
            self.send_header("Content-Type", form)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Log nothing: probes come every few seconds."""

    return Handler
